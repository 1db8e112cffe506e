"""What a message, a log line and a metric line must be like, by the vendors' own rules where they publish some."""

import json
import re
from functools import cache
from importlib.resources import files

from jsonschema import Draft6Validator, Draft202012Validator
from slack_sdk.models.blocks import Block

# Slack's documented limits, with room to spare; the one over all blocks is known from experience only.
BLOCKS, CHARACTERS, TEXT_OBJECT, FIELD, HEADER, TEXT = 45, 12_000, 2_900, 1_900, 145, 3_900
# Teams allows 28 KB and counts the card escaped again as a JSON string.
CARD = 24_000

# Controls, and characters that turn the direction of what follows.
UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# https://docs.slack.dev/messaging/formatting-message-text#date-formatting
DATE_FORMAT = re.compile(
    r"(?:\{(?:date|time|date_num|date_slash|date_long|date_long_full|date_pretty|date_short|date_short_pretty"
    r"|date_long_pretty|time_secs|ago|day_divider_pretty)\}|[^{}])+"
)
MENTION = re.compile(r"<!(here|channel|everyone)>|<!subteam\^S[A-Z0-9]+>|<@[UW][A-Z0-9]+>")


def message(kind, body):
    """Checks a posted body and returns its texts, joined."""
    templates = re.findall(r".{0,40}(?:\{\{|\$\{).{0,40}", body)
    assert not templates, f"templating syntax: {templates}"
    value = json.loads(body)
    {"slack": slack, "teams": teams}[kind](value)
    texts = list(strings(value))
    for text in texts:
        assert not UNPRINTABLE.search(text), f"unprintable character in {text!r}"
    return "\n".join(texts)


def strings(value):
    """Every text in a JSON value, but for keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def objects(value):
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from objects(one)


def slack(value):
    assert set(value) <= {"text", "blocks", "unfurl_links", "unfurl_media"}, set(value)
    assert value["unfurl_links"] is False and value["unfurl_media"] is False
    assert 0 < len(value["text"]) <= TEXT
    unmarked(value["text"])
    assert 0 < len(value["blocks"]) <= BLOCKS
    for block in value["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None, f"no block: {block}"
        parsed.validate_json()
        assert parsed.to_dict() == block, "slack_sdk does not know all of this block"
        for one in objects(block):
            if isinstance(one.get("text"), str):
                assert one["text"], f"empty text in {block}"
            if one.get("type") == "mrkdwn":
                unmarked(one["text"])
            if one.get("type") == "date":
                assert set(one) == {"type", "timestamp", "format", "fallback"}, one
                assert isinstance(one["timestamp"], int), one
                assert DATE_FORMAT.fullmatch(one["format"]), one
                # What is shown where Slack cannot say it in the reader's zone names its own.
                assert re.search(r"\d\d:\d\d \S+$", one["fallback"]), one
        if block["type"] == "header":
            assert len(block["text"]["text"]) <= HEADER
        if block["type"] == "section":
            assert all(len(one["text"]) <= FIELD for one in block.get("fields", []))
        if block["type"] == "rich_text":
            assert weight(block) <= TEXT_OBJECT
        for one in objects(block):
            assert one.get("type") not in ("plain_text", "mrkdwn") or len(one["text"]) <= TEXT_OBJECT
    identifiers = [block["block_id"] for block in value["blocks"] if "block_id" in block]
    assert len(identifiers) == len(set(identifiers))
    assert weight(value["blocks"]) <= CHARACTERS


def weight(blocks):
    """The characters that people read in blocks, and those of links."""
    counted = ("text", "url", "format", "fallback")
    return sum(len(one[key]) for one in objects(blocks) for key in counted if isinstance(one.get(key), str))


def unmarked(text):
    """`text` holds no markup but for mentions: everything else is escaped."""
    rest = MENTION.sub("", text)
    assert "<" not in rest and ">" not in rest, f"unescaped: {text}"
    assert not re.search("&(?!amp;|lt;|gt;)", rest), f"unescaped: {text}"


@cache
def card_schema():
    schema = json.loads(files("adaptive_cards").joinpath("schemas/schema-1.4.json").read_text("utf-8"))
    Draft6Validator.check_schema(schema)
    return Draft6Validator(schema)


def teams(value):
    assert value["type"] == "message"
    assert set(value) <= {"type", "summary", "attachments"}, set(value)
    [attachment] = value["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["contentUrl"] is None
    card = dict(attachment["content"])
    assert card["version"] in ("1.2", "1.3", "1.4"), "Teams refused newer ones without a word"
    twice = json.dumps(json.dumps(card, separators=(",", ":")))
    assert len(twice) <= CARD, f"{len(twice)} bytes"
    # Teams' own addition, which the schema does not know. Mentions are made of entities: there must be none.
    assert set(card.pop("msteams", {})) <= {"width"}
    errors = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in card_schema().iter_errors(card)
    ]
    assert not errors, errors
    for one in objects(card):
        if one.get("type") == "TextBlock":
            assert one["wrap"] is True, "Teams cuts what does not wrap"
            assert not re.search(r"[\[\]*_`<>]", one["text"]), f"could be Markdown: {one['text']}"


# --- Logs and metrics -------------------------------------------------------------------------------------------------

LINE = Draft202012Validator(
    {
        "type": "object",
        "required": ["timestamp", "level", "message", "requestId"],
        "properties": {
            "timestamp": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
            "level": {"enum": ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]},
            "message": {"type": "string", "minLength": 1},
            "requestId": {"pattern": "^[0-9a-f-]{36}$"},
        },
        # Flat: what is nested cannot be filtered on.
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    }
)

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
METRICS = Draft202012Validator(
    {
        "type": "object",
        "required": ["_aws", "level", "FunctionName"],
        "properties": {
            "level": {"const": "INFO"},
            "FunctionName": {"type": "string", "minLength": 1},
            "_aws": {
                "type": "object",
                "required": ["Timestamp", "CloudWatchMetrics"],
                "properties": {
                    "Timestamp": {"type": "integer", "minimum": 1_600_000_000_000},
                    "CloudWatchMetrics": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["Namespace", "Dimensions", "Metrics"],
                            "additionalProperties": False,
                            "properties": {
                                "Namespace": {"const": "NcpCertAlert"},
                                "Dimensions": {"const": [["FunctionName"]]},
                                "Metrics": {
                                    "type": "array",
                                    "maxItems": 100,
                                    "items": {
                                        "type": "object",
                                        "required": ["Name"],
                                        "additionalProperties": False,
                                        "properties": {
                                            "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
                                            "Unit": {"enum": ["Count", "Milliseconds", "None"]},
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    }
)


def metrics(line):
    """Checks a line of metrics and returns their values by name."""
    METRICS.validate(line)
    names = [metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    assert len(names) == len(set(names))
    values = {name: line[name] for name in names}
    assert all(type(value) in (int, float) for value in values.values()), values
    assert set(line) == {"_aws", "level", "FunctionName", *names}, "a value without a metric"
    return values
