//! README.md: its tables match the code, and its examples are accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use chrono::NaiveDate;
use ncp_cert_alert::lambda::event;
use ncp_cert_alert::message::words::Language;
use ncp_cert_alert::settings::{Config, secrets};
use ncp_cert_alert::time::zone::Zone;
use serde_json::Value;

use crate::markdown::{Part, Text};
use crate::{code, path, readme, shell, template};

/// The settings, and the default of each.
fn defaults() -> BTreeMap<String, String> {
    readme().table("variable").iter().map(|row| (row[0].plain(), row[1].plain())).collect()
}

fn required() -> BTreeSet<String> {
    defaults().into_iter().filter(|(_, default)| default == "required").map(|(name, _)| name).collect()
}

#[test]
fn the_settings_are_the_ones_that_the_code_reads_with_the_defaults_that_it_has() {
    let (defaults, required) = (defaults(), required());
    assert_eq!(defaults.keys().cloned().collect::<BTreeSet<_>>(), code::variables());

    // With every default spelt out, the settings are those of an environment that has nothing but what is required.
    let least = |name: &str| required.contains(name).then(|| "x".to_owned());
    let spelt_out = |name: &str| least(name).or_else(|| defaults.get(name).filter(|one| *one != "none").cloned());
    let settings = Config::from_vars(least).expect("what is required is enough");
    assert_eq!(Config::from_vars(spelt_out), Ok(settings));
    for missing in &required {
        assert!(Config::from_vars(|name| least(name).filter(|_| name != missing)).is_err(), "{missing} is required");
    }
}

#[test]
fn the_zones_that_are_named_are_known() {
    let readme = readme();
    let row = readme.table("variable").iter().find(|row| row[0].plain() == "TIME_ZONE").unwrap();
    for zone in row[1].code().chain(row[2].code()) {
        assert!(Zone::named(zone).is_some(), "{zone}");
    }
}

#[test]
fn the_languages_that_are_named_are_those_of_the_code() {
    let readme = readme();
    let row = readme.table("variable").iter().find(|row| row[0].plain() == "MESSAGE_LANGUAGE").unwrap();
    assert_eq!(row[2].code().collect::<Vec<_>>(), Language::ALL.map(Language::code));
}

/// What each event does is in `tests/e2e/test_events.py`.
#[test]
fn the_options_are_those_of_the_code_and_each_has_an_event_that_shows_it() {
    let readme = readme();
    let documented: BTreeSet<&str> = readme.table("option").iter().flat_map(|row| row[0].code()).collect();
    assert_eq!(documented, code::options().iter().map(String::as_str).collect());
    let events = fs::read_dir(path("events")).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    let events: Vec<Value> = events.map(|event| serde_json::from_slice(&event).unwrap()).collect();
    for event in &events {
        event::read(event).unwrap_or_else(|problems| panic!("{event}: {problems:?}"));
    }
    for option in documented {
        assert!(events.iter().any(|event| event.get(option).is_some()), "no event shows `{option}`");
    }
}

#[test]
fn the_json_is_accepted_by_the_code() {
    let readme = readme();
    let blocks = readme.blocks("json");
    let [keys, accounts, webhooks, event] = blocks.as_slice() else { panic!("{} JSON blocks", blocks.len()) };
    for (keys, count) in [(keys, 1), (accounts, 2)] {
        let entries = secrets::accounts("ncp/prod", &keys.replace("…", "KEY").into()).unwrap();
        assert_eq!(entries.iter().filter(|(_, read)| read.is_ok()).count(), count);
    }
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let hooks = secrets::hooks(&(*webhooks).into(), today).unwrap();
    assert_eq!((hooks.webhooks.len(), hooks.mutes.len(), hooks.heartbeat.is_some()), (2, 1, true));
    assert!(hooks.mutes.iter().all(|mute| !mute.has_ended(today)) && !hooks.webhooks[1].routes.is_open());
    event::read(&serde_json::from_str(event).unwrap()).unwrap();
}

#[test]
fn the_error_types_are_those_of_the_code_in_their_order() {
    let named: Vec<String> = readme().table("error type").iter().map(|row| row[0].plain()).collect();
    assert_eq!(named, code::error_types());
}

#[test]
fn every_metric_is_named() {
    let readme = readme();
    let named: BTreeSet<&str> = readme.code().collect();
    for metric in code::metrics() {
        assert!(named.contains(metric.as_str()), "{metric}");
    }
}

/// `tests/e2e/test_release.py` tests that SAM asks for them in this order.
#[test]
fn the_guides_parameters_are_those_of_the_template_in_its_order() {
    let readme = readme();
    let (_, Part::Text(listed)) = readme.commented("The template's parameters in their order") else {
        panic!("no paragraph follows")
    };
    assert_eq!(listed.code().collect::<Vec<_>>(), template()["Parameters"].keys().collect::<Vec<_>>());
}

#[test]
fn whoever_deploys_hears_of_alarms() {
    let readme = readme();
    let commands = shell::of(&readme);
    let deploys = ["sam deploy ", "aws cloudformation deploy "];
    let deploying: Vec<_> =
        commands.iter().filter(|command| deploys.iter().any(|deploy| command.begins(deploy))).collect();
    assert_eq!(deploying.len(), 3);
    for command in deploying {
        assert!(command.list("--parameter-overrides").any(|one| one.starts_with("AlarmEmail=")), "{command:?}");
        // The commands after it expect a stack of this name.
        assert_eq!(command.option("--stack-name"), Some("ncp-cert-alert"), "{command:?}");
    }
    assert!(readme.texts().map(Text::plain).any(|text| text.contains("confirm the mail")));
    assert!(commands.iter().any(|command| command.words == ["eval", "$(output Alarms)"]));
}

#[test]
fn a_function_without_the_template_has_the_settings_that_it_needs_and_is_not_repeated_either() {
    let commands = shell::of(&readme());
    let find = |begins| commands.iter().find(|command| command.begins(begins)).unwrap();
    let set = find("cargo lambda deploy ").options("--env-var").map(|one| one.split_once('=').unwrap().0.to_owned());
    assert_eq!(set.collect::<BTreeSet<_>>(), required());
    let repeated = &template()["Resources"]["Function"]["Properties"]["EventInvokeConfig"]["MaximumRetryAttempts"];
    let command = find("aws lambda put-function-event-invoke-config ");
    assert_eq!(command.option("--maximum-retry-attempts"), Some(repeated.text()));
}
