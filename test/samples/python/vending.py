"""The life of one credential, with Python's standard library: VENDING_URL=… VENDING_TOKEN=… python3 vending.py order-1"""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ.get("VENDING_URL", "http://localhost:7071/api")
TOKEN = os.environ.get("VENDING_TOKEN", "")
MAX_TRIES = 6
TIMEOUT_S = 100
DEFAULT_WAIT_S = 2
MAX_WAIT_S = 120


class Problem(Exception):
    """An answer that says why there is no credential."""

    def __init__(self, status, body):
        super().__init__(body.get("detail", f"The service answered {status} without a problem."))
        self.status = status
        self.type = body.get("type", "")
        self.errors = body.get("errors", [])


def ask(method, path, body=None, idempotency_key=None):
    """Sends a request until it is answered for good. Each try has the same idempotency key, so no try makes a second key."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = idempotency_key
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    for tries in range(1, MAX_TRIES + 1):
        request = urllib.request.Request(URL + path, data, headers, method=method)
        try:
            status, answered, text = send(request)
        except (OSError, http.client.HTTPException):
            if tries == MAX_TRIES:
                raise
            time.sleep(DEFAULT_WAIT_S)
            continue
        wait = wait_of(status, answered)
        if wait is None or wait > MAX_WAIT_S or tries == MAX_TRIES:
            break
        time.sleep(wait)
    answer = json.loads(text) if "json" in answered.get("Content-Type", "") else {}
    if status >= 400:
        raise Problem(status, answer)
    return answer


def send(request):
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def wait_of(status, headers):
    """Seconds until the request is worth another try; None for a final answer."""
    if "Retry-After" in headers:
        return int(headers["Retry-After"])
    # Gateways and the Functions host answer without a problem body.
    of_the_service = "json" in headers.get("Content-Type", "")
    return DEFAULT_WAIT_S if status >= 500 and not of_the_service else None


def main(order):
    request = {"environmentId": "env-12132", "clusterId": "clusterId-123", "name": "orders"}
    vended = ask("POST", "/v1/credentials", request, order)
    print("vended", vended["id"], vended["apiKey"]["id"], vended["secret"]["keyVaultReference"])
    path = "/v1/credentials/" + vended["id"]

    print("read", ask("GET", path)["status"])

    rotated = ask("POST", path + "/rotate", {"replaces": vended["apiKey"]["id"]}, order + "-rotation-1")
    previous = rotated["previous"]
    print(f"rotated {rotated['apiKey']['id']}, and {previous['apiKeyId']} lives until {previous['revokeAt']}")

    print(ask("DELETE", path)["status"])

    try:
        ask("POST", "/v1/credentials", request, order)
    except Problem as problem:
        print(f"{problem.status} {problem.type}: {problem}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "order-1")
