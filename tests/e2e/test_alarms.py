"""The alarms of both templates, as they are made, over days of every kind; docs/operations.md says the same in its table."""

from datetime import UTC, datetime

import pytest

import aws
from alarms import mails
from aws import Stack

HOUR, DAY = 3600, 86400
# A Monday, 09:00 in Seoul.
START = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
DAILY = range(-2, 14)


def days(runs, failed=(), nothing=()):
    """What is measured when there is a run on each of these days."""
    points = {"Errors": [], "RunsCompleted": [], "CertificatesChecked": []}
    for day in runs:
        values = (int(day in failed), int(day not in failed), 0 if day in nothing else 12)
        for series, value in zip(points.values(), values):
            series.append((START + day * DAY + 20, value))
    return points


# Each row of the table in docs/operations.md.
HAPPENS = {
    "every run is complete": days(DAILY),
    "no run starts any more": days(range(-2, 4)),
    "a run on Sunday does not start": days(set(DAILY) - {6}),
    "a run fails, or a webhook rejects its message": days(DAILY, failed=[5]),
    "an account fails for days, and then no run starts": days(range(-2, 7), failed=[3, 4, 5, 6]),
    "no certificate is found": days(DAILY, nothing=[5]),
    "a new stack waits for its first run": days(range(1, 14)),
    "a new stack has none in a day": days(range(3, 14)),
}


@pytest.fixture(scope="module")
def stack():
    with aws.account():
        yield Stack()


def told(alarms, points, of="ALARM"):
    """When each alarm tells somebody, in days; of those that do."""
    every = {name: mails(alarm, points, START, START + 13 * DAY) for name, alarm in alarms.items()}
    times = {name: [round((time - START) / DAY, 2) for time, state in all if state == of] for name, all in every.items()}
    return {name: one for name, one in times.items() if one}


def test_the_runbooks_table_says_which_alarm_goes_off_when(stack):
    lines = iter((aws.ROOT / "docs/operations.md").read_text("utf-8").splitlines())
    next(line for line in lines if line.startswith("| what happens |"))
    rows = {}
    while (line := next(lines)).startswith("|"):
        what, alarms = (cell.strip() for cell in line.strip("|").split("|")[:2])
        rows[what] = {one.strip(" `") for one in alarms.split(",") if one.strip(" `") != "none"}
    rows.pop("---")
    assert rows == {what: set(told(stack.alarms(), points)) for what, points in HAPPENS.items()}


def test_what_fails_day_after_day_does_not_hide_that_no_run_starts(stack):
    """26 hours after the last run, and the hour in which that was has to be over."""
    points = HAPPENS["an account fails for days, and then no run starts"]
    assert told(stack.alarms(), points) == {"FailedRunAlarm": [3, 4, 5, 6], "MissedRunAlarm": [7.12]}


def test_ok_comes_once_no_run_fails_any_more(stack):
    """In a new stack, too, where nothing was measured yet."""
    alarms = stack.alarms()
    assert told(alarms, days(DAILY, failed=[5]), "OK")["FailedRunAlarm"] == [0, 5.97]
    assert told(alarms, HAPPENS["a run on Sunday does not start"], "OK")["MissedRunAlarm"] == [1.08, 7.04]


def test_a_fan_out_whose_batches_fail_has_not_missed_its_execution(stack):
    points = {"ExecutionsFailed": [(START + day * DAY + 900, 1) for day in DAILY]}
    points["FanOutsCompleted"] = [(START + day * DAY + 900, 1) for day in DAILY if day < 5]
    times = told(Stack("fan-out").alarms(), points)
    assert times["FailedExecutionAlarm"][1:] == [day + 0.01 for day in range(1, 13)]
    assert times["MissedExecutionAlarm"] == [5.38]


@pytest.mark.parametrize(("hours", "weekdays", "false"), [(26, 7, 0), (26, 5, 51), (74, 5, 0)])
def test_a_year_of_runs_is_quiet_if_the_hours_fit_the_schedule(stack, hours, weekdays, false):
    missed = Stack(name=f"of-{hours}-{weekdays}", MissedRunHours=hours).alarms()["MissedRunAlarm"]
    points = {"RunsCompleted": [(START + day * DAY + 20, 1) for day in range(-7, 365) if day % 7 < weekdays]}
    assert sum(state == "ALARM" for _, state in mails(missed, points, START, START + 364 * DAY)) == pytest.approx(false, abs=1)


def test_every_alarm_tells_when_it_is_over_and_the_output_names_them_all(stack):
    alarms = stack.alarms()
    assert len(alarms) == 3
    for one in alarms.values():
        assert one["AlarmActions"] == one["OKActions"] == [stack.outputs["AlarmTopicArn"]]
        # A prefix would be that of the stack `alert-gov` as well.
        assert f" {one['AlarmName']} " in stack.outputs["Alarms"]
