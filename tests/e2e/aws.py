"""AWS in this process: moto's CloudFormation with what it lacks, and IAM's rules.

moto knows neither rules of parameters nor resources and conditions of policies. What AWS documents of these is below.
"""

import contextlib
import json
import re
import warnings
from unittest import mock

import boto3
import moto.awslambda.models
import moto.iam.models
import moto.stepfunctions.models  # noqa: F401  moto takes the model that was made last: before ours, its own
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.core.common_models import CloudFormationModel
from samtranslator.translator.transform import transform as sam_transform
from samtranslator.yaml_helper import yaml_parse

from conftest import release_assets
from harness import REGION, ROOT

SOURCE = ROOT / "template.yaml"


def packaged(document):
    """What `package` makes of a template whose code is a file: the path becomes that of the upload."""
    document = json.loads(json.dumps(document))
    function = document["Resources"]["Function"]["Properties"]
    if "CodeUri" in function:
        function["CodeUri"] = {"Bucket": "code", "Key": "bootstrap.zip"}
    else:
        function["Code"] = {"S3Bucket": "code", "S3Key": "bootstrap.zip"}
    return document


def released(architecture="arm64"):
    return packaged(yaml_parse(release_assets().template(SOURCE.read_text("utf-8"), architecture)))


def transform(document):
    """What CloudFormation makes of a SAM template, by the code that it does it with."""
    policies = mock.Mock(load=dict)  # SAM asks AWS for the managed ones, in case a template names one.
    with mock.patch.dict("os.environ", {"AWS_DEFAULT_REGION": REGION}):
        return sam_transform(json.loads(json.dumps(document)), {}, policies)


# --- Resources that moto's CloudFormation lacks -------------------------------------------------------------------------


def typed(value, shape):
    """A template's value as an API takes it: parameters are texts there, AWS::NoValue is nothing in moto. A property that the API
    lacks is an error.
    """
    if shape.type_name == "structure":
        return {name: typed(one, shape.members[name]) for name, one in value.items() if one is not None}
    if shape.type_name == "list":
        return [typed(one, shape.member) for one in value if one is not None]
    if shape.type_name == "map":
        return {name: typed(one, shape.value) for name, one in value.items()}
    convert = {"integer": int, "long": int, "double": float, "string": str}
    return convert.get(shape.type_name, lambda one: one)(value)


def call(service, operation, name_of=None):
    """Makes a resource by an API call. boto3 and moto check what is given."""

    def create(name, properties, region):
        client = boto3.client(service, region)
        shape = client.meta.service_model.operation_model(operation).input_shape
        for field in {"PolicyDocument", "AssumeRolePolicyDocument"} & properties.keys():
            properties[field] = json.dumps(properties.pop(field))
        if name_of:
            properties.setdefault(name_of, name)
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        return properties.get(name_of, name), getattr(client, method)(**typed(properties, shape))

    return create


def create_role(name, properties, region):
    policies = properties.pop("Policies", [])
    made = call("iam", "CreateRole", "RoleName")(name, properties, region)
    for one in policies:
        document = one["PolicyDocument"]
        document["Statement"] = [statement for statement in document["Statement"] if statement]
        call("iam", "PutRolePolicy")(name, {"RoleName": made[0], **one}, region)
    return made[0], made[1]["Role"]


def create_state_machine(name, properties, region):
    text = json.dumps(properties.pop("Definition"))
    # CloudFormation puts them in wherever they are named.
    for key, value in properties.pop("DefinitionSubstitutions").items():
        text = text.replace(f"${{{key}}}", json.dumps(str(value))[1:-1])
    assert "${" not in text
    given = {"name": name, "definition": text, "roleArn": properties["RoleArn"], "type": properties["StateMachineType"]}
    answer = boto3.client("stepfunctions", region).create_state_machine(**given)
    return answer["stateMachineArn"], {"Name": name, "Arn": answer["stateMachineArn"]}


def time_out(name, *_):
    raise AssertionError(f"{name} failed to create: WaitCondition timed out")


def resource(kind, create, **attributes):
    """Lets moto's CloudFormation make resources of this kind. `attributes` are for Fn::GetAtt, by their names in the answer."""

    def create_from(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        made = cls()
        properties = dict(cloudformation_json.get("Properties", {}))
        made.physical_resource_id, made.answer = create(resource_name, properties, region_name)
        return made

    body = {
        "cloudformation_type": staticmethod(lambda: kind),
        "cloudformation_name_type": staticmethod(lambda: ""),
        "create_from_cloudformation_json": classmethod(create_from),
        "update_from_cloudformation_json": classmethod(lambda *_, **__: None),
        "delete_from_cloudformation_json": classmethod(lambda *_, **__: None),
        "get_cfn_attribute": lambda self, name: self.answer[attributes[name]],
        "has_cfn_attr": classmethod(lambda _, name: name in attributes),
    }
    return type(kind.replace("::", ""), (CloudFormationModel,), body)


KINDS = [
    # moto's own functions forget the processor, and its roles keep what is not JSON.
    resource("AWS::Lambda::Function", call("lambda", "CreateFunction", "FunctionName"), Arn="FunctionArn"),
    resource("AWS::IAM::Role", create_role, Arn="Arn"),
    # moto's own has no substitutions.
    resource("AWS::StepFunctions::StateMachine", create_state_machine, Name="Name", Arn="Arn"),
    resource("AWS::CloudWatch::Alarm", call("cloudwatch", "PutMetricAlarm", "AlarmName")),
    resource("AWS::Scheduler::Schedule", call("scheduler", "CreateSchedule", "Name")),
    resource("AWS::Lambda::EventInvokeConfig", call("lambda", "PutFunctionEventInvokeConfig")),
    resource("AWS::IAM::RolePolicy", call("iam", "PutRolePolicy")),
    resource("AWS::SNS::Subscription", call("sns", "Subscribe")),
    resource("AWS::CloudFormation::WaitConditionHandle", lambda name, properties, _: (name, properties)),
    resource("AWS::CloudFormation::WaitCondition", time_out),
    resource("AWS::S3::BucketPolicy", lambda name, properties, _: (name, properties)),
]


# --- Stacks -------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def account():
    """An empty AWS account in which a release's zip is uploaded."""
    # It leaves wait conditions out.
    with mock_aws(config={"lambda": {"use_docker": False}}), mock.patch("moto.cloudformation.parsing.NULL_MODELS", []):
        s3 = boto3.client("s3", REGION)
        s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="code", Key="bootstrap.zip", Body=b"the function")
        yield


class Stack:
    """A stack in that account: the released template's or, with `fan-out`, that of the fan-out."""

    def __init__(self, which="alert", region=REGION, name=None, **parameters):
        partition = boto3.Session().get_partition_for_region(region)
        if which == "fan-out":
            document = yaml_parse((ROOT / "deploy/fan-out.yaml").read_text("utf-8"))
            place = f"{region}:{ACCOUNT}"
            given = {"FunctionArn": f"arn:{partition}:lambda:{place}:function:alert"}
            given["AlarmTopicArn"] = f"arn:{partition}:sns:{place}:ours"
        else:
            document, given = released(), {"AlarmEmail": "ops@example.com"}
        parameters = given | {name: str(value) for name, value in parameters.items()}
        check(document, parameters)
        self.region, self.document = region, document
        cloudformation = boto3.client("cloudformation", region)
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        # moto knows one partition only.
        text = json.dumps(numbers_as_texts(document)).replace("${AWS::Partition}", partition)
        with warnings.catch_warnings():
            # So it says that it leaves a resource out.
            warnings.filterwarnings("error", message="Tried to parse .* not supported")
            cloudformation.create_stack(
                StackName=name or which, TemplateBody=text, Parameters=given, Capabilities=["CAPABILITY_IAM"]
            )
        [stack] = cloudformation.describe_stacks(StackName=name or which)["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        resources = cloudformation.describe_stack_resources(StackName=name or which)["StackResources"]
        # Without a name: what a condition leaves out.
        resources = [one for one in resources if "LogicalResourceId" in one]
        self.ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
        self.kinds = {one["LogicalResourceId"]: one["ResourceType"] for one in resources}

    def of(self, kind):
        return {name: self.ids[name] for name, one in self.kinds.items() if one == kind}

    def function(self):
        return boto3.client("lambda", self.region).get_function_configuration(FunctionName=self.ids["Function"])

    def schedules(self):
        """The schedules by logical name, with their inputs read."""
        client = boto3.client("scheduler", self.region)
        made = {name: client.get_schedule(Name=one) for name, one in self.of("AWS::Scheduler::Schedule").items()}
        return {name: one | {"Input": json.loads(one["Target"]["Input"])} for name, one in made.items()}

    def alarms(self):
        found = boto3.client("cloudwatch", self.region).describe_alarms()["MetricAlarms"]
        by_name = {one["AlarmName"]: one for one in found}
        # moto keeps no warm-up.
        asked = {name: one.get("Properties", {}) for name, one in self.document["Resources"].items()}
        return {
            name: by_name[one] | {"WarmUpConfiguration": asked[name].get("WarmUpConfiguration", {})}
            for name, one in self.of("AWS::CloudWatch::Alarm").items()
        }

    def definition(self):
        client = boto3.client("stepfunctions", self.region)
        return json.loads(client.describe_state_machine(stateMachineArn=self.ids["StateMachine"])["definition"])

    def role(self, name):
        return boto3.client("iam", self.region).get_role(RoleName=self.ids[name])["Role"]

    def statements(self, role):
        """All that a role of the stack may do."""
        iam = boto3.client("iam", self.region)
        names = iam.list_role_policies(RoleName=self.ids[role])["PolicyNames"]
        policies = [iam.get_role_policy(RoleName=self.ids[role], PolicyName=name) for name in names]
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def numbers_as_texts(document):
    """Parameters as CloudFormation hands them on; moto makes numbers of numbers. `check` sees to their ranges."""
    document = json.loads(json.dumps(document))
    for one in document.get("Parameters", {}).values():
        if one["Type"] == "Number":
            one["Type"], one["Default"] = "String", str(one["Default"])
    return document


def check(document, parameters):
    """Refuses what CloudFormation refuses before it makes anything; moto does not."""
    declared = document["Parameters"]
    assert parameters.keys() <= declared.keys(), parameters.keys() - declared.keys()
    given = {}
    for name, one in declared.items():
        assert name in parameters or "Default" in one, f"{name} has no value"
        given[name] = str(parameters.get(name, one.get("Default")))
        for value in given[name].split(",") if one["Type"] == "CommaDelimitedList" else [given[name]]:
            refused = f"{name} does not take {value!r}"
            assert re.fullmatch(one.get("AllowedPattern", ".*"), value), refused
            assert value in map(str, one.get("AllowedValues", [value])), refused
            if one["Type"] == "Number":
                assert one["MinValue"] <= float(value) <= one["MaxValue"], refused

    def holds(rule):
        [(function, of)] = rule.items()
        if function == "Ref":
            return given[of]
        values = [holds(one) if isinstance(one, dict) else one for one in of]
        equal = values[0] == values[-1]
        return {"Fn::Not": not values[0], "Fn::And": all(values), "Fn::Or": any(values), "Fn::Equals": equal}[function]

    for rule in document.get("Rules", {}).values():
        for one in rule["Assertions"]:
            assert holds(one["Assert"]), one["AssertDescription"]


# --- IAM ----------------------------------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html


def listed(one):
    return one if isinstance(one, list) else [one]


def matches(pattern, value):
    """`*` stands for any characters and `?` for one; nothing else is special."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value) is not None


OPERATORS = {"StringEquals": lambda pattern, value: pattern == value, "StringLike": matches, "ArnLike": matches}


def allows(granted, action, resource="*", **context):
    """Whether a request is allowed by some statement; ours deny nothing. `a__b` in a keyword is the condition key `a:b`."""
    keys = {name.replace("__", ":"): value for name, value in context.items()}

    def applies(statement):
        assert statement["Effect"] == "Allow" and not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys()
        return (
            any(matches(one.lower(), action.lower()) for one in listed(statement["Action"]))
            and any(matches(one, resource) for one in listed(statement.get("Resource", resource)))
            # Every key must hold for one of its values. One that the request lacks holds for none.
            and all(
                key in keys and any(OPERATORS[operator](one, keys[key]) for one in listed(expected))
                for operator, condition in statement.get("Condition", {}).items()
                for key, expected in condition.items()
            )
        )

    return any(applies(statement) for statement in granted)
