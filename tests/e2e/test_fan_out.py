"""The fan-out: its state machine over lists of every kind, with its own role, and the lines of `jq` that the runbook gives."""

import json
import os
import re
import stat
import subprocess
import sys

import boto3
import pytest

import aws
from aws import Stack, allows
from harness import REGION, ROOT
from states import Failed, Machine

LIST = [{"ncp_secret_id": ["a", "b"]}, {"ncp_secret_id": "bad"}, {"ncp_secret_id": "c", "webhook_secret_id": "hooks/c"}]
RUNBOOK = (ROOT / "docs/operations.md").read_text("utf-8")


class FanOut:
    """The stack, and a function that keeps the events; it fails for the account `bad`, and for what is no event."""

    def __init__(self):
        self.stack = Stack("fan-out")
        self.bucket, self.s3 = self.stack.ids["Bucket"], boto3.client("s3", REGION)
        self.granted = self.stack.statements("StateMachineRole")
        self.machine = Machine(self.stack.definition(), self.granted, REGION, self.function)
        self.events, self.throttled = [], 0

    def function(self, event):
        if self.throttled:
            self.throttled -= 1
            raise Failed("Lambda.TooManyRequestsException", "Rate Exceeded.")
        self.events.append(event)
        if event.get("ncp_secret_id", "bad") == "bad":
            raise Failed("SecretError", "account bad: …")
        return {"status": "alerted"}

    def run(self, batches=LIST, options=None):
        body = batches if isinstance(batches, str) else json.dumps(batches)
        self.s3.put_object(Bucket=self.bucket, Key="accounts.json", Body=body.encode())
        return self.machine.run(options or {})

    def results(self, status):
        """What was kept of the batches that ended so."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="results/").get("Contents", [])
        keys = [one["Key"] for one in listed if one["Key"].endswith(f"/{status}_0.json")]
        return [row for key in keys for row in json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())]

    def counted(self):
        """The metrics that were put."""
        return boto3.client("cloudwatch", REGION).list_metrics(Namespace="NcpCertAlert")["Metrics"]


@pytest.fixture
def fan_out():
    with aws.account():
        yield FanOut()


def test_every_batch_is_run_once_and_one_that_fails_hides_no_other(fan_out):
    execution = fan_out.run()
    assert [event["ncp_secret_id"] for event in fan_out.events] == [["a", "b"], "bad", "c"]
    assert fan_out.events[2].keys() == {"ncp_secret_id", "webhook_secret_id", "execution_id"}
    assert (execution.status, execution.error) == ("FAILED", "BatchesFailed")
    assert f"s3://{fan_out.bucket}/results/" in execution.cause and "manifest.json" in execution.cause
    assert len(fan_out.results("SUCCEEDED")) == 2
    [failed] = fan_out.results("FAILED")
    assert failed["Error"] == "SecretError" and json.loads(failed["Input"])["batch"] == {"ncp_secret_id": "bad"}
    # The map came to its end: at the scale that this is for, some batch always fails.
    watched = fan_out.stack.alarms()["MissedExecutionAlarm"]["Metrics"][1]["MetricStat"]["Metric"]
    assert fan_out.counted() == [watched]


def test_a_dry_run_is_not_counted_and_a_comment_of_the_console_reaches_no_event(fan_out):
    for options in ({"dry_run": True}, {"test": True}, {"now": "2026-12-24T09:00:00+09:00"}):
        assert fan_out.run([{"ncp_secret_id": "a"}], options | {"Comment": "Insert your JSON here"}).status == "SUCCEEDED"
        assert fan_out.events.pop().keys() == {"ncp_secret_id", "execution_id", *options} and fan_out.counted() == []
    assert fan_out.run(LIST[:1]).status == "SUCCEEDED" and len(fan_out.counted()) == 1


def test_what_the_schedules_send_reaches_every_event(fan_out):
    for one in fan_out.stack.schedules().values():
        assert one["Target"]["Arn"] == fan_out.stack.ids["StateMachine"]
        fan_out.run(LIST[:1], one["Input"])
        assert fan_out.events.pop().items() >= one["Input"].items()


@pytest.mark.parametrize(
    ("batches", "error", "runs"),
    [
        ("[]", "NothingToRun", 0),
        (json.dumps(LIST)[:-5], "States.ItemReaderFailed", 0),
        # Each key of an object is an item; what is no event is refused by the function or by the merging.
        ('{"ncp_secret_id": "a"}', "BatchesFailed", 1),
        ('["ncp/a"]', "BatchesFailed", 0),
    ],
)
def test_what_is_no_list_or_an_empty_one_fails(fan_out, batches, error, runs):
    execution = fan_out.run(batches)
    assert (execution.status, execution.error, len(fan_out.events)) == ("FAILED", error, runs)


def test_a_list_that_is_not_there_fails(fan_out):
    assert fan_out.machine.run({}).error == "States.ItemReaderFailed" and fan_out.events == fan_out.counted() == []


def test_only_what_lambda_refused_is_tried_again(fan_out):
    """One error of each kind; which ones there are is in tests/documents/templates.rs."""
    fan_out.throttled = 6
    assert fan_out.run(LIST[:1]).status == "SUCCEEDED" and len(fan_out.events) == 1
    fan_out.run([{"ncp_secret_id": "bad"}])
    assert len(fan_out.events) == 2, "a run that failed is not repeated"


def test_the_roles_may_do_no_more_than_they_must(fan_out):
    """What they must, is asserted at each call."""
    granted, arn = fan_out.granted, fan_out.stack.ids["StateMachine"]
    assert not allows(granted, "lambda:InvokeFunction", "arn:aws:lambda:ap-northeast-2:123456789012:function:another")
    for action, key in (("s3:PutObject", "accounts.json"), ("s3:GetObject", "x.json"), ("s3:DeleteObject", "results/x")):
        assert not allows(granted, action, f"arn:aws:s3:::{fan_out.bucket}/{key}"), action
    child = arn.replace(":stateMachine:", ":execution:") + "/batches:run"
    for action, resource in (("states:StartExecution", arn), ("states:StopExecution", child)):
        assert allows(granted, action, resource) and not allows(granted, action, resource.replace("fan-out", "another"))
    assert not allows(granted, "cloudwatch:PutMetricData", cloudwatch__namespace="AWS/Lambda")
    scheduler = fan_out.stack.statements("SchedulerRole")
    assert allows(scheduler, "states:StartExecution", arn) and not allows(scheduler, "lambda:InvokeFunction")


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
