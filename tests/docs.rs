//! README, template, events and code agree; every example in the README is one that works.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use ncp_cert_alert::lambda::metrics::{self, Ending};
use ncp_cert_alert::lambda::{event, sample};
use ncp_cert_alert::settings::Config;
use ncp_cert_alert::settings::secrets;
use ncp_cert_alert::time::{self, zone::Zone};
use serde_json::Value;

const README: &str = include_str!("../README.md");
const TEMPLATE: &str = include_str!("../template.yaml");

/// The variables that the code asks for.
fn variables() -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let _ = Config::from_vars(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    asked.into_inner()
}

/// The rows of the README's table whose first column's heading is this one.
fn table(heading: &str) -> Vec<Vec<String>> {
    let start =
        README.lines().position(|line| line.starts_with(&format!("| {heading} |"))).expect("the table is there");
    let rows = README.lines().skip(start + 2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').replace("\\|", "¦").split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// The README's fenced blocks of this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

fn cert_alert(arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_cert-alert")).args(arguments).env_clear().output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn the_readmes_settings_are_the_ones_that_the_code_reads_with_the_defaults_that_it_has() {
    let rows: BTreeMap<String, String> =
        table("variable").into_iter().map(|row| (row[0].replace('`', ""), row[1].replace('`', ""))).collect();
    assert_eq!(rows.keys().cloned().collect::<BTreeSet<_>>(), variables());

    // With every default of the README spelt out, the settings are those of an empty environment.
    let required = |name: &str| name.ends_with("SECRET_ID").then(|| "x".to_owned());
    let spelt_out =
        |name: &str| required(name).or_else(|| rows.get(name).filter(|default| *default != "none").cloned());
    assert_eq!(Config::from_vars(spelt_out), Config::from_vars(required));
    for (name, default) in rows {
        assert_eq!(default == "required", name.ends_with("SECRET_ID"), "{name}");
    }
    let zones = table("variable").into_iter().find(|row| row[0] == "`TIME_ZONE`").unwrap();
    for zone in zones[2].split('`').skip(1).step_by(2) {
        assert!(Zone::named(zone).is_some(), "{zone}");
    }
}

#[test]
fn the_template_sets_every_variable_and_no_other() {
    let block = TEMPLATE.split("        Variables:\n").nth(1).expect("the function has variables");
    let lines = block.lines().take_while(|line| line.starts_with("          "));
    let set: BTreeSet<String> = lines
        .filter(|line| !line.starts_with("           "))
        .filter_map(|line| line.trim().split_once(':').map(|(name, _)| name.to_owned()))
        .collect();
    assert_eq!(set, variables());
}

#[test]
fn the_templates_metrics_are_those_of_the_code_and_of_the_readme() {
    let now = time::wall();
    let digest = sample::report(ncp_cert_alert::rules::Thresholds::DEFAULT, now, now.date_naive());
    let line = metrics::line("f", &digest, Ending { deliveries_failed: 0, completed: true }, now);
    let line: Value = serde_json::from_str(&line).unwrap();
    let written: BTreeSet<&str> = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| metric["Name"].as_str().unwrap())
        .collect();
    for name in &written {
        assert!(README.contains(&format!("`{name}`")), "{name} is not in the README");
    }
    // Wherever the template speaks of our namespace, it speaks of metrics that are written.
    let mut seen = 0;
    let alarms =
        TEMPLATE.split("Namespace: NcpCertAlert").skip(1).map(|rest| rest.split("MetricName: ").nth(1).unwrap());
    for name in alarms.map(|rest| rest.split_whitespace().next().unwrap()) {
        assert!(written.contains(name), "the template's alarm watches {name}");
        seen += 1;
    }
    let widgets = TEMPLATE.split("[\"NcpCertAlert\", \"").skip(1).map(|rest| rest.split('"').next().unwrap());
    for name in widgets {
        assert!(written.contains(name), "the dashboard shows {name}");
    }
    assert!(seen >= 3 && TEMPLATE.contains("MetricName: RunsCompleted"));
}

#[test]
fn every_event_is_accepted_and_every_option_has_one() {
    let mut options = BTreeSet::new();
    let mut count = 0;
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/events")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        event::read(&value).unwrap_or_else(|problems| panic!("{}: {problems:?}", path.display()));
        options.extend(value.as_object().into_iter().flat_map(|fields| fields.keys().cloned()));
        count += 1;
    }
    assert!(count >= 12);
    let documented: BTreeSet<String> =
        table("option").iter().flat_map(|row| row[0].split(", ").map(|option| option.replace('`', ""))).collect();
    for option in &documented {
        assert!(options.contains(option), "no event shows `{option}`");
    }
    let accepted = event::read(&serde_json::json!({"?": 1})).unwrap_err().remove(0);
    let accepted = accepted.split_once("accepted: ").unwrap().1.split(", ").map(str::to_owned).collect();
    assert_eq!(documented, accepted, "the README's options are those of the code");
}

#[test]
fn the_readmes_json_is_accepted_by_the_code() {
    let blocks = blocks("json");
    let [keys, accounts, webhooks, event] = blocks.as_slice() else { panic!("{} JSON blocks", blocks.len()) };
    for (keys, count) in [(keys, 1), (accounts, 2)] {
        let entries = secrets::accounts("ncp/prod", &keys.replace("…", "KEY").into()).unwrap();
        assert_eq!(entries.iter().filter(|(_, read)| read.is_ok()).count(), count);
    }
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let hooks = secrets::hooks(&(*webhooks).into(), today).unwrap();
    assert_eq!((hooks.webhooks.len(), hooks.mutes.len(), hooks.heartbeat.is_some()), (2, 1, true));
    assert!(hooks.mutes.iter().all(|mute| !mute.has_ended(today)) && !hooks.webhooks[1].routes.is_open());
    event::read(&serde_json::from_str(event).unwrap()).unwrap();
}

#[test]
fn the_readmes_digest_is_what_the_demo_prints() {
    let (stdout, _, status) = cert_alert(&["demo", "--count", "8", "--now", "2026-11-23T09:00:00+09:00"]);
    assert_eq!(status, Some(0));
    assert_eq!(blocks("text")[0].trim(), stdout.trim());
}

#[test]
fn the_readmes_commands_are_commands() {
    let commands: Vec<&str> =
        blocks("sh").into_iter().flat_map(str::lines).filter(|line| line.starts_with("cargo run")).collect();
    assert_eq!(commands, ["cargo run", "cargo run -- check"]);
    assert_eq!(cert_alert(&[]).2, Some(0));
    let (_, stderr, status) = cert_alert(&["check"]);
    assert_eq!(status, Some(3));
    assert!(
        stderr.contains("NCLOUD_ACCESS_KEY is not set") && stderr.contains("NCLOUD_SECRET_KEY is not set"),
        "{stderr}"
    );
    for row in table("command") {
        let name = row[0].replace('`', "").replace("cert-alert ", "");
        let (help, _, status) = cert_alert(&[&name, "--help"]);
        assert_eq!(status, Some(0));
        for option in row[1].split('`').filter(|text| text.starts_with("--")) {
            let option = option.split_whitespace().next().unwrap();
            assert!(help.contains(option), "`{name}` has no {option}");
        }
    }
}

#[test]
fn the_readmes_error_types_are_those_of_the_code() {
    let named: BTreeSet<String> = table("error type").into_iter().map(|row| row[0].replace('`', "")).collect();
    let known = ncp_cert_alert::response::ErrorType::ALL.map(|kind| format!("{kind:?}"));
    assert_eq!(named, BTreeSet::from(known));
}
