"""Accounts of every size, behind servers that cap their pages: nothing lost, nothing doubled."""

import json
from datetime import timedelta
from math import ceil
from pathlib import Path

import pytest

from fakes import certificate, signature
from harness import ROOT


@pytest.mark.parametrize("cap", [15, 100])
@pytest.mark.parametrize("size", [0, 1, 15, 16, 37, 1000, 5000])
def test_every_certificate_is_read_once(world, size, cap):
    rows = [certificate(slot, f"www{slot}.example.kr", timedelta(days=200)) for slot in range(1, size + 1)]
    # The last one in the list must not be missed.
    rows[-1:] = [certificate(size, "last.example.kr", timedelta(days=1))] if rows else []
    account = world.account("prod", rows, cap=cap)
    world.webhooks(slack={})
    answer = world.function().invoke().succeeded()
    assert (answer["checked"], answer["total"], answer["critical"]) == (size, size, min(size, 1))
    assert answer["pages"] == max(1, ceil(size / cap))
    assert account.most_at_once <= 4 and world.edge.refused == []
    assert [("last.example.kr" in body) for body in world.posted("slack")] == [True] * min(size, 1)


def test_the_fake_signs_as_ncp_does():
    """The other tests are worth as much as the fake that checks their signatures."""
    vectors = json.loads(Path(ROOT / "tests/data/signature-v2-vectors.json").read_text("utf-8"))
    assert len(vectors) > 10
    for one in vectors:
        expected = signature(one["method"], one["url"], one["timestamp"], one["access_key"], one["secret_key"])
        assert expected == one["signature"], one["id"]
