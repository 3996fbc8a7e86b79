"""One sandbox for the whole run, and a merchant of its own for each test."""

import hashlib
import json
import os
import re
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import pytest

FLAGS = ["--port", "0", "--latency", "off", "--log", "silent"]


def command():
    """The command of the environment, of the nearest node_modules, or of npx."""
    given = os.environ.get("WALLET_SANDBOX_BIN")
    if given:
        return ["node", given] if given.endswith(".js") else [given]
    for folder in [Path.cwd(), *Path.cwd().parents]:
        installed = folder / "node_modules/.bin/wallet-sandbox"
        if installed.exists():
            return [str(installed)]
    return ["npx", "wallet-sandbox"]


@pytest.fixture(scope="session")
def wallets_url():
    """The URL of the sandbox: of WALLETS_URL, or of one that is started here."""
    if os.environ.get("WALLETS_URL") and not os.environ.get("WALLET_SANDBOX_BIN"):
        yield os.environ["WALLETS_URL"].rstrip("/")
        return
    with tempfile.TemporaryFile("w+") as errors:
        try:
            server = subprocess.Popen([*command(), *FLAGS], stdout=subprocess.PIPE, stderr=errors, text=True)
        except OSError as error:
            pytest.fail(f"wallet-sandbox does not start: {error}", pytrace=False)
        with server:
            line = server.stdout.readline()
            if "listening on" not in line:
                server.wait()
                errors.seek(0)
                pytest.fail(f"wallet-sandbox does not start: {errors.read().strip() or line}", pytrace=False)
            yield line.split()[-1]
            server.terminate()


class Wallets:
    """The URL of the sandbox, and the key of a merchant that no other test sees."""

    def __init__(self, url, key):
        self.url = url
        self.key = key

    def control(self, method, path, body=None):
        """What the control API of the merchant answers, such as control("PUT", "scenario", {"name": "flaky"})."""
        headers = {"Content-Type": "application/json"}
        token = os.environ.get("WALLET_SANDBOX_CONTROL_TOKEN")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.url}/_sandbox/merchants/{self.key}/{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as response:
            return json.load(response)


def shortened(name):
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-")[:24].strip("-")


@pytest.fixture
def wallets(wallets_url, request):
    test = request.node
    run = json.dumps([test.nodeid, getattr(test, "execution_count", 1)])
    digest = hashlib.sha256(run.encode()).hexdigest()[:8]
    wallets = Wallets(wallets_url, f"sandbox_{shortened(test.path.stem)}_{shortened(test.name)}_{digest}")
    # A sandbox that was running before may know the merchant from an earlier run.
    wallets.control("POST", "reset")
    return wallets


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    wallets = getattr(item, "funcargs", {}).get("wallets")
    if report.when == "call" and report.failed and wallets:
        report.sections.append(("wallet-sandbox", report_on(item.nodeid, wallets)))


def report_on(test, wallets):
    """The calls of a failed test, and where its capsule is. The error of the test is the one to be seen, so this raises none."""
    try:
        lines = [f"Calls of {wallets.key}:", *map(line_of, wallets.control("GET", "requests")["requests"])]
        default = Path(tempfile.gettempdir(), "wallet-sandbox-capsules")
        folder = Path(os.environ.get("WALLET_SANDBOX_CAPSULES") or default)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{wallets.key}.capsule.json"
        file.write_text(json.dumps(wallets.control("GET", "capsule")), encoding="utf-8")
        return "\n  ".join(lines) + f"\nfailed: {test}\nnpx wallet-sandbox open {file.absolute()}"
    except Exception as error:
        return f"The calls of {wallets.key} cannot be shown: {error}"


def line_of(entry):
    request, response = entry["request"], entry["response"]
    query = f"?{request['query']}" if request["query"] else ""
    status = response["status"] if response else "no answer"
    return "  ".join(filter(None, [f"{request['method']} {request['path']}{query}", str(status), entry["reason"]]))
