"""The templates: valid by AWS's own tools, short, and the same in a release. What they make is in test_deployment.py."""

import re

import pytest
import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.yaml_helper import yaml_parse

import aws
from harness import REGION, ROOT, run

FAN_OUT = ROOT / "deploy/fan-out.yaml"
OFFLINE = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION}


def test_cfn_lint_finds_nothing(tmp_path):
    assert "valid SAM Template" in run("sam", "validate", "--lint", "--template", aws.SOURCE, timeout=120, **OFFLINE)
    released = tmp_path / "released.yaml"
    released.write_text(yaml.safe_dump(aws.released()), "utf-8")
    assert run("cfn-lint", released, FAN_OUT, timeout=120, **OFFLINE).strip() == ""


def test_both_templates_can_be_read_in_ten_minutes():
    source, fan_out = aws.SOURCE.read_text("utf-8"), FAN_OUT.read_text("utf-8")
    assert source.count("\n") <= 420 and len(yaml_parse(source)["Parameters"]) <= 22
    assert fan_out.count("\n") <= 330


def test_a_release_is_what_the_transform_makes_of_the_source():
    """Stack sets take no transform. SAM adds a tag that says it was there, and the processor was a parameter."""
    transformed = aws.transform(aws.packaged(yaml_parse(aws.SOURCE.read_text("utf-8"))))
    function = transformed["Resources"]["Function"]["Properties"]
    assert function.pop("Tags") == [{"Key": "lambda:createdBy", "Value": "SAM"}]
    assert function["Architectures"] == [{"Ref": "Architecture"}]
    transformed["Resources"]["Function"].pop("Metadata")
    transformed["Parameters"].pop("Architecture")
    transformed["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"][-1]["Parameters"].remove("Architecture")
    for architecture in ("arm64", "x86_64"):
        function["Architectures"] = [architecture]
        assert aws.released(architecture) == transformed


def test_sources_that_were_not_built_are_refused():
    """`sam deploy` without `sam build` would upload the sources as the function. A path that SAM would zip is a text."""
    source = yaml_parse(aws.SOURCE.read_text("utf-8"))
    assert not isinstance(source["Resources"]["Function"]["Properties"]["CodeUri"], str)
    with pytest.raises(InvalidDocumentException, match="'CodeUri' requires Bucket and Key"):
        aws.transform(source)


def test_the_console_groups_every_parameter_in_the_order_in_which_the_guide_asks():
    source = yaml_parse(aws.SOURCE.read_text("utf-8"))
    groups = source["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert [name for one in groups for name in one["Parameters"]] == list(source["Parameters"])


def test_the_terraform_module_has_the_templates_parameters():
    module = (ROOT / "deploy/terraform/main.tf").read_text("utf-8")
    declared = re.findall(r'^variable "([A-Z]\w+)" *{', module, re.MULTILINE)
    assert declared == list(aws.released()["Parameters"])
    assert re.findall(r"^ +([A-Z]\w+) += var\.(?!\1$)", module, re.MULTILINE) == []
    assert re.findall(r"^ +([A-Z]\w+) += var\.\1$", module, re.MULTILINE) == declared
