"""What is deployed: built as SAM and cargo-lambda build it, and started in AWS's emulator."""

import re
import stat
import subprocess
from pathlib import Path

import pytest

from conftest import HOST
from fakes import several
from harness import REGION, ROOT, run

# Lambda's provided.al2023 has this version of the C library.
GLIBC = (2, 34)
# The name of the processor in Rust's targets, and e_machine of ELF.
ARCHITECTURES = {"x86_64": ("x86_64", 62), "arm64": ("aarch64", 183)}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.timeout(2700)
def test_sam_builds_a_function_that_lambda_can_start(architecture, tmp_path, world):
    processor, machine = ARCHITECTURES[architecture]
    command = ["rustc", "--print", "target-libdir", "--target", f"{processor}-unknown-linux-gnu"]
    if not Path(subprocess.check_output(command, cwd=ROOT, text=True).strip()).is_dir():
        pytest.skip(f"this toolchain does not build for {processor}")
    command = ["sam", "build", "--template", ROOT / "template.yaml", "--build-dir", tmp_path / "build"]
    parameters = ["--parameter-overrides", f"Architecture={architecture}"]
    run(*command, *parameters, timeout=2400, cwd=tmp_path, SAM_CLI_TELEMETRY="0", AWS_DEFAULT_REGION=REGION)
    [path] = (tmp_path / "build" / "Function").iterdir()
    image = path.read_bytes()
    assert path.name == "bootstrap" and path.stat().st_mode & stat.S_IXUSR
    assert image[:4] == b"\x7fELF" and int.from_bytes(image[18:20], "little") == machine
    versions = {tuple(map(int, version.split(b"."))) for version in re.findall(rb"GLIBC_(\d+\.\d+)", image)}
    assert versions and max(versions) <= GLIBC, max(versions)
    # SAM builds with all default features; none of the command line may be left in the function.
    assert b"clap" not in image and b"indicatif" not in image and b"cert-alert demo" not in image
    assert len(image) < 6_000_000, "the start-up time of a function grows with its size"
    if architecture == HOST:
        world.account("prod", several())
        world.webhooks(slack={}, teams={})
        assert world.function(binary=path).invoke().succeeded()["status"] == "alerted"
        assert len(world.posted("slack")) == len(world.posted("teams")) == 1
