//! What the code says about itself.

use std::cell::RefCell;
use std::collections::BTreeSet;

use ncp_cert_alert::lambda::metrics::{self, Ending};
use ncp_cert_alert::lambda::{event, sample};
use ncp_cert_alert::response::ErrorType;
use ncp_cert_alert::rules::Thresholds;
use ncp_cert_alert::settings::Config;
use ncp_cert_alert::time;
use serde_json::{Value, json};

/// The environment variables that the code reads.
pub(crate) fn variables() -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let _ = Config::from_vars(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    asked.into_inner()
}

/// The metrics that a run writes.
pub(crate) fn metrics() -> BTreeSet<String> {
    let now = time::wall();
    let report = sample::report(Thresholds::DEFAULT, now, now.date_naive());
    let line = metrics::line("f", &report, Ending { deliveries_failed: 0, completed: true }, now);
    let line: Value = serde_json::from_str(&line).unwrap();
    let declared = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    declared.iter().map(|metric| metric["Name"].as_str().unwrap().to_owned()).collect()
}

/// The types of errors, in order.
pub(crate) fn error_types() -> Vec<String> {
    ErrorType::ALL.iter().map(|kind| format!("{kind:?}")).collect()
}

/// The options that an event may have, as the error for an unknown one lists them.
pub(crate) fn options() -> BTreeSet<String> {
    let refusal = event::read(&json!({"?": 1})).unwrap_err().remove(0);
    let (_, accepted) = refusal.split_once("accepted: ").expect("the error says what is accepted");
    accepted.split(", ").map(str::to_owned).collect()
}
