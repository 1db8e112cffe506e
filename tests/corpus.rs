//! What is read from outside, as nobody would send it: the files of `tests/corpus`, which fuzzers found worth keeping, and
//! changes to them by chance (`PROPTEST_CASES=100000 cargo test --test corpus` makes more).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use ncp_cert_alert::event;
use ncp_cert_alert::global_edge::{read_detail, read_page};
use ncp_cert_alert::net::disclosure::Secrets;
use ncp_cert_alert::secret_store::flaw;
use ncp_cert_alert::settings::secrets;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// An access key, and a secret key or the secret part of a URL. The files hold them too.
const ACCESS_KEY: &str = "CANARY0KEY0CANARY0KE";
const SECRET_KEY: &str = "canaryS3cret0CanaryS3cret0CanaryS3cret00";

/// A page of the list, and the detail of a slot.
fn page(input: &[u8]) {
    let secrets = Secrets::default();
    match read_page(input, &secrets) {
        Ok(page) => {
            assert!(page.rows.len() <= page.length, "{} rows of {}", page.rows.len(), page.length);
            if let Ok(sent) = serde_json::from_slice::<Value>(input) {
                let rows = sent["result"]["content"].as_array().map_or(0, Vec::len);
                assert_eq!(page.length, rows, "every row counts, whether it can be read or not");
            }
        }
        Err(error) => assert_sentences(&[error.to_string()]),
    }
    match read_detail(input, &secrets) {
        Ok(impact) => {
            for (number, name) in impact.names.iter().enumerate() {
                assert!(!name.is_empty() && !impact.names[..number].contains(name), "{name:?} in {:?}", impact.names);
            }
            assert!(impact.edges.is_none_or(|edges| edges >= impact.edge_names.len() as u64), "{impact:?}");
        }
        Err(error) => assert_sentences(&[error.to_string()]),
    }
}

/// Both kinds of secrets, as they are and with the input beside keys and in URLs.
fn secret(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    accounts(text);
    webhooks(text);
    for field in ["name", "api_url", "secretKey", text] {
        accounts(&json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, field: text}).to_string());
    }
    let url = format!("https://hooks.slack.com/services/T0/B0/{SECRET_KEY}");
    for url in [format!("{url}{text}"), format!("https://{text}/{SECRET_KEY}"), format!("{text}://x/{SECRET_KEY}")] {
        webhooks(&url);
        webhooks(&json!({"webhooks": [{"url": url, "kind": "teams", text: text}]}).to_string());
    }
}

fn accounts(text: &str) {
    match secrets::accounts("team/ncp/prod", &text.into()) {
        Ok(entries) => {
            for (label, read) in entries {
                assert!(!label.is_empty());
                read.map_or_else(
                    |problems| assert_sentences(&flaw::sentences(&problems)),
                    |account| assert_hides_keys(&account.keys),
                );
            }
        }
        Err(problems) => assert_sentences(&flaw::sentences(&problems)),
    }
}

fn webhooks(text: &str) {
    match secrets::hooks(&text.into(), NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()) {
        Ok(secret) => secret.webhooks.iter().for_each(|webhook| assert_hides_keys(&webhook.url)),
        Err(problems) => assert_sentences(&flaw::sentences(&problems)),
    }
}

/// An event, as it is and within an envelope: the same options, or a refusal.
fn event(input: &[u8]) {
    let Ok(sent) = serde_json::from_slice::<Value>(input) else { return };
    let read = event::read(&sent);
    if let Err(problems) = &read {
        // The name of a secret is shown, whatever it looks like.
        assert_sentences(problems.iter().filter(|problem| !problem.contains(" twice; ")));
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

fn assert_sentences<'a>(problems: impl IntoIterator<Item = &'a String>) {
    for problem in problems {
        assert!(!problem.is_empty() && !problem.chars().any(char::is_control), "{problem:?}");
        assert_hides_keys(problem);
    }
}

fn assert_hides_keys(shown: &dyn Debug) {
    let shown = format!("{shown:?}");
    assert!(!shown.contains(ACCESS_KEY) && !shown.contains(SECRET_KEY), "a key is shown: {shown}");
}

/// The files of one kind.
fn files(kind: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(kind);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(files.len() >= 10, "the corpus of `{kind}` is there");
    files
}

#[test]
fn every_file_is_read_as_promised() {
    for (kind, check) in [("page", page as fn(&[u8])), ("secrets", secret), ("event", event)] {
        for input in files(kind) {
            let holds = std::panic::catch_unwind(|| check(&input)).is_ok();
            assert!(holds, "{kind}: {}", String::from_utf8_lossy(&input));
        }
    }
}

/// The beginning of one file and the end of another, with some bytes changed.
fn spliced(kind: &str) -> impl Strategy<Value = Vec<u8>> {
    let file = select(files(kind));
    let changes = proptest::collection::vec(any::<(Index, u8)>(), 0..4);
    (file.clone(), file, any::<[Index; 2]>(), changes).prop_map(|(first, second, cuts, changes)| {
        let (end, start) = (cuts[0].index(first.len() + 1), cuts[1].index(second.len() + 1));
        let mut spliced = [&first[..end], &second[start..], b" "].concat();
        for (at, byte) in changes {
            let at = at.index(spliced.len());
            spliced[at] = byte;
        }
        spliced
    })
}

proptest! {
    #[test]
    fn changed_files_are_read_as_promised(a in spliced("page"), b in spliced("secrets"), c in spliced("event")) {
        page(&a);
        secret(&b);
        event(&c);
    }
}
