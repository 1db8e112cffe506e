"""What is deployed: built as SAM and cargo-lambda build it, and started in AWS's emulator."""

import re
import stat
import zipfile
from functools import cache

import pytest

import validate
from conftest import HOST
from fakes import DAYS, certificate
from harness import REGION, ROOT, run, target_directory

# Lambda's provided.al2023 has this version of the C library.
GLIBC = (2, 34)
MACHINES = {"x86_64": 62, "arm64": 183}  # e_machine of ELF
OFFLINE = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION}


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory):
    """Gives the `bootstrap` that `sam build` makes for a processor."""

    @cache
    def build(architecture):
        directory = tmp_path_factory.mktemp(architecture)
        run(
            "sam",
            "build",
            "--template",
            ROOT / "template.yaml",
            "--build-dir",
            directory / "build",
            "--parameter-overrides",
            f"Architecture={architecture}",
            timeout=2400,
            cwd=directory,
            **OFFLINE,
        )
        [one] = (directory / "build" / "Function").iterdir()
        assert one.name == "bootstrap"
        return one

    return build


@pytest.mark.timeout(2700)
def test_sam_builds_a_function_that_lambda_can_start(bootstrap, architecture):
    path = bootstrap(architecture)
    image = path.read_bytes()
    assert image[:4] == b"\x7fELF" and int.from_bytes(image[18:20], "little") == MACHINES[architecture]
    assert path.stat().st_mode & stat.S_IXUSR
    versions = {tuple(map(int, version.split(b"."))) for version in re.findall(rb"GLIBC_(\d+\.\d+)", image)}
    assert versions and max(versions) <= GLIBC, max(versions)
    # SAM builds with all default features; none of the command line may be left in the function.
    assert b"clap" not in image and b"indicatif" not in image and b"cert-alert demo" not in image
    assert len(image) < 6_000_000, "the start-up time of a function grows with its size"


@pytest.mark.timeout(2700)
def test_the_built_function_runs(bootstrap, world):
    world.account("prod", [certificate(1, "www.example.kr", DAYS)])
    world.webhooks(slack={}, teams={})
    answer = world.function(binary=bootstrap(HOST)).invoke().succeeded()
    assert (answer["status"], answer["critical"]) == ("alerted", 1)
    for kind in ("slack", "teams"):
        assert "www.example.kr" in validate.message(kind, *world.posted(kind))


@pytest.mark.timeout(2700)
def test_cargo_lambda_packs_one_executable(architecture):
    command = ["cargo", "lambda", "build", "--release", "--bin", "ncp-cert-alert", "--output-format", "zip"]
    run(*command, *{"arm64": ["--arm64"]}.get(architecture, []), timeout=2400)
    with zipfile.ZipFile(target_directory() / "lambda" / "ncp-cert-alert" / "bootstrap.zip") as archive:
        [one] = archive.infolist()
        assert one.filename == "bootstrap" and (one.external_attr >> 16) & 0o111 == 0o111
        assert archive.testzip() is None and archive.read(one)[:4] == b"\x7fELF"
