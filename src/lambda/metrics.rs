//! The run in numbers: one line in CloudWatch's Embedded Metric Format.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::report::Report;

/// The namespace of the metrics.
pub const NAMESPACE: &str = "NcpCertAlert";

/// The one dimension of the metrics.
pub const DIMENSION: &str = "FunctionName";

/// What the metrics say about a run besides its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// How many webhooks did not take a message.
    pub deliveries_failed: usize,
    /// Whether every account was read whole and every due message was accepted.
    pub completed: bool,
}

/// The line for a run that ended at `time`.
#[must_use]
pub fn line(function: &str, report: &Report, ending: Ending, time: DateTime<Utc>) -> String {
    let counts = report.counts();
    let days = report.first_expiry().map(|first| (first - report.now).num_milliseconds().div_euclid(86_400_000));
    let mut metrics = vec![
        ("CertificatesChecked", "Count", json!(report.checked())),
        ("CertificatesCritical", "Count", json!(counts.critical)),
        ("CertificatesWarning", "Count", json!(counts.warning)),
        ("CertificatesInfo", "Count", json!(counts.info)),
        ("AccountsFailed", "Count", json!(report.failures().count())),
        ("DeliveriesFailed", "Count", json!(ending.deliveries_failed)),
        ("RunsCompleted", "Count", json!(u8::from(ending.completed))),
    ];
    metrics.extend(days.map(|days| ("DaysToFirstExpiry", "None", json!(days))));
    let declared: Vec<Value> = metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    let mut line = json!({
        // Without a level Lambda takes the line as INFO anyway; with it no log filter can misread it.
        "level": "INFO",
        "_aws": {
            "Timestamp": time.timestamp_millis(),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": declared}],
        },
        DIMENSION: function,
    });
    for (name, _, value) in metrics {
        line[name] = value;
    }
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::sample;
    use crate::rules::Thresholds;
    use chrono::TimeDelta;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn every_declared_metric_has_a_value_and_every_value_is_declared() {
        let now = at(1_800_000_000);
        let ending = Ending { deliveries_failed: 1, completed: false };
        let line: Value =
            serde_json::from_str(&line("f", &sample::report(Thresholds::DEFAULT, now, now.date_naive()), ending, now))
                .unwrap();
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&line["level"], &line["FunctionName"]), (&json!("INFO"), &json!("f")));
        assert_eq!(line["_aws"]["Timestamp"], json!(1_800_000_000_000_i64));
        assert_eq!(
            (&directive["Namespace"], &directive["Dimensions"]),
            (&json!("NcpCertAlert"), &json!([["FunctionName"]]))
        );
        let declared: Vec<&str> =
            directive["Metrics"].as_array().unwrap().iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
        let mut fields: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        fields.retain(|field| !["level", "_aws", "FunctionName"].contains(field));
        let mut sorted = declared.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, fields);
        assert!(declared.iter().all(|name| line[name].is_i64()));
        assert_eq!(
            (&line["CertificatesChecked"], &line["CertificatesCritical"], &line["CertificatesWarning"]),
            (&json!(4), &json!(2), &json!(2))
        );
        assert_eq!((&line["DeliveriesFailed"], &line["RunsCompleted"]), (&json!(1), &json!(0)));
    }

    #[test]
    fn days_to_the_first_expiry_are_rounded_down_and_absent_when_unknown() {
        let now = at(1_800_000_000);
        let days = |left: Option<TimeDelta>| {
            let mut report = sample::report(Thresholds::DEFAULT, now, now.date_naive());
            report.findings.clear();
            report.accounts[0].first_expiry = left.map(|left| now + left);
            let line: Value =
                serde_json::from_str(&line("f", &report, Ending { deliveries_failed: 0, completed: true }, now))
                    .unwrap();
            line["DaysToFirstExpiry"].as_i64()
        };
        assert_eq!(days(Some(TimeDelta::hours(47))), Some(1));
        assert_eq!(days(Some(TimeDelta::zero())), Some(0));
        assert_eq!(days(Some(-TimeDelta::milliseconds(1))), Some(-1));
        assert_eq!(days(Some(-TimeDelta::days(2))), Some(-2));
        assert_eq!(days(None), None);
    }
}
