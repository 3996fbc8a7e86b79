import base64
import json
import urllib.error
import urllib.request
from pathlib import Path


def read(name):
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def refresh(wallets):
    # Put your client here: its base URL is wallets.url, its API key wallets.key.
    credentials = base64.b64encode(f"{wallets.key}:".encode()).decode()
    path = "/customers/cst_asha0000000000001/wallets/refresh-balances"
    request = urllib.request.Request(wallets.url + path, headers={"Authorization": f"Basic {credentials}"})
    try:
        with urllib.request.urlopen(request) as response:
            return response.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_third_refresh_fails(wallets):
    wallets.control("PUT", "state", read("fixtures.json"))
    wallets.control("PUT", "scenario", read("third-refresh-fails.json"))
    assert [refresh(wallets) for _ in range(3)] == [200, 200, 401]
