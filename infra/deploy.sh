#!/usr/bin/env bash
# Everything in one command, again and again: resources by Bicep, the package, its deployment, and a wait until it is ready.
#
#   infra/deploy.sh GROUP LOCATION [PARAMETERS]      PARAMETERS: infra/my.bicepparam unless given
#
# Needs Azure CLI 2.60, logged in, with the rights that the README names; Node and npm. Asks for nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

group=${1:?usage: infra/deploy.sh GROUP LOCATION [PARAMETERS]}
location=${2:?usage: infra/deploy.sh GROUP LOCATION [PARAMETERS]}
parameters=${3:-infra/my.bicepparam}
[ -f "$parameters" ] || { echo "$parameters is not there: copy infra/main.bicepparam and fill it in." >&2; exit 1; }

output() { az deployment group show --resource-group "$group" --name main --query "properties.outputs.$1.value" --output tsv; }

npm ci
npm run package
az group create --name "$group" --location "$location" --output none
az deployment group create --resource-group "$group" --name main --parameters "$parameters" --output none
az functionapp deployment source config-zip --resource-group "$group" --name "$(output functionName)" \
  --src dist/confluent-api-key-vending.zip --output none

ready=$(output readyUrl)
# New role assignments may take ten minutes to be believed everywhere.
for _ in $(seq "${READY_TRIES:-60}"); do
  curl --silent --fail "$ready" && { echo; echo "Ready: $ready"; exit 0; }
  sleep "${READY_PAUSE_SECONDS:-15}"
done
echo "Deployed, but not ready: $ready says what does not answer." >&2
exit 1
