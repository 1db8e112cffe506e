"""Runs a state machine of the kinds of states that deploy/fan-out.yaml is made of, with JSONata and a Distributed Map.

moto's own interpreter has no JSONata, and its maps write empty results. What AWS documents is followed:
https://states-language.net, https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html. Calls go to moto, with
the role of the state machine; only the function is played by the test.
"""

import json
import math
import uuid
from dataclasses import dataclass, field

from botocore.exceptions import ClientError
from jsonata import Jsonata

LIMIT = 256 * 1024  # bytes that a state may hand on


class Failed(Exception):
    """A state failed, by the name and the cause that a Retry or a Catch sees."""

    def __init__(self, error, cause):
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass
class Execution:
    """One execution, of the state machine or of a batch: how it ended, and the names of its states on the way."""

    input: object
    path: list = field(default_factory=list)
    status: str = "RUNNING"
    output: object = None
    error: str = ""
    cause: str = ""
    arn: str = field(default_factory=lambda: f"arn:aws:states:::execution:{uuid.uuid4()}")


class Machine:
    def __init__(self, definition, session, function):
        """`function` is called with each event; it returns, or raises `Failed`."""
        self.definition, self.session, self.function = definition, session, function
        self.waited = 0  # for retries, in intervals
        assert definition["QueryLanguage"] == "JSONata"

    def run(self, value):
        return self.steps(self.definition, Execution(value), {})

    def steps(self, machine, execution, context):
        name, value, variables = machine["StartAt"], execution.input, {}
        context = {"Execution": {"Id": execution.arn, "Input": execution.input}} | context
        try:
            while name:
                execution.path.append(name)
                state = machine["States"][name]
                name, value = self.step(state, value, variables, context)
            execution.status, execution.output = "SUCCEEDED", value
        except Failed as failed:
            execution.status, execution.error, execution.cause = "FAILED", failed.error, failed.cause
        return execution

    def step(self, state, value, variables, context):
        """The name of the next state, none at the end, and what it is given."""
        states = {"input": value, "context": context}

        def evaluate(template, **more):
            return evaluated(template, {"states": states | more, **variables})

        def leave(owner, following, given, **more):
            output = evaluate(owner["Output"], **more) if "Output" in owner else given
            variables.update(evaluate(owner.get("Assign", {}), **more))
            if len(json.dumps(output)) > LIMIT:
                raise Failed("States.DataLimitExceeded", "the output is too large")
            return following, output

        kind = state["Type"]
        if kind == "Succeed":
            return leave(state, None, value)
        if kind == "Fail":
            raise Failed(evaluate(state["Error"]), evaluate(state["Cause"]))
        if kind == "Choice":
            for choice in state["Choices"]:
                chosen = evaluate(choice["Condition"])
                assert isinstance(chosen, bool), choice
                if chosen:
                    return leave(choice, choice["Next"], value)
            return leave(state, state["Default"], value)
        attempts = {}
        while True:
            try:
                result = {"Task": self.task, "Map": self.map}[kind](state, evaluate, context)
                return leave(state, None if state.get("End") else state["Next"], result, result=result)
            except Failed as failed:
                for index, retry in enumerate(state.get("Retry", [])):
                    if names(retry, failed) and attempts.setdefault(index, 0) < retry.get("MaxAttempts", 3):
                        attempts[index] += 1
                        self.waited += 1
                        break
                else:
                    for catch in state.get("Catch", []):
                        if names(catch, failed):
                            error = {"Error": failed.error, "Cause": failed.cause}
                            return leave(catch, catch["Next"], error, errorOutput=error)
                    raise

    def task(self, state, evaluate, _):
        arguments = evaluate(state["Arguments"])
        resource = state["Resource"].removeprefix("arn:aws:states:::")
        if resource == "lambda:invoke":
            assert arguments["FunctionName"].startswith("arn:aws:lambda:")
            return {"Payload": self.function(arguments["Payload"]), "StatusCode": 200}
        sdk, service, operation = resource.split(":")
        assert sdk == "aws-sdk"
        method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)
        return self.call(service, method, arguments)

    def call(self, service, method, arguments):
        try:
            answer = getattr(self.session.client(service), method)(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise Failed(f"{service.capitalize()}.{code}", f"{error} (Service: {service})") from error
        answer.pop("ResponseMetadata")
        if "Body" in answer:
            answer = {"Body": answer["Body"].read().decode()}
        if len(json.dumps(answer)) > LIMIT:
            raise Failed("States.DataLimitExceeded", "the result is too large")
        return answer

    def map(self, state, evaluate, context):
        reader, writer, processor = state["ItemReader"], state["ResultWriter"], state["ItemProcessor"]
        assert processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
        assert (reader["Resource"], reader["ReaderConfig"]) == ("arn:aws:states:::s3:getObject", {"InputType": "JSON"})
        # The reader has no limit of its own that matters here, unlike a task.
        body = self.session.client("s3").get_object(**evaluate(reader["Arguments"]))["Body"].read()
        try:
            items = json.loads(body)
        except ValueError as error:
            raise Failed("States.ItemReaderFailed", str(error)) from error
        if isinstance(items, dict):
            items = [{"Key": key, "Value": value} for key, value in items.items()]
        at_once, tolerated = evaluate(state["MaxConcurrency"]), evaluate(state["ToleratedFailurePercentage"])
        assert isinstance(at_once, int) and isinstance(tolerated, int) and not isinstance(at_once, bool)

        children, pending = [], []
        for index, item in enumerate(items):
            selected = context | {"Map": {"Item": {"Index": index, "Value": item}}}
            given = evaluate(state["ItemSelector"], context=selected)
            failed = sum(one.status == "FAILED" for one in children)
            if failed * 100 > tolerated * len(items):
                pending.append(Execution(given, status="PENDING"))
                continue
            children.append(self.steps(processor, Execution(given), {}))
        return self.write(evaluate(writer["Arguments"]), children + pending)

    def write(self, arguments, children):
        run = str(uuid.uuid4())
        files = {"SUCCEEDED": [], "FAILED": [], "PENDING": []}
        for status, made in files.items():
            rows = [
                {"ExecutionArn": one.arn, "Input": json.dumps(one.input), "Status": status, "StatusCode": 0}
                | ({"Output": json.dumps(one.output)} if status == "SUCCEEDED" else {"Error": one.error, "Cause": one.cause})
                for one in children
                if one.status == status
            ]
            if rows:
                key = f"{arguments['Prefix']}/{run}/{status}_0.json"
                self.put(arguments["Bucket"], key, rows)
                made.append({"Key": key, "Size": len(json.dumps(rows))})
        key = f"{arguments['Prefix']}/{run}/manifest.json"
        self.put(arguments["Bucket"], key, {"DestinationBucket": arguments["Bucket"], "ResultFiles": files})
        return {"MapRunArn": run, "ResultWriterDetails": {"Bucket": arguments["Bucket"], "Key": key}}

    def put(self, bucket, key, value):
        self.session.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(value).encode())


def names(owner, failed):
    wanted = owner["ErrorEquals"]
    # TaskFailed stands for every error of a task but its time-out.
    return failed.error in wanted or "States.ALL" in wanted or ("States.TaskFailed" in wanted and failed.error != "States.Timeout")


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
