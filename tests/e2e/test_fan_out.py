"""The fan-out: its state machine over lists of every kind, with its own role, and the lines of `jq` that the runbook gives."""

import json
import os
import re
import stat
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError

import aws
from alarms import state
from aws import ACCOUNT, Stack, allows, enforced
from harness import REGION, ROOT
from states import Failed, Machine
from test_deployment import WEEK, days

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:alert"
LIST = [{"ncp_secret_id": ["a", "b"]}, {"ncp_secret_id": "bad"}, {"ncp_secret_id": "c", "webhook_secret_id": "hooks/c"}]
RUNBOOK = (ROOT / "docs/operations.md").read_text("utf-8")


class FanOut:
    """The stack in an account of its own, and a function that keeps the events; it fails for the account `bad`."""

    def __init__(self, **parameters):
        self.stack = Stack(aws.read(ROOT / "deploy/fan-out.yaml"), name="fan-out", FunctionArn=FUNCTION, **parameters)
        self.bucket, self.s3 = self.stack.ids["Bucket"], boto3.client("s3", REGION)
        self.arn = self.stack.ids["StateMachine"]
        client = boto3.client("stepfunctions", REGION)
        self.definition = json.loads(client.describe_state_machine(stateMachineArn=self.arn)["definition"])
        self.events, self.throttled = [], 0

    def function(self, event):
        if self.throttled:
            self.throttled -= 1
            raise Failed("Lambda.TooManyRequestsException", "Rate Exceeded.")
        self.events.append(event)
        if "bad" in event["ncp_secret_id"]:
            raise Failed("SecretError", '{"errorType": "SecretError", "errorMessage": "account bad: …"}')
        return {"status": "alerted"}

    def run(self, batches=LIST, options=None, key="accounts.json"):
        body = batches if isinstance(batches, str) else json.dumps(batches)
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body.encode())
        return self.start(options)

    def start(self, options=None):
        session = self.stack.session("StateMachineRole")
        with enforced():
            return Machine(self.definition, session, self.function).run({} if options is None else options)

    def results(self, status):
        """What was kept of the batches that ended so."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="results/").get("Contents", [])
        keys = [one["Key"] for one in listed if one["Key"].endswith(f"/{status}_0.json")]
        return [row for key in keys for row in json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())]

    def counted(self):
        """How many executions the alarm has heard of."""
        return len(boto3.client("cloudwatch", REGION).list_metrics(Namespace="NcpCertAlert")["Metrics"])


@pytest.fixture
def fan_out():
    with aws.account():
        yield FanOut()


def test_every_batch_is_run_once_and_one_that_fails_hides_no_other(fan_out):
    execution = fan_out.run()
    assert [event["ncp_secret_id"] for event in fan_out.events] == [["a", "b"], "bad", "c"]
    assert fan_out.events[2]["webhook_secret_id"] == "hooks/c"
    assert (execution.status, execution.error) == ("FAILED", "BatchesFailed")
    assert f"s3://{fan_out.bucket}/results/" in execution.cause and "manifest.json" in execution.cause
    assert len(fan_out.results("SUCCEEDED")) == 2
    [failed] = fan_out.results("FAILED")
    assert failed["Error"] == "SecretError" and json.loads(failed["Input"])["batch"] == {"ncp_secret_id": "bad"}
    assert fan_out.counted() == 0


def test_a_complete_execution_is_counted_and_a_dry_run_is_not(fan_out):
    for options in ({"dry_run": True}, {"test": True}, {"now": "2026-12-24T09:00:00+09:00"}):
        execution = fan_out.run([{"ncp_secret_id": "a"}], options)
        assert execution.status == "SUCCEEDED" and fan_out.counted() == 0
        assert fan_out.events.pop().items() >= options.items()
    assert fan_out.run([{"ncp_secret_id": "a"}]).path[-2:] == ["Count", "Done"]
    metric = fan_out.stack.alarms()["MissedExecutionAlarm"]["Metrics"][1]["MetricStat"]["Metric"]
    [counted] = boto3.client("cloudwatch", REGION).list_metrics(Namespace="NcpCertAlert")["Metrics"]
    assert counted == metric


def test_a_comment_of_the_console_reaches_no_event(fan_out):
    comment = "Insert your JSON here"
    assert fan_out.run([{"ncp_secret_id": "a"}], {"Comment": comment, "dry_run": True}).status == "SUCCEEDED"
    assert fan_out.run([{"ncp_secret_id": "a"}], {"Comment": comment}).status == "SUCCEEDED"
    first, second = fan_out.events
    assert first.keys() == {"ncp_secret_id", "dry_run", "execution_id"}
    assert second.keys() == {"ncp_secret_id", "execution_id"}


@pytest.mark.parametrize(
    "batches",
    [{"ncp_secret_id": "a"}, {"0": {"ncp_secret_id": "a"}}, [], " [\n\n] ", "null", '"ncp/a"', "{}", "   ", "accounts"],
    ids=repr,
)
def test_what_is_no_list_or_an_empty_one_is_refused_before_any_batch(fan_out, batches):
    execution = fan_out.run(batches)
    assert (execution.status, execution.error) == ("FAILED", "ListRefused")
    assert f"s3://{fan_out.bucket}/accounts.json must be a JSON array with at least one entry" in execution.cause
    assert "Batches" not in execution.path and fan_out.events == []


def test_a_list_that_is_not_there_is_named(fan_out):
    execution = fan_out.start()
    assert (execution.status, execution.error) == ("FAILED", "ListNotRead")
    assert f"s3://{fan_out.bucket}/accounts.json cannot be read; upload it" in execution.cause and fan_out.events == []


def test_a_list_that_is_cut_off_runs_no_batch(fan_out):
    execution = fan_out.run(json.dumps(LIST)[:-5])
    assert (execution.status, execution.error) == ("FAILED", "States.ItemReaderFailed") and fan_out.events == []


def test_a_list_may_be_larger_than_a_state_can_hold(fan_out):
    batches = [{"ncp_secret_id": [f"tenants/{batch}/{one}" for one in range(25)]} for batch in range(800)]
    assert len(json.dumps(batches)) > 256 * 1024
    assert fan_out.run("\n" + json.dumps(batches, indent=1)).status == "SUCCEEDED"
    assert len(fan_out.events) == 800


def test_only_what_lambda_refused_is_tried_again(fan_out):
    """One error of each kind; which ones there are is in tests/documents/templates.rs."""
    fan_out.throttled = 6
    assert fan_out.run([{"ncp_secret_id": "a"}]).status == "SUCCEEDED" and len(fan_out.events) == 1
    fan_out.run([{"ncp_secret_id": "bad"}])
    assert len(fan_out.events) == 2, "a run that failed is not repeated"


def test_beyond_what_is_tolerated_the_rest_is_not_run_and_that_is_told():
    with aws.account():
        fan_out = FanOut(ToleratedFailurePercentage=20)
        execution = fan_out.run([{"ncp_secret_id": "bad"}, *LIST[:1] * 3])
        assert (execution.status, len(fan_out.events)) == ("FAILED", 1)
        assert len(fan_out.results("PENDING")) == 3


def test_the_state_machines_role_does_what_it_must_and_no_more(fan_out):
    session = fan_out.stack.session("StateMachineRole")
    fan_out.run()
    with enforced():
        for forbidden in (
            lambda: session.client("s3").put_object(Bucket=fan_out.bucket, Key="accounts.json", Body=b"[]"),
            lambda: session.client("s3").get_object(Bucket=fan_out.bucket, Key="another.json"),
            lambda: session.client("s3").delete_object(Bucket=fan_out.bucket, Key="results/x"),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                forbidden()
    granted = fan_out.stack.statements("StateMachineRole")
    assert allows(granted, "lambda:InvokeFunction", FUNCTION) and not allows(granted, "lambda:InvokeFunction", f"{FUNCTION}2")
    assert allows(granted, "states:StartExecution", fan_out.arn) and not allows(granted, "states:StartExecution", f"{fan_out.arn}2")
    child = fan_out.arn.replace(":stateMachine:", ":execution:") + "/batches:run"
    assert allows(granted, "states:StopExecution", child) and allows(granted, "states:DescribeExecution", child)
    assert allows(granted, "cloudwatch:PutMetricData", cloudwatch__namespace="NcpCertAlert")
    assert not allows(granted, "cloudwatch:PutMetricData", cloudwatch__namespace="AWS/Lambda")
    scheduler = fan_out.stack.statements("SchedulerRole")
    assert allows(scheduler, "states:StartExecution", fan_out.arn) and not allows(scheduler, "lambda:InvokeFunction", FUNCTION)


def test_by_default_news_come_daily_and_everything_on_mondays(fan_out):
    schedules = fan_out.stack.schedules()
    assert {name: one["ScheduleExpression"] for name, one in schedules.items()} == {
        "DailySchedule": "cron(0 9 ? * TUE-SAT,SUN *)",
        "SummarySchedule": "cron(0 9 ? * MON *)",
    }
    for one in schedules.values():
        assert (one["State"], one["ScheduleExpressionTimezone"], one["Target"]["Arn"]) == ("ENABLED", "Asia/Seoul", fan_out.arn)
        assert one["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600}


def test_the_schedules_start_it_with_options_that_every_event_takes(fan_out):
    context = {"scheduled_time": "<aws.scheduler.scheduled-time>", "schedule_arn": "<aws.scheduler.schedule-arn>"}
    schedules = fan_out.stack.schedules()
    for name, options in (("DailySchedule", {"fresh_hours": 26}), ("SummarySchedule", {"summary": True})):
        assert schedules[name]["Input"] == options | context
        assert fan_out.run([{"ncp_secret_id": "a"}, {"ncp_secret_id": "c"}], schedules[name]["Input"]).status == "SUCCEEDED"
        for _ in range(2):
            event = fan_out.events.pop()
            assert event.keys() == {"ncp_secret_id", "execution_id", *options, *context} and event.items() >= options.items()
        # So the alarm, which waits 26 hours, hears of it every day.
        assert fan_out.counted() == 1


@pytest.mark.parametrize("day", [*WEEK, "NONE"])
def test_whatever_the_summarys_day_there_is_one_execution_a_day(day):
    with aws.account():
        schedules = FanOut(SummaryDay=day).stack.schedules()
    summary = days(schedules["SummarySchedule"]["ScheduleExpression"]) if day != "NONE" else []
    assert summary == ([] if day == "NONE" else [day])
    assert sorted(days(schedules["DailySchedule"]["ScheduleExpression"]) + summary) == sorted(WEEK)
    # The plain digest tells everything every day.
    assert schedules["DailySchedule"]["Input"].get("fresh_hours") == (None if day == "NONE" else 26)
    assert ("SummarySchedule" in schedules) == (day != "NONE")


def test_hour_zone_state_and_another_expression_are_parameters():
    parameters = {"ScheduleHour": 18, "ScheduleMinute": 30, "ScheduleTimeZone": "Asia/Tokyo", "FreshHours": 50}
    weekdays = {"ScheduleExpression": "cron(0 9 ? * TUE-FRI *)", "MissedExecutionHours": 74, "FreshHours": 74}
    with aws.account():
        other = FanOut(ScheduleState="DISABLED", **parameters).stack.schedules()
    with aws.account():
        workdays = FanOut(**weekdays).stack.schedules()
    assert [one["ScheduleExpression"] for one in other.values()] == ["cron(30 18 ? * TUE-SAT,SUN *)", "cron(30 18 ? * MON *)"]
    assert all((one["State"], one["ScheduleExpressionTimezone"]) == ("DISABLED", "Asia/Tokyo") for one in other.values())
    assert other["DailySchedule"]["Input"]["fresh_hours"] == 50
    assert [one["ScheduleExpression"] for one in workdays.values()] == ["cron(0 9 ? * TUE-FRI *)", "cron(0 9 ? * MON *)"]
    with aws.account(), pytest.raises(AssertionError, match="FreshHours does not take"):
        FanOut(FreshHours=25)


def test_the_days_are_those_of_the_functions_own_template():
    own, fan_out = (aws.read(ROOT / path) for path in ("template.yaml", "deploy/fan-out.yaml"))
    assert fan_out["Mappings"]["DailyExecution"] == own["Mappings"]["DailyRun"]
    for name in ("SummaryDay", "ScheduleHour", "ScheduleMinute", "ScheduleTimeZone", "FreshHours"):
        described = [one["Parameters"][name] | {"Description": ""} for one in (own, fan_out)]
        assert described[0] == described[1], name


def test_the_missed_execution_alarms_hours_are_a_parameter():
    for parameters, hours in (({}, 26), ({"MissedExecutionHours": 74}, 74), ({"CreateMissedExecutionAlarm": "false"}, None)):
        with aws.account():
            alarms = FanOut(**parameters).stack.alarms()
        assert ("MissedExecutionAlarm" in alarms) == (hours is not None)
        if hours:
            points = {"FanOutsCompleted": [(0, 1)]}
            assert state(alarms["MissedExecutionAlarm"], points, hours * 3600, "OK") == "OK"
            assert state(alarms["MissedExecutionAlarm"], points, (hours + 2) * 3600, "OK") == "ALARM"


# --- The runbook's jq ---------------------------------------------------------------------------------------------------

# jq, by its library on PyPI: what `jq` on a path would be may be any version, or none.
JQ = f"""#!{sys.executable}
import json, sys, jq
flags, [program, path] = sys.argv[1:-2], sys.argv[-2:]
text = open(path, newline="").read()
if flags == ["-Rn"]:  # raw lines, one for each call of `inputs`
    lines = text.removesuffix("\\n").split("\\n")
    made = jq.compile("def inputs: $lines[]; " + program, args={{"lines": lines}}).input_value(None)
else:
    assert flags == []
    made = jq.compile(program).input_value(json.loads(text))
print(made.text())
"""


def jq(directory, marker):
    """Runs the command of the runbook that begins with `jq` and holds `marker`, to the letter."""
    [command] = [
        one for one in re.findall(r"^\s*```sh\n(.*?)```", RUNBOOK, re.MULTILINE | re.DOTALL) if "jq " in one and marker in one
    ]
    tool = directory / "bin" / "jq"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text(JQ, "utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    env = os.environ | {"PATH": f"{tool.parent}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-euc", command], cwd=directory, env=env, check=True, timeout=60)
    return json.loads((directory / "accounts.json").read_text("utf-8"))


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_the_runbooks_batches_keep_webhooks_apart_whatever_the_lines_end_with(tmp_path, end):
    lines = [f"tenants/{one}/ncp\thooks/a" for one in range(26)] + ["", "tenants/x/ncp\thooks/b", "own/ncp", "  "]
    (tmp_path / "accounts.tsv").write_text(end.join(lines) + end, "utf-8", newline="")
    batches = jq(tmp_path, "accounts.tsv")
    assert batches == [
        {"ncp_secret_id": ["own/ncp"]},
        {"ncp_secret_id": [f"tenants/{one}/ncp" for one in range(25)], "webhook_secret_id": "hooks/a"},
        {"ncp_secret_id": ["tenants/25/ncp"], "webhook_secret_id": "hooks/a"},
        {"ncp_secret_id": ["tenants/x/ncp"], "webhook_secret_id": "hooks/b"},
    ]


def test_what_failed_can_be_run_again_with_the_runbooks_line(fan_out, tmp_path):
    fan_out.run()
    (tmp_path / "FAILED_0.json").write_text(json.dumps(fan_out.results("FAILED")), "utf-8")
    again = jq(tmp_path, "FAILED_0.json")
    assert again == [{"ncp_secret_id": "bad"}]
    assert fan_out.run(again).error == "BatchesFailed"
    assert [event["ncp_secret_id"] for event in fan_out.events[3:]] == ["bad"]
