"""The templates as they are deployed: transformed by SAM, made by moto's CloudFormation, every permission tried."""

import json
import re
import subprocess

import boto3
import pytest
from botocore.exceptions import ClientError
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.yaml_helper import yaml_parse

import aws
from aws import ACCOUNT, Stack, allows, enforced
from conftest import release_assets
from harness import REGION, ROOT

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:ours"

# What people deploy with. Secrets are given by their ARNs where a `{…}` names them.
PARAMETERS = {
    "defaults": {},
    "names": {"NcpSecret": "team/ncp", "WebhookSecret": "team/hooks"},
    "arns": {"NcpSecret": "{ncp/prod}", "WebhookSecret": "{ncp/webhooks}"},
    "several": {"MoreNcpSecretArns": "{team/ncp},{team/hooks}"},
    "ssm": {"NcpSecret": "ssm:/ncp/prod", "WebhookSecret": "ssm:/ncp/webhooks"},
    "ssm-name": {"NcpSecret": "ssm:prod", "WebhookSecret": "ssm:/ncp/webhooks"},
    "ssm-arn": {"NcpSecret": f"{PARAMETER}/ncp/prod", "MoreNcpSecretArns": f"{PARAMETER}/team/ncp"},
    "key": {"KmsKeyArn": KEY},
    "key-ssm": {"KmsKeyArn": KEY, "NcpSecret": "ssm:/ncp/prod"},
    "events": {"EventSecretArns": f"{SECRET}team/*,{PARAMETER}/team/*"},
    "mail": {"AlarmEmail": "ops@example.com"},
    "topic": {"AlarmTopicArn": TOPIC},
    "mail-and-topic": {"AlarmEmail": "ops@example.com", "AlarmTopicArn": TOPIC},
    "no-dashboard": {"CreateDashboard": "false"},
    "plain": {"SummaryDay": "NONE"},
    "weekdays": {"ScheduleExpression": "cron(0 9 ? * TUE-FRI *)", "MissedRunHours": 74},
    "no-missed-run-alarm": {"CreateMissedRunAlarm": "false"},
    "shares": {"CertificateManager": "true", "WarnShare": 33, "CriticalShare": 15, "TimeZone": "America/Argentina/Ushuaia"},
    "others-start-it": {"ScheduleState": "DISABLED"},
}
SECRETS = ["ncp/prod", "ncp/webhooks", "team/ncp", "team/hooks", "another"]


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """The template of the sources as `sam build` and `sam package` leave it, and the release's."""
    sources = {"source": aws.read(ROOT / "template.yaml")}
    sources |= {
        f"release-{architecture}": yaml_parse(release_assets().template(text(), architecture))
        for architecture in ("arm64", "x86_64")
    }
    return {name: aws.packaged(one) for name, one in sources.items()}


def text():
    return (ROOT / "template.yaml").read_text("utf-8")


@pytest.fixture
def arns():
    """An AWS account with secrets in both stores; gives the ARNs of those in Secrets Manager."""
    with aws.account():
        manager, store = boto3.client("secretsmanager", REGION), boto3.client("ssm", REGION)
        for name in SECRETS:
            store.put_parameter(Name=f"/{name}", Value="a value", Type="SecureString")
        yield {name: manager.create_secret(Name=name, SecretString="a value")["ARN"] for name in SECRETS}


def given(case, arns):
    return {
        name: re.sub(r"\{(.+?)\}", lambda match: arns[match[1]], str(value)) for name, value in PARAMETERS[case].items()
    }


@pytest.mark.parametrize(
    ("which", "case"),
    [("release-x86_64", "defaults"), *((one, case) for case in PARAMETERS for one in ("source", "release-arm64"))],
)
def test_every_set_of_parameters_makes_a_stack(templates, arns, which, case):
    parameters = given(case, arns)
    stack = Stack(templates[which], **parameters)
    function = stack.function()
    assert function["Architectures"] == ["x86_64" if which == "release-x86_64" else "arm64"]
    assert (function["Runtime"], function["Handler"], function["MemorySize"]) == ("provided.al2023", "bootstrap", 256)
    variables = function["Environment"]["Variables"]
    assert not any("a value" in value for value in variables.values())
    more = parameters.get("MoreNcpSecretArns")
    assert variables["NCP_SECRET_ID"] == parameters.get("NcpSecret", "ncp/prod") + (f",{more}" if more else "")
    assert variables["WEBHOOK_SECRET_ID"] == parameters.get("WebhookSecret", "ncp/webhooks")
    assert variables["TIME_ZONE"] == parameters.get("TimeZone", "Asia/Seoul")
    assert [variables[name] for name in ("CERTIFICATE_MANAGER", "WARN_SHARE", "CRITICAL_SHARE")] == [
        str(parameters.get(name, default))
        for name, default in (("CertificateManager", "false"), ("WarnShare", ""), ("CriticalShare", ""))
    ]

    told = {"mail": 1, "topic": 1, "mail-and-topic": 2}.get(case, 0)
    alarms = stack.alarms()
    assert all(len(one["AlarmActions"]) == told for one in alarms.values())
    assert len(alarms) == (4 if case == "no-missed-run-alarm" else 5)
    subscriptions = boto3.client("sns", REGION).list_subscriptions()["Subscriptions"]
    assert [one["Endpoint"] for one in subscriptions] == (["ops@example.com"] if "mail" in case else [])
    dashboards = boto3.client("cloudwatch", REGION).list_dashboards()["DashboardEntries"]
    assert len(dashboards) == (0 if case == "no-dashboard" else 1)
    config = boto3.client("lambda", REGION).get_function_event_invoke_config(FunctionName=stack.ids["Function"])
    assert config["MaximumRetryAttempts"] == 0
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == stack.outputs["DeadLettersArn"]


def test_x86_64_is_a_parameter_of_the_sources_and_a_template_of_the_release(templates, arns):
    assert Stack(templates["source"], Architecture="x86_64").function()["Architectures"] == ["x86_64"]
    with pytest.raises(AssertionError, match="Architecture does not take"):
        Stack(templates["release-arm64"], name="other", Architecture="x86_64")


# --- Schedules ----------------------------------------------------------------------------------------------------------

CONTEXT = {
    "scheduled_time": "<aws.scheduler.scheduled-time>",
    "schedule_arn": "<aws.scheduler.schedule-arn>",
    "execution_id": "<aws.scheduler.execution-id>",
    "attempt": "<aws.scheduler.attempt-number>",
}
WEEK = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]  # 1 to 7


def days(expression):
    """The days of a week on which a cron expression of EventBridge runs, once at 09:00 each. Ranges must not wrap."""
    minute, hour, day, month, weekdays, year = re.fullmatch(r"cron\((.+)\)", expression)[1].split()
    assert (minute, hour, day, month, year) == ("0", "9", "?", "*", "*")
    found = []
    for part in weekdays.split(","):
        first, _, last = part.partition("-")
        first, last = ("SUN", "SAT") if part == "*" else (first, last or first)
        assert WEEK.index(first) <= WEEK.index(last), f"{part} wraps"
        found += WEEK[WEEK.index(first) : WEEK.index(last) + 1]
    return found


def test_by_default_news_come_daily_and_everything_on_mondays(templates, arns):
    schedules = Stack(templates["source"]).schedules()
    daily, summary = schedules["DailySchedule"], schedules["SummarySchedule"]
    assert daily["ScheduleExpression"] == "cron(0 9 ? * TUE-SAT,SUN *)"
    assert summary["ScheduleExpression"] == "cron(0 9 ? * MON *)"
    assert daily["Input"] == {"fresh_hours": 26} | CONTEXT
    assert summary["Input"] == {"summary": True} | CONTEXT
    for one in (daily, summary):
        assert one["ScheduleExpressionTimezone"] == "Asia/Seoul" and one["State"] == "ENABLED"
        assert one["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert one["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600}


@pytest.mark.parametrize("day", [*WEEK, "NONE"])
def test_whatever_the_summarys_day_there_is_one_run_a_day(templates, arns, day):
    schedules = Stack(templates["source"], SummaryDay=day).schedules()
    summary = days(schedules["SummarySchedule"]["ScheduleExpression"]) if day != "NONE" else []
    assert summary == ([] if day == "NONE" else [day])
    assert sorted(days(schedules["DailySchedule"]["ScheduleExpression"]) + summary) == sorted(WEEK)
    # The plain digest tells everything every day.
    assert schedules["DailySchedule"]["Input"] == ({} if day == "NONE" else {"fresh_hours": 26}) | CONTEXT
    assert ("SummarySchedule" in schedules) == (day != "NONE")


def test_hour_zone_window_and_state_hold_for_both_schedules(templates, arns):
    parameters = {"ScheduleHour": 18, "ScheduleMinute": 30, "ScheduleTimeZone": "Asia/Tokyo", "ScheduleWindowMinutes": 60}
    schedules = Stack(templates["source"], ScheduleState="DISABLED", FreshHours=50, **parameters).schedules()
    assert [one["ScheduleExpression"] for one in schedules.values()] == [
        "cron(30 18 ? * TUE-SAT,SUN *)",
        "cron(30 18 ? * MON *)",
    ]
    for one in schedules.values():
        assert (one["State"], one["ScheduleExpressionTimezone"]) == ("DISABLED", "Asia/Tokyo")
        assert one["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
    assert schedules["DailySchedule"]["Input"]["fresh_hours"] == 50
    with pytest.raises(AssertionError, match="ScheduleWindowMinutes does not take"):
        Stack(templates["source"], name="wide", ScheduleWindowMinutes=61)
    with pytest.raises(AssertionError, match="FreshHours does not take"):
        Stack(templates["source"], name="gaps", FreshHours=25)


# --- Several stacks -----------------------------------------------------------------------------------------------------


def test_two_stacks_live_in_one_account_and_one_region(templates, arns):
    stacks = [Stack(templates["source"], name=name) for name in ("first", "second")]
    own = [set(stack.ids.values()) for stack in stacks]
    assert own[0].isdisjoint(own[1])


def test_two_regions_have_a_dashboard_each(templates, arns):
    """Dashboards belong to an account, not to a region; moto keeps them by region."""
    here, there = (Stack(templates["source"], region=region) for region in (REGION, "ap-northeast-1"))
    assert here.ids["Dashboard"] != there.ids["Dashboard"]


def test_nothing_has_a_name_that_another_stack_could_have(templates):
    """By SAM's default a schedule of a function is named after its logical id, in an account as in a template."""
    for document in templates.values():
        for name, one in aws.transform(document)["Resources"].items():
            for key, value in one.get("Properties", {}).items():
                names = key in ("Name", "FunctionName", "RoleName", "AlarmName", "QueueName", "TopicName")
                if names or key.endswith("GroupName") or key == "DashboardName":
                    assert isinstance(value, dict), f"{name} is always named {value}"


# --- What a role may do -------------------------------------------------------------------------------------------------


def readable(session, service, call):
    """Those of the secrets that the session can read, by calling for each."""
    client, found = session.client(service), []
    for name in SECRETS:
        try:
            call(client, name)
            found.append(name)
        except ClientError as error:
            assert "AccessDenied" in str(error), error
    return found


@pytest.mark.parametrize(
    ("case", "secrets", "parameters"),
    [
        ("defaults", ["ncp/prod", "ncp/webhooks"], []),
        ("names", ["team/ncp", "team/hooks"], []),
        ("arns", ["ncp/prod", "ncp/webhooks"], []),
        ("several", ["ncp/prod", "ncp/webhooks", "team/ncp", "team/hooks"], []),
        ("ssm", [], ["ncp/prod", "ncp/webhooks"]),
        ("ssm-arn", ["ncp/webhooks"], ["ncp/prod", "team/ncp"]),
        ("events", ["ncp/prod", "ncp/webhooks", "team/ncp", "team/hooks"], ["team/ncp", "team/hooks"]),
    ],
)
def test_the_function_reads_its_secrets_by_name_and_by_arn_and_no_other(templates, arns, case, secrets, parameters):
    stack = Stack(templates["release-arm64"], **given(case, arns))
    session = stack.session("FunctionRole")
    with enforced():
        for secret_id in (lambda name: name, arns.get):
            read = readable(session, "secretsmanager", lambda one, name: one.get_secret_value(SecretId=secret_id(name)))
            assert read == secrets
        for prefix in ("/", f"{PARAMETER}/"):
            read = readable(
                session, "ssm", lambda one, name: one.get_parameter(Name=f"{prefix}{name}", WithDecryption=True)
            )
            assert read == parameters
        for forbidden in (
            lambda: session.client("secretsmanager").list_secrets(),
            lambda: session.client("secretsmanager").put_secret_value(SecretId="ncp/prod", SecretString="x"),
            lambda: session.client("ssm").get_parameters_by_path(Path="/ncp"),
            lambda: session.client("lambda").invoke(FunctionName=stack.ids["Function"], InvocationType="DryRun"),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                forbidden()


def test_a_secret_whose_name_only_begins_alike_is_not_read(templates, arns):
    """AWS puts six characters of its own behind a name: `ncp/prod-??????` must not be `ncp/prod-backup-AbCdEf`."""
    statements = Stack(templates["source"]).statements("FunctionRole")
    read = "secretsmanager:GetSecretValue"
    assert allows(statements, read, f"{SECRET}ncp/prod-AbCdEf")
    for other in ("ncp/prod-backup-AbCdEf", "ncp/prod2-AbCdEf", "ncp/prod", "x/ncp/prod-AbCdEf"):
        assert not allows(statements, read, f"{SECRET}{other}"), other
    assert not allows(statements, read, arns["ncp/prod"].replace(ACCOUNT, "210987654321"))


def test_a_parameter_whose_name_has_no_slash_is_read_and_decrypted(templates, arns):
    store = boto3.client("ssm", REGION)
    for name in ("prod", "webhooks", "production"):
        store.put_parameter(Name=name, Value="a value", Type="SecureString")
    stack = Stack(templates["release-arm64"], NcpSecret="ssm:prod", WebhookSecret="ssm:webhooks", KmsKeyArn=KEY)
    client = stack.session("FunctionRole").client("ssm")
    with enforced():
        for name in ("prod", "webhooks", f"{PARAMETER}/prod"):
            assert client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == "a value"
        for name in ("production", "/ncp/prod"):
            with pytest.raises(ClientError, match="AccessDenied"):
                client.get_parameter(Name=name, WithDecryption=True)
    statements = stack.statements("FunctionRole")
    for name, expected in (("prod", True), ("webhooks", True), ("production", False), ("ncp/prod", False)):
        context = {"kms__ViaService": f"ssm.{REGION}.amazonaws.com", "kms__EncryptionContext__PARAMETER_ARN": f"{PARAMETER}/{name}"}
        assert allows(statements, "kms:Decrypt", KEY, **context) == expected, name


@pytest.mark.parametrize(
    ("more", "secrets", "parameters"),
    [
        ({}, ["ncp/prod", "ncp/webhooks"], []),
        ({"NcpSecret": "ssm:/ncp/prod"}, ["ncp/webhooks"], ["ncp/prod"]),
        ({"MoreNcpSecretArns": "{team/ncp}"}, ["ncp/prod", "ncp/webhooks", "team/ncp"], []),
        ({"EventSecretArns": f"{PARAMETER}/team/*"}, ["ncp/prod", "ncp/webhooks"], ["team/ncp", "team/hooks"]),
    ],
)
def test_the_key_decrypts_those_secrets_only_and_only_for_the_two_stores(templates, arns, more, secrets, parameters):
    more = {name: re.sub(r"\{(.+?)\}", lambda match: arns[match[1]], value) for name, value in more.items()}
    statements = Stack(templates["source"], KmsKeyArn=KEY, **more).statements("FunctionRole")

    def decrypts(service, store, arn):
        context = {"kms__ViaService": f"{service}.{REGION}.amazonaws.com", f"kms__EncryptionContext__{store}": arn}
        return allows(statements, "kms:Decrypt", KEY, **context)

    assert [name for name in SECRETS if decrypts("secretsmanager", "SecretARN", arns[name])] == secrets
    assert [name for name in SECRETS if decrypts("ssm", "PARAMETER_ARN", f"{PARAMETER}/{name}")] == parameters
    assert not decrypts("s3", "SecretARN", arns["ncp/prod"])
    assert not allows(statements, "kms:Decrypt", KEY), "by itself"
    assert not allows(statements, "kms:Decrypt", KEY[:-1] + "c", kms__ViaService=f"secretsmanager.{REGION}.amazonaws.com")
    without = Stack(templates["source"], name="without", **more).statements("FunctionRole")
    assert not any("kms" in str(one) for one in without)


def test_dead_letters_and_logs_are_taken(templates, arns):
    stack = Stack(templates["source"])
    function, scheduler = stack.session("FunctionRole"), stack.session("SchedulerRole")
    strange = boto3.client("sqs", REGION).create_queue(QueueName="strange")["QueueUrl"]
    with enforced():
        for session in (function, scheduler):
            session.client("sqs").send_message(QueueUrl=stack.outputs["DeadLetters"], MessageBody="{}")
            with pytest.raises(ClientError, match="AccessDenied"):
                session.client("sqs").send_message(QueueUrl=strange, MessageBody="{}")
            with pytest.raises(ClientError, match="AccessDenied"):
                session.client("sqs").receive_message(QueueUrl=stack.outputs["DeadLetters"])
    count = boto3.client("sqs", REGION).get_queue_attributes(
        QueueUrl=stack.outputs["DeadLetters"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert count["Attributes"]["ApproximateNumberOfMessages"] == "2"
    groups = (stack.ids["LogGroup"], "/aws/lambda/strange")
    # CloudFormation's ARN of a log group has `:*` behind it, which moto's lacks.
    own, strange = (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}" for name in groups)
    statements = stack.statements("FunctionRole")
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert allows(statements, action, own) and not allows(statements, action, strange)
    assert not allows(statements, "logs:CreateLogGroup", own)


def test_the_schedulers_role_starts_the_function_and_nothing_else(templates, arns):
    stack, other = (Stack(templates["source"], name=name) for name in ("alert", "other"))
    scheduler = stack.session("SchedulerRole")
    with enforced():
        start = scheduler.client("lambda").invoke
        assert start(FunctionName=stack.ids["Function"], InvocationType="DryRun")["StatusCode"] == 204
        with pytest.raises(ClientError, match="AccessDenied"):
            start(FunctionName=other.ids["Function"], InvocationType="DryRun")
        with pytest.raises(ClientError, match="AccessDenied"):
            scheduler.client("secretsmanager").get_secret_value(SecretId="ncp/prod")
    for one in stack.schedules().values():
        assert one["Target"]["RoleArn"] == stack.outputs["SchedulerRoleArn"]
        assert one["Target"]["Arn"] == stack.outputs["FunctionArn"]
        assert one["Target"]["DeadLetterConfig"]["Arn"] == stack.outputs["DeadLettersArn"]


def test_roles_trust_one_service_and_the_scheduler_only_of_this_account(templates, arns):
    stack = Stack(templates["source"])
    [function] = stack.trust("FunctionRole")
    assert function["Principal"] == {"Service": "lambda.amazonaws.com"}
    [scheduler] = stack.trust("SchedulerRole")
    assert scheduler["Principal"] == {"Service": "scheduler.amazonaws.com"}
    for account, expected in ((ACCOUNT, True), ("210987654321", False)):
        assert allows([scheduler], "sts:AssumeRole", aws__SourceAccount=account) == expected
    assert not allows([scheduler], "sts:AssumeRole")


# --- Parameters and outputs ---------------------------------------------------------------------------------------------


def test_parameters_refuse_what_would_open_too_much():
    parameters = aws.read(ROOT / "template.yaml")["Parameters"]
    arn = f"{SECRET}team/keys-AbCdEf"

    def accepts(parameter, value):
        return re.fullmatch(parameters[parameter]["AllowedPattern"], value) is not None

    for parameter in ("NcpSecret", "WebhookSecret"):
        for good in ("team/ncp-keys", arn, "ssm:/team/keys", "ssm:keys", "ssm:/keys.v2_a", f"{PARAMETER}/team/keys"):
            assert accepts(parameter, good), good
        for bad in ("", "*", "team/*", "a,b", arn[:-7], arn.replace("keys", "*"), "ssm:/team/*", PARAMETER, f"{PARAMETER}/"):
            assert not accepts(parameter, bad), bad
        # As the function's own check has it: src/secret_store/id.rs.
        for bad in ("ssm:", "ssm:/", "ssm:team/prod", "ssm:/team/", "ssm:/team//prod", "ssm:/prod:3", "ssm:/a@b", "SSM:/prod"):
            assert not accepts(parameter, bad), bad
    for good in ("", arn, f"{PARAMETER}/team/keys"):
        assert accepts("MoreNcpSecretArns", good)
    assert not accepts("MoreNcpSecretArns", "name") and not accepts("MoreNcpSecretArns", f"{PARAMETER}/*")
    assert accepts("EventSecretArns", f"{SECRET}*") and accepts("EventSecretArns", f"{PARAMETER}/tenants/*")
    assert not accepts("EventSecretArns", "*") and not accepts("EventSecretArns", "arn:aws:s3:::bucket/*")
    for zone in ("UTC", "Asia/Seoul", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "America/Port-au-Prince"):
        assert accepts("TimeZone", zone) and accepts("ScheduleTimeZone", zone)
    assert not accepts("TimeZone", "Seoul time")
    for share, good in (("1", True), ("90", True), ("", True), ("0", False), ("91", False), ("7.5", False)):
        assert accepts("WarnShare", share) == good == accepts("CriticalShare", share)


def test_the_guide_can_be_answered_with_return_alone():
    assert all("Default" in one for one in aws.read(ROOT / "template.yaml")["Parameters"].values())


def test_the_console_groups_every_parameter_once():
    document = aws.read(ROOT / "template.yaml")
    groups = document["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for one in groups for name in one["Parameters"]]
    # In the order in which the guide asks.
    assert grouped == list(document["Parameters"])


def test_the_outputs_are_commands_that_never_run_twice(templates, arns):
    """The AWS CLI gives up reading after 60 s and calls again: a long run would post two or three times."""
    outputs = Stack(templates["source"], TimeoutSeconds=900).outputs
    payloads = {}
    for name in ("Test", "DryRun", "Run"):
        words = subprocess.check_output(["bash", "-c", f'aws() {{ printf "%s\\n" "$@"; }}; {outputs[name]}'], text=True)
        words = words.splitlines()
        assert words[:2] == ["lambda", "invoke"] and words[words.index("--cli-read-timeout") + 1] == "0"
        assert words[words.index("--region") + 1] == REGION
        payloads[name] = json.loads(words[words.index("--payload") + 1])
    assert payloads == {"Test": {"test": True}, "DryRun": {"dry_run": True}, "Run": {}}
    for name, value in outputs.items():
        assert "\n" not in value and (not value.startswith("aws ") or f"--region {REGION}" in value), name


def test_sources_that_were_not_built_are_refused(arns):
    """`sam deploy` without `sam build` would upload the sources as the function. It must not get that far."""
    document = aws.read(ROOT / "template.yaml")
    # A path that SAM would zip is a text; all else is left as it is.
    assert not isinstance(document["Resources"]["Function"]["Properties"]["CodeUri"], str)
    with pytest.raises(InvalidDocumentException, match="'CodeUri' requires Bucket and Key"):
        aws.transform(document)
