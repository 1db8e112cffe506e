"""The template: valid, and as narrow as it says."""

import json
import re

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from harness import REGION, ROOT, run

TEMPLATE = ROOT / "template.yaml"
OFFLINE = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION}
SETTINGS = [
    "NCP_SECRET_ID",
    "WEBHOOK_SECRET_ID",
    "NCP_API_URL",
    "WARN_DAYS",
    "CRITICAL_DAYS",
    "PROVISIONING_GRACE_MINUTES",
    "MESSAGE_LANGUAGE",
    "TIME_ZONE",
    "NOTIFY_WHEN_CLEAR",
    "CONSOLE_URL",
    "RUNBOOK_URL",
    "CERTIFICATE_DETAILS",
    "CERTIFICATE_MANAGER",
    "CERTIFICATE_MANAGER_URL",
    "WARN_SHARE",
    "CRITICAL_SHARE",
]
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:team/keys-AbCdEf"


@pytest.fixture(scope="module")
def template():
    return yaml_parse(TEMPLATE.read_text("utf-8"))


class Stack:
    """The template after SAM's transform, with the functions that it uses worked out for some parameters."""

    def __init__(self, template, **given):
        defaults = {name: one.get("Default") for name, one in template["Parameters"].items()}
        self.parameters = defaults | given
        self.pseudo = {
            "AWS::Region": REGION,
            "AWS::AccountId": "123456789012",
            "AWS::Partition": "aws",
            "AWS::StackName": "alert",
        }
        document = json.loads(json.dumps(template))
        document["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_DEFAULT_REGION", REGION)
            self.template = transform(document, {}, ManagedPolicies())
        resources = self.template["Resources"].items()
        wanted = {name: one for name, one in resources if "Condition" not in one or self.condition(one["Condition"])}
        self.resources = {name: self.value(one) for name, one in wanted.items()}

    def condition(self, name):
        return self.value(self.template["Conditions"][name])

    def ref(self, name):
        if name in self.pseudo:
            return self.pseudo[name]
        if name not in self.parameters:
            return f"<{name}>"
        value = self.parameters[name]
        kind = self.template["Parameters"][name]["Type"]
        return value.split(",") if kind == "CommaDelimitedList" else str(value)

    def value(self, one):
        if isinstance(one, list):
            values = [self.value(item) for item in one if item != {"Ref": "AWS::NoValue"}]
            return [value for value in values if value is not None]
        if not isinstance(one, dict):
            return one
        if len(one) != 1 or not next(iter(one)).startswith(("Fn::", "Ref")):
            return {key: self.value(item) for key, item in one.items() if self.value(item) is not None}
        [(function, argument)] = one.items()
        if function == "Ref":
            return None if argument == "AWS::NoValue" else self.ref(argument)
        if function == "Fn::If":
            return self.value(argument[1] if self.condition(argument[0]) else argument[2])
        if function == "Fn::Sub":
            return re.sub(r"\$\{([^}]+)\}", lambda match: str(self.ref(match[1])), argument)
        if function == "Fn::GetAtt":
            return f"<{'.'.join(argument) if isinstance(argument, list) else argument}>"
        argument = self.value(argument)
        return {
            "Fn::Equals": lambda: str(argument[0]) == str(argument[1]),
            "Fn::Not": lambda: not argument[0],
            "Fn::Join": lambda: argument[0].join(argument[1]),
            "Fn::Split": lambda: argument[1].split(argument[0]),
            "Fn::Select": lambda: argument[1][int(argument[0])],
        }[function]()

    def statements(self, role):
        [policy] = self.resources[role]["Properties"]["Policies"]
        return policy["PolicyDocument"]["Statement"]


class ManagedPolicies:
    """SAM asks AWS for them, in case a template names one. This one does not."""

    def load(self):
        return {}


def test_sam_and_cfn_lint_find_nothing():
    assert "valid SAM Template" in run("sam", "validate", "--lint", "--template", TEMPLATE, timeout=120, **OFFLINE)
    assert run("cfn-lint", TEMPLATE, ROOT / "deploy/fan-out.yaml", timeout=120, **OFFLINE).strip() == ""


def test_the_function_gets_every_setting_and_no_secret(template):
    stack = Stack(template, NcpSecret="ncp", WebhookSecret="hooks", MoreNcpSecretArns=f"{ARN},{ARN[:-1]}g")
    properties = stack.resources["Function"]["Properties"]
    variables = properties["Environment"]["Variables"]
    assert list(variables) == SETTINGS
    assert variables["NCP_SECRET_ID"] == f"ncp,{ARN},{ARN[:-1]}g"
    assert variables["WEBHOOK_SECRET_ID"] == "hooks"
    assert (properties["Runtime"], properties["Architectures"], properties["MemorySize"]) == (
        "provided.al2023",
        ["arm64"],
        256,
    )
    assert properties["LoggingConfig"]["LogFormat"] == "JSON"
    # A level above INFO would drop the metrics.
    assert properties["LoggingConfig"]["ApplicationLogLevel"] == "INFO"


def test_the_function_reads_exactly_its_secrets(template):
    own = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:"
    for given, expected in [
        ({"NcpSecret": "ncp", "WebhookSecret": "hooks"}, [f"{own}ncp-??????", f"{own}hooks-??????"]),
        ({"NcpSecret": ARN, "WebhookSecret": "hooks"}, [ARN, f"{own}hooks-??????"]),
        (
            {"NcpSecret": "ncp", "WebhookSecret": ARN, "MoreNcpSecretArns": f"{own}b-AAAAAA,{own}c-BBBBBB"},
            [f"{own}ncp-??????", ARN, f"{own}b-AAAAAA", f"{own}c-BBBBBB"],
        ),
        (
            {
                "NcpSecret": "ncp",
                "WebhookSecret": "hooks",
                "EventSecretArns": f"{own}tenants/*",
                "KmsKeyArn": "arn:aws:kms:…",
            },
            [f"{own}ncp-??????", f"{own}hooks-??????", f"{own}tenants/*"],
        ),
    ]:
        statements = {one["Sid"]: one for one in Stack(template, **given).statements("FunctionRole")}
        assert statements["ReadSecrets"]["Resource"] == expected
        assert ("DecryptSecrets" in statements) == ("KmsKeyArn" in given)
        if "KmsKeyArn" in given:
            condition = statements["DecryptSecrets"]["Condition"]
            assert condition["StringLike"] == {"kms:EncryptionContext:SecretARN": expected}
            assert condition["StringEquals"] == {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
        assert {"*"}.isdisjoint(str(one["Resource"]) for one in statements.values())


def test_parameters_refuse_what_would_open_too_much(template):
    def accepts(parameter, value):
        return re.fullmatch(template["Parameters"][parameter]["AllowedPattern"], value) is not None

    for parameter in ("NcpSecret", "WebhookSecret"):
        assert accepts(parameter, "team/ncp-keys") and accepts(parameter, ARN)
        for bad in ("", "*", "team/*", "a,b", ARN[:-7], ARN.replace("keys", "*")):
            assert not accepts(parameter, bad), bad
    assert (
        accepts("MoreNcpSecretArns", "")
        and accepts("MoreNcpSecretArns", ARN)
        and not accepts("MoreNcpSecretArns", "name")
    )
    assert accepts("EventSecretArns", ARN.replace("keys-AbCdEf", "*")) and not accepts("EventSecretArns", "*")


def test_a_failed_run_is_kept_and_not_repeated(template):
    stack = Stack(template, NcpSecret="ncp", WebhookSecret="hooks")
    [config] = [
        one["Properties"] for one in stack.resources.values() if one["Type"] == "AWS::Lambda::EventInvokeConfig"
    ]
    assert config["MaximumRetryAttempts"] == 0
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == "<DeadLetters.Arn>"
    assert any(one["Action"] == "sqs:SendMessage" for one in stack.statements("FunctionRole"))
    assert stack.resources["DeadLetters"]["Properties"]["SqsManagedSseEnabled"] is True


def test_schedules_send_what_the_function_accepts(template):
    known = {"min_severity", "scheduled_time", "schedule_arn", "execution_id", "attempt"}
    given = {"NcpSecret": "ncp", "WebhookSecret": "hooks"}
    for more, count in (
        ({}, 1),
        ({"SecondScheduleExpression": "cron(0 9 ? * MON *)", "ScheduleMinSeverity": "critical"}, 2),
    ):
        stack = Stack(template, **given, **more)
        schedules = [one["Properties"] for one in stack.resources.values() if one["Type"] == "AWS::Scheduler::Schedule"]
        assert len(schedules) == count
        for one in schedules:
            assert set(json.loads(one["Target"]["Input"])) == known
            assert one["ScheduleExpressionTimezone"] == "Asia/Seoul" and one["FlexibleTimeWindow"] == {"Mode": "OFF"}
            assert one["Target"]["RoleArn"] == "<SchedulerRole.Arn>"
            assert one["Target"]["DeadLetterConfig"] == {"Arn": "<DeadLetters.Arn>"}
        levels = {json.loads(one["Target"]["Input"])["min_severity"] for one in schedules}
        assert levels == ({"info"} if count == 1 else {"critical", "info"})
    window = Stack(template, **given, ScheduleWindowMinutes=15)
    [schedule] = [one["Properties"] for one in window.resources.values() if one["Type"] == "AWS::Scheduler::Schedule"]
    assert schedule["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": "15"}
    trust = window.resources["SchedulerRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust[0]["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_alarms_watch_the_metrics_that_the_function_writes(template):
    given = {"NcpSecret": "ncp", "WebhookSecret": "hooks", "AlarmEmail": "ops@example.com"}
    stack = Stack(template, **given)
    alarms = {
        name: one["Properties"] for name, one in stack.resources.items() if one["Type"] == "AWS::CloudWatch::Alarm"
    }
    watched = {
        one.get("MetricName") or one["Metrics"][1]["MetricStat"]["Metric"]["MetricName"] for one in alarms.values()
    }
    assert watched == {
        "Errors",
        "RunsCompleted",
        "CertificatesChecked",
        "DeliveriesFailed",
        "ApproximateNumberOfMessagesVisible",
    }
    missed = alarms["MissedRunAlarm"]
    assert (
        missed["Metrics"][0]["Expression"] == "FILL(runs, 0)" and missed["Metrics"][1]["MetricStat"]["Period"] == 3600
    )
    assert (missed["EvaluationPeriods"], missed["DatapointsToAlarm"], missed["Threshold"]) == (26, 26, 1)
    assert all(one["AlarmActions"] == ["<AlarmTopic>"] for one in alarms.values())
    silent = Stack(template, NcpSecret="ncp", WebhookSecret="hooks")
    assert (
        "AlarmTopic" not in silent.resources and silent.resources["FailedRunAlarm"]["Properties"]["AlarmActions"] == []
    )
    names = ["Checked", "Critical", "Warning", "Info"]
    body = json.dumps(json.loads(stack.resources["Dashboard"]["Properties"]["DashboardBody"]))
    for name in [f"Certificates{name}" for name in names] + [
        "DaysToFirstExpiry",
        "RunsCompleted",
        "Duration",
        "Errors",
    ]:
        assert f'"{name}"' in body
