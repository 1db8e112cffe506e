"""When an alarm of CloudWatch goes off: its documented rules, over a series of what was measured.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re

STATISTICS = {"Sum": sum, "Minimum": min, "Maximum": max}
BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


def periods(points, metric, statistic, seconds, first, count):
    """One value for each of `count` periods from the time `first` on, or None where nothing was measured."""
    values = [[] for _ in range(count)]
    for time, value in points.get(metric, []):
        index = int((time - first) // seconds)
        if 0 <= index < count:
            values[index].append(value)
    return [STATISTICS[statistic](one) if one else None for one in values]


def data(alarm, points, first, count):
    """What the alarm looks at: a metric, or FILL over one."""
    if "MetricName" in alarm:
        return periods(points, alarm["MetricName"], alarm["Statistic"], alarm["Period"], first, count)
    by_id = {one["Id"]: one for one in alarm["Metrics"]}
    [shown] = [one for one in by_id.values() if one.get("ReturnData", True)]
    of, filled = re.fullmatch(r"FILL\((\w+), (\d+)\)", shown["Expression"]).groups()
    stat = by_id[of]["MetricStat"]
    values = periods(points, stat["Metric"]["MetricName"], stat["Stat"], stat["Period"], first, count)
    # Where nothing was measured in the whole time there is nothing to fill.
    return [int(filled) if one is None else one for one in values] if any(one is not None for one in values) else values


def period(alarm):
    return alarm.get("Period") or next(one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one)


def state(alarm, points, now, before):
    """The state at `now`, of the last periods that are over."""
    seconds, wanted = period(alarm), alarm["EvaluationPeriods"]
    # More periods than are evaluated are fetched, so that late and missing ones do not decide.
    # How many more is not documented; one is the least.
    end = int(now // seconds)
    fetched = data(alarm, points, (end - wanted - 1) * seconds, wanted + 1)
    measured = [one for one in fetched if one is not None]
    breach = lambda value: BREACHES[alarm["ComparisonOperator"]](value, alarm["Threshold"])  # noqa: E731
    if not measured:
        return {"breaching": "ALARM", "notBreaching": "OK", "ignore": before, "missing": "INSUFFICIENT_DATA"}[
            alarm["TreatMissingData"]
        ]
    if len(measured) >= wanted:
        judged = [breach(one) for one in measured[-wanted:]]
    else:
        missing = {"breaching": True, "notBreaching": False}[alarm["TreatMissingData"]]
        judged = [missing] * (wanted - len(measured)) + [breach(one) for one in measured]
    return "ALARM" if sum(judged) >= alarm.get("DatapointsToAlarm", wanted) else "OK"


def mails(alarm, points, start, end):
    """When the alarm tells somebody: whenever its state becomes ALARM, and not while it stays so."""
    seconds, told, before = period(alarm), [], "INSUFFICIENT_DATA"
    for now in range(int(start), int(end) + 1, seconds):
        after = state(alarm, points, now, before)
        if after == "ALARM" != before:
            told.append(now)
        before = after
    return told
