#!/usr/bin/env bash
# Deploys everything, the first time and after every change. infra/README.md explains each line that it prints.
#
#   infra/deploy.sh [--what-if] GROUP LOCATION [PARAMETERS]      PARAMETERS: infra/my.bicepparam unless given
#
# It asks for nothing, and every command in it has a limit, so it ends by itself.
# Exit code: 0 ready, or changes shown; 1 a stage failed; 2 a check failed and nothing was changed; 3 deployed, not ready.
set -euo pipefail
cd "$(dirname "$0")/.."
# Seconds. A pause is what a new role assignment gets to become visible.
: "${UPLOAD_SECONDS:=300}" "${READY_SECONDS:=900}" "${READY_PAUSE_SECONDS:=15}" "${ROLE_PAUSE_SECONDS:=90}"
CLI_VERSION=2.60.0 # The first one that deploys to Flex Consumption.

refuse() { echo "$1" >&2; exit 2; }

what_if=
if [ "${1:-}" = --what-if ]; then what_if=yes; shift; fi
[ $# -ge 2 ] || refuse 'usage: infra/deploy.sh [--what-if] GROUP LOCATION [PARAMETERS]'
group=$1 location=$2 parameters=${3:-infra/my.bicepparam}

command -v az >/dev/null || refuse "The Azure CLI (az) is not on the PATH: install $CLI_VERSION or later."
for tool in npm node curl; do command -v $tool >/dev/null || refuse "$tool is not on the PATH."; done
# GNU timeout ends a command together with all its children. macOS has it as gtimeout, from coreutils.
limit=$(command -v timeout || command -v gtimeout) || refuse 'timeout is not on the PATH: install GNU coreutils.'
[ -f "$parameters" ] || refuse "$parameters is not there: copy infra/main.bicepparam and fill it in."

work=$(mktemp -d)
log=$work/log child=
# In the background and waited for: only so does Ctrl-C end it at once.
trap '[ -z "$child" ] || kill "$child" 2>/dev/null || true; exit 130' INT TERM
trap 'rm -rf "$work"' EXIT
within() { # SECONDS COMMAND...
  "$limit" --kill-after=10 "$@" </dev/null & child=$!
  local status=0
  wait "$child" || status=$?
  child=
  return $status
}

began=$SECONDS
start() { began=$SECONDS; printf '%-10s' "$1"; : >"$log"; }
finish() { printf '%s  %d s\n' "${1:-done}" $((SECONDS - began)); }
fail() { # CODE SENTENCE: the sentence, and what the command said
  echo failed
  { echo "$2"; tail -n 20 "$log" | sed 's/^/  | /'; } >&2
  exit "$1"
}
wrong() { echo failed; refuse "$1"; }
ask() { within 120 az "$@" 2>>"$log"; }

# ---- Checks. They change nothing.

start checks
version=$(ask version --query '"azure-cli"' --output tsv) || fail 2 'az does not run.'
[ "$(printf '%s\n' "$CLI_VERSION" "$version" | sort -V | head -n 1)" = "$CLI_VERSION" ] ||
  wrong "az is $version, and $CLI_VERSION or later is needed: az upgrade"
account=$(ask account show --query "join(' ', [name, id])" --output tsv) || fail 2 'You are not logged in: az login'
subscription=${account##* }

# The compiler evaluates the parameters, so functions and variables in the file are fine.
evaluate() { within 300 az bicep build-params --file "$1" --outfile "$2" >>"$log" 2>&1 || fail 2 "$1 does not compile."; }
values=$work/mine.json sample=$work/sample.json
evaluate "$parameters" "$values"
evaluate infra/main.bicepparam "$sample"
# One line each: the names that still have the sample's values, then what the checks below ask about.
node -p '
  const [mine, sample] = process.argv.slice(1).map((file) => JSON.parse(fs.readFileSync(file)).parameters);
  const same = ([name, { value }]) => name !== "namePrefix" && JSON.stringify(value) === JSON.stringify(mine[name]?.value);
  const asked = "confluentOrganization confluentSubscriptionId confluentResourceGroup nodeVersion eventGrid privateNetworking";
  const untouched = Object.entries(sample).filter(same).map(([name]) => name).join(", ");
  [untouched, ...asked.split(" ").map((name) => mine[name]?.value ?? "")].join("\n")' \
  "$values" "$sample" >"$work/asked"
{
  read -r untouched
  read -r organization
  read -r home_subscription
  read -r home
  read -r node_version
  read -r event_grid
  read -r private
} <"$work/asked"
[ -z "$untouched" ] || wrong "$parameters still has the sample's values of: $untouched."

# This takes a right on the subscription, which an owner of the groups may lack. Azure says later what is not registered.
registered=$(ask provider list --query "[?registrationState=='Registered'].namespace" --output tsv) || registered=unlisted
needed='Web Storage ServiceBus KeyVault ManagedIdentity OperationalInsights Insights'
[ "$event_grid" != true ] || needed+=' EventGrid'
[ "$private" != true ] || needed+=' Network App'
missing=
for name in $needed; do
  [ "$registered" = unlisted ] || grep -qix "Microsoft\.$name" <<<"$registered" || missing+=" Microsoft.$name"
done
[ -z "$missing" ] ||
  wrong "Register these resource providers, each with 'az provider register --wait --namespace NAME':$missing"

: "${home_subscription:=$subscription}" "${home:=$group}"
ask resource show --subscription "$home_subscription" --resource-group "$home" --name "$organization" \
  --resource-type Microsoft.Confluent/organizations --api-version 2024-07-01 --query id --output tsv >>"$log" ||
  fail 2 "You cannot see the Confluent organization $organization in resource group $home of subscription $home_subscription."
locks=$(ask lock list --subscription "$home_subscription" --resource-group "$home" --query '[].name' --output tsv) || locks=

: "${node_version:=$(sed -n "s/^param nodeVersion string = '\(.*\)'.*/\1/p" infra/main.bicep)}"
offered=$(ask functionapp list-flexconsumption-runtimes --location "$location" --runtime node --query '[].version' --output tsv) ||
  fail 2 "Flex Consumption offers no Node.js in $location: az functionapp list-flexconsumption-locations"
grep -qx "$node_version" <<<"$offered" ||
  wrong "Flex Consumption in $location offers Node.js $(xargs <<<"$offered"), not $node_version: set param nodeVersion."
finish "az $version, subscription $account, organization $organization, Node.js $node_version"
[ "$registered" != unlisted ] ||
  echo "          Warning: you may not list resource providers. Have these registered: Microsoft.${needed// / Microsoft.}"
[ -z "$locks" ] ||
  echo "          Warning: resource group $home has locks ($(xargs <<<"$locks")). Under a lock no key can be deleted."

if [ -n "$what_if" ]; then
  if [ "$(ask group exists --name "$group")" != true ]; then
    echo "Resource group $group does not exist: everything in infra/main.bicep would be new."
    exit 0
  fi
  within 600 az deployment group what-if --resource-group "$group" --name main --parameters "$parameters" ||
    fail 1 'The changes cannot be shown.'
  exit 0
fi

# ---- Stages. Each may be repeated.

start package
within 900 npm ci >>"$log" 2>&1 || fail 1 'npm ci failed.'
# A policy that does not parse keeps the function from starting: find it here, not in fifteen minutes.
within 60 node_modules/.bin/node --input-type=module --eval '
  import { readFileSync } from "node:fs";
  import { parsePolicy } from "./src/vending/policy/policy.ts";
  const policy = parsePolicy(JSON.parse(readFileSync(process.argv[1], "utf8")).parameters.policy.value);
  if (policy.kind === "invalid") throw new Error(policy.lines.join("\n"));' "$values" >>"$log" 2>&1 ||
  fail 1 'The parameter policy is no valid policy.'
within 300 npm run package >>"$log" 2>&1 || fail 1 'npm run package failed.'
finish

start group
exists=$(ask group exists --name "$group") || fail 1 "Azure does not say whether the resource group $group exists."
there=$location
if [ "$exists" = false ]; then
  within 120 az group create --name "$group" --location "$location" --output none >>"$log" 2>&1 ||
    fail 1 "Resource group $group could not be made in $location."
else
  # No az group create: it clears the tags of a group that is there.
  there=$(ask group show --name "$group" --query location --output tsv) || fail 1 "You cannot see the resource group $group."
  [ "$there" = "$(tr -d ' ' <<<"$location" | tr '[:upper:]' '[:lower:]')" ] ||
    fail 1 "Resource group $group is in $there, not in $location."
fi
finish "$group in $there"

# Event Grid looks at the role of its identity when the subscription is made, and the function's storage at the function's.
# A role of an identity that is seconds old may not be visible yet. Repeating a deployment changes nothing that is done.
start resources
for try in 1 2 3; do
  : >"$log"
  within 2700 az deployment group create --resource-group "$group" --name main --parameters "$parameters" \
    --output none >>"$log" 2>&1 && break
  # These do not go away by waiting.
  if [ $try = 3 ] || grep -qE 'InvalidTemplate|AuthorizationFailed|Error BCP' "$log"; then
    fail 1 'The resources could not be deployed.'
  fi
  printf '(try %d) ' $((try + 1))
  sleep "$ROLE_PAUSE_SECONDS"
done
output() { ask deployment group show --resource-group "$group" --name main --query "properties.outputs.$1.value" --output tsv; }
app=$(output functionName) || fail 1 "The deployment has no output functionName."
ready=$(output readyUrl) || fail 1 "The deployment has no output readyUrl."
finish "$app"

# After the upload az waits for the host to be healthy: older versions without end, and it never is for a machine that
# allowedCallers leaves out. So the upload counts once az begins to wait, and readiness is the next stage's question.
start upload
for try in 1 2 3; do
  : >"$log"
  within "$UPLOAD_SECONDS" az functionapp deployment source config-zip --resource-group "$group" --name "$app" \
    --src dist/confluent-api-key-vending.zip --output none >>"$log" 2>&1 && break
  ! grep -q 'Waiting for sync triggers' "$log" || break
  [ $try != 3 ] || fail 1 'The package could not be uploaded.'
  printf '(try %d) ' $((try + 1))
  sleep "$ROLE_PAUSE_SECONDS"
done
finish

start ready
until code=0; status=$(curl --silent --max-time 20 --output "$work/ready" --write-out '%{http_code}' "$ready") || code=$?
  [ "$status" = 200 ]; do
  if [ $((SECONDS - began)) -ge "$READY_SECONDS" ]; then
    case $code,$status in
      6,*) why="DNS does not know the host of $ready." ;;
      *,000) why="$ready does not answer (curl exit code $code)." ;;
      *,403) why='The app refuses this machine: allowedCallers must contain its address. Or the app is stopped: az functionapp start.' ;;
      *,404) why='The app has no functions: its start failed. Look for "The function cannot start" in AppTraces.' ;;
      *) why="$ready answers $status: $(head -c 300 "$work/ready" | tr -d '[:cntrl:]')" ;;
    esac
    fail 3 "Deployed, but not ready. $why"
  fi
  sleep "$READY_PAUSE_SECONDS"
done
finish "$ready"

cat <<END

Next:
  1. Let a caller in: infra/README.md, "Callers and tokens".
  2. Vend, rotate and revoke a first key: npm run smoke -- --url ${ready%/api/*} --environment env-… --cluster lkc-…
  3. Give operators the app role KeyVending.Operator and infra/RUNBOOK.md.
END
