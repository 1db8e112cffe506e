"""What goes wrong, at NCP, in Secrets Manager, at webhooks, in settings and events; and that no secret gets out."""

import json
from datetime import timedelta

import pytest

import validate
from fakes import DAYS, LIST, Reply, certificate, gateway_error, json_reply, several, success


def healthy(count, first=1):
    return [certificate(slot, f"ok{slot}.example.kr", 200 * DAYS) for slot in range(first, first + count)]


def list_pages(world):
    return [request for request in world.edge.requests if request.path == LIST]


# --- NCP --------------------------------------------------------------------------------------------------------------


def test_refused_keys_are_posted_with_the_likely_fix_and_fail_the_run(world):
    account = world.account("prod", several())
    account.secret_key = "another"
    world.webhooks(slack={}, teams={})
    function = world.function()
    message = function.invoke().failed("ApiError")
    assert "prod" in message and "key" in message
    assert set(world.edge.refused) == {"signature"}
    for kind in ("slack", "teams"):
        assert "prod" in validate.message(kind, *world.posted(kind))
    metrics = validate.metrics(*function.lines()[1])
    assert (metrics["AccountsFailed"], metrics["RunsCompleted"], metrics["CertificatesChecked"]) == (1, 0, 0)
    assert "DaysToFirstExpiry" not in metrics


def test_one_bad_account_does_not_hide_the_others(world):
    world.account("good", several())
    world.account("bad", several()).secret_key = "another"
    world.account("also-good", healthy(3, 100))
    world.ncp.append(f"{world.prefix}/missing")
    world.webhooks(slack={}, teams={})
    function = world.function()
    message = function.invoke().failed("SecretError")
    assert "missing" in message and "bad" in message and "also-good" not in message
    text = validate.message("slack", *world.posted("slack"))
    for part in ("expired.example.kr", "good", "bad", "missing"):
        assert part in text
    metrics = validate.metrics(*function.lines()[1])
    assert (metrics["AccountsFailed"], metrics["CertificatesChecked"], metrics["RunsCompleted"]) == (2, 11, 0)


@pytest.mark.parametrize(
    "reply",
    [
        gateway_error(429, "410", "Throttle Limited", ""),
        gateway_error(429, "420", "Rate Limited", ""),
        gateway_error(503, "500", "Endpoint Error", ""),
        gateway_error(500, "900", "Unexpected Error", ""),
        Reply(502, "<html>Bad Gateway</html>", {"Content-Type": "text/html"}),
        Reply(504),
        json_reply(200, {"code": "9999", "message": "Unknown Error"}),
    ],
    ids=lambda reply: f"{reply.status}-{reply.body[:40]}",
)
def test_what_passes_is_tried_again_with_a_signature_of_its_own(world, reply):
    world.account("prod", healthy(2))
    world.webhooks(slack={})
    world.edge.script = [(LIST, [reply, reply])]
    assert world.function().invoke().succeeded()["checked"] == 2
    stamps = [request.headers["x-ncp-apigw-timestamp"] for request in list_pages(world)]
    assert len(stamps) == 3 == len(set(stamps)) and world.edge.refused == []


@pytest.mark.parametrize(
    "reply",
    [
        gateway_error(429, "400", "Quota Exceeded", ""),
        gateway_error(401, "210", "Permission Denied", "A subscription to the API is required."),
        gateway_error(404, "300", "Not Found Exception", "URL not found."),
        json_reply(403, {"code": "0032", "message": "request not allowed"}),
        json_reply(200, {"code": "0040", "message": "Field validation Error"}),
        Reply(302, "", {"Location": "/elsewhere"}),
    ],
    ids=lambda reply: f"{reply.status}-{reply.body[:40]}",
)
def test_what_does_not_pass_is_not_repeated_for_long(world, reply):
    world.account("prod", healthy(2))
    world.webhooks(slack={})
    world.edge.script = [(LIST, [reply] * 50)]
    message = world.function().invoke().failed("ApiError")
    assert "prod" in message
    # A 400 or 401 may be asked once more, smaller or with keys read anew; nothing is hammered.
    assert len(list_pages(world)) <= 2
    assert world.edge.to("/elsewhere") == []
    assert "prod" in validate.message("slack", *world.posted("slack"))


def test_a_list_shorter_than_its_count_is_reported_and_fails(world):
    world.account("prod", several()[:1] + healthy(35, 10), total=37, cap=15)
    world.webhooks(slack={})
    function = world.function()
    message = function.invoke().failed("IncompleteListing")
    assert "incomplete listing: 36 of 37" in message and "prod" in message
    text = validate.message("slack", *world.posted("slack"))
    assert "expired.example.kr" in text and "36 of 37" in text
    assert validate.metrics(*function.lines()[1])["RunsCompleted"] == 0


def test_a_row_without_a_slot_fails_the_account_after_the_others_were_reported(world):
    rows = several()
    del rows[7]["slotId"]
    world.account("prod", rows)
    world.webhooks(slack={})
    assert "7 of 8" in world.function().invoke().failed("IncompleteListing")
    assert "expired.example.kr" in world.posted("slack")[0]


def test_a_list_that_changes_while_it_is_read_is_read_once_more(world):
    account = world.account("prod", healthy(40), cap=10)
    world.webhooks(slack={})
    moved = [False]
    answer = world.edge.answer

    def remove_one_after_the_first_page(request):
        reply = answer(request)
        # The others are asked for at the same time, in no certain order.
        if "pageNo=1&" in request.target and not moved[0]:
            moved[0] = True
            del account.rows[0]
        return reply

    world.edge.answer = remove_one_after_the_first_page
    result = world.function().invoke().succeeded()
    assert (result["checked"], result["total"], result["pages"]) == (39, 39, 4) and moved[0]


def test_a_row_that_moves_between_pages_is_neither_lost_nor_doubled(world):
    account = world.account("prod", healthy(37), cap=15)
    world.webhooks(slack={})
    moves = iter([True])
    answer = world.edge.answer

    def swap_after_the_first_page(request):
        reply = answer(request)
        if "pageNo=1&" in request.target and next(moves, False):
            # The last row of page 1 changes places with the last one of all: it comes twice, the other one never.
            account.rows[14], account.rows[36] = account.rows[36], account.rows[14]
        return reply

    world.edge.answer = swap_after_the_first_page
    result = world.function().invoke().succeeded()
    assert (result["checked"], result["total"], result["pages"]) == (37, 37, 3) and not next(moves, False)
    assert len(list_pages(world)) > 3


def test_what_other_pages_held_is_reported_when_one_fails_for_good(world):
    rows = healthy(40)
    rows[0] = certificate(1, "expired.example.kr", -2 * DAYS)
    world.account("prod", rows, cap=10)
    world.webhooks(slack={})
    world.edge.script = [("pageNo=3", [gateway_error(500, "900", "Unexpected Error", "")] * 99)]
    function = world.function()
    message = function.invoke().failed("ApiError")
    assert "prod" in message and len(world.edge.to("pageNo=3")) <= 5
    assert "expired.example.kr" in world.posted("slack")[0]
    assert validate.metrics(*function.lines()[1])["CertificatesChecked"] >= 20


def test_a_detail_that_cannot_be_read_hides_nothing(world):
    world.account("prod", several())
    world.webhooks(slack={})
    world.edge.script = [(f"{LIST}/", [gateway_error(500, "900", "Unexpected Error", "")] * 99)]
    assert world.function().invoke().succeeded()["critical"] == 2
    assert world.edge.to(f"{LIST}/1")


def test_a_flood_is_not_held_in_memory(world):
    world.account("prod", healthy(1))
    world.webhooks(slack={})
    padding = "x" * (9 << 20)
    world.edge.script = [(LIST, [success({"content": [], "pageable": {"totalCount": 0}, "padding": padding})] * 9)]
    world.function().invoke().failed("ApiError")


# --- Secrets, settings, events ----------------------------------------------------------------------------------------


def test_a_missing_account_secret_is_a_failed_account_and_posted(world):
    world.ncp = [f"{world.prefix}/path/nowhere"]
    world.webhooks(slack={})
    message = world.function().invoke().failed("SecretError")
    assert f"{world.prefix}/path/nowhere" in message
    assert "nowhere" in validate.message("slack", *world.posted("slack"))


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("not JSON", "JSON"),
        ({"access_key": "a"}, "secret_key"),
        ({"access_key": "a", "secret_key": "b", "acess_key": "c"}, "acess_key"),
        ({"access_key": "a\nb", "secret_key": "b"}, "access_key"),
        ({"access_key": "a", "secret_key": "b", "api_url": "http://192.0.2.1"}, "api_url"),
    ],
)
def test_a_bad_account_secret_names_its_fault(world, value, part):
    world.account("prod", [])
    world.secret(world.ncp[0], value)
    world.webhooks(slack={})
    message = world.function().invoke().failed("SecretError")
    assert part in message and world.ncp[0] in message
    assert "prod" in validate.message("slack", *world.posted("slack"))
    assert world.edge.requests == []


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (None, "webhooks"),
        ("http://192.0.2.1/services/canary-url", "https"),
        ({"webhooks": []}, "webhooks"),
        ({"webhooks": [{"url": "https://hooks.slack.com/services/canary-url", "mentoin": "<!here>"}]}, "mentoin"),
        ({"webhooks": [{"url": "https://outlook.office.com/webhook/canary-url"}]}, "Workflows"),
        ({"webhooks": [{"url": "https://hooks.slack.com/triggers/canary-url"}]}, "incoming webhook"),
        ({"webhooks": [{"url": "https://chat.example.com/canary-url"}]}, "kind"),
        ({"webhooks": [{"url": "https://hooks.slack.com/services/canary-url"}] * 2}, "webhooks[1]"),
    ],
)
def test_an_unreadable_webhook_secret_posts_nothing(world, value, part):
    world.account("prod", several())
    if value is not None:
        world.secret(f"{world.prefix}/webhooks", value)
    function = world.function()
    message = function.invoke().failed("SecretError")
    assert part in message and "canary-url" not in message + function.log()
    assert world.chat.requests == []


def test_all_bad_settings_are_named_together_and_nothing_runs(world):
    world.account("prod", several())
    world.webhooks(slack={})
    bad = {
        "WARN_DAYS": "0",
        "CRITICAL_DAYS": "soon",
        "PROVISIONING_GRACE_MINUTES": "10081",
        "MESSAGE_LANGUAGE": "fr",
        "TIME_ZONE": "Mars/Olympus",
        "NOTIFY_WHEN_CLEAR": "perhaps",
        "CONSOLE_URL": "http://192.0.2.1",
        "RUNBOOK_URL": "nowhere",
        "CERTIFICATE_DETAILS": "2",
        "CERTIFICATE_MANAGER": "2",
        "CERTIFICATE_MANAGER_URL": "ftp://example.com",
        "WARN_SHARE": "0",
        "CRITICAL_SHARE": "91",
        "NCP_API_URL": "ftp://example.com",
        "WEBHOOK_SECRET_ID": "",
    }
    function = world.function(**bad)
    for _ in range(2):
        message = function.invoke().failed("ConfigError")
        assert [name for name in bad if name not in message] == []
        assert all(value in message for value in ("`0`", "`soon`", "`fr`", "`Mars/Olympus`", "IANA"))
    assert world.edge.requests == [] and world.chat.requests == []
    assert function.lines()[1] == []


def test_an_empty_setting_is_an_unset_one(world):
    world.account("prod", several())
    world.webhooks(slack={})
    empty = dict.fromkeys(["WARN_DAYS", "TIME_ZONE", "RUNBOOK_URL", "CONSOLE_URL", "NOTIFY_WHEN_CLEAR"], "")
    assert world.function(**empty).invoke().succeeded()["critical"] == 2


@pytest.mark.parametrize(
    ("event", "part"),
    [
        ({"dryrun": True}, "dryrun"),
        ({"now": "tomorrow"}, "now"),
        ({"warn_days": 0}, "warn_days"),
        ({"warn_days": 5}, "CRITICAL_DAYS"),
        ({"min_severity": "high"}, "min_severity"),
        ({"ncp_secret_id": []}, "ncp_secret_id"),
        ({"detail-type": "Scheduled Event", "detail": {"dryrun": True}}, "dryrun"),
        ({"detail-type": "Scheduled Event", "detail": '{"test": 1}'}, "test"),
        ([], "list"),
        ("test", "string"),
    ],
)
def test_a_bad_event_runs_nothing(world, event, part):
    world.account("prod", several())
    world.webhooks(slack={})
    function = world.function()
    assert part in function.invoke(event).failed("EventError")
    assert world.edge.requests == [] and world.chat.requests == []
    assert function.lines()[1] == []


def test_an_event_that_cannot_be_read_is_an_error_that_quotes_nothing(world):
    world.account("prod", several())
    world.webhooks(slack={})
    function = world.function()
    for text in ('{"dry_run": 1e999}', r'{"https://hooks.slack.com/services/CANARY": "\ud800"}', "[" * 200 + "]" * 200):
        assert "the event is not JSON that can be read" in function.invoke_text(text).failed("EventError")
    assert "CANARY" not in function.log()
    assert world.edge.requests == [] and world.chat.requests == []
    assert function.lines()[1] == []


# --- Webhooks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "reply"),
    [
        ("slack", Reply(404, "no_service")),
        ("slack", Reply(410, "channel_is_archived")),
        ("slack", Reply(403, "invalid_token")),
        ("slack", Reply(200, "invalid_token")),
        ("slack", Reply(302, "", {"Location": "/elsewhere"})),
        ("slack", Reply(429, "", {"Retry-After": "3600"})),
        ("teams", json_reply(401, {"error": {"code": "DirectApiAuthorizationRequired", "message": "…"}})),
        ("teams", json_reply(400, {"error": {"code": "MissingApiVersionParameter", "message": "…"}})),
        ("teams", Reply(413)),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.status}-{value.body[:40]}",
)
def test_a_webhook_that_fails_for_good_is_reported_on_the_other(world, kind, reply):
    world.account("prod", several())
    world.webhooks(slack={"name": "ops-chat"}, teams={"name": "web-team"})
    world.chat.script = [(world.tokens[kind], [reply] * 9)]
    function = world.function()
    message = function.invoke().failed("DeliveryError")
    broken, other = ("ops-chat", "teams") if kind == "slack" else ("web-team", "slack")
    assert broken in message and world.tokens[kind] not in message
    assert len(world.posted(kind)) == 1 and world.chat.to("/elsewhere") == []
    digest, notice = (validate.message(other, body) for body in world.posted(other))
    assert "expired.example.kr" in digest
    assert broken in notice and world.tokens[kind] not in notice
    metrics = validate.metrics(*function.lines()[1])
    assert (metrics["DeliveriesFailed"], metrics["RunsCompleted"], metrics["AccountsFailed"]) == (1, 0, 0)


def test_a_message_that_slack_calls_malformed_is_posted_as_text(world):
    world.account("prod", several())
    world.webhooks(slack={"mention": "<!here>"})
    world.chat.script = [(world.tokens["slack"], [Reply(400, "invalid_blocks")])]
    answer = world.function().invoke().succeeded()
    assert answer["deliveries"][0] == {"webhook": "slack", "kind": "slack", "status": "delivered", "messages": 1}
    _, plain = map(json.loads, world.posted("slack"))
    assert "blocks" not in plain and "expired.example.kr" in plain["text"] and "<!here>" in plain["text"]


@pytest.mark.parametrize("reply", [Reply(429, "", {"Retry-After": "1"}), Reply(503), Reply(500, "rollup_error")])
def test_what_passes_at_a_webhook_is_tried_again(world, reply):
    world.account("prod", several())
    world.webhooks(slack={}, teams={})
    world.chat.script = [("/", [reply, reply])]
    world.function().invoke().succeeded()
    assert len(world.chat.requests) == 4
    first, *_, last = world.chat.requests
    assert "Retry-After" not in reply.headers or last.time - first.time >= 1


def test_messages_that_were_taken_are_not_sent_again(world):
    world.account("prod", [certificate(slot, f"www{slot}.example.kr", timedelta(hours=slot)) for slot in range(1, 301)])
    world.webhooks(slack={})
    function = world.function()
    parts = function.invoke({"dry_run": True}).succeeded()["messages"][0]["payloads"]
    assert len(parts) > 1
    answer = world.chat.answer
    heard = []

    def fail_the_second_message_once(request):
        heard.append(request)
        return Reply(503) if len(heard) == 2 else answer(request)

    world.chat.answer = fail_the_second_message_once
    assert function.invoke().succeeded()["deliveries"][0]["messages"] == len(parts)
    bodies = [request.body for request in heard]
    assert len(bodies) == len(parts) + 1 and bodies[1] == bodies[2] and len(set(bodies)) == len(parts)


def test_a_run_ends_before_its_deadline_whatever_hangs(world):
    world.account("prod", several())
    world.account("slow", several())
    world.webhooks(slack={}, teams={})
    slow = list(world.edge.accounts)[1]
    answer = world.edge.answer
    world.edge.answer = lambda request: Reply(wait=60) if slow in request.headers.values() else answer(request)
    world.chat.script = [(world.tokens["teams"], [Reply(wait=60)] * 9)]
    function = world.function(timeout=15)
    message = function.invoke().failed("ApiError")
    assert "slow" in message and "teams" in message
    digest, notice = (validate.message("slack", body) for body in world.posted("slack"))
    assert "expired.example.kr" in digest and "slow" in digest and "teams" in notice
    assert validate.metrics(*function.lines()[1])["RunsCompleted"] == 0


# --- Secrecy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("log_format", ["JSON", "Text"])
def test_no_key_and_no_url_is_in_a_log_an_error_or_a_message(world, log_format):
    account = world.account("prod", several())
    world.webhooks(slack={}, teams={})
    canaries = [account.access_key, account.secret_key, *world.tokens.values(), "ncp_iam_BPK"]
    function = world.function(
        timeout=20, AWS_LAMBDA_LOG_LEVEL="TRACE", AWS_LAMBDA_LOG_FORMAT=log_format, RUST_LOG="trace"
    )
    answers = [function.invoke(), function.invoke({"dry_run": True})]
    # Servers that echo: the keys in NCP's error, the URL in the webhooks'.
    echo = f"{account.access_key} {account.secret_key} {account.secret_key[-20:]}"
    world.edge.script = [(LIST, [gateway_error(403, "210", "Permission Denied", echo)])]
    for kind, token in world.tokens.items():
        world.chat.script.append((token, [Reply(404, f"no such hook: {world.url(kind)} {token}")]))
    answers.append(function.invoke())
    # A webhook nobody listens at, and a redirect to it.
    nobody = "http://127.0.0.1:9/services/T0/B0/" + world.tokens["slack"]
    world.secret(f"{world.prefix}/nobody", {"webhooks": [{"url": nobody, "kind": "slack"}]})
    world.chat.script = [(world.tokens["slack"], [Reply(307, "", {"Location": nobody})])]
    answers += [function.invoke(), function.invoke({"webhook_secret_id": f"{world.prefix}/nobody"})]
    world.secret(world.ncp[0], f'{{"access_key": "{account.access_key}", "secret_key": "{account.secret_key}"')
    answers.append(function.invoke())
    kinds = [answer.error_type for answer in answers]
    assert kinds == [None, None, "ApiError", "DeliveryError", "DeliveryError", "SecretError"]
    # The canaries did go where they belong: otherwise their absence elsewhere would mean nothing.
    assert any(account.access_key in request.headers.values() for request in world.edge.requests)
    assert all(world.chat.to(token) for token in world.tokens.values())
    shown = function.log() + "".join(answer.text for answer in answers)
    shown += "".join(request.body for request in world.chat.requests)
    leaks = [line for line in shown.splitlines() if any(canary in line for canary in canaries)]
    assert leaks == []
    assert "AWS4-HMAC-SHA256" not in shown and "x-ncp-apigw-signature" not in shown.lower()


@pytest.mark.parametrize("option", ["ncp_secret_id", "webhook_secret_id", "now", "min_severity"])
def test_a_url_or_key_in_the_wrong_place_is_not_repeated(world, option):
    world.account("prod", several())
    world.webhooks(slack={})
    canary, function = "canaryCANARY123", world.function(AWS_LAMBDA_LOG_LEVEL="TRACE")
    for value in (f"https://hooks.slack.com/services/T0/B0/{canary}", f"ncp_iam_BPKSKR{canary}"):
        answers = [function.invoke({option: value}).text]
        functions = [function]
        if option.endswith("secret_id"):
            functions.append(world.function(AWS_LAMBDA_LOG_LEVEL="TRACE", **{option.upper(): value}))
            answers.append(functions[1].invoke().text)
        assert all("errorType" in answer for answer in answers)
        shown = "".join(answers) + "".join(function.log() for function in functions)
        assert canary not in shown + "".join(request.body for request in world.chat.requests)
