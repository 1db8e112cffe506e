"""AWS in this process: SAM's own transform, moto's CloudFormation with what it lacks, and IAM's rules.

moto enforces actions only: not resources, not conditions. What AWS documents of both is below.
"""

import contextlib
import io
import json
import re
import warnings
import zipfile
from unittest import mock

import boto3
import moto.awslambda.models
import moto.iam.models
import moto.stepfunctions.models  # noqa: F401  moto takes the model that was made last: before ours, its own
from moto import mock_aws
from moto.awslambda.responses import LambdaResponse
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.core.authorization import enable_iam_authentication
from moto.core.common_models import CloudFormationModel
from moto.iam.access_control import IAMRequestBase
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.ssm.responses import SimpleSystemManagerResponse
from samtranslator.translator.transform import transform as sam_transform
from samtranslator.yaml_helper import yaml_parse

from harness import REGION, ROOT

CODE = "s3://code-of-releases/bootstrap.zip"


class ManagedPolicies:
    """SAM asks AWS for them, in case a template names one. Ours do not."""

    def load(self):
        return {}


def read(path):
    return yaml_parse(path.read_text("utf-8"))


def packaged(template):
    """What `sam package` makes of a template whose code is a zip: the path becomes that of the upload."""
    document = json.loads(json.dumps(template))
    document["Resources"]["Function"]["Properties"]["CodeUri"] = CODE
    return document


def transform(document):
    """What CloudFormation makes of a SAM template, by the code that it does it with."""
    with mock.patch.dict("os.environ", {"AWS_DEFAULT_REGION": REGION}):
        return sam_transform(json.loads(json.dumps(document)), {}, ManagedPolicies())


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
    if shape.type_name == "boolean":
        return value if isinstance(value, bool) else {"true": True, "false": False}[value]
    convert = {"integer": int, "long": int, "double": float, "string": str}
    return convert.get(shape.type_name, lambda one: one)(value)


def call(service, operation, name_of=None):
    """Makes a resource by an API call. boto3 and moto check what is given."""

    def create(name, properties, region):
        client = boto3.client(service, region)
        shape = client.meta.service_model.operation_model(operation).input_shape
        for field in {"PolicyDocument", "AssumeRolePolicyDocument"} & properties.keys():
            properties[field] = json.dumps(properties.pop(field))
        if service == "lambda" and "Tags" in properties:
            properties["Tags"] = {one["Key"]: one["Value"] for one in properties["Tags"]}
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
    given = {
        "name": name,
        "definition": text,
        "roleArn": properties["RoleArn"],
        "type": properties["StateMachineType"],
    }
    answer = boto3.client("stepfunctions", region).create_state_machine(**given)
    return answer["stateMachineArn"], {"Name": name, "Arn": answer["stateMachineArn"]}


def resource(kind, create, **attributes):
    """Lets moto's CloudFormation make resources of this kind. `attributes` are for Fn::GetAtt, by their names in the answer."""

    def create_from(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        made = cls()
        properties = dict(cloudformation_json["Properties"])
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
    # Not put: moto would deny everything, since it does not look at the condition.
    resource("AWS::S3::BucketPolicy", lambda name, properties, _: (name, properties)),
]


# --- Stacks -------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def account():
    """An empty AWS account in which a release's zip is uploaded."""
    with mock_aws(config={"lambda": {"use_docker": False}}):
        bucket, key = CODE.removeprefix("s3://").split("/")
        s3 = boto3.client("s3", REGION)
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("bootstrap", "the function")
        s3.put_object(Bucket=bucket, Key=key, Body=zipped.getvalue())
        yield


class Stack:
    """A stack in that account, made as `sam deploy` makes it."""

    def __init__(self, document, name="alert", region=REGION, **parameters):
        check(document, parameters)
        if "Transform" in document:
            document = transform(document)
        self.name, self.region, self.document = name, region, document
        self.cloudformation = boto3.client("cloudformation", region)
        document = numbers_as_texts(document)
        given = [{"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()]
        with warnings.catch_warnings():
            # So it says that it leaves a resource out.
            warnings.filterwarnings("error", message="Tried to parse .* not supported")
            self.cloudformation.create_stack(
                StackName=name, TemplateBody=json.dumps(document), Parameters=given, Capabilities=["CAPABILITY_IAM"]
            )
        [stack] = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        resources = self.cloudformation.describe_stack_resources(StackName=name)["StackResources"]
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
        made = {}
        for name, one in self.of("AWS::Scheduler::Schedule").items():
            made[name] = client.get_schedule(Name=one)
            if "Input" in made[name]["Target"]:
                made[name]["Input"] = json.loads(made[name]["Target"]["Input"])
        return made

    def alarms(self):
        client = boto3.client("cloudwatch", self.region)
        wanted = self.of("AWS::CloudWatch::Alarm")
        found = client.describe_alarms(AlarmNames=list(wanted.values()))["MetricAlarms"] if wanted else []
        by_name = {one["AlarmName"]: one for one in found}
        return {name: by_name[one] for name, one in wanted.items()}

    def statements(self, role):
        """All that a role of the stack may do."""
        iam = boto3.client("iam")
        assert iam.list_attached_role_policies(RoleName=self.ids[role])["AttachedPolicies"] == []
        names = iam.list_role_policies(RoleName=self.ids[role])["PolicyNames"]
        policies = [iam.get_role_policy(RoleName=self.ids[role], PolicyName=name) for name in names]
        return [statement for policy in policies for statement in statements(policy["PolicyDocument"])]

    def trust(self, role):
        document = boto3.client("iam").get_role(RoleName=self.ids[role])["Role"]["AssumeRolePolicyDocument"]
        return statements(document)

    def session(self, role):
        """What whoever has assumed the role calls AWS with."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{self.ids[role]}"
        keys = boto3.client("sts", self.region).assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], self.region)


def numbers_as_texts(document):
    """Parameters as CloudFormation hands them on; moto makes numbers of numbers. `check` sees to their ranges."""
    document = json.loads(json.dumps(document))
    for one in document.get("Parameters", {}).values():
        if one["Type"] == "Number":
            one["Type"] = "String"
        one["Default"] = str(one.get("Default", ""))
    return document


def check(document, parameters):
    """Refuses what CloudFormation refuses before it makes anything; moto does not."""
    declared = document["Parameters"]
    assert parameters.keys() <= declared.keys(), parameters.keys() - declared.keys()
    for name, one in declared.items():
        assert name in parameters or "Default" in one, f"{name} has no value"
        value = str(parameters.get(name, one.get("Default")))
        values = value.split(",") if one["Type"] == "CommaDelimitedList" else [value]
        for value in values:
            refused = f"{name} does not take {value!r}"
            if "AllowedPattern" in one:
                assert re.fullmatch(one["AllowedPattern"], value), refused
            if "AllowedValues" in one:
                assert value in map(str, one["AllowedValues"]), refused
            if one["Type"] == "Number":
                assert one.get("MinValue", float(value)) <= float(value) <= one.get("MaxValue", float(value)), refused
            assert len(value) >= one.get("MinLength", 0), refused


# --- IAM ----------------------------------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html


def listed(one):
    return one if isinstance(one, list) else [one]


def statements(document):
    """Those of a policy. moto gives it as a text or read."""
    return listed((json.loads(document) if isinstance(document, str) else document)["Statement"])


def matches(pattern, value):
    """`*` stands for any characters and `?` for one; nothing else is special."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value) is not None


OPERATORS = {
    "StringEquals": lambda pattern, value: pattern == value,
    "StringLike": matches,
    "ArnLike": matches,
    "Bool": lambda pattern, value: str(pattern).lower() == str(value).lower(),
}


def applies(statement, action, resource, context):
    assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys()
    if not any(matches(one.lower(), action.lower()) for one in listed(statement["Action"])):
        return False
    if "Resource" in statement and not any(matches(one, resource) for one in listed(statement["Resource"])):
        return False
    # Every key must hold for one of its values. One that the request lacks holds for none, but for "IfExists".
    return all(
        any(OPERATORS[operator.removesuffix("IfExists")](one, context[key]) for one in listed(expected))
        if key in context
        else operator.endswith("IfExists")
        for operator, keys in statement.get("Condition", {}).items()
        for key, expected in keys.items()
    )


def allows(granted, action, resource="*", **context):
    """Whether a request is allowed: by some statement, and denied by none. `a__b` in a keyword is the condition key `a:b`."""
    keys = {name.replace("__", ":"): value for name, value in context.items()}
    effects = {one["Effect"] for one in granted if applies(one, action, resource, keys)}
    return "Allow" in effects and "Deny" not in effects


def secret_arn(response):
    wanted = response._get_param("SecretId")
    if wanted is None or wanted.startswith("arn:"):
        return wanted or "*"
    found = response.backend.secrets.get(wanted)
    # IAM needs an ARN where there is no secret too. AWS asks it about one without the six characters.
    return found.arn if found else f"arn:aws:secretsmanager:{response.region}:{ACCOUNT}:secret:{wanted}"


def parameter_arn(response):
    name = response._get_param("Name") or "*"
    return name if name.startswith("arn:") else f"arn:aws:ssm:{response.region}:{ACCOUNT}:parameter/{name.lstrip('/')}"


def function_arn(response):
    name = response.path.rsplit("/", 2)[-2]
    return name if name.startswith("arn:") else f"arn:aws:lambda:{response.region}:{ACCOUNT}:function:{name}"


class Any(str):
    """A call that concerns no resource, with the condition keys that it has."""

    context: dict


def metric_namespace(response):
    concerned = Any("*")
    concerned.context = {"cloudwatch__namespace": response._get_param("Namespace")}
    return concerned


# Where an action is called otherwise than the call.
ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction", "monitoring:PutMetricData": "cloudwatch:PutMetricData"}


def permitted(request, resource):
    """What moto asks before each call, by the rules above."""
    granted = [one for policy in request._access_key.collect_policies() for one in statements(policy)]
    context = getattr(resource, "context", {})
    if not allows(granted, ACTIONS.get(request._action, request._action), resource, **context):
        request._raise_access_denied()


@contextlib.contextmanager
def enforced():
    """From here on a call needs a role that allows it, on the very resource."""
    with (
        enable_iam_authentication(),
        mock.patch.object(SecretsManagerResponse, "_determine_resource", secret_arn, create=True),
        mock.patch.object(SimpleSystemManagerResponse, "_determine_resource", parameter_arn, create=True),
        mock.patch.object(LambdaResponse, "_determine_resource", function_arn, create=True),
        mock.patch.object(CloudWatchResponse, "_determine_resource", metric_namespace, create=True),
        mock.patch.object(IAMRequestBase, "check_action_permitted", permitted),
        # It does not know how the names of functions are escaped; who calls is told by the key and its token.
        mock.patch.object(IAMRequestBase, "check_signature"),
    ):
        yield
