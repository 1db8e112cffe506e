"""When an alarm of CloudWatch changes its state: its documented rules, over a series of what was measured.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html
"""

STATISTICS = {"Sum": sum, "Minimum": min, "SampleCount": len}
BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


def watched(alarm):
    """The metric, its statistic and period, and whether FILL puts a 0 where nothing was measured."""
    if "MetricName" in alarm:
        return alarm["MetricName"], alarm["Statistic"], alarm["Period"], False
    [filled, measured] = alarm["Metrics"]
    assert filled["ReturnData"] and filled["Expression"] == f"FILL({measured['Id']}, 0)"
    stat = measured["MetricStat"]
    return stat["Metric"]["MetricName"], stat["Stat"], stat["Period"], True


def state(alarm, points, now):
    """The state at `now`, of the last periods that are over."""
    metric, statistic, seconds, filled = watched(alarm)
    wanted = alarm["EvaluationPeriods"]
    # More periods than are evaluated are fetched, so that late and missing ones do not decide.
    # How many more is not documented; one is the least.
    first = int(now // seconds) - wanted - 1
    values = [[] for _ in range(wanted + 1)]
    for time, value in points.get(metric, []):
        if 0 <= (index := int(time // seconds) - first) <= wanted:
            values[index].append(value)
    measured = [STATISTICS[statistic](one) if one else None for one in values]
    # Where nothing was measured in the whole time there is nothing to fill.
    if filled and any(one is not None for one in measured):
        measured = [one or 0 for one in measured]
    measured = [one for one in measured if one is not None][-wanted:]
    judged = [BREACHES[alarm["ComparisonOperator"]](one, alarm["Threshold"]) for one in measured]
    judged += [alarm["TreatMissingData"] == "breaching"] * (wanted - len(judged))
    return "ALARM" if sum(judged) >= alarm.get("DatapointsToAlarm", wanted) else "OK"


def mails(alarm, points, start, end):
    """When the alarm tells somebody, and of which state: whenever it changes, and not while it stays."""
    changes, before = [], "INSUFFICIENT_DATA"
    warm = int(start) + alarm.get("WarmUpConfiguration", {}).get("WarmUpPeriodDurationInMinutes", 0) * 60
    for now in range(warm, int(end) + 1, watched(alarm)[2]):
        after = state(alarm, points, now)
        if after != before and alarm[{"ALARM": "AlarmActions", "OK": "OKActions"}[after]]:
            changes.append((now, after))
        before = after
    return changes
