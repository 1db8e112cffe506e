"""The function in AWS's own runtime emulator, with Secrets Manager played by moto. Nothing leaves 127.0.0.1."""

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
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

from fakes import Account, Chat, GlobalEdge

ROOT = Path(__file__).resolve().parents[2]
REGION = "ap-northeast-2"
CREDENTIALS = {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def run(*command, timeout, cwd=ROOT, **more_env):
    """Runs a command to its end and returns what it printed; shows the end of it when it fails."""
    process = Process(command, os.environ | more_env, cwd)
    try:
        status = process.popen.wait(timeout)
        printed = process.log()
    finally:
        process.stop()
    end = "\n".join(printed.splitlines()[-60:])
    assert status == 0, f"{' '.join(map(str, command))}: exit status {status}\n{end}"
    return printed


# Below those that the kernel gives to whoever asks for any: nobody takes one between the question and the server's start.
PORTS = iter(random.sample(range(20000, 32000), 12000))


def free_port():
    for port in PORTS:
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")


def target_directory():
    command = ["cargo", "metadata", "--format-version=1", "--no-deps", "--locked"]
    return Path(json.loads(subprocess.check_output(command, cwd=ROOT, timeout=120))["target_directory"])


def emulator_path():
    name = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
    path = Path(str(files("samcli").joinpath(f"local/rapid/aws-lambda-rie-{name}")))
    path.chmod(path.stat().st_mode | 0o100)
    return path


class Process:
    """A program in a process group of its own, which ends with it. What it prints is kept in a file."""

    def __init__(self, command, env, cwd=ROOT):
        self.output = tempfile.NamedTemporaryFile(prefix="e2e-", suffix=".log")
        self.popen = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def log(self):
        return Path(self.output.name).read_text("utf-8", "replace")

    def wait_for_port(self, port, seconds, host="127.0.0.1"):
        until = time.monotonic() + seconds
        while True:
            assert self.popen.poll() is None, f"ended with {self.popen.returncode}:\n{self.log()}"
            try:
                return socket.create_connection((host, port), 1).close()
            except OSError:
                assert time.monotonic() < until, f"does not listen after {seconds} s:\n{self.log()}"
                time.sleep(0.02)

    def stop(self):
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.popen.pid, sign)
            except ProcessLookupError:
                break
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                continue
        self.popen.wait(5)
        self.output.close()


@dataclass
class Answer:
    """What an invocation answered."""

    text: str

    def __post_init__(self):
        self.value = json.loads(self.text)

    def __getitem__(self, key):
        return self.value[key]

    @property
    def error_type(self):
        return self.value.get("errorType")

    def succeeded(self):
        assert self.error_type is None, self.text
        return self

    def failed(self, error_type):
        """Checks the shape of a Lambda error and returns its message."""
        assert self.error_type == error_type, self.text
        assert set(self.value) <= {"errorType", "errorMessage", "stackTrace"}
        message = self.value["errorMessage"]
        assert message and "\n" not in message, self.text
        return message


class Function:
    """One sandbox: the process starts with the first invocation and stays for the next ones."""

    def __init__(self, binary, env, timeout=30):
        self.timeout, self.port = timeout, free_port()
        command = [
            emulator_path(),
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{self.port}",
            "--runtime-api-address",
            f"127.0.0.1:{free_port()}",
            binary,
        ]
        env = {
            "AWS_LAMBDA_FUNCTION_NAME": "ncp-cert-alert",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            **env,
        }
        self.process = Process(command, env)
        self.process.wait_for_port(self.port, 10)

    def invoke(self, event=None):
        return self.invoke_text(json.dumps({} if event is None else event))

    def invoke_text(self, text):
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations"
        request = urllib.request.Request(url, text.encode(), method="POST")
        with urllib.request.urlopen(request, timeout=self.timeout + 10) as response:
            return Answer(response.read().decode())

    def log(self):
        return self.process.log()

    def lines(self):
        """The function's own lines that are JSON: those of the log, and those of metrics."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if "_aws" not in line], [line for line in lines if "_aws" in line]

    def pid(self):
        """The process of the function: the one child of the emulator, whichever of its threads has made it."""
        tasks = Path(f"/proc/{self.process.popen.pid}/task").glob("*/children")
        [pid] = " ".join(task.read_text() for task in tasks).split()
        return pid

    def stop(self):
        self.process.stop()


class World:
    """Everything around the function, for one test: accounts, chats, secrets."""

    def __init__(self, moto_url, binary):
        self.moto_url, self.binary = moto_url, binary
        self.prefix = uuid.uuid4().hex[:8]
        self.edge, self.chat = GlobalEdge(), Chat()
        self.functions: list[Function] = []
        self.ncp: list[str] = []
        self.aws = boto3.client(
            "secretsmanager",
            endpoint_url=moto_url,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        self.tokens = {name: f"canary-{name}-{uuid.uuid4().hex}" for name in ("slack", "teams")}

    def stop(self):
        for function in self.functions:
            function.stop()
        self.edge.stop()
        self.chat.stop()

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
        return [request.body for request in self.chat.to(self.tokens[kind])]


def moto():
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    return server, f"http://{host}:{port}"
