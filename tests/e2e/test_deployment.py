"""The released template as it is deployed: made by moto's CloudFormation, every permission held to IAM's rules."""

import json
import re
import subprocess

import boto3
import pytest

import aws
from aws import ACCOUNT, Stack, allows
from harness import REGION, ROOT

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
NCP, HOOKS = f"{SECRET}ncp/prod-AbCdEf", f"{SECRET}ncp/webhooks-AbCdEf"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:ours"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"


@pytest.fixture(autouse=True)
def account():
    with aws.account():
        yield


def test_by_default_news_come_daily_and_everything_on_mondays():
    stack = Stack()
    variables = stack.function()["Environment"]["Variables"]
    assert (variables["NCP_SECRET_ID"], variables["WEBHOOK_SECRET_ID"]) == ("ncp/prod", "ncp/webhooks")
    config = boto3.client("lambda", REGION).get_function_event_invoke_config(FunctionName=stack.ids["Function"])
    assert config["MaximumRetryAttempts"] == 0
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == stack.outputs["DeadLettersArn"]
    schedules = stack.schedules()
    assert {name: one["ScheduleExpression"] for name, one in schedules.items()} == {
        "DailySchedule": "cron(0 9 ? * TUE-SAT,SUN *)",
        "SummarySchedule": "cron(0 9 ? * MON *)",
    }
    options = [{"fresh_hours": 26}, {"summary": True}]
    for one, option in zip(schedules.values(), options):
        assert one["Input"].items() >= option.items() and one["Input"]["scheduled_time"] == "<aws.scheduler.scheduled-time>"
        assert one["ScheduleExpressionTimezone"] == variables["TIME_ZONE"] == "Asia/Seoul"
        target = one["Target"]
        assert target["Arn"] == stack.outputs["FunctionArn"] and target["RoleArn"] == stack.outputs["SchedulerRoleArn"]
        assert target["DeadLetterConfig"]["Arn"] == stack.outputs["DeadLettersArn"]
    [subscription] = boto3.client("sns", REGION).list_subscriptions()["Subscriptions"]
    assert (subscription["Endpoint"], subscription["TopicArn"]) == ("ops@example.com", stack.outputs["AlarmTopicArn"])
    # One within the topic would outlive it.
    assert "AWS::SNS::Subscription" in stack.kinds.values()


@pytest.mark.parametrize("which", ["alert", "fan-out"])
def test_by_default_there_is_one_run_a_day_within_the_hours_that_news_and_the_alarm_count(which):
    stack = Stack(which)
    week = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]  # 1 to 7
    found = []
    for one in stack.schedules().values():
        for part in re.fullmatch(r"cron\(0 9 \? \* (\S+) \*\)", one["ScheduleExpression"])[1].split(","):
            first, _, last = part.partition("-")
            # Of a range that runs over the week's end nothing is documented.
            assert week.index(first) <= week.index(last or first)
            found += week[week.index(first) : week.index(last or first) + 1]
    assert sorted(found) == sorted(week)
    lasts = 6 if which == "fan-out" else 0
    assert stack.schedules()["DailySchedule"]["Input"]["fresh_hours"] >= 24 + lasts
    [missed] = [one for name, one in stack.alarms().items() if name.startswith("Missed")]
    assert missed["EvaluationPeriods"] == 26 + lasts
    assert missed["WarmUpConfiguration"]["WarmUpPeriodDurationInMinutes"] == missed["EvaluationPeriods"] * 60


@pytest.mark.parametrize("which", ["alert", "fan-out"])
def test_without_a_summary_the_daily_run_reports_everything_and_empty_expressions_make_no_schedule(which):
    daily = {"DailyExpression": "cron(30 18 ? * MON-FRI *)", "TimeZone": "Asia/Tokyo"}
    [one] = Stack(which, SummaryExpression="", **daily).schedules().values()
    assert (one["ScheduleExpression"], one["ScheduleExpressionTimezone"]) == tuple(daily.values())
    assert not {"fresh_hours", "summary"} & one["Input"].keys()
    assert Stack(which, name="others-start-it", SummaryExpression="", DailyExpression="").schedules() == {}


@pytest.mark.parametrize(
    ("parameters", "actions"),
    [({"AlarmEmail": "none"}, 0), ({"AlarmEmail": "", "AlarmTopicArn": TOPIC}, 1), ({"AlarmTopicArn": TOPIC}, 2)],
)
def test_failures_go_to_an_address_or_a_topic(parameters, actions):
    stack = Stack(MissedRunHours=0, **parameters)
    alarms = stack.alarms()
    assert alarms.keys() == {"FailedRunAlarm", "NothingCheckedAlarm"}
    assert all(len(one["AlarmActions"]) == len(one["OKActions"]) == actions for one in alarms.values())
    assert stack.outputs.get("AlarmTopicArn") == (TOPIC if actions else None)


def test_a_fan_out_has_the_topic_of_the_functions_stack_or_none_in_so_many_words():
    with pytest.raises(AssertionError, match="AlarmTopicArn does not take ''"):
        Stack("fan-out", AlarmTopicArn="")
    for name, topic, actions in (("with", TOPIC, [TOPIC]), ("without", "none", [])):
        stack = Stack("fan-out", name=name, AlarmTopicArn=topic, PermissionsBoundary=BOUNDARY)
        assert all(one["AlarmActions"] == one["OKActions"] == actions for one in stack.alarms().values())
        for role in ("StateMachineRole", "SchedulerRole"):
            assert stack.role(role)["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"AlarmEmail": ""}, "Set AlarmEmail or AlarmTopicArn"),
        ({"WarnShare": 30}, "need CertificateManager=true"),
        ({"NcpSecret": f"{SECRET}ncp-AbCdEf".replace(REGION, "us-east-1")}, "SecretsMustBeInTheRegionOfTheStack-"),
        ({"WebhookSecret": f"{PARAMETER}/hooks".replace(REGION, "us-east-1")}, "SecretsMustBeInTheRegionOfTheStack-"),
    ],
)
def test_what_would_fail_in_every_run_is_not_deployed(parameters, refusal):
    with pytest.raises(AssertionError, match=refusal):
        Stack(**parameters)


def test_what_needs_something_else_is_deployed_with_it():
    gov = {"NcpApiUrl": "https://edge.apigw.gov-ntruss.com"}
    stack = Stack(CertificateManager="true", WarnShare=30, **gov)
    variables = stack.function()["Environment"]["Variables"]
    assert variables["CERTIFICATE_MANAGER_URL"] == "https://certificatemanager.apigw.gov-ntruss.com"
    assert variables["WARN_SHARE"] == "30"


def test_two_stacks_live_in_one_account_beside_what_others_left_behind():
    boto3.client("logs", REGION).create_log_group(logGroupName="/aws/lambda/alert")
    stacks = [Stack(name=name) for name in ("alert", "alert-gov")]
    assert set(stacks[0].ids.values()).isdisjoint(stacks[1].ids.values())
    for name, one in stacks[0].document["Resources"].items():
        named = {"Name", "FunctionName", "RoleName", "AlarmName", "QueueName", "TopicName", "LogGroupName"}
        assert all(isinstance(value, dict) for key, value in one.get("Properties", {}).items() if key in named), name


# --- What a role may do -------------------------------------------------------------------------------------------------

# A name that only begins alike is another secret. AWS ends those of Secrets Manager with six characters of its own.
NAMES = ["ncp/prod", "ncp/webhooks", "hooks", "team/a", "ncp/prod-backup", "ncp/prod2", "x/ncp/prod"]
READS = {
    "secretsmanager:GetSecretValue": [f"{SECRET}{name}-AbCdEf" for name in NAMES],
    "ssm:GetParameter": [f"{PARAMETER}/{name}" for name in NAMES],
}


@pytest.mark.parametrize(
    ("parameters", "secrets"),
    [
        ({}, [NCP, HOOKS]),
        ({"NcpSecret": NCP}, [NCP, HOOKS]),
        ({"NcpSecret": "ssm:/ncp/prod", "WebhookSecret": "ssm:hooks"}, [f"{PARAMETER}/ncp/prod", f"{PARAMETER}/hooks"]),
        ({"NcpSecret": f"{PARAMETER}/ncp/prod", "WebhookSecret": "hooks"}, [f"{PARAMETER}/ncp/prod", f"{SECRET}hooks-AbCdEf"]),
        (
            {"EventSecretArns": f"{SECRET}team/*,{PARAMETER}/team/*"},
            [NCP, HOOKS, f"{SECRET}team/a-AbCdEf", f"{PARAMETER}/team/a"],
        ),
    ],
)
def test_the_function_reads_its_secrets_and_no_other(parameters, secrets):
    granted = Stack(**parameters).statements("FunctionRole")
    read = {arn for action, arns in READS.items() for arn in arns if allows(granted, action, arn)}
    assert read == set(secrets)
    assert not allows(granted, "secretsmanager:GetSecretValue", NCP.replace(ACCOUNT, "210987654321"))
    for action in ("secretsmanager:ListSecrets", "secretsmanager:PutSecretValue", "lambda:InvokeFunction", "kms:Decrypt"):
        assert not allows(granted, action), action


def test_a_key_decrypts_for_the_two_stores_only_and_the_policy_fits_however_many_secrets_there_are():
    many = ",".join(f"{SECRET}tenants/{number:03}/{'x' * 20}-AbCdEf" for number in range(80))
    granted = Stack(KmsKeyArn=KEY, EventSecretArns=many).statements("FunctionRole")
    for via, expected in (("secretsmanager", True), ("ssm", True), ("s3", False)):
        assert allows(granted, "kms:Decrypt", KEY, kms__ViaService=f"{via}.{REGION}.amazonaws.com") == expected
    assert not allows(granted, "kms:Decrypt", KEY) and not allows(granted, "kms:Decrypt", f"{KEY}c")
    # What IAM takes, without blanks, in a role's own policies: 33 of these and a key were more.
    assert len(json.dumps(granted, separators=(",", ":"))) < 10_000


def test_dead_letters_and_logs_are_taken_and_the_function_is_started():
    stack = Stack(PermissionsBoundary=BOUNDARY)
    function, scheduler = stack.statements("FunctionRole"), stack.statements("SchedulerRole")
    for granted in (function, scheduler):
        assert allows(granted, "sqs:SendMessage", stack.outputs["DeadLettersArn"])
        assert not allows(granted, "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:strange")
        assert not allows(granted, "sqs:ReceiveMessage", stack.outputs["DeadLettersArn"])
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
    assert allows(function, "logs:PutLogEvents", group + stack.ids["LogGroup"])
    assert not allows(function, "logs:PutLogEvents", f"{group}strange") and not allows(function, "logs:CreateLogGroup")
    assert allows(scheduler, "lambda:InvokeFunction", stack.outputs["FunctionArn"])
    assert not allows(scheduler, "lambda:InvokeFunction", f"{stack.outputs['FunctionArn']}2")
    for name in ("FunctionRole", "SchedulerRole"):
        assert stack.role(name)["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
    trust = [stack.role(name)["AssumeRolePolicyDocument"]["Statement"] for name in ("FunctionRole", "SchedulerRole")]
    assert [one["Principal"]["Service"] for [one] in trust] == ["lambda.amazonaws.com", "scheduler.amazonaws.com"]
    for account, expected in ((ACCOUNT, True), ("210987654321", False)):
        assert allows(trust[1], "sts:AssumeRole", aws__SourceAccount=account) == expected


@pytest.mark.parametrize(("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")])
def test_the_fan_outs_integrations_are_those_of_the_partition(region, partition):
    stack = Stack("fan-out", region=region)
    found = re.findall(r"arn:([\w-]+):", json.dumps([stack.definition(), stack.statements("StateMachineRole")]))
    assert len(found) > 10 and set(found) == {partition}


def test_the_function_reads_its_secrets_in_china_too():
    key = KEY.replace("arn:aws:", "arn:aws-cn:")
    granted = Stack(region="cn-north-1", KmsKeyArn=key).statements("FunctionRole")
    secret = f"arn:aws-cn:secretsmanager:cn-north-1:{ACCOUNT}:secret:ncp/prod-AbCdEf"
    assert allows(granted, "secretsmanager:GetSecretValue", secret)
    assert allows(granted, "kms:Decrypt", key, kms__ViaService="secretsmanager.cn-north-1.amazonaws.com.cn")


# --- Parameters and outputs ---------------------------------------------------------------------------------------------


def test_parameters_refuse_what_would_open_too_much():
    parameters = aws.released()["Parameters"]
    arn = f"{SECRET}team/keys-AbCdEf"
    # As the function's own check has it: src/secret_store/id.rs.
    names = "team/ncp-keys ssm:/team/keys ssm:keys ssm:/keys.v2_a"
    bad = f"* team/* a,b {arn[:-7]} {arn.replace('keys', '*')} ssm:/team/* {PARAMETER} {PARAMETER}/ ssm: ssm:/ ssm:team/prod"
    bad += " ssm:/team/ ssm:/team//prod ssm:/prod:3 ssm:/a@b SSM:/prod"
    takes = {
        "NcpSecret": ([arn, f"{PARAMETER}/team/keys", *names.split()], ["", *bad.split()]),
        "EventSecretArns": (["", f"{SECRET}*", f"{PARAMETER}/tenants/*"], ["*", "arn:aws:s3:::bucket/*"]),
        "TimeZone": (["UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "America/Port-au-Prince"], ["Seoul time"]),
        "WarnShare": (["1", "90", ""], ["0", "91", "7.5"]),
        "AlarmEmail": (["none", "ops@example.com", ""], ["ops", "a@b c"]),
    }
    takes |= {"WebhookSecret": takes["NcpSecret"], "CriticalShare": takes["WarnShare"]}
    for name, (good, bad) in takes.items():
        pattern = parameters[name]["AllowedPattern"]
        assert [one for one in good if not re.fullmatch(pattern, one)] == [], name
        assert [one for one in bad if re.fullmatch(pattern, one)] == [], name


def test_the_outputs_are_commands_that_never_run_twice():
    """The AWS CLI gives up reading after 60 s and calls again: a long run would post two or three times."""
    outputs = Stack().outputs
    payloads = {}
    for name in ("Test", "DryRun", "Run"):
        words = subprocess.check_output(["bash", "-c", f'aws() {{ printf "%s\\n" "$@"; }}; {outputs[name]}'], text=True)
        words = words.splitlines()
        assert words[:2] == ["lambda", "invoke"] and words[words.index("--cli-read-timeout") + 1] == "0"
        payloads[name] = json.loads(words[words.index("--payload") + 1])
    assert payloads == {"Test": {"test": True}, "DryRun": {"dry_run": True}, "Run": {}}
    for name, value in outputs.items():
        assert "\n" not in value and (not value.startswith("aws ") or f"--region {REGION}" in value), name


def test_the_runbooks_last_errors_are_found():
    """The output `Logs`, with a filter behind it, as the runbook runs it."""
    runbook = (ROOT / "docs/operations.md").read_text("utf-8")
    [line] = re.findall(r'^eval "\$\(output Logs\).*$', runbook, re.MULTILINE)
    script = f"output() {{ echo '{Stack().outputs['Logs']}'; }}; aws() {{ printf '%s\\n' \"$@\"; }}; {line}"
    words = subprocess.check_output(["bash", "-c", script], text=True).splitlines()
    assert words[:2] == ["logs", "tail"] and words[-2:] == ["--filter-pattern", '{ $.level = "ERROR" }']
