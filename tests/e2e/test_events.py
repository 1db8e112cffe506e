"""The files in `events/`, as they go through Lambda: each does what its name says, in messages of the published forms."""

import pytest

import validate
from fakes import several
from harness import ROOT, World

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
def everything(moto_url, binary):
    """A world with all that the files name, and the function in it."""
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
    yield world, world.function(NCP_SECRET_ID=default)
    world.stop()


def test_every_file_is_expected():
    assert set(EVENTS) == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_event_does_what_its_name_says(everything, name):
    world, function = everything
    world.chat.requests.clear()
    answer = function.invoke_text(EVENTS[name].read_text("utf-8")).succeeded()
    posted = {kind: len(world.posted(kind)) for kind in BOTH if world.posted(kind)}
    assert (answer["status"], answer["checked"], posted) == EXPECTED[name]
    for kind in posted:
        validate.message(kind, *world.posted(kind))
