"""The templates: valid by AWS's own tools. What they make is in test_deployment.py."""

import pytest

import aws
from conftest import release_assets
from harness import REGION, ROOT, run

TEMPLATE = ROOT / "template.yaml"
OFFLINE = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION}


@pytest.mark.parametrize("release", [None, "arm64", "x86_64"])
def test_sam_and_cfn_lint_find_nothing(tmp_path, release):
    """The template of the sources, and those of the release."""
    path = TEMPLATE
    if release:
        path = tmp_path / f"template-{release}.yaml"
        path.write_text(release_assets().template(TEMPLATE.read_text("utf-8"), release), "utf-8")
        (tmp_path / f"bootstrap-{release}.zip").write_bytes(b"")
    assert "valid SAM Template" in run("sam", "validate", "--lint", "--template", path, timeout=120, **OFFLINE)
    assert run("cfn-lint", path, timeout=120, **OFFLINE).strip() == ""


def test_cfn_lint_finds_nothing_in_the_fan_out():
    assert run("cfn-lint", ROOT / "deploy/fan-out.yaml", timeout=120, **OFFLINE).strip() == ""


def test_logs_are_as_the_metrics_need_them():
    """Metrics are log lines of the level INFO: above it Lambda would drop them."""
    function = aws.transform(aws.packaged(aws.read(TEMPLATE)))["Resources"]["Function"]["Properties"]
    assert function["LoggingConfig"] == {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
        "LogGroup": {"Ref": "LogGroup"},
    }


def test_the_dead_letters_are_encrypted():
    assert aws.read(TEMPLATE)["Resources"]["DeadLetters"]["Properties"]["SqsManagedSseEnabled"] is True
