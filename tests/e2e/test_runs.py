"""Whole runs of the function: what is posted, answered, logged and measured."""

import json
import re
from datetime import timedelta

import boto3
import pytest

import validate
from fakes import DAYS, Reply, certificate, detail, gateway_error, several

NOW = "2026-12-24T09:00:00+09:00"
# Names that would be markup, a mention, a template or a riddle if they were taken as they are.
NASTY = [
    "<!channel> & <https://evil.example|click>",
    "*bold* _it_ `code` [link](https://evil.example)",
    "{{DATE(2026-12-01T00:00:00Z, SHORT)}} ${expression}",
    "two\nlines\r\ttab \u202egpj.exe\u2066 \x1b[31mred\x00",
    "한글-도메인.한국 日本語 👩‍👩‍👧 <@U012AB3CD>",
    "x" * 4000,
    '"quotes" \\back\\slashes\\ <at>everyone</at>',
    "",
]


def ordered(text):
    """JSON in which the order of keys counts."""
    return json.loads(text, object_pairs_hook=tuple)


def test_a_run_posts_to_every_webhook_and_answers_with_the_counts(world):
    rows = several()
    account = world.account(
        "prod", rows, cap=3, details={1: detail(rows[0], ["shop-front"], ["www.expired.example.kr"])}
    )
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
        [body] = world.posted(kind)
        text = validate.message(kind, body)
        # Worst first; of what is healthy only the next one to expire is named.
        names = ["expired", "soon", "later", "new", "gone"]
        places = [text.index(f"{name}.example.kr") for name in names]
        assert places[0] == min(places) and "ok7" not in text
        for part in ("shop-front", "ago", "in 3 days", "in 19 days", "https://console.ncloud.com/"):
            assert part in text, f"{part} is missing in {text}"
    assert "<!subteam^S0123>" in world.posted("slack")[0]
    assert account.most_at_once <= 4


def test_names_from_data_stay_text(world):
    world.account("prod", [certificate(slot, name, DAYS, certificateName=name) for slot, name in enumerate(NASTY, 1)])
    world.webhooks(slack={}, teams={})
    answer = world.function().invoke().succeeded()
    assert (answer["checked"], answer["critical"]) == (len(NASTY), len(NASTY))
    for kind in ("slack", "teams"):
        bodies = world.posted(kind)
        assert len(bodies) == next(one["messages"] for one in answer["deliveries"] if one["kind"] == kind)
        text = "\n".join(validate.message(kind, body) for body in bodies)
        for part in ("한글-도메인.한국", "日本語", "gpj.exe"):
            assert part in text


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_labels_settings_and_what_servers_say_stay_text(world, language):
    hostile = "<!channel> {{x}} ${y} *b* [l](https://evil.example) \u202e\n`c`"
    good = world.account("good", several())
    keys = {"access_key": good.access_key, "secret_key": good.secret_key}
    world.secret(world.ncp[0], keys | {"name": hostile})
    bad = world.account("bad", [])
    world.webhooks(slack={"name": f"1 {hostile}"}, teams={"name": f"2 {hostile}", "mention": hostile})
    function = world.function(
        MESSAGE_LANGUAGE=language,
        RUNBOOK_URL="https://example.com/{{x}}?y=${z}",
        CONSOLE_URL="https://example.com/${x}",
    )
    answer = world.edge.answer
    refused = gateway_error(403, "210", hostile, hostile)
    world.edge.answer = lambda one: refused if bad.access_key in one.headers.values() else answer(one)
    for broken, other in (("slack", "teams"), ("teams", "slack")):
        world.chat.requests.clear()
        world.chat.script = [(world.tokens[broken], [Reply(404, hostile)])]
        function.invoke().failed("ApiError")
        digest, notice = (validate.message(other, body) for body in world.posted(other))
        assert "expired.example.kr" in digest and "bad" in digest and "evil.example" in notice
        validate.message(broken, *world.posted(broken))


def test_a_dry_run_returns_exactly_what_a_real_run_posts(world):
    world.account("prod", several(40), cap=15)
    world.webhooks(slack={"mention": "<!here>"}, teams={})
    function = world.function()
    promised = ordered(function.invoke({"dry_run": True, "now": NOW}).succeeded().text)
    assert world.chat.requests == []
    assert dict(promised)["status"] == "dry_run"
    function.invoke({"now": NOW}).succeeded()
    # Judged by the simulated clock, signed by the real one.
    assert world.edge.refused == []
    for one in map(dict, dict(promised)["messages"]):
        posted = world.posted(one["kind"])
        assert one["payloads"] == [ordered(body) for body in posted]
        for body in posted:
            assert "imulated" in validate.message(one["kind"], body)


@pytest.mark.parametrize(
    ("size", "minutes", "language"), [(600, 60, "en"), (600, 60, "ko"), (600, 60, "ja"), (4000, 6, "en")]
)
def test_a_long_digest_is_split_numbered_and_cut_from_its_end(world, size, minutes, language):
    slots = range(1, size + 1)
    names = {slot: f"www{slot}.한글-도메인-{slot}.example.kr" for slot in slots}
    world.account("prod", [certificate(slot, names[slot], timedelta(minutes=minutes * slot)) for slot in slots])
    world.webhooks(slack={"mention": "<!here>"}, teams={})
    answer = world.function(MESSAGE_LANGUAGE=language).invoke().succeeded()
    critical = 7 * 24 * 60 // minutes
    assert (answer["critical"], answer["warning"]) == (critical, size - critical)
    for one in answer["deliveries"]:
        bodies = world.posted(one["kind"])
        assert 1 < len(bodies) <= 5 and len(bodies) == one["messages"]
        texts = [validate.message(one["kind"], body) for body in bodies]
        for number, text in enumerate(texts, 1):
            assert f"{number}/{len(bodies)}" in text
            assert ("<!here>" in text) == (number == 1 and one["kind"] == "slack")
        # Every finding is either shown or counted, the most urgent ones first.
        everything = "".join(texts)
        shown = {slot for slot in slots if names[slot] in everything}
        assert shown == set(range(1, len(shown) + 1)) and len(shown) > 50
        hidden = [count for count in (max(0, critical - len(shown)), size - max(critical, len(shown))) if count]
        if hidden:
            [*more] = (line for line in texts[-1].splitlines() if re.search(rf"(?<!\d){sum(hidden)}(?!\d)", line))
            assert more and all(str(count) in line for line in more for count in hidden), (hidden, texts[-1])


def test_nothing_to_report_is_said_only_if_wanted(world):
    world.account("prod", several()[5:])
    world.webhooks(slack={}, teams={"min_severity": "warning"})
    function = world.function()
    assert function.invoke().succeeded()["status"] == "clear"
    assert world.chat.requests == []
    answer = function.invoke({"notify_when_clear": True}).succeeded()
    assert [one["status"] for one in answer["deliveries"]] == ["delivered", "skipped"]
    assert "3 certificates" in validate.message("slack", *world.posted("slack"))


def test_an_empty_account_is_said_in_so_many_words(world):
    world.account("prod", [])
    world.webhooks(slack={}, teams={})
    function = world.function(NOTIFY_WHEN_CLEAR="true")
    answer = function.invoke().succeeded()
    assert (answer["status"], answer["checked"], answer["total"], answer["pages"]) == ("clear", 0, 0, 1)
    for kind in ("slack", "teams"):
        assert "0 certificates" in validate.message(kind, *world.posted(kind))
    assert validate.metrics(*function.lines()[1])["CertificatesChecked"] == 0


def test_each_webhook_gets_what_reaches_its_level(world):
    world.account("prod", several())
    world.webhooks(slack={"min_severity": "critical"}, teams={})
    function = world.function()
    function.invoke().succeeded()
    slack, teams = (validate.message(kind, *world.posted(kind)) for kind in ("slack", "teams"))
    assert "expired.example.kr" in slack and "later.example.kr" not in slack
    assert "later.example.kr" in teams and "gone.example.kr" in teams
    world.chat.requests.clear()
    function.invoke({"min_severity": "critical"}).succeeded()
    assert "later.example.kr" not in validate.message("teams", *world.posted("teams"))


def test_a_sample_is_marked_and_calls_nobody_at_ncp(world):
    world.account("prod", several())
    world.webhooks(slack={}, teams={})
    function = world.function()
    assert function.invoke({"test": True}).succeeded()["status"] == "test"
    assert world.edge.requests == []
    for kind in ("slack", "teams"):
        text = validate.message(kind, *world.posted(kind))
        assert "test" in text.lower() and "sample" in text.lower()
        assert "example.kr" in text or "example.com" in text
    world.chat.requests.clear()
    messages = function.invoke({"test": True, "dry_run": True}).succeeded()["messages"]
    assert [one["kind"] for one in messages] == ["slack", "teams"] and world.chat.requests == []


def test_the_next_invocation_of_the_same_process_works_like_the_first(world):
    account = world.account("prod", several())
    world.webhooks(slack={}, teams={})
    function = world.function()
    first = function.invoke().succeeded().value
    process = function.pid()
    assert function.invoke().succeeded().value == first
    account.rows = account.rows[5:]
    assert function.invoke().succeeded()["status"] == "clear"
    assert function.pid() == process


def test_rotated_keys_and_webhooks_are_read_anew(world):
    account = world.account("prod", several())
    world.webhooks(slack={})
    function = world.function()
    function.invoke().succeeded()
    process = function.pid()
    old = account.access_key
    del world.edge.accounts[old]
    account.access_key, account.secret_key = "ncp_iam_BPASKRrotated", "ncp_iam_BPKSKRrotated"
    world.edge.accounts[account.access_key] = account
    world.secret(world.ncp[0], {"accessKey": account.access_key, "secretKey": account.secret_key})
    world.webhooks(teams={})
    answer = function.invoke().succeeded()
    assert [one["kind"] for one in answer["deliveries"]] == ["teams"]
    assert function.pid() == process
    # The old keys may have been tried, but not for longer than it takes to see that they are refused.
    assert world.edge.refused in ([], ["unknown access key"])


def test_a_run_is_logged_in_flat_lines_and_measured_once(world):
    world.account("prod", several())
    world.webhooks(slack={}, teams={})
    function = world.function(AWS_LAMBDA_LOG_LEVEL="DEBUG")
    function.invoke().succeeded()
    lines, metrics = function.lines()
    assert lines
    for line in lines:
        validate.LINE.validate(line)
    [total] = [line for line in lines if line.get("checked") == 8]
    assert total["level"] == "INFO"
    [metrics] = metrics
    assert validate.metrics(metrics) == {
        "CertificatesChecked": 8,
        "CertificatesCritical": 2,
        "CertificatesWarning": 2,
        "CertificatesInfo": 1,
        "DaysToFirstExpiry": -3,
        "AccountsFailed": 0,
        "DeliveriesFailed": 0,
        "RunsCompleted": 1,
    }
    for event in ({"dry_run": True}, {"test": True}, {"now": NOW}):
        function.invoke(event).succeeded()
    assert len(function.lines()[1]) == 1, "only real runs are measured"


def test_text_logs_are_lines_too(world):
    world.account("prod", several())
    world.webhooks(slack={})
    function = world.function(AWS_LAMBDA_LOG_FORMAT="Text")
    function.invoke().succeeded()
    lines, metrics = function.lines()
    assert lines == [] and len(metrics) == 1
    assert " INFO " in function.log()


def test_details_can_be_turned_off(world):
    rows = several()
    world.account("prod", rows, details={1: detail(rows[0], ["shop-front"])})
    world.webhooks(slack={})
    world.function(CERTIFICATE_DETAILS="false").invoke().succeeded()
    assert all("?" in request.target for request in world.edge.requests)
    assert "shop-front" not in world.posted("slack")[0]


def test_a_slot_that_no_edge_uses_wakes_nobody(world):
    rows = several()[:1]
    world.account("prod", rows, details={1: detail(rows[0], [])})
    world.webhooks(slack={"mention": "<!here>"})
    answer = world.function().invoke().succeeded()
    assert (answer["critical"], answer["warning"]) == (0, 1)
    assert "<!here>" not in world.posted("slack")[0]


def test_an_event_names_other_accounts_and_webhooks(world):
    world.account("default", several())
    world.account("tenant-a", several(10))
    world.account("tenant-b", several(20))
    default, *tenants = world.ncp
    world.webhooks(slack={})
    other = world.secret(f"{world.prefix}/other", world.url("teams"))
    function = world.function(NCP_SECRET_ID=default)
    world.secret(f"{world.prefix}/other", {"webhooks": [{"url": world.url("teams"), "kind": "teams"}]})
    answer = function.invoke({"ncp_secret_id": tenants, "webhook_secret_id": other}).succeeded()
    assert [one["name"] for one in answer["accounts"]] == ["tenant-a", "tenant-b"]
    assert (answer["checked"], [one["webhook"] for one in answer["deliveries"]]) == (30, ["teams"])
    assert world.posted("slack") == []
    assert function.invoke({"ncp_secret_id": f"{tenants[0]}, {tenants[1]}"}).succeeded()["checked"] == 30
    assert function.invoke().succeeded()["checked"] == 8


def test_secrets_are_read_from_parameter_store(world):
    account = world.account("unused", several())
    world.webhooks(slack={}, teams={})
    meta = world.aws.meta
    ssm = boto3.client(
        "ssm",
        endpoint_url=meta.endpoint_url,
        region_name=meta.region_name,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    keys = {"access_key": account.access_key, "secret_key": account.secret_key}
    values = {
        "ncp/prod": json.dumps(keys),
        "webhooks": json.dumps({"webhooks": [{"url": world.url("slack"), "name": "ops", "kind": "slack"}]}),
    }
    arns = {}
    for name, value in values.items():
        ssm.put_parameter(Name=f"/{world.prefix}/{name}", Type="SecureString", Value=value)
        parameter = ssm.get_parameter(Name=f"/{world.prefix}/{name}")["Parameter"]
        assert parameter["Value"] != value, "decrypted only if that is asked for"
        arns[name] = parameter["ARN"]
    settings = {"NCP_SECRET_ID": f"ssm:/{world.prefix}/ncp/prod", "WEBHOOK_SECRET_ID": arns["webhooks"]}
    answer = world.function(**settings).invoke().succeeded()
    assert answer["accounts"] == [{"name": "prod", "status": "ok", "checked": 8, "total": 8, "pages": 1}]
    assert [one["webhook"] for one in answer["deliveries"]] == ["ops"]
    assert len(world.posted("slack")) == 1 and world.posted("teams") == []


def test_a_parameter_that_is_not_there_is_posted_and_named(world):
    world.account("prod", several())
    world.webhooks(slack={})
    function = world.function(NCP_SECRET_ID=f"{world.ncp[0]},ssm:/{world.prefix}/tenants/none")
    message = function.invoke().failed("SecretError")
    assert message == (
        f"account `none`: parameter `ssm:/{world.prefix}/tenants/none`: Parameter Store has no such parameter in this "
        "region: check the name or ARN, and the region"
    )
    [body] = world.posted("slack")
    assert "expired.example.kr" in validate.message("slack", body), "the other account is told of"
