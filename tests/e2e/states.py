"""Runs the state machine of deploy/fan-out.yaml: states of its kinds, with JSONata and a Distributed Map.

moto's own interpreter has no JSONata, and its maps write empty results. What AWS documents is followed:
https://states-language.net, https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html. Calls go to moto, if
the role of the state machine allows them; only the function is played by the test.
"""

import json
import math
import uuid
from dataclasses import dataclass, field

import boto3
from botocore.exceptions import ClientError
from jsonata import Jsonata

from aws import allows


class Failed(Exception):
    """A state failed, by the name and the cause that a Retry sees."""

    def __init__(self, error, cause):
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass
class Execution:
    """One execution, of the state machine or of a batch, and how it ended."""

    input: object
    status: str = "RUNNING"
    output: object = None
    error: str = ""
    cause: str = ""
    arn: str = field(default_factory=lambda: f"arn:aws:states:::execution:{uuid.uuid4()}")


class Machine:
    def __init__(self, definition, granted, region, function):
        """`granted` is what the role may do. `function` is called with each event; it returns, or raises `Failed`."""
        self.definition, self.granted, self.region, self.function = definition, granted, region, function
        assert definition["QueryLanguage"] == "JSONata"

    def run(self, value):
        return self.steps(self.definition, Execution(value), {})

    def steps(self, machine, execution, context):
        name, value, variables = machine["StartAt"], execution.input, {}
        context = {"Execution": {"Id": execution.arn, "Input": execution.input}} | context
        try:
            while name:
                name, value = self.step(machine["States"][name], value, variables, context)
            execution.status, execution.output = "SUCCEEDED", value
        except Failed as failed:
            execution.status, execution.error, execution.cause = "FAILED", failed.error, failed.cause
        return execution

    def step(self, state, value, variables, context):
        """The name of the next state, none at the end, and what it is given."""

        def evaluate(template, **more):
            return evaluated(template, {"states": {"input": value, "context": context} | more, **variables})

        kind = state["Type"]
        if kind == "Succeed":
            return None, value
        if kind == "Fail":
            raise Failed(evaluate(state["Error"]), evaluate(state["Cause"]))
        if kind == "Choice":
            chosen = [one["Next"] for one in state["Choices"] if evaluate(one["Condition"]) is True]
            return [*chosen, state["Default"]][0], value
        [retry] = state.get("Retry", [{"MaxAttempts": 0}])
        for attempt in range(retry["MaxAttempts"] + 1):
            try:
                result = {"Task": self.task, "Map": self.map}[kind](state, evaluate, context)
                break
            except Failed as failed:
                # TaskFailed stands for every error of a task but its time-out.
                if attempt == retry["MaxAttempts"] or not {failed.error, "States.TaskFailed"} & set(retry["ErrorEquals"]):
                    raise
        variables.update(evaluate(state.get("Assign", {}), result=result))
        output = evaluate(state["Output"], result=result) if "Output" in state else result
        return state.get("Next"), output

    def task(self, state, evaluate, _):
        arguments = evaluate(state["Arguments"])
        match state["Resource"].split(":states:::")[1].split(":"):
            case "lambda", "invoke":
                assert allows(self.granted, "lambda:InvokeFunction", arguments["FunctionName"])
                return {"Payload": self.function(arguments["Payload"])}
            case "aws-sdk", "s3", "getObject":
                return {"Body": self.read(arguments).decode()}
            case "aws-sdk", "cloudwatch", "putMetricData":
                assert allows(self.granted, "cloudwatch:PutMetricData", cloudwatch__namespace=arguments["Namespace"])
                return boto3.client("cloudwatch", self.region).put_metric_data(**arguments)

    def allowed(self, action, place):
        partition = self.definition["States"]["Batches"]["ItemReader"]["Resource"].split(":")[1]
        arn = f"arn:{partition}:s3:::{place['Bucket']}/{place['Key']}"
        assert allows(self.granted, action, arn, aws__SecureTransport="true"), arn

    def read(self, place):
        self.allowed("s3:GetObject", place)
        try:
            return boto3.client("s3", self.region).get_object(**place)["Body"].read()
        except ClientError as error:
            raise Failed(f"S3.{error.response['Error']['Code']}", str(error)) from error

    def write(self, place, value):
        self.allowed("s3:PutObject", place)
        boto3.client("s3", self.region).put_object(**place, Body=json.dumps(value).encode())

    def map(self, state, evaluate, context):
        reader, processor = state["ItemReader"], state["ItemProcessor"]
        assert processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED" and reader["ReaderConfig"] == {"InputType": "JSON"}
        assert isinstance(evaluate(state["MaxConcurrency"]), int) and state["ToleratedFailurePercentage"] == 100
        try:
            items = json.loads(self.read(evaluate(reader["Arguments"])))
        except (ValueError, Failed) as error:
            raise Failed("States.ItemReaderFailed", str(error)) from error
        if isinstance(items, dict):
            items = [{"Key": key, "Value": value} for key, value in items.items()]
        children = []
        for item in items:
            given = evaluate(state["ItemSelector"], context=context | {"Map": {"Item": {"Value": item}}})
            children.append(self.steps(processor, Execution(given), {}))
        place, run = evaluate(state["ResultWriter"]["Arguments"]), uuid.uuid4()
        files = {"SUCCEEDED": [], "FAILED": [], "PENDING": []}
        for status, made in files.items():
            rows = [
                {"Input": json.dumps(one.input), "Output": json.dumps(one.output), "Error": one.error, "Cause": one.cause}
                for one in children
                if one.status == status
            ]
            if rows:
                made.append({"Key": f"{place['Prefix']}/{run}/{status}_0.json"})
                self.write({"Bucket": place["Bucket"], **made[0]}, rows)
        manifest = {"Bucket": place["Bucket"], "Key": f"{place['Prefix']}/{run}/manifest.json"}
        self.write(manifest, {"ResultFiles": files})
        return {"ResultWriterDetails": manifest}


def evaluated(template, bindings):
    """A value with all its `{% … %}` worked out. What is undefined is an error, as in Step Functions."""
    if isinstance(template, list):
        return [evaluated(one, bindings) for one in template]
    if isinstance(template, dict):
        return {key: evaluated(one, bindings) for key, one in template.items()}
    if not isinstance(template, str) or not template.startswith("{%"):
        return template
    text = template.removeprefix("{%").removesuffix("%}")
    try:
        expression = Jsonata(text)
        expression.register_lambda("parse", json.loads)
        for name, value in bindings.items():
            expression.assign(name, value)
        value = expression.evaluate(None)
    except Exception as error:
        raise Failed("States.QueryEvaluationError", f"{text}: {error}") from error
    if value is None:
        raise Failed("States.QueryEvaluationError", f"{text} returned nothing (undefined)")
    value = json.loads(json.dumps(value))
    return int(value) if isinstance(value, float) and math.floor(value) == value else value
