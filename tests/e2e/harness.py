"""The function in AWS's own runtime emulator, with Secrets Manager played by moto. Nothing leaves 127.0.0.1."""

import itertools
import json
import os
import platform
import random
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
import uuid
from importlib.resources import files
from pathlib import Path

import boto3

from fakes import Account, Chat, GlobalEdge

ROOT = Path(__file__).resolve().parents[2]
REGION = "ap-northeast-2"
CREDENTIALS = {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def run(*command, timeout, cwd=ROOT, **more_env):
    """Runs a command to its end and returns what it printed; shows the end of it when it fails."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, cwd=cwd, env=os.environ | more_env, text=True, timeout=timeout, **pipes)
    end = "\n".join(done.stdout.splitlines()[-60:])
    assert done.returncode == 0, f"{' '.join(map(str, command))}: exit status {done.returncode}\n{end}"
    return done.stdout


# Below those that the kernel gives to whoever asks for any: nobody takes one between the question and the server's start.
PORTS = itertools.count(random.randrange(20_000, 31_000))


def free_port():
    for port in PORTS:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) != 0:
                return port


def emulator_path():
    name = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
    path = Path(str(files("samcli").joinpath(f"local/rapid/aws-lambda-rie-{name}")))
    path.chmod(path.stat().st_mode | 0o100)
    return path


class Answer:
    """What an invocation answered."""

    def __init__(self, text):
        self.text, self.value = text, json.loads(text)

    def __getitem__(self, key):
        return self.value[key]

    def succeeded(self):
        assert "errorType" not in self.value, self.text
        return self

    def failed(self, error_type):
        """Checks the shape of a Lambda error and returns its message."""
        assert self.value.get("errorType") == error_type, self.text
        assert set(self.value) <= {"errorType", "errorMessage", "stackTrace"}
        return self.value["errorMessage"]


class Function:
    """One sandbox: the process starts with the first invocation and stays for the next ones."""

    def __init__(self, binary, env, timeout=30):
        self.timeout, self.port = timeout, free_port()
        interface, runtime = f"127.0.0.1:{self.port}", f"127.0.0.1:{free_port()}"
        addresses = ["--runtime-interface-emulator-address", interface, "--runtime-api-address", runtime]
        env = {
            "AWS_LAMBDA_FUNCTION_NAME": "ncp-cert-alert",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "TRACE",
            **env,
        }
        # What it prints is kept in a file; the emulator and the function are a process group, which ends as a whole.
        self.output = tempfile.NamedTemporaryFile(prefix="e2e-", suffix=".log")
        pipes = {"stdin": subprocess.DEVNULL, "stdout": self.output, "stderr": subprocess.STDOUT}
        command = [emulator_path(), *addresses, binary]
        self.process = subprocess.Popen(command, env=env, start_new_session=True, **pipes)
        until = time.monotonic() + 10
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, f"does not listen:\n{self.log()}"
                time.sleep(0.02)

    def invoke(self, event=None):
        return self.invoke_text(json.dumps({} if event is None else event))

    def invoke_text(self, text):
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations"
        request = urllib.request.Request(url, text.encode(), method="POST")
        with urllib.request.urlopen(request, timeout=self.timeout + 10) as response:
            return Answer(response.read().decode())

    def log(self):
        return Path(self.output.name).read_text("utf-8", "replace")

    def lines(self):
        """The function's own lines that are JSON: those of the log, and those of metrics."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if "_aws" not in line], [line for line in lines if "_aws" in line]

    def pid(self):
        """The process of the function: the one child of the emulator, whichever of its threads has made it."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        [pid] = " ".join(task.read_text() for task in tasks).split()
        return pid

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(5)
        self.output.close()


class World:
    """Everything around the function, for one test: accounts, chats, secrets."""

    def __init__(self, moto_url, binary):
        self.moto_url, self.binary = moto_url, binary
        self.prefix = uuid.uuid4().hex[:8]
        self.edge, self.chat = GlobalEdge(), Chat()
        self.functions: list[Function] = []
        self.ncp: list[str] = []
        self.aws = self.client("secretsmanager")
        self.tokens = {name: f"canary-{name}-{uuid.uuid4().hex}" for name in ("slack", "teams")}

    def stop(self):
        """Ends everything; fails if a key or a webhook's URL was logged, at any level, or posted."""
        shown = "".join(function.log() for function in self.functions)
        for function in self.functions:
            function.stop()
        self.edge.stop()
        self.chat.stop()
        shown += "".join(request.body for request in self.chat.requests)
        keys = [key for one in self.edge.accounts.values() for key in (one.access_key, one.secret_key)]
        for secret in [*keys, *self.tokens.values(), "x-ncp-apigw-signature", "AWS4-HMAC-SHA256"]:
            assert secret not in shown, "a secret is in a log or a message"

    def client(self, service):
        """A client of a service that moto plays."""
        keys = {name.lower(): CREDENTIALS[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        return boto3.client(service, REGION, endpoint_url=self.moto_url, **keys)

    def secret(self, name, value):
        """Creates a secret, or gives it a new value, and returns its ARN."""
        text = value if isinstance(value, str) else json.dumps(value)
        try:
            return self.aws.create_secret(Name=name, SecretString=text)["ARN"]
        except self.aws.exceptions.ResourceExistsException:
            return self.aws.put_secret_value(SecretId=name, SecretString=text)["ARN"]

    def account(self, name, rows, **other):
        """An account on Global Edge, and the secret with its keys, which the function reads by default."""
        unique = uuid.uuid4().hex
        account = Account(f"ncp_iam_BPASKR{unique}", f"ncp_iam_BPKSKR{unique}", rows, **other)
        self.edge.accounts[account.access_key] = account
        secret = f"{self.prefix}/{name}"
        self.secret(secret, {"access_key": account.access_key, "secret_key": account.secret_key})
        self.ncp.append(secret)
        return account

    def url(self, kind):
        token = self.tokens[kind]
        path = {
            "slack": f"/services/T0/B0/{token}",
            "teams": f"/powerautomate/automations/direct/workflows/{token}/triggers/manual/paths/invoke?sig={token}",
        }
        return self.chat.url + path[kind]

    def webhooks(self, **kinds):
        """Writes the secret with the webhooks: `slack={…}` and `teams={…}` with what they have besides a URL."""
        hooks = [{"url": self.url(kind), "name": kind, "kind": kind} | more for kind, more in kinds.items()]
        self.secret(f"{self.prefix}/webhooks", {"webhooks": hooks})

    def env(self, **settings):
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.moto_url,
            "NCP_API_URL": self.edge.url,
            "NCP_SECRET_ID": ",".join(self.ncp),
            "WEBHOOK_SECRET_ID": f"{self.prefix}/webhooks",
            **settings,
        }

    def function(self, timeout=30, binary=None, **settings):
        function = Function(binary or self.binary, self.env(**settings), timeout)
        self.functions.append(function)
        return function

    def posted(self, kind):
        """The bodies that a webhook got, in order."""
        return [request.body for request in self.chat.requests if self.tokens[kind] in request.target]
