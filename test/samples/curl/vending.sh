#!/usr/bin/env bash
# The life of one credential, with curl 7.84 or later and jq: VENDING_URL=… VENDING_TOKEN=… bash vending.sh order-1
set -euo pipefail
url=${VENDING_URL:-http://localhost:7071/api}
order=${1:-order-1}
max_tries=6
max_wait=120

# ask METHOD PATH [OPTION…]: prints the final answer. A problem goes to standard error, and fails. Each try has the same
# idempotency key, so no try makes a second key. curl's own --retry would print the bodies of all tries.
ask() {
  local tries answer status wait type
  for ((tries = 1; tries <= max_tries; tries++)); do
    status=000 wait='' type='' answer=''
    if answer=$(curl --silent --max-time 100 --request "$1" "$url$2" --header "Authorization: Bearer $VENDING_TOKEN" "${@:3}" \
      --write-out '\n%{http_code}|%header{retry-after}|%{content_type}'); then
      IFS='|' read -r status wait type <<< "${answer##*$'\n'}"
      # Gateways and the Functions host answer a 5xx without a problem body. It is worth another try, as Retry-After is.
      if [[ -z $wait && ! ($status == 5?? && $type != *json*) ]]; then break; fi
      # A rotation too soon may be a day away.
      if ((${wait:-0} > max_wait)); then break; fi
    fi
    if ((tries < max_tries)); then sleep "${wait:-2}"; fi
  done
  if [[ $status != 2?? ]]; then
    printf '%s\n' "${answer%$'\n'*}" >&2
    return 1
  fi
  printf '%s\n' "${answer%$'\n'*}"
}
post() { ask POST "$1" --header "Idempotency-Key: $2" --json "$3"; }
field() { jq --raw-output "$1"; }

request='{"environmentId": "env-12132", "clusterId": "clusterId-123", "name": "orders"}'
vended=$(post /v1/credentials "$order" "$request")
id=$(field .id <<< "$vended")
key=$(field .apiKey.id <<< "$vended")
echo "vended $id $key $(field .secret.keyVaultReference <<< "$vended")"

echo "read $(ask GET "/v1/credentials/$id" | field .status)"

rotated=$(post "/v1/credentials/$id/rotate" "$order-rotation-1" "{\"replaces\": \"$key\"}")
field '"rotated \(.apiKey.id), and \(.previous.apiKeyId) lives until \(.previous.revokeAt)"' <<< "$rotated"

ask DELETE "/v1/credentials/$id" | field .status

problem=$(post /v1/credentials "$order" "$request" 2>&1) || field '"\(.status) \(.type): \(.detail)"' <<< "$problem"
