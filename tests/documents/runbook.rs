//! docs/operations.md: each alarm, error, metric and log line has its row, and what is named exists.

use std::collections::BTreeSet;

use ncp_cert_alert::lambda::{ACCOUNTS_AT_ONCE, event};
use serde_json::Value;

use crate::markdown::{Inline, Text};
use crate::yaml::Node;
use crate::{code, fan_out, path, runbook, rust, shell, template};

/// The logical ids of a template's alarms.
fn alarms(template: &Node) -> BTreeSet<String> {
    let resources = template["Resources"].entries().iter();
    resources.filter(|(_, one)| one["Type"].text() == "AWS::CloudWatch::Alarm").map(|(name, _)| name.clone()).collect()
}

#[test]
fn every_alarm_has_its_row_and_every_row_its_alarm() {
    let runbook = runbook();
    let rows = runbook.table("alarm");
    let expected: BTreeSet<String> = alarms(&template()).union(&alarms(&fan_out())).cloned().collect();
    assert_eq!(rows.iter().map(|row| row[0].plain()).collect::<BTreeSet<_>>(), expected);
    for row in rows {
        assert!(row.len() == 4 && row.iter().all(|cell| !cell.plain().is_empty()), "{row:?}");
    }
}

#[test]
fn every_error_type_has_its_row_in_the_order_of_the_code() {
    let rows: Vec<String> = runbook().table("error type").iter().map(|row| row[0].plain()).collect();
    assert_eq!(rows, code::error_types());
}

#[test]
fn the_metrics_are_those_that_are_written() {
    let runbook = runbook();
    let rows: BTreeSet<&str> = runbook.table("metric").iter().flat_map(|row| row[0].code()).collect();
    assert_eq!(rows, code::metrics().iter().map(String::as_str).collect());
}

#[test]
fn the_log_lines_are_those_that_the_code_writes_with_their_fields() {
    // What follows a colon is values and words, not fields.
    let fields = |cell: &Text| {
        let before = cell.0.iter().take_while(|one| !matches!(one, Inline::Words(words) if words.contains(':')));
        let fields = before.filter_map(|one| if let Inline::Code(field) = one { Some(field.clone()) } else { None });
        fields.collect::<BTreeSet<String>>()
    };
    let rows: BTreeSet<_> = runbook().table("message").iter().map(|row| (row[0].plain(), fields(&row[1]))).collect();
    let lines: BTreeSet<_> = rust::written().lines.into_iter().map(|line| (line.message, line.fields)).collect();
    assert_eq!(rows, lines);
}

#[test]
fn what_is_named_exists() {
    let (template, fan_out) = (template(), fan_out());
    let mut known = code::metrics();
    known.extend(code::error_types());
    for one in [&template, &fan_out] {
        for section in ["Parameters", "Resources", "Outputs"] {
            known.extend(one[section].keys().map(str::to_owned));
        }
        // AWS's metrics, and the one that the fan-out writes.
        let metrics = one.every().into_iter().filter_map(|node| node.get("MetricName"));
        known.extend(metrics.map(|name| name.text().to_owned()));
    }
    // The sources have a field of an API as a string.
    known.extend(rust::written().literals);
    let is_name = |word: &&str| {
        word.chars().all(char::is_alphanumeric)
            && word.chars().filter(|letter| letter.is_uppercase()).count() > 1
            && word.chars().any(char::is_lowercase)
    };
    for name in runbook().code().filter(is_name) {
        assert!(known.contains(name), "the runbook names `{name}`");
    }
}

#[test]
fn how_many_accounts_a_run_reads_at_once_is_told_as_it_is() {
    let told = format!("MaxConcurrency × {ACCOUNTS_AT_ONCE} accounts at a time");
    assert!(runbook().texts().any(|text| text.plain().contains(&told)), "{told}");
    let (told, fan_out) = (format!("up to {ACCOUNTS_AT_ONCE} accounts at a time"), fan_out());
    assert!(fan_out["Parameters"]["MaxConcurrency"]["Description"].text().contains(&told), "{told}");
}

#[test]
fn a_tenants_schedule_hands_over_as_the_templates_do_and_its_input_is_accepted() {
    let commands = shell::of(&runbook());
    let command = commands.iter().find(|command| command.begins("aws scheduler create-schedule ")).unwrap();
    let target: Value = serde_json::from_str(command.option("--target").unwrap()).unwrap();
    let policy = target["RetryPolicy"].as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.to_string()));
    let template = template();
    for schedule in ["DailySchedule", "SummarySchedule"] {
        let own = template["Resources"][schedule]["Properties"]["Target"]["RetryPolicy"].entries().iter();
        let own = own.map(|(key, value)| (key.clone(), value.text().to_owned()));
        assert_eq!(policy.clone().collect::<BTreeSet<_>>(), own.collect(), "{schedule}");
    }
    let options = event::read(&serde_json::from_str(target["Input"].as_str().unwrap()).unwrap()).unwrap();
    assert!(options.ncp_secret_ids.is_some() && options.webhook_secret_id.is_some());
}

#[test]
fn the_examples_that_are_run_exist() {
    let commands = shell::of(&runbook());
    let examples: Vec<&str> = commands.iter().filter_map(|command| command.option("--example")).collect();
    assert!(!examples.is_empty());
    for example in examples {
        assert!(path(&format!("examples/{example}.rs")).exists(), "{example}");
    }
}
