"""The files in `events/`, sent as a developer sends them: `cargo lambda watch` and `cargo lambda invoke`."""

import json
import os
import subprocess

import pytest

import validate
from fakes import several
from harness import ROOT, Process, World, free_port

EVENTS = {path.stem: path for path in (ROOT / "events").glob("*.json")}

# What each of them leads to: the status, the certificates checked, and who gets a message.
BOTH = {"slack": 1, "teams": 1}
EXPECTED = {
    "rule": ("alerted", 8, BOTH),
    "rule-detail": ("dry_run", 8, {}),
    "scheduler": ("alerted", 8, BOTH),
    "scheduler-context": ("alerted", 8, BOTH),
    "empty": ("alerted", 8, BOTH),
    "null": ("alerted", 8, BOTH),
    "dry-run": ("dry_run", 8, {}),
    "test": ("test", 0, BOTH),
    "test-dry-run": ("dry_run", 0, {}),
    "now": ("dry_run", 8, {}),
    "thresholds": ("alerted", 8, BOTH),
    "notify-when-clear": ("alerted", 8, BOTH),
    "min-severity": ("alerted", 8, BOTH),
    "fresh-hours": ("alerted", 8, BOTH),
    "summary": ("alerted", 8, BOTH),
    "account": ("alerted", 10, BOTH),
    "accounts": ("alerted", 30, BOTH),
    "webhooks": ("alerted", 8, {"slack": 1}),
}


@pytest.fixture(scope="module")
def watched(moto_url, binary):
    """The world, and the port of a function that `cargo lambda watch` runs in it."""
    world = World(moto_url, binary)
    world.account("prod", several())
    [default] = world.ncp
    for name, count in (("tenant-a", 10), ("tenant-b", 20)):
        account = world.account(name, several(count))
        keys = {"access_key": account.access_key, "secret_key": account.secret_key}
        world.secret(f"ncp-cert-alert/{name}", keys)
    world.webhooks(slack={}, teams={})
    on_call = {"webhooks": [{"url": world.url("slack"), "kind": "slack"}]}
    world.secret("ncp-cert-alert/webhooks-on-call", on_call)
    port = free_port()
    watch = "cargo lambda watch --release --locked --no-default-features --bin ncp-cert-alert --ignore-changes"
    watch += f" --invoke-address 127.0.0.1 --invoke-port {port}"
    # Of the machine's environment only what cargo needs; a proxy or a profile of AWS has no business here.
    kept = {
        name: os.environ[name]
        for name in os.environ
        if name.startswith(("CARGO", "RUSTUP")) or name in ("PATH", "HOME")
    }
    process = Process(watch.split(), {**kept, **world.env(NCP_SECRET_ID=default)})
    try:
        process.wait_for_port(port, 60)
        yield world, port, process
    finally:
        process.stop()
        world.stop()


def invoke(port, *more):
    command = f"cargo lambda invoke ncp-cert-alert --invoke-address 127.0.0.1 --invoke-port {port}".split()
    # The first one also waits for cargo to see that there is nothing to build.
    return subprocess.run(
        [*command, *more], cwd=ROOT, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL
    )


def test_every_file_is_expected():
    assert set(EVENTS) == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.timeout(900)
def test_an_event_does_what_its_name_says(watched, name):
    world, port, process = watched
    world.chat.requests.clear()
    done = invoke(port, "--output-format", "json", "--data-file", EVENTS[name])
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{process.log()[-3000:]}"
    answer = json.loads(done.stdout)
    posted = {kind: len(world.posted(kind)) for kind in BOTH if world.posted(kind)}
    assert (answer["status"], answer["checked"], posted) == EXPECTED[name]
    shown = json.dumps(answer.get("messages", []))
    shown += "".join(validate.message(kind, body) for kind in BOTH for body in world.posted(kind))
    # A warning of ten days ago: no news, and not critical.
    if name in ("scheduler-context", "fresh-hours", "min-severity"):
        assert "expired.example.kr" in shown and "later.example.kr" not in shown
    if name == "summary":
        assert "expired.example.kr" in shown and "later.example.kr" in shown
    if name == "rule-detail":
        assert "later.example.kr" in shown and "gone.example.kr" not in shown
    if name == "now":
        assert "imulated" in shown
    if name == "thresholds":
        assert (answer["critical"], answer["warning"]) == (3, 1)


def test_an_error_is_shown_with_its_type(watched):
    _, port, _ = watched
    done = invoke(port, "--data-ascii", '{"dryrun": true}')
    assert done.returncode != 0
    assert "EventError" in done.stdout + done.stderr and "dryrun" in done.stdout + done.stderr
