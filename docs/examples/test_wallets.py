import base64
import json
import urllib.request


def get(wallets, path):
    credentials = base64.b64encode(f"{wallets.key}:".encode()).decode()
    request = urllib.request.Request(wallets.url + path, headers={"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def test_balance(wallets):
    assert get(wallets, "/wallets/wlt_q23xzki3pazgtezo")["current_balance"] == 250


def test_own_merchant(wallets):
    journal = f"{wallets.url}/_sandbox/merchants/{wallets.key}/requests"
    get(wallets, "/customers/guest_user/wallets")
    with urllib.request.urlopen(journal) as response:
        assert json.load(response)["total"] == 1
