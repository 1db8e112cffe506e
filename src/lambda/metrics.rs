//! The run in numbers: one line in CloudWatch's Embedded Metric Format.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::run::Ended;

/// The namespace of the metrics.
pub const NAMESPACE: &str = "NcpCertAlert";

/// The one dimension of the metrics.
pub const DIMENSION: &str = "FunctionName";

/// The line for a run that ended at `time`.
pub fn line(function: &str, ended: &Ended, time: DateTime<Utc>) -> String {
    let report = &ended.report;
    let counts = report.counts();
    let days = report.first_expiry().map(|first| (first - report.now).num_milliseconds().div_euclid(86_400_000));
    let deliveries_failed = ended.deliveries.iter().filter(|delivery| delivery.failure.is_some()).count();
    let mut metrics = vec![
        ("CertificatesChecked", "Count", json!(report.checked())),
        ("CertificatesCritical", "Count", json!(counts.critical)),
        ("CertificatesWarning", "Count", json!(counts.warning)),
        ("CertificatesInfo", "Count", json!(counts.info)),
        ("AccountsFailed", "Count", json!(report.failures().count())),
        ("DeliveriesFailed", "Count", json!(deliveries_failed)),
        ("RunsCompleted", "Count", json!(u8::from(ended.is_complete()))),
    ];
    metrics.extend(days.map(|days| ("DaysToFirstExpiry", "None", json!(days))));
    let declared: Vec<Value> = metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    let mut line = json!({
        // Without a level Lambda treats the line as INFO anyway; with it no log filter can misread it.
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
    use crate::report::{AccountReport, Mode, Mutes, Report};
    use crate::rules::Thresholds;
    use chrono::TimeDelta;

    const NOW: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();

    fn measured(left: Option<TimeDelta>) -> Value {
        let account = AccountReport {
            name: "prod".to_owned(),
            checked: 4,
            total: 4,
            pages: 1,
            failure: None,
            unread: vec![],
            has_lifetimes: false,
            first_expiry: left.map(|left| NOW + left),
            next: None,
            deployed: Vec::new(),
            upcoming: Vec::new(),
            old_tls: Vec::new(),
        };
        let report = Report {
            now: NOW,
            today: NOW.date_naive(),
            has_chosen_accounts: false,
            mode: Mode::Real,
            thresholds: Thresholds::DEFAULT,
            accounts: vec![account],
            findings: Vec::new(),
            mutes: Mutes::default(),
            looked: None,
        };
        let ended = Ended { report, unknown_webhooks: None, held_back: None, deliveries: Vec::new() };
        serde_json::from_str(&line("f", &ended, NOW)).unwrap()
    }

    #[test]
    fn every_declared_metric_has_a_value_and_every_value_is_declared() {
        let line = measured(Some(TimeDelta::days(9)));
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&line["level"], &line["FunctionName"]), (&json!("INFO"), &json!("f")));
        assert_eq!(line["_aws"]["Timestamp"], json!(1_800_000_000_000_i64));
        assert_eq!(
            (&directive["Namespace"], &directive["Dimensions"]),
            (&json!("NcpCertAlert"), &json!([["FunctionName"]]))
        );
        let mut declared: Vec<&str> =
            directive["Metrics"].as_array().unwrap().iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
        let mut fields: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        fields.retain(|field| !["level", "_aws", "FunctionName"].contains(field));
        declared.sort_unstable();
        assert_eq!(declared, fields);
        assert_eq!((&line["CertificatesChecked"], &line["RunsCompleted"]), (&json!(4), &json!(1)));
    }

    #[test]
    fn days_to_the_first_expiry_are_rounded_down_and_absent_when_unknown() {
        let days = |left: Option<TimeDelta>| measured(left)["DaysToFirstExpiry"].as_i64();
        assert_eq!(days(Some(TimeDelta::hours(47))), Some(1));
        assert_eq!(days(Some(TimeDelta::zero())), Some(0));
        assert_eq!(days(Some(-TimeDelta::milliseconds(1))), Some(-1));
        assert_eq!(days(Some(-TimeDelta::days(2))), Some(-2));
        assert_eq!(days(None), None);
    }
}
