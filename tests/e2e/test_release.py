"""What a release carries, by the script that makes it, and the README's way from there to a stack, to the letter."""

import hashlib
import json
import os
import re
import subprocess
import tarfile
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from unittest import mock

import boto3
import pytest
from moto.cloudformation import models as cloudformation
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.yaml_helper import yaml_parse

import aws
from conftest import HOST, release_assets
from harness import CREDENTIALS, REGION, ROOT, run

README = (ROOT / "README.md").read_text("utf-8")
FILES = ["SHA256SUMS", "bootstrap-{0}.cdx.json", "bootstrap-{0}.zip", "template-{0}.yaml"]


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
    template = yaml_parse((assets / f"template-{HOST}.yaml").read_text("utf-8"))
    function = template["Resources"]["Function"]
    assert (assets / function["Properties"]["CodeUri"]).name == f"bootstrap-{HOST}.zip" and "Metadata" not in function
    # Nothing else is different: it is not kept twice.
    source = aws.read(ROOT / "template.yaml")
    for one in (source, template):
        one["Parameters"].pop("Architecture")
        one["Resources"]["Function"].pop("Metadata", None)
        one["Resources"]["Function"]["Properties"].pop("CodeUri")
    assert template == source


def test_the_same_function_makes_the_same_release(assets, binary, tmp_path):
    run(ROOT / ".github/release-assets", tmp_path, f"{HOST}={binary}", timeout=120)
    for one in assets.iterdir():
        assert (tmp_path / one.name).read_bytes() == one.read_bytes(), one.name


def test_a_function_for_the_other_processor_is_refused(tmp_path, binary):
    other = {"x86_64": "arm64", "arm64": "x86_64"}[HOST]
    with pytest.raises(AssertionError, match=f"given as {other} is no program for that processor"):
        run(ROOT / ".github/release-assets", tmp_path, f"{other}={binary}", timeout=60)


def test_the_command_line_is_packed_for_every_system_that_the_readme_names(tmp_path, binary):
    script = release_assets()
    targets = script.PROGRAMS.keys() - script.TARGETS.keys()
    shown = re.search(r"From a release, for Linux and macOS \((.*?)\)", README, re.DOTALL)[1]
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
        run(ROOT / ".github/release-assets", directory, *(f"{target}={tmp_path / target}" for target in sorted(targets)), timeout=60)
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


def block(begins):
    [found] = [one for one in re.findall(r"^```sh\n(.*?)```", README, re.MULTILINE | re.DOTALL) if one.startswith(begins)]
    return found


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


def transformed(text):
    """What CloudFormation does first with a SAM template; moto does not."""
    document = yaml_parse(text)
    return json.dumps(aws.numbers_as_texts(aws.transform(document))) if "Transform" in document else text


@pytest.fixture
def transforming():
    """moto's CloudFormation with the transform."""
    original = cloudformation.CloudFormationBackend.create_change_set

    def create(self, *args, **kwargs):
        if kwargs.get("template"):
            kwargs["template"] = transformed(kwargs["template"])
        return original(self, *args, **kwargs)

    # The server is in this process and has the same accounts.
    with aws.account(), mock.patch.object(cloudformation.CloudFormationBackend, "create_change_set", create):
        yield


def environment(moto_url):
    keys = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    # moto takes a bucket's name from a path on a host of this name only.
    url = moto_url.replace("127.0.0.1", "localhost")
    local = {"AWS_ENDPOINT_URL": url, "NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    return keys | CREDENTIALS | local | {"SAM_CLI_TELEMETRY": "0", "REGION": REGION}


def test_the_readmes_three_commands_make_the_stack(assets, downloads, moto_url, transforming, tmp_path):
    commands = block("curl ").replace("https://github.com/OWNER/ncp-cert-alert/releases", downloads)
    assert len(commands.splitlines()) == 3
    # SAM's own stack for its bucket is not one that moto's CloudFormation makes whole.
    constraint = {"LocationConstraint": REGION}
    boto3.client("s3", REGION).create_bucket(Bucket="uploads", CreateBucketConfiguration=constraint)
    commands = commands.replace("--resolve-s3", "--s3-bucket uploads")
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=work,
        env=environment(moto_url),
        capture_output=True,
        text=True,
        timeout=240,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "bootstrap-arm64.zip: OK" in done.stdout and "template-arm64.yaml: OK" in done.stdout
    [stack] = boto3.client("cloudformation", REGION).describe_stacks(StackName="ncp-cert-alert")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    # moto makes no outputs of a change set; what is made is the same.
    [function] = boto3.client("lambda", REGION).list_functions()["Functions"]
    assert function["Architectures"] == ["arm64"] and function["CodeSize"] == (assets / f"bootstrap-{HOST}.zip").stat().st_size
    assert len(boto3.client("scheduler", REGION).list_schedules()["Schedules"]) == 2
    [subscription] = boto3.client("sns", REGION).list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "you@example.com")


def test_what_was_not_built_is_not_uploaded(moto_url, transforming, tmp_path):
    """`sam deploy` begins with this. A path would be zipped: all sources, as if they were the function."""
    boto3.client("s3", REGION).create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": REGION})
    packaged = tmp_path / "packaged.yaml"
    command = ["sam", "package", "--template-file", ROOT / "template.yaml", "--output-template-file", packaged]
    subprocess.run(
        [*command, "--s3-bucket", "uploads", "--region", REGION],
        cwd=tmp_path,
        env=environment(moto_url),
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert "Contents" not in boto3.client("s3", REGION).list_objects_v2(Bucket="uploads")
    with pytest.raises(InvalidDocumentException, match="'CodeUri' requires Bucket and Key"):
        transformed(packaged.read_text("utf-8"))


def test_the_guide_asks_for_the_parameters_in_their_order_and_takes_the_return_key(moto_url, transforming, tmp_path):
    """The README's list of them is held to the template by tests/documents."""
    command = ["sam", "deploy", "--guided", "--capabilities", "CAPABILITY_IAM", "--template-file", ROOT / "template.yaml"]
    env = environment(moto_url) | {"AWS_DEFAULT_REGION": REGION}
    done = subprocess.run(command, cwd=tmp_path, env=env, input="\n" * 80, capture_output=True, text=True, timeout=120)
    # After the last question it makes a bucket for itself, in a stack that moto does not make whole.
    assert "aws-sam-cli-managed-default" in done.stderr, done.stdout + done.stderr
    asked = re.findall(r"\t(?:Parameter )?([\w ]+) \[[^\]]*\]: ", done.stdout)
    assert asked == [
        *("Stack Name", "AWS Region"),
        *aws.read(ROOT / "template.yaml")["Parameters"],
        *("Confirm changes before deploy", "Allow SAM CLI IAM role creation", "Disable rollback"),
        *("Save arguments to configuration file", "SAM configuration file", "SAM configuration environment"),
    ]
