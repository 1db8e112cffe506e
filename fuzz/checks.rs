//! What holds for every input from outside, besides that nothing panics: once for the fuzzers (`fuzz_targets/`) and once for
//! `cargo test`, which replays what the fuzzers found worth keeping (`tests/fuzz_corpus.rs`).

use ncp_cert_alert::global_edge::{Page, read_impact, read_page};
use ncp_cert_alert::lambda::event::{self, Options};
use ncp_cert_alert::net::redact::Redactor;
use ncp_cert_alert::rules::{Inventory, Reason, Thresholds};
use ncp_cert_alert::settings::Config;
use ncp_cert_alert::{settings::secrets as secret, text};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use url::Url;

/// Stands in for an access key. It looks like one, so that it is hidden even where it was put by mistake.
const ACCESS_KEY: &str = "CANARY0KEY0CANARY0KE";
/// Stands in for a secret key, and for the secret part of a URL.
const SECRET_KEY: &str = "canaryS3cret0CanaryS3cret0CanaryS3cret00";

/// Everything that an event can say, in the words of the README.
const EVENT_KEYS: [&str; 13] = [
    "dry_run",
    "test",
    "now",
    "warn_days",
    "critical_days",
    "notify_when_clear",
    "min_severity",
    "ncp_secret_id",
    "webhook_secret_id",
    "scheduled_time",
    "schedule_arn",
    "execution_id",
    "attempt",
];

/// A page of the list and a slot's detail: no row is lost, none is invented, and no key that Global Edge echoes is kept.
pub(crate) fn page(input: &[u8]) {
    let redactor = Redactor::new([ACCESS_KEY, SECRET_KEY]);
    // Skipped parts need not be valid, so what can be read is not always a value. Then there is nothing to compare with.
    let sent: Value = serde_json::from_slice(input).unwrap_or_default();

    match read_page(input, &redactor) {
        Ok(page) => {
            assert!(page.rows.len() <= page.length, "{} rows of {}", page.rows.len(), page.length);
            for row in &page.rows {
                assert_no_canary(&format!("{row:?}"));
                for text in [&row.common_name, &row.certificate_name, &row.service_region] {
                    assert_no_canary(&text::name(text));
                }
            }
            if !sent.is_null() {
                assert!(matches!(&sent["code"], Value::Null) || sent["code"] == "0000");
                let elements = sent["result"]["content"].as_array().map_or(&[][..], Vec::as_slice);
                assert_eq!(page.length, elements.len());
                // Every slot that is plainly a whole number is there, in order, or else its row counts as unreadable, as does
                // one with a duplicate key. Here each key occurs once.
                let plain: Vec<i64> = elements.iter().filter_map(|element| element["slotId"].as_i64()).collect();
                assert!(lost(&plain, &page) <= page.length - page.rows.len());
                let once = read_page(sent.to_string().as_bytes(), &redactor).expect("a page whose keys are there once");
                assert_eq!(lost(&plain, &once), 0, "of {plain:?}");
                if let Some(total) = sent["result"]["pageable"]["totalCount"].as_u64() {
                    assert_eq!(page.total, Ok(total));
                }
            }
            judge(page.rows);
        }
        Err(error) => assert_shows_no_canary(&error.to_string(), &format!("{error:?}")),
    }
    as_a_row(input);

    match read_impact(input, &redactor) {
        Ok(impact) => {
            assert_no_canary(&format!("{impact:?}"));
            for text in impact.names.iter().chain(&impact.edge_names) {
                assert_no_canary(&text::name(text));
                assert!(!text.is_empty());
            }
            for (number, name) in impact.names.iter().enumerate() {
                assert!(!impact.names[..number].contains(name), "{name} is there twice");
            }
            let edges = &sent["result"]["linkedEdges"];
            let rows = edges["content"].as_array().map_or(0, Vec::len);
            let total = edges["pageable"]["totalCount"].as_u64();
            assert!(impact.edge_names.len() <= rows);
            // The rows can raise the count, and make a count of none unknown.
            assert!(impact.edges.is_none_or(|edges| total.is_some_and(|total| edges == total.max(rows as u64))));
            assert_eq!(
                impact.edges == Some(0),
                total == Some(0) && matches!(&edges["content"], Value::Null | Value::Array(_)) && rows == 0
            );
        }
        Err(error) => assert_shows_no_canary(&error.to_string(), &format!("{error:?}")),
    }
}

/// How many of these slots are not among the rows of a page, in this order.
fn lost(slots: &[i64], page: &Page) -> usize {
    let mut rows = page.rows.iter().map(|row| row.slot_id);
    let mut lost = 0;
    for slot in slots {
        match rows.clone().position(|row| row == *slot) {
            Some(at) => drop(rows.nth(at)),
            None => lost += 1,
        }
    }
    lost
}

/// Whatever a row is, as long as its brackets and quotes are paired: no other row is lost because of it, and it counts.
fn as_a_row(input: &[u8]) {
    if serde_json::from_slice::<IgnoredAny>(input).is_err() {
        return;
    }
    let (before, after) =
        (r#"{"result":{"content":[{"slotId":-1},"#, r#",{"slotId":-2}],"pageable":{"totalCount":3}}}"#);
    let body = [before.as_bytes(), input, after.as_bytes()].concat();
    let page = read_page(&body, &Redactor::default()).expect("a page");
    assert_eq!((page.length, &page.total), (3, &Ok(3)));
    assert_eq!(page.rows.first().map(|row| row.slot_id), Some(-1));
    assert_eq!(page.rows.last().map(|row| row.slot_id), Some(-2));
}

/// Whatever the rows say, they can be judged: each is counted, and what is selected is in order and has a reason.
fn judge(rows: Vec<ncp_cert_alert::certificate::Certificate>) {
    let now = "2026-11-23T00:00:00Z".parse().expect("a constant date is one");
    let count = rows.len();
    let mut inventory = Inventory::new(Thresholds::DEFAULT, now);
    inventory.extend(rows);
    let judgement = inventory.close();
    assert_eq!(judgement.checked, count as u64);
    assert!(judgement.findings.len() <= count);
    assert!(judgement.findings.is_sorted_by(|a, b| a.urgency(b).is_le()));
    for finding in &judgement.findings {
        assert!(finding.severity() <= finding.reasons.severity());
        assert!(finding.expiry.is_some() || !finding.has(Reason::Expired) && !finding.has(Reason::Expiring));
    }
}

/// Both kinds of secrets, as they are and with the input in every place next to the canaries: no error and no `Debug` output
/// repeats a key or a URL, and accepted webhooks can be told apart.
pub(crate) fn secrets(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    account(text);
    webhooks(text);

    let keys = json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY});
    for field in ["name", "api_url", "secretKey", text] {
        account(&with(&keys, field, text));
    }
    account(&with(&json!({"accessKey": ACCESS_KEY}), "secret_key", &format!("{SECRET_KEY}{text}")));

    let url = format!("https://hooks.slack.com/services/T0/B0/{SECRET_KEY}");
    for field in ["name", "kind", "min_severity", "mention", text] {
        webhooks(&json!({"webhooks": [hook(&url, field, text)]}).to_string());
    }
    for url in [format!("{url}{text}"), format!("https://{text}/{SECRET_KEY}"), format!("{text}://x/{SECRET_KEY}")] {
        webhooks(&url);
        webhooks(&json!({"webhooks": [hook(&url, "kind", "teams")]}).to_string());
    }
}

fn with(object: &Value, field: &str, value: &str) -> String {
    let mut object = object.clone();
    object[field] = value.into();
    object.to_string()
}

fn hook(url: &str, field: &str, value: &str) -> Value {
    let mut hook = json!({field: value});
    hook["url"] = url.into();
    hook
}

fn account(text: &str) {
    match secret::accounts("team/ncp/prod", &text.into()) {
        Ok(entries) => {
            assert!(!entries.is_empty());
            for (label, read) in entries {
                assert!(!label.to_string().is_empty());
                assert_one_line(&label.to_string());
                match read {
                    Ok(account) => assert_account(&account),
                    Err(problems) => {
                        assert!(!problems.is_empty());
                        assert_sentences(&problems);
                    }
                }
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            assert_sentences(&problems);
        }
    }
}

fn assert_account(account: &secret::AccountSecret) {
    assert!(!account.keys.access_key().is_empty() && !account.keys.secret_key().is_empty());
    let printable = |key: &str| key.bytes().all(|byte| byte.is_ascii_graphic());
    assert!(printable(account.keys.access_key()) && printable(account.keys.secret_key()));
    // A name and a base URL are not secrets.
    let public = format!("{} {:?}", account.label, account.api_url);
    if !has_canary(&public) {
        assert_no_canary(&format!("{account:?}"));
    }
    assert_no_canary(&format!("{:?}", account.keys));
}

fn webhooks(text: &str) {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
    match secret::hooks(&text.into(), today) {
        Ok(secret::WebhookSecret { webhooks, .. }) => {
            assert!(!webhooks.is_empty());
            for (number, webhook) in webhooks.iter().enumerate() {
                assert!(!webhook.name.is_empty());
                assert_one_line(&webhook.name);
                for other in &webhooks[..number] {
                    assert!(!webhook.url.is(&other.url) && webhook.name != other.name);
                }
                assert_no_canary(&format!("{:?}", webhook.url));
                if !has_canary(&webhook.name) && !webhook.mention.as_deref().is_some_and(has_canary) {
                    assert_no_canary(&format!("{webhook:?}"));
                }
            }
            // A bare URL: whatever a server could echo of it is removed.
            if let Ok(url) = Url::parse(text.trim())
                && !text.trim_start().starts_with(['{', '[', '"'])
            {
                let redactor = Redactor::default();
                webhooks[0].url.hide_by(&redactor);
                for echo in [&url[..url::Position::AfterQuery], url.path(), url.query().unwrap_or_default()] {
                    assert_no_canary(&redactor.scrub(echo));
                }
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            assert_sentences(&problems);
        }
    }
}

/// An event: the same text gives the same run; an unknown option is an error; and the options mean the same wherever they are.
pub(crate) fn event(input: &[u8]) {
    let Ok(event) = serde_json::from_slice::<Value>(input) else { return };
    let read = event::read(&event);
    assert_eq!(read, event::read(&event));
    match &read {
        Ok(options) => accepted(options),
        Err(problems) if problems.is_empty() => panic!("an error without a sentence"),
        // A secret's name is shown: whatever it looks like, it is not a secret.
        Err(problems) => assert_sentences(problems.iter().filter(|problem| !problem.contains(" twice; "))),
    }

    let Value::Object(fields) = &event else { return };
    if !fields.contains_key("detail-type") {
        if let Ok(options) = &read {
            assert_meant(fields, options);
        }
        for detail in [event.clone(), event.to_string().into()] {
            let wrapped = event::read(&json!({"detail-type": "Scheduled Event", "detail": detail}));
            assert_eq!(wrapped.is_ok(), read.is_ok());
            // Numbers in what the schedule says about itself may be written differently after a detour through text.
            let plain = |options: &Options| Options { schedule: vec![], ..options.clone() };
            assert_eq!(wrapped.ok().as_ref().map(plain), read.as_ref().ok().map(plain));
        }
    } else if let (Value::Object(detail), Ok(options)) = (&event["detail"], &read) {
        assert_meant(detail, options);
    }
}

/// What is done is what these fields say, and they say nothing else.
fn assert_meant(fields: &Map<String, Value>, options: &Options) {
    let unknown = fields.keys().find(|key| !EVENT_KEYS.contains(&key.as_str()));
    assert_eq!(unknown, None, "an unknown option was accepted");
    let truth = |key: &str| fields.get(key).is_some_and(|value| *value == Value::Bool(true));
    assert_eq!((options.dry_run, options.test), (truth("dry_run"), truth("test")));
    assert_eq!(options.now.is_some(), fields.contains_key("now"));
    assert_eq!(options.min_severity.is_some(), fields.contains_key("min_severity"));
    assert_eq!(options.webhook_secret_id.is_some(), fields.contains_key("webhook_secret_id"));
    assert_eq!(options.ncp_secret_ids.is_some(), fields.contains_key("ncp_secret_id"));
}

fn accepted(options: &Options) {
    if let Some(ids) = &options.ncp_secret_ids {
        assert!(!ids.is_empty() && ids.iter().all(|id| !id.trim().is_empty()));
        assert!((1..ids.len()).all(|number| !ids[..number].contains(&ids[number])), "a secret is there twice");
    }
    assert!(options.warn_days.is_none_or(|days| (1..=3650).contains(&days)));
    assert!(options.critical_days.is_none_or(|days| days <= 3650));
    let config = Config::from_vars(|name: &str| name.ends_with("SECRET_ID").then(|| "x".to_owned()));
    let config = config.unwrap_or_else(|problems| panic!("the least settings are enough: {problems:?}"));
    if let Ok(thresholds) = options.thresholds(&config) {
        assert!(thresholds.critical_days <= thresholds.warn_days);
    }
    for (_, text) in &options.schedule {
        assert_one_line(text);
    }
}

/// What is wrong is reported, in lines without a secret.
fn assert_sentences<'a>(problems: impl IntoIterator<Item = &'a String>) {
    for problem in problems {
        assert_one_line(problem);
        assert_no_canary(problem);
    }
}

fn assert_shows_no_canary(shown: &str, debug: &str) {
    assert_one_line(shown);
    assert_no_canary(shown);
    assert_no_canary(debug);
}

fn assert_one_line(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

fn has_canary(text: &str) -> bool {
    text.contains(ACCESS_KEY) || text.contains(SECRET_KEY)
}

fn assert_no_canary(text: &str) {
    assert!(!has_canary(text), "a secret is shown: {text:?}");
}
