"""Messages against what the vendors publish: Slack's own models of blocks, and the schema of Adaptive Cards.

The limits that are only documented, and what must never be in a message, are in `tests/common/forms.rs`.
"""

import json
from functools import cache
from importlib.resources import files

from jsonschema import Draft6Validator
from slack_sdk.models.blocks import Block


def message(kind, body):
    """Checks a posted body and returns its texts, joined."""
    value = json.loads(body)
    if kind == "slack":
        for block in value["blocks"]:
            parsed = Block.parse(block)
            assert parsed is not None, f"no block: {block}"
            parsed.validate_json()
            assert parsed.to_dict() == block, "slack_sdk does not know all of this block"
    else:
        [attachment] = value["attachments"]
        card = dict(attachment["content"])
        # Teams' own addition, which the schema does not know.
        assert set(card.pop("msteams", {})) <= {"width"}
        errors = [f"{error.json_path}: {error.message}" for error in card_schema().iter_errors(card)]
        assert not errors, errors
    return "\n".join(texts(value))


@cache
def card_schema():
    schema = json.loads(files("adaptive_cards").joinpath("schemas/schema-1.4.json").read_text("utf-8"))
    return Draft6Validator(schema)


def texts(value):
    """Every text in a JSON value, but for keys."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inner for text in texts(one)]
