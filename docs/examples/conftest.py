import re
import subprocess
from types import SimpleNamespace

import pytest

COMMAND = ["node_modules/.bin/wallet-sandbox", "--port", "0", "--latency", "off", "--log", "silent"]


@pytest.fixture(scope="session")
def wallets_url():
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().split()[-1]
        server.terminate()


@pytest.fixture
def wallets(wallets_url, request):
    """The URL of the sandbox, and the key of a merchant that no other test sees."""
    return SimpleNamespace(url=wallets_url, key="sandbox_" + re.sub(r"\W+", "_", request.node.nodeid)[-100:])
