//! What is read from outside, as nobody would send it: the files of `tests/corpus`, which fuzzers found worth keeping, and
//! changes to them by chance (`PROPTEST_CASES=100000 cargo test --test corpus` makes more).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use chrono::NaiveDate;
use ncp_cert_alert::global_edge::{read_impact, read_page};
use ncp_cert_alert::lambda::event;
use ncp_cert_alert::net::redact::Redactor;
use ncp_cert_alert::settings::secrets;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// An access key, and a secret key or the secret part of a URL. The files hold them too.
const ACCESS_KEY: &str = "CANARY0KEY0CANARY0KE";
const SECRET_KEY: &str = "canaryS3cret0CanaryS3cret0CanaryS3cret00";

/// A page of the list, and the detail of a slot.
fn page(input: &[u8]) {
    let redactor = Redactor::new([ACCESS_KEY, SECRET_KEY]);
    match read_page(input, &redactor) {
        Ok(page) => {
            assert!(page.rows.len() <= page.length, "{} rows of {}", page.rows.len(), page.length);
            if let Ok(sent) = serde_json::from_slice::<Value>(input) {
                let rows = sent["result"]["content"].as_array().map_or(0, Vec::len);
                assert_eq!(page.length, rows, "every row counts, whether it can be read or not");
            }
        }
        Err(error) => assert_sentence(&error.to_string()),
    }
    match read_impact(input, &redactor) {
        Ok(impact) => {
            for (number, name) in impact.names.iter().enumerate() {
                assert!(!name.is_empty() && !impact.names[..number].contains(name), "{name:?} in {:?}", impact.names);
            }
            assert!(impact.edges.is_none_or(|edges| edges >= impact.edge_names.len() as u64), "{impact:?}");
        }
        Err(error) => assert_sentence(&error.to_string()),
    }
}

/// Both kinds of secrets, as they are and with the input beside keys and URLs.
fn secret(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    accounts(text);
    webhooks(text);
    for field in ["name", "api_url", "secretKey", text] {
        accounts(&json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, field: text}).to_string());
    }
    let url = format!("https://hooks.slack.com/services/T0/B0/{SECRET_KEY}");
    for field in ["name", "kind", "min_severity", "mention", text] {
        webhooks(&json!({"webhooks": [{"url": url, field: text}]}).to_string());
    }
    for url in [format!("{url}{text}"), format!("https://{text}/{SECRET_KEY}"), format!("{text}://x/{SECRET_KEY}")] {
        webhooks(&url);
        webhooks(&json!({"webhooks": [{"url": url, "kind": "teams"}]}).to_string());
    }
}

fn accounts(text: &str) {
    match secrets::accounts("team/ncp/prod", &text.into()) {
        Ok(entries) => {
            assert!(!entries.is_empty());
            for (label, read) in entries {
                assert!(!label.to_string().is_empty());
                match read {
                    Ok(account) => assert_hides_keys(&format!("{:?}", account.keys)),
                    Err(problems) => assert_sentences(&problems),
                }
            }
        }
        Err(problems) => assert_sentences(&problems),
    }
}

fn webhooks(text: &str) {
    match secrets::hooks(&text.into(), NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()) {
        Ok(secret) => {
            assert!(!secret.webhooks.is_empty());
            for webhook in secret.webhooks {
                assert!(!webhook.name.is_empty());
                assert_hides_keys(&format!("{:?}", webhook.url));
            }
        }
        Err(problems) => assert_sentences(&problems),
    }
}

/// An event, as it is and within an envelope: the same options, or a refusal.
fn event(input: &[u8]) {
    let Ok(sent) = serde_json::from_slice::<Value>(input) else { return };
    let read = event::read(&sent);
    if let Err(problems) = &read {
        assert!(!problems.is_empty(), "an error without a sentence");
        // The name of a secret is shown, whatever it looks like.
        for problem in problems.iter().filter(|problem| !problem.contains(" twice; ")) {
            assert_sentence(problem);
        }
    }
    if sent.is_object() && sent.get("detail-type").is_none() {
        for detail in [sent.clone(), sent.to_string().into()] {
            let wrapped = event::read(&json!({"detail-type": "Scheduled Event", "detail": detail}));
            assert_eq!(wrapped.is_ok(), read.is_ok(), "{detail}");
        }
        let mut unknown = sent;
        unknown["dryrun"] = true.into();
        assert!(event::read(&unknown).is_err(), "an unknown option");
    }
}

fn assert_sentences(problems: &[String]) {
    assert!(!problems.is_empty(), "an error without a sentence");
    for problem in problems {
        assert_sentence(problem);
    }
}

fn assert_sentence(text: &str) {
    assert!(!text.is_empty() && !text.chars().any(char::is_control), "{text:?}");
    assert_hides_keys(text);
}

fn assert_hides_keys(text: &str) {
    assert!(!text.contains(ACCESS_KEY) && !text.contains(SECRET_KEY), "a key is shown: {text:?}");
}

/// The files of one kind, each with its name.
fn files(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(kind);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    files.sort();
    assert!(files.len() >= 10, "the corpus of `{kind}` is there");
    files
}

static PAGES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| files("page"));
static SECRETS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| files("secrets"));
static EVENTS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| files("event"));

#[test]
fn every_file_is_read_as_promised() {
    for (files, check) in [(&PAGES, page as fn(&[u8])), (&SECRETS, secret), (&EVENTS, event)] {
        for (name, input) in files.iter() {
            assert!(std::panic::catch_unwind(|| check(input)).is_ok(), "{name} breaks a promise");
        }
    }
}

/// The beginning of one file and the end of another, with some bytes changed.
fn spliced(files: &'static [(String, Vec<u8>)]) -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec(any::<(Index, u8)>(), 0..4);
    (select(files), select(files), any::<[Index; 2]>(), changes).prop_map(|((_, first), (_, second), cuts, changes)| {
        let [end, start] = [cuts[0].index(first.len() + 1), cuts[1].index(second.len() + 1)];
        let mut spliced = [&first[..end], &second[start..]].concat();
        for (at, byte) in changes.into_iter().filter(|_| !spliced.is_empty()).collect::<Vec<_>>() {
            let at = at.index(spliced.len());
            spliced[at] = byte;
        }
        spliced
    })
}

proptest! {
    #[test]
    fn changed_pages_are_read_as_promised(input in spliced(&PAGES)) {
        page(&input);
    }

    #[test]
    fn changed_secrets_are_read_as_promised(input in spliced(&SECRETS)) {
        secret(&input);
    }

    #[test]
    fn changed_events_are_read_as_promised(input in spliced(&EVENTS)) {
        event(&input);
    }
}
