"""Whole runs of the program: what only the emulator, independent stores of secrets and an independent check of signatures show.

What a run does in which case is in `tests/run.rs`, `tests/faults.rs` and `tests/leaks.rs`.
"""

import json
import re

import pytest

import validate
from fakes import Reply, detail, several, signature
from harness import ROOT


def test_the_fake_signs_as_ncp_does():
    """The other tests are worth as much as the fake that checks their signatures."""
    vectors = json.loads((ROOT / "tests/data/signature-v2-vectors.json").read_text("utf-8"))
    assert len(vectors) == 13
    for one in vectors:
        expected = signature(one["method"], one["url"], one["timestamp"], one["access_key"], one["secret_key"])
        assert expected == one["signature"], one["id"]


def test_a_run_is_signed_posted_answered_logged_and_measured_and_the_next_is_like_it(world):
    rows = several()
    world.account("prod", rows, cap=3, details={1: detail(rows[0], ["shop-front"])})
    world.webhooks(slack={"mention": "<!subteam^S0123>"}, teams={})
    function = world.function()
    answer = function.invoke().succeeded()
    assert answer.value == {
        "status": "alerted",
        "checked": 8,
        "total": 8,
        "pages": 3,
        "critical": 2,
        "warning": 2,
        "info": 1,
        "accounts": [{"name": "prod", "status": "ok", "checked": 8, "total": 8, "pages": 3}],
        "deliveries": [
            {"webhook": "slack", "kind": "slack", "status": "delivered", "messages": 1},
            {"webhook": "teams", "kind": "teams", "status": "delivered", "messages": 1},
        ],
    }
    assert world.edge.refused == []
    for kind in ("slack", "teams"):
        text = validate.message(kind, *world.posted(kind))
        assert "expired.example.kr" in text and "shop-front" in text and "ok7" not in text

    lines, [metrics] = function.lines()
    for line in lines:
        # Flat: what is nested cannot be filtered on.
        assert not any(isinstance(value, (dict, list)) for value in line.values()), line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line["timestamp"])
        assert line["message"] and line["level"] in ("TRACE", "DEBUG", "INFO")
        # What Lambda calls the invocation.
        assert re.fullmatch("[0-9a-f-]{36}", line["requestId"])
    [total] = [line for line in lines if line.get("checked") == 8]
    assert total["level"] == "INFO"
    declared = [metric["Name"] for metric in metrics["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    assert (metrics["level"], metrics["FunctionName"]) == ("INFO", "ncp-cert-alert")
    assert {name: metrics[name] for name in declared} == {
        "CertificatesChecked": 8,
        "CertificatesCritical": 2,
        "CertificatesWarning": 2,
        "CertificatesInfo": 1,
        "DaysToFirstExpiry": -3,
        "AccountsFailed": 0,
        "DeliveriesFailed": 0,
        "RunsCompleted": 1,
    }

    process = function.pid()
    assert function.invoke().succeeded().value == answer.value
    assert function.pid() == process and len(function.lines()[1]) == 2


def test_every_attempt_is_signed_anew(world):
    world.account("prod", several())
    world.webhooks(slack={})
    # Smaller pages are asked for without waiting; from then on there is a wait before each attempt.
    world.edge.script = [("pageNo=1", [Reply(503)] * 4)]
    assert world.function().invoke().succeeded()["checked"] == 8
    stamps = [one.headers["x-ncp-apigw-timestamp"] for one in world.edge.requests if one.target.endswith("offset=15")]
    assert len(stamps) == len(set(stamps)) == 3 and world.edge.refused == []


def test_text_logs_are_lines_too(world):
    world.account("prod", several())
    world.webhooks(slack={})
    function = world.function(AWS_LAMBDA_LOG_FORMAT="Text")
    function.invoke().succeeded()
    lines, metrics = function.lines()
    assert lines == [] and len(metrics) == 1
    assert " INFO " in function.log()


def test_secrets_are_read_from_parameter_store(world):
    account = world.account("unused", several())
    world.webhooks(slack={}, teams={})
    ssm = world.client("ssm")
    values = {
        "ncp/prod": {"access_key": account.access_key, "secret_key": account.secret_key},
        "webhooks": {"webhooks": [{"url": world.url("slack"), "name": "ops", "kind": "slack"}]},
    }
    arns = {}
    for name, value in values.items():
        name = f"/{world.prefix}/{name}"
        ssm.put_parameter(Name=name, Type="SecureString", Value=json.dumps(value))
        parameter = ssm.get_parameter(Name=name)["Parameter"]
        assert parameter["Value"] != json.dumps(value), "decrypted only if that is asked for"
        arns[name] = parameter["ARN"]
    [ncp, webhooks] = arns
    answer = world.function(NCP_SECRET_ID=f"ssm:{ncp}", WEBHOOK_SECRET_ID=arns[webhooks]).invoke().succeeded()
    assert [(one["name"], one["checked"]) for one in answer["accounts"]] == [("prod", 8)]
    assert len(world.posted("slack")) == 1 and world.posted("teams") == []


@pytest.mark.parametrize(
    ("store", "named"), [("", "Secrets Manager has no such secret"), ("ssm:", "Parameter Store has no such parameter")]
)
def test_a_secret_that_is_not_there_is_posted_and_named(world, store, named):
    world.account("prod", several())
    world.webhooks(slack={})
    function = world.function(NCP_SECRET_ID=f"{world.ncp[0]},{store}/{world.prefix}/none")
    message = function.invoke().failed("SecretError")
    assert f"`{store}/{world.prefix}/none`" in message and named in message
    text = validate.message("slack", *world.posted("slack"))
    assert "account none" in text and "expired.example.kr" in text, "the other account is told of"


def test_what_went_wrong_at_the_start_is_the_error_of_each_invocation(world):
    function = world.function(WARN_DAYS="0")
    for _ in range(2):
        assert "WARN_DAYS" in function.invoke().failed("ConfigError")


def test_what_is_not_json_for_the_program_is_an_error_of_the_event(world):
    world.account("prod", several())
    function = world.function()
    for text in ('{"dry_run": 1e999}', r'{"dry_run": "\ud800"}', "[" * 200 + "]" * 200):
        assert "the event is not JSON that can be read" in function.invoke_text(text).failed("EventError")


@pytest.mark.parametrize(
    ("broken", "other", "reply"), [("teams", "slack", Reply(wait=60)), ("slack", "teams", Reply(404, "no_service"))]
)
def test_a_run_ends_before_lambdas_deadline_and_the_notice_has_the_published_form(world, broken, other, reply):
    world.account("prod", several())
    world.webhooks(slack={}, teams={})
    world.chat.script = [(world.tokens[broken], [reply] * 9)]
    assert broken in world.function(timeout=10).invoke().failed("DeliveryError")
    digest, notice = (validate.message(other, body) for body in world.posted(other))
    assert "expired.example.kr" in digest and broken in notice
