"""What a release carries, by the script that makes it, and the README's way from there to a stack, to the letter."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from unittest import mock

import boto3
import pytest
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.cloudformation import models as cloudformation
from samtranslator.yaml_helper import yaml_parse

import aws
import validate
from conftest import HOST, release_assets
from fakes import several
from harness import CREDENTIALS, REGION, ROOT, run

README, DEPLOY, CLI = ((ROOT / name).read_text("utf-8") for name in ("README.md", "docs/deploy.md", "docs/cli.md"))
FILES = ["SHA256SUMS", "bootstrap-{0}.cdx.json", "bootstrap-{0}.zip", "fan-out.yaml", "template-{0}.yaml"]


@pytest.fixture(scope="module")
def assets(tmp_path_factory, binary):
    """A release for the processor of this machine, under the other name if that is what the README downloads."""
    directory = tmp_path_factory.mktemp("release")
    run(ROOT / ".github/release-assets", directory, f"{HOST}={binary}", timeout=120)
    return directory


def test_a_release_is_a_zip_a_template_a_bill_of_materials_and_sums(assets, binary):
    assert sorted(one.name for one in assets.iterdir()) == [name.format(HOST) for name in FILES]
    with zipfile.ZipFile(assets / f"bootstrap-{HOST}.zip") as archive:
        [one] = archive.infolist()
        assert one.filename == "bootstrap" and one.external_attr >> 16 == 0o100755
        assert archive.read(one) == binary.read_bytes()
    # What else is in the template is held to the source's in test_template.py.
    template = yaml_parse((assets / f"template-{HOST}.yaml").read_text("utf-8"))
    assert template["Resources"]["Function"]["Properties"]["Code"] == f"bootstrap-{HOST}.zip"


def test_the_same_function_makes_the_same_release(assets, binary, tmp_path):
    run(ROOT / ".github/release-assets", tmp_path, f"{HOST}={binary}", timeout=120)
    for one in assets.iterdir():
        assert (tmp_path / one.name).read_bytes() == one.read_bytes(), one.name


def test_a_function_for_the_other_processor_is_refused(tmp_path, binary):
    other = {"x86_64": "arm64", "arm64": "x86_64"}[HOST]
    with pytest.raises(AssertionError, match=f"given as {other} is no program for that processor"):
        run(ROOT / ".github/release-assets", tmp_path, f"{other}={binary}", timeout=60)


def test_the_command_line_is_packed_for_every_system_that_the_documents_name(tmp_path, binary):
    script = release_assets()
    targets = script.PROGRAMS.keys() - script.TARGETS.keys()
    shown = re.search(r"From a release, for Linux and macOS \((.*?)\)", CLI, re.DOTALL)[1]
    assert set(re.findall(r"`([^`]+)`", shown)) == targets
    workflow = (ROOT / ".github/workflows/release.yaml").read_text("utf-8")
    assert all(re.search(rf"^ +(.* )?{target}=\w+/{target}\b", workflow, re.MULTILINE) for target in targets)

    programs = {}
    for target, (mark, machine) in ((one, script.PROGRAMS[one]) for one in targets):
        # What is looked at of a program is how it begins.
        head = mark + (bytes(14) + machine.to_bytes(2, "little") if mark == script.ELF else machine.to_bytes(4, "little"))
        programs[target] = head + target.encode()
        (tmp_path / target).write_bytes(programs[target])
    made = [tmp_path / "one", tmp_path / "two"]
    for directory in made:
        given = [f"{target}={tmp_path / target}" for target in sorted(targets)]
        run(ROOT / ".github/release-assets", directory, *given, timeout=60)
    for target in targets:
        name = f"cert-alert-{target}.tar.gz"
        assert (made[0] / name).read_bytes() == (made[1] / name).read_bytes()
        assert f"  {name}\n" in (made[0] / "SHA256SUMS").read_text("utf-8")
        with tarfile.open(made[0] / name) as archive:
            assert archive.getnames() == ["cert-alert", "LICENSE-APACHE", "LICENSE-MIT"]
            assert archive.getmember("cert-alert").mode == 0o755
            assert archive.extractfile("cert-alert").read() == programs[target]
    with pytest.raises(AssertionError, match="given as aarch64-apple-darwin is no program for that processor"):
        run(ROOT / ".github/release-assets", tmp_path / "three", f"aarch64-apple-darwin={binary}", timeout=60)


def test_the_bill_of_materials_is_what_is_compiled_in(assets):
    bom = json.loads((assets / f"bootstrap-{HOST}.cdx.json").read_text("utf-8"))
    assert (bom["bomFormat"], bom["specVersion"], bom["metadata"]["component"]["name"]) == (
        "CycloneDX",
        "1.5",
        "ncp-cert-alert",
    )
    target = release_assets().TARGETS[HOST]
    command = ["cargo", "tree", "--locked", "--no-default-features", "--edges=normal", "--prefix=none", f"--target={target}"]
    tree = subprocess.check_output([*command, "--format={p}"], cwd=ROOT, text=True, timeout=120)
    compiled = {" ".join(line.split()[:2]).replace(" v", "@") for line in tree.splitlines() if line}
    listed = {one["purl"].removeprefix("pkg:cargo/") for one in [*bom["components"], bom["metadata"]["component"]]}
    assert len(compiled) > 50
    # Cargo's metadata does not say which features are on, so it may know of a few crates more; of none less.
    assert compiled <= listed and len(listed - compiled) < 5, listed - compiled
    assert not any(name.startswith(("clap@", "indicatif@")) for name in listed)
    for one in bom["components"]:
        assert re.fullmatch("[0-9a-f]{64}", one["hashes"][0]["content"]) and one["licenses"][0]["expression"]
    references = {one["ref"] for one in bom["dependencies"]}
    assert all(set(one["dependsOn"]) <= references for one in bom["dependencies"])


# --- The README, word by word -------------------------------------------------------------------------------------------


def block(begins, document=README):
    [found] = [one for one in re.findall(r"^```sh\n(.*?)```", document, re.MULTILINE | re.DOTALL) if one.startswith(begins)]
    return found


def said(text, document=README):
    """What a document says in its prose, however its lines are broken."""
    assert text in " ".join(document.split()), text
    return text


@pytest.fixture
def downloads(assets, tmp_path):
    """The release on a server of its own, with the names that the README downloads."""
    directory = tmp_path / "latest" / "download"
    directory.mkdir(parents=True)
    for one in assets.iterdir():
        text = one.read_bytes()
        if one.suffix == ".yaml":
            text = text.replace(HOST.encode(), b"arm64")
        (directory / one.name.replace(HOST, "arm64")).write_bytes(text)
    names = sorted(one.name for one in directory.iterdir() if one.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256((directory / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (directory / "SHA256SUMS").write_text("".join(sums), "utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def settled(moto_url):
    """moto's CloudFormation with numbers as texts, and with outputs of what a change set has made."""
    backend = cloudformation.CloudFormationBackend
    original, execute = backend.create_change_set, backend.execute_change_set

    def create(self, *args, **kwargs):
        kwargs["template"] = json.dumps(aws.numbers_as_texts(yaml_parse(kwargs["template"])))
        return original(self, *args, **kwargs)

    def execute_and_give_outputs(self, *args, **kwargs):
        execute(self, *args, **kwargs)
        for stack in self.stacks.values():
            stack._parse_template()
            stack.output_map = stack._create_output_map()

    # The server is in this process and has the same accounts.
    with (
        aws.account(),
        mock.patch.object(backend, "create_change_set", create),
        mock.patch.object(backend, "execute_change_set", execute_and_give_outputs),
    ):
        yield


def environment(moto_url):
    keys = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    # moto takes a bucket's name from a path on a host of this name only.
    url = moto_url.replace("127.0.0.1", "localhost")
    local = {"AWS_ENDPOINT_URL": url, "NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    return keys | CREDENTIALS | local | {"SAM_CLI_TELEMETRY": "0", "REGION": REGION}


@pytest.fixture
def invoked(world, tmp_path):
    """moto's Lambda runs what was deployed, with the variables that it was deployed with, in AWS's emulator; gives the results."""
    results = []

    def invoke(self, function_name, qualifier, body, headers, response_headers):
        deployed = self.get_function(function_name)
        with zipfile.ZipFile(io.BytesIO(deployed.code_bytes)) as archive:
            bootstrap = tmp_path / f"bootstrap-{len(results)}"
            bootstrap.write_bytes(archive.read("bootstrap"))
            bootstrap.chmod(0o755)
        # The template takes https alone; Global Edge is a server of this machine.
        variables = deployed.environment_vars | {"NCP_API_URL": world.edge.url}
        function = world.function(binary=bootstrap, **variables)
        results.append(function.invoke_text(body if isinstance(body, str) else body.decode()))
        return results[-1].text.encode()

    with mock.patch.object(LambdaSimpleBackend, "invoke", invoke):
        yield results


# Version 2, which the outputs need, is not on PyPI. Of what is used here version 1 differs in one option: it takes a payload as it
# is, and knows no other way.
AWS = """#!/usr/bin/env bash
given=()
while (($#)); do
    if [[ $1 == --cli-binary-format ]]; then shift 2; continue; fi
    given+=("$1")
    shift
done
exec {aws} "${{given[@]}}"
"""


@pytest.mark.parametrize("way", ["sam and secrets", "the AWS CLI alone and parameters"])
def test_the_readmes_commands_lead_from_a_release_to_messages(
    way, assets, downloads, moto_url, settled, world, invoked, tmp_path
):
    # The files that it says to write. A bare URL of this machine would not tell which chat it is.
    account = world.account("walk", several())
    hooks = {"webhooks": [{"url": world.url("slack"), "kind": "slack"}]}
    work = tmp_path / "work"
    work.mkdir()
    keys = {"access_key": account.access_key, "secret_key": account.secret_key}
    for name, value in (("keys.json", keys), ("webhooks.txt", hooks)):
        (work / name).write_text(json.dumps(value), "utf-8")

    region, identity, *secrets = block("export REGION").splitlines()
    assert len(secrets) == 2
    download, check, deploy = block("curl ").replace("https://github.com/OWNER/ncp-cert-alert/releases", downloads).splitlines()
    if way != "sam and secrets":
        secrets = block("aws ssm put-parameter", DEPLOY).splitlines()
        stores = said("NcpSecret=ssm:/ncp/prod WebhookSecret=ssm:/ncp/webhooks", DEPLOY)
        deploy = f"{block('export BUCKET', DEPLOY).rstrip()} {stores}"
    commands = [region, identity, *secrets, said("rm keys.json webhooks.txt"), download, check, deploy, block("output() {")]

    tool = tmp_path / "bin" / "aws"
    tool.parent.mkdir()
    tool.write_text(AWS.format(aws=shutil.which("aws")), "utf-8")
    tool.chmod(0o755)
    env = environment(moto_url)
    done = subprocess.run(
        ["bash", "-euc", "\n".join(commands)],
        cwd=work,
        # The region is what the README exports.
        env={key: value for key, value in env.items() if key not in ("REGION", "AWS_REGION")}
        | {"PATH": f"{tool.parent}:{env['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "bootstrap-arm64.zip: OK" in done.stdout and "template-arm64.yaml: OK" in done.stdout
    assert not (work / "keys.json").exists() and not (work / "webhooks.txt").exists()

    [stack] = boto3.client("cloudformation", REGION).describe_stacks(StackName="ncp-cert-alert")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    [function] = boto3.client("lambda", REGION).list_functions()["Functions"]
    assert function["Architectures"] == ["arm64"] and function["CodeSize"] == (assets / f"bootstrap-{HOST}.zip").stat().st_size
    assert len(boto3.client("scheduler", REGION).list_schedules()["Schedules"]) == 2
    [subscription] = boto3.client("sns", REGION).list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "you@example.com")

    # What the outputs ran: a sample, a dry run, a run, each once; and the table of alarms.
    assert [one.succeeded()["status"] for one in invoked] == ["test", "dry_run", "alerted"]
    assert all(one.text in done.stdout for one in invoked)
    assert invoked[2]["accounts"][0]["name"] == "prod" and invoked[2]["checked"] == 8
    sample, digest = (validate.message("slack", body) for body in world.posted("slack"))
    assert "test" in sample.lower() and "expired.example.kr" not in sample and "expired.example.kr" in digest
    assert len(re.findall(r"^ncp-cert-alert-\w+Alarm\S*\t", done.stdout, re.MULTILINE)) == 3
