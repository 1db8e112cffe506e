"""The alarms of both templates, as they are made, over days of every kind; docs/operations.md says the same in its table."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest

import aws
from alarms import mails, state
from aws import Stack
from harness import REGION, ROOT

HOUR, DAY = 3600, 86400
# A Monday, 09:00 in Seoul.
START = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
SUNDAY = 6


def days(runs, **events):
    """What is measured when there is a run on each of these days. `events` names days on which it is another one."""
    points = {}

    def point(metric, time, value):
        points.setdefault(metric, []).append((time, value))

    for day in runs:
        time = START + day * DAY + 20
        kind = next((name for name, at in events.items() if day in at), "healthy")
        failed = kind in ("failed", "webhook", "mended")
        point("Errors", time, int(failed))
        point("RunsCompleted", time, int(not failed))
        point("CertificatesChecked", time, 0 if kind == "nothing" else 12)
        point("DeliveriesFailed", time, int(kind == "webhook"))
        if kind == "mended":  # by hand, an hour later
            point("Errors", time + HOUR, 0)
            point("RunsCompleted", time + HOUR, 1)
        if failed:
            # The message stays until somebody deletes it: here, after five hours.
            for minute in range(1, 300, 5):
                point("ApproximateNumberOfMessagesVisible", time + minute * 60, 1)
    return points


DAILY = range(-2, 14)
# Each row of the table in docs/operations.md.
HAPPENS = {
    "every run is complete": days(DAILY),
    "no run starts any more": days(range(-2, 4)),
    "a run on Sunday does not start": days(set(DAILY) - {SUNDAY}),
    "a run fails": days(DAILY, failed=[5]),
    "a run fails, and is repeated by hand within the hour": days(DAILY, mended=[5]),
    "a webhook does not take its message": days(DAILY, webhook=[5]),
    "no certificate is found": days(DAILY, nothing=[5]),
    "a new stack waits for its first run": days(range(1, 14)),
}


@pytest.fixture(scope="module")
def alarms():
    with aws.account():
        return Stack(aws.packaged(aws.read(ROOT / "template.yaml"))).alarms()


def told(alarms, points, first=START, last=START + 13 * DAY):
    """How often each alarm tells somebody, of those that do."""
    told = {name: mails(alarm, points, first, last) for name, alarm in alarms.items()}
    return {name: times for name, times in told.items() if times}


def documented():
    lines = (ROOT / "docs/operations.md").read_text("utf-8").splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("| what happens |"))
    rows = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        what, alarms = (cell.strip() for cell in line.strip("|").split("|")[:2])
        rows[what] = {one.strip(" `") for one in alarms.split(",") if one.strip(" `") != "none"}
    return rows


def test_the_runbooks_table_says_which_alarm_goes_off_when(alarms):
    table = documented()
    assert list(table) == list(HAPPENS)
    for what, points in HAPPENS.items():
        assert set(told(alarms, points)) == table[what], what


def test_a_missed_run_is_told_once_and_within_three_hours(alarms):
    """26 hours after the last complete run, and the hour in which that was has to be over."""
    for what, expected in (("no run starts any more", 3), ("a run on Sunday does not start", 5)):
        [time] = told(alarms, HAPPENS[what])["MissedRunAlarm"]
        late = timedelta(seconds=time - (START + expected * DAY))
        assert timedelta(hours=26) <= late <= timedelta(hours=28), late


def test_in_a_new_stack_the_alarm_is_there_at_once_and_goes_with_the_first_run(alarms):
    """So its mail can go out before the address is confirmed."""
    created = START + 2 * HOUR
    by_hand = {"RunsCompleted": [(created + 1800, 1)]}
    missed = alarms["MissedRunAlarm"]
    assert mails(missed, {}, created, created + DAY) == [created]
    assert state(missed, by_hand, created + 2 * HOUR, "ALARM") == "OK"


def test_alarms_tell_of_a_change_only(alarms):
    """Two failed runs, and the first one's dead letter is still in the queue: its alarm says nothing more."""
    points = days(DAILY, failed=[4, 5])
    points["ApproximateNumberOfMessagesVisible"] = [
        (START + 4 * DAY + 60 + minute * 300, 1) for minute in range(2 * DAY // 300)
    ]
    counts = {name: len(times) for name, times in told(alarms, points).items()}
    assert counts == {"FailedRunAlarm": 2, "DeadLettersAlarm": 1, "MissedRunAlarm": 1}


def year(weekdays, window=0):
    """Complete runs on these days of the week for a year, in turn at the beginning and at the end of the window."""
    runs = [day for day in range(-7, 365) if day % 7 in weekdays]
    return {"RunsCompleted": [(START + day * DAY + 20 + (index % 2) * window * 60, 1) for index, day in enumerate(runs)]}


@pytest.mark.parametrize(
    ("parameters", "points", "false"),
    [
        ({}, year(range(7)), False),
        ({}, year(range(7), window=60), False),
        ({}, year(range(5)), True),
        ({"MissedRunHours": 74}, year(range(5)), False),
        ({"MissedRunHours": 74}, year(range(5), window=60), False),
        ({"CreateMissedRunAlarm": "false"}, year([0]), False),
    ],
    ids=["daily", "window", "weekdays-26", "weekdays-74", "weekdays-window", "weekly"],
)
def test_a_year_of_complete_runs_is_quiet_if_the_hours_fit_the_schedule(parameters, points, false):
    with aws.account():
        alarms = Stack(aws.packaged(aws.read(ROOT / "template.yaml")), **parameters).alarms()
    times = told(alarms, points, START, START + 364 * DAY)
    assert (len(times.get("MissedRunAlarm", [])) >= 50) == false and set(times) == ({"MissedRunAlarm"} if false else set())


def test_the_states_alarms_are_those_of_the_stack(alarms):
    """The output `Alarms` finds them by their names' beginning."""
    with aws.account():
        stack = Stack(aws.packaged(aws.read(ROOT / "template.yaml")))
        found = boto3.client("cloudwatch", REGION).describe_alarms(AlarmNamePrefix="alert-")["MetricAlarms"]
        assert {one["AlarmName"] for one in found} == set(stack.of("AWS::CloudWatch::Alarm").values())
        assert "--alarm-name-prefix alert- " in stack.outputs["Alarms"]
