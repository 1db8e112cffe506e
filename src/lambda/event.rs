//! The event: whatever EventBridge, Scheduler or a person sends → the options of one run.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::report::view::{NotifyPolicy, Scope};
use crate::rules::{Severity, Thresholds};
use crate::settings::{self, Config, MAX_DAYS, SECRET_ID};
use crate::text::json::{self, Doubled};
use crate::text::quote::{quoted, quoted_name};

/// What a schedule may also send about itself. It is only logged.
const ABOUT_THE_SCHEDULE: [&str; 4] = ["scheduled_time", "schedule_arn", "execution_id", "attempt"];

/// The options, as errors list them.
const OPTIONS: [&str; 11] = [
    "dry_run",
    "test",
    "now",
    "warn_days",
    "critical_days",
    "notify_when_clear",
    "min_severity",
    "fresh_hours",
    "summary",
    "ncp_secret_id",
    "webhook_secret_id",
];

/// The most hours for which news can be fresh: a year.
const MAX_FRESH_HOURS: u32 = 8760;

/// What EventBridge puts into every event.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>
const OF_THE_ENVELOPE: [&str; 9] =
    ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"];

/// What was sent. What cannot be read is kept as that, since the runtime's own error would quote it, and would not be one of
/// ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload(Option<(Value, Option<Doubled>)>);

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(json::parse(deserializer).ok()))
    }
}

impl From<Value> for Payload {
    fn from(event: Value) -> Self {
        Self(Some((event, None)))
    }
}

impl Payload {
    /// The options, as [`read`] says.
    ///
    /// # Errors
    /// If it is not JSON, or [`read`] says what is wrong with it.
    pub fn options(&self) -> Result<Options, Vec<String>> {
        let unreadable = || {
            vec![
                "the event is not JSON that can be read (a number out of range, half of a surrogate pair, or text that breaks \
                 off); accepted: an object of options, an EventBridge event, or null"
                    .to_owned(),
            ]
        };
        match self.0.as_ref().ok_or_else(unreadable)? {
            (event, None) => read(event),
            (_, Some(doubled)) => Err(vec![doubled.to_string()]),
        }
    }
}

/// The options of one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Do everything but post.
    pub dry_run: bool,
    /// Post a sample instead of checking anything.
    pub test: bool,
    /// Judge as if it were then.
    pub now: Option<DateTime<Utc>>,
    /// Instead of `WARN_DAYS`.
    pub warn_days: Option<u32>,
    /// Instead of `CRITICAL_DAYS`.
    pub critical_days: Option<u32>,
    /// Instead of `NOTIFY_WHEN_CLEAR`.
    pub notify_when_clear: Option<bool>,
    /// No webhook gets anything below this level.
    pub min_severity: Option<Severity>,
    /// Of warnings and infos, report only those that became so within this many hours; a summary reports all of them.
    pub fresh_hours: Option<u32>,
    /// Report everything, with what was deployed and an outlook.
    pub summary: bool,
    /// Instead of `NCP_SECRET_ID`.
    pub ncp_secret_ids: Option<Vec<String>>,
    /// Instead of `WEBHOOK_SECRET_ID`.
    pub webhook_secret_id: Option<String>,
    /// What the schedule says about itself, to be logged.
    pub schedule: Vec<(&'static str, String)>,
}

/// Reads an event: a rule's or Scheduler's envelope, an object of options, `{}` or `null`.
///
/// An envelope's `time` is ignored: consoles send sample events from 1970.
///
/// # Errors
/// A sentence for everything that is wrong, so that a misspelt option never runs as something else.
pub fn read(event: &Value) -> Result<Options, Vec<String>> {
    match event {
        Value::Null => Ok(Options::default()),
        Value::Object(fields) if fields.contains_key("detail-type") => envelope(fields),
        Value::Object(fields) => options(fields),
        other => Err(vec![format!(
            "the event is {}; accepted: an object of options, an EventBridge event, or null",
            kind(other)
        )]),
    }
}

fn envelope(fields: &Map<String, Value>) -> Result<Options, Vec<String>> {
    // An option next to `detail` would be overlooked, spelt right or wrong: someone asks for a dry run and gets a real one.
    let mut problems = Vec::new();
    for key in fields.keys().filter(|key| !OF_THE_ENVELOPE.contains(&key.as_str())) {
        if let Some(option) = OPTIONS.into_iter().find(|option| is_like(key, option)) {
            let meant = if key == option { String::new() } else { format!(" and is like `{option}`") };
            let shown = quoted_name(key);
            problems.push(format!(
                "{shown} stands beside `detail`{meant}; in an EventBridge event options are read from `detail`"
            ));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let refused = |what: String| Err(vec![format!("`detail` is {what}; accepted: an object of options")]);
    match fields.get("detail") {
        None | Some(Value::Null) => Ok(Options::default()),
        Some(Value::Object(detail)) => options(detail),
        Some(Value::String(text)) => match json::parse_text(text) {
            Ok((_, Some(doubled))) => Err(vec![doubled.to_string()]),
            Ok((Value::Object(detail), None)) => options(&detail),
            Ok((Value::Null, None)) => Ok(Options::default()),
            Ok((other, None)) => refused(format!("a string that holds {}", kind(&other))),
            Err(_) => refused("a string that is not JSON".to_owned()),
        },
        Some(other) => refused(kind(other).to_owned()),
    }
}

fn options(fields: &Map<String, Value>) -> Result<Options, Vec<String>> {
    let mut options = Options::default();
    let mut problems = Vec::new();
    for (key, value) in fields {
        if let Some(about) = ABOUT_THE_SCHEDULE.into_iter().find(|about| about == key) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            options.schedule.push((about, crate::text::name(&text)));
            continue;
        }
        // Only what is listed is taken, so no option is left out of the list.
        let taken = match OPTIONS.into_iter().find(|option| option == key).unwrap_or_default() {
            "dry_run" => truth(value).map(|truth| options.dry_run = truth),
            "test" => truth(value).map(|truth| options.test = truth),
            "now" => time(value).map(|time| options.now = Some(time)),
            "warn_days" => number(value, 1, MAX_DAYS).map(|days| options.warn_days = Some(days)),
            "critical_days" => number(value, 0, MAX_DAYS).map(|days| options.critical_days = Some(days)),
            "notify_when_clear" => truth(value).map(|truth| options.notify_when_clear = Some(truth)),
            "min_severity" => severity(value).map(|severity| options.min_severity = Some(severity)),
            "fresh_hours" => number(value, 1, MAX_FRESH_HOURS).map(|hours| options.fresh_hours = Some(hours)),
            "summary" => truth(value).map(|truth| options.summary = truth),
            "ncp_secret_id" => secret_ids(value).map(|ids| options.ncp_secret_ids = Some(ids)),
            "webhook_secret_id" => secret_id(value).map(|id| options.webhook_secret_id = Some(id)),
            _ => {
                problems.push(format!("unknown option {}; accepted: {}", quoted_name(key), OPTIONS.join(", ")));
                continue;
            }
        };
        if let Err(problem) = taken {
            problems.push(format!("`{key}` {problem}"));
        }
    }
    if problems.is_empty() { Ok(options) } else { Err(problems) }
}

impl Options {
    /// What a run reports; `when_clear` is the setting `NOTIFY_WHEN_CLEAR`. A summary reports everything, whatever
    /// `fresh_hours` says, and that all is clear unless the event itself says otherwise.
    #[must_use]
    pub fn policy(&self, when_clear: bool) -> NotifyPolicy {
        let scope = match self.fresh_hours {
            // A sample is one message, always the same.
            _ if self.test => Scope::All,
            _ if self.summary => Scope::Summary,
            Some(hours) => Scope::News(TimeDelta::hours(hours.into())),
            None => Scope::All,
        };
        NotifyPolicy {
            least: self.min_severity.unwrap_or(Severity::Info),
            when_clear: self.notify_when_clear.unwrap_or(when_clear || self.summary),
            scope,
        }
    }

    /// The thresholds of this run: those of `config`, with the event's overrides.
    ///
    /// # Errors
    /// If they contradict each other.
    pub fn thresholds(&self, config: &Config) -> Result<Thresholds, String> {
        let set = config.settings.thresholds;
        let warn_days = self.warn_days.unwrap_or(set.warn_days);
        let critical_days = self.critical_days.unwrap_or(set.critical_days);
        if critical_days > warn_days {
            let critical = if self.critical_days.is_some() { "`critical_days`" } else { "CRITICAL_DAYS" };
            let warn = if self.warn_days.is_some() { "`warn_days`" } else { "WARN_DAYS" };
            return Err(format!(
                "{critical} is {critical_days}, more than {warn}, which is {warn_days}; accepted: 0 to {warn_days}"
            ));
        }
        Ok(Thresholds { warn_days, critical_days, ..set })
    }
}

/// Whether someone who wrote `key` may have meant `option`: apart from letter case, `_` and `-`, both are the same or differ by
/// at most two typing slips, or by one where the option is so short that two would turn it into any word.
fn is_like(key: &str, option: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let most = if option.len() < 4 { 1 } else { 2 };
    strsim::osa_distance(&plain(key), &plain(option)) <= most
}

/// What kind of JSON a value is.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value in an error: as it was sent, unless it is long or may be a secret.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Bool(_) | Value::Number(_) | Value::Null => format!("`{value}`"),
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
    }
}

fn truth(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("is {}; accepted: true or false", shown(value)))
}

fn number(value: &Value, least: u32, most: u32) -> Result<u32, String> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("is {}; accepted: a whole number from {least} to {most}", shown(value)))
}

fn time(value: &Value) -> Result<DateTime<Utc>, String> {
    let time = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let time = time.map(|time| time.with_timezone(&Utc));
    time.ok_or_else(|| format!("is {}; accepted: an RFC 3339 time such as \"2026-12-24T09:00:00+09:00\"", shown(value)))
}

fn severity(value: &Value) -> Result<Severity, String> {
    let severity = value.as_str().and_then(Severity::named);
    severity.ok_or_else(|| format!("is {}; accepted: \"info\", \"warning\", \"critical\"", shown(value)))
}

fn secret_ids(value: &Value) -> Result<Vec<String>, String> {
    let accepted = format!("accepted: {SECRET_ID}; or a list of them");
    match value {
        Value::String(text) => settings::secret_ids(text),
        Value::Array(values) => {
            let text = |value| Value::as_str(value).ok_or_else(|| format!("holds {}; {accepted}", shown(value)));
            settings::distinct(values.iter().map(text).collect::<Result<Vec<_>, _>>()?)
        }
        other => Err(format!("is {}; {accepted}", shown(other))),
    }
}

fn secret_id(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or_else(|| format!("is {}; accepted: {SECRET_ID}", shown(value)))?;
    settings::secret_id(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn problems(event: &Value) -> String {
        read(event).unwrap_err().join("\n")
    }

    #[test]
    fn an_event_without_options_is_a_plain_run() {
        for event in [
            json!(null),
            json!({}),
            json!({"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "time": "1970-01-01T00:00:00Z", "detail": {}}),
            json!({"detail-type": "Scheduled Event", "source": "aws.scheduler", "resources": ["arn"], "detail": "{}"}),
            json!({"detail-type": "Scheduled Event", "detail": null}),
            json!({"detail-type": "Scheduled Event"}),
        ] {
            assert_eq!(read(&event), Ok(Options::default()), "{event}");
        }
    }

    #[test]
    fn what_is_not_json_is_an_error_of_the_event_that_quotes_nothing() {
        let payload = |text: &[u8]| -> Payload {
            let mut json = serde_json::Deserializer::from_slice(text);
            Payload::deserialize(&mut json).unwrap()
        };
        assert_eq!(payload(b"{}").options(), Ok(Options::default()));
        let deep = "[".repeat(200);
        for text in
            [&b"{\"a\":1e999}"[..], br#"{"https://hooks.slack.com/":"\ud800"}"#, deep.as_bytes(), b"{", b"\xff", b""]
        {
            let problems = payload(text).options().unwrap_err();
            assert!(
                problems.len() == 1 && problems[0].starts_with("the event is not JSON that can be read"),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn an_option_that_stands_twice_is_refused() {
        let text = r#"{"dry_run": true, "dry_run": false}"#;
        let payload = Payload::deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap();
        let problem = "the key `dry_run` stands twice in one object; write it once";
        assert_eq!(payload.options(), Err(vec![problem.to_owned()]));
        assert_eq!(read(&json!({"detail-type": "x", "detail": text})), Err(vec![problem.to_owned()]));
    }

    #[test]
    fn options_are_the_same_bare_in_detail_and_in_a_text_detail() {
        let bare = json!({
            "dry_run": true, "test": true, "now": "2026-12-24T09:00:00+09:00", "warn_days": 45, "critical_days": 0,
            "notify_when_clear": false, "min_severity": "critical", "fresh_hours": 26, "ncp_secret_id": ["a", "b"], "webhook_secret_id": "w",
            "scheduled_time": "2026-11-23T00:00:00Z", "attempt": 1,
        });
        let expected = Options {
            dry_run: true,
            test: true,
            now: Some("2026-12-24T00:00:00Z".parse().unwrap()),
            warn_days: Some(45),
            critical_days: Some(0),
            notify_when_clear: Some(false),
            min_severity: Some(Severity::Critical),
            fresh_hours: Some(26),
            summary: false,
            ncp_secret_ids: Some(vec!["a".into(), "b".into()]),
            webhook_secret_id: Some("w".into()),
            schedule: vec![("attempt", "1".into()), ("scheduled_time", "2026-11-23T00:00:00Z".into())],
        };
        assert_eq!(read(&bare), Ok(expected.clone()));
        assert_eq!(read(&json!({"detail-type": "x", "detail": bare})), Ok(expected.clone()));
        assert_eq!(read(&json!({"detail-type": "x", "detail": bare.to_string()})), Ok(expected));
        assert_eq!(read(&json!({"ncp_secret_id": "a, b"})).unwrap().ncp_secret_ids.unwrap(), ["a", "b"]);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        insta::assert_snapshot!(problems(&json!({
            "dryrun": true, "test": "yes", "now": "tomorrow", "warn_days": 0, "critical_days": 3651, "notify_when_clear": null,
            "min_severity": "high", "ncp_secret_id": ["a", 7], "webhook_secret_id": ["w"],
        })), @r#"
        `critical_days` is `3651`; accepted: a whole number from 0 to 3650
        unknown option `dryrun`; accepted: dry_run, test, now, warn_days, critical_days, notify_when_clear, min_severity, fresh_hours, summary, ncp_secret_id, webhook_secret_id
        `min_severity` is `high`; accepted: "info", "warning", "critical"
        `ncp_secret_id` holds `7`; accepted: the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN; or a list of them
        `notify_when_clear` is `null`; accepted: true or false
        `now` is `tomorrow`; accepted: an RFC 3339 time such as "2026-12-24T09:00:00+09:00"
        `test` is `yes`; accepted: true or false
        `warn_days` is `0`; accepted: a whole number from 1 to 3650
        `webhook_secret_id` is a list; accepted: the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN
        "#);
        insta::assert_snapshot!(problems(&json!({"ncp_secret_id": [], "warn_days": 2.5, "critical_days": "7"})), @"
        `critical_days` is `7`; accepted: a whole number from 0 to 3650
        `ncp_secret_id` names no secret; accepted: names or ARNs, separated by commas
        `warn_days` is `2.5`; accepted: a whole number from 1 to 3650
        ");
    }

    #[test]
    fn hours_of_news_are_a_whole_number_up_to_a_year() {
        for hours in [1, 26, 8760] {
            assert_eq!(read(&json!({"fresh_hours": hours})).unwrap().fresh_hours, Some(hours));
        }
        for (value, shown) in [
            (json!(0), "`0`"),
            (json!(-1), "`-1`"),
            (json!(8761), "`8761`"),
            (json!(26.0), "`26.0`"),
            (json!(1e30), "`1e+30`"),
            (json!("26"), "`26`"),
            (json!(null), "`null`"),
            (json!([26]), "a list"),
        ] {
            let problem = format!("`fresh_hours` is {shown}; accepted: a whole number from 1 to 8760");
            assert_eq!(problems(&json!({"fresh_hours": value})), problem);
        }
        assert_eq!(problems(&json!({"summary": 1})), "`summary` is `1`; accepted: true or false");
    }

    #[test]
    fn an_event_says_which_part_is_told() {
        let policy = |event: Value, when_clear| {
            let NotifyPolicy { least, when_clear, scope } = read(&event).unwrap().policy(when_clear);
            assert_eq!(least, Severity::Info);
            (scope, when_clear)
        };
        let news = |hours| Scope::News(TimeDelta::hours(hours));
        for (event, scope, by_default, when_set) in [
            (json!({}), Scope::All, false, true),
            (json!({"notify_when_clear": true}), Scope::All, true, true),
            (json!({"notify_when_clear": false}), Scope::All, false, false),
            (json!({"fresh_hours": 26}), news(26), false, true),
            (json!({"fresh_hours": 26, "summary": false}), news(26), false, true),
            // A summary says that all is clear unless the event itself says otherwise, and reports everything.
            (json!({"summary": true}), Scope::Summary, true, true),
            (json!({"summary": true, "notify_when_clear": false}), Scope::Summary, false, false),
            (json!({"summary": true, "fresh_hours": 26}), Scope::Summary, true, true),
            (json!({"test": true, "fresh_hours": 1}), Scope::All, false, true),
            (json!({"test": true, "summary": true}), Scope::All, true, true),
        ] {
            assert_eq!(policy(event.clone(), false), (scope, by_default), "{event}");
            assert_eq!(policy(event.clone(), true), (scope, when_set), "{event}");
        }
        let least = read(&json!({"min_severity": "warning"})).unwrap().policy(false).least;
        assert_eq!(least, Severity::Warning);
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for (event, part) in [
            (json!([]), "the event is a list"),
            (json!("{}"), "the event is a string"),
            (json!({"detail": {"dry_run": true}}), "unknown option `detail`"),
            (json!({"detail-type": "x", "detail": []}), "`detail` is a list"),
            (json!({"detail-type": "x", "detail": "dry_run"}), "not JSON"),
            (json!({"detail-type": "x", "detail": "[1]"}), "a string that holds a list"),
            (json!({"detail-type": "x", "detail": {"dryrun": true}}), "unknown option `dryrun`"),
            (json!({"detail-type": "x", "detail": {}, "dry_run": true}), "`dry_run` stands beside `detail`"),
        ] {
            assert!(problems(&event).contains(part), "{event}: {}", problems(&event));
        }
    }

    #[test]
    fn what_is_like_an_option_is_refused_beside_detail() {
        for (key, option) in [
            ("dryrun", "dry_run"),
            ("dry-run", "dry_run"),
            ("DryRun", "dry_run"),
            ("dry_rn", "dry_run"),
            ("dyrrun", "dry_run"),
            ("tset", "test"),
            ("Now", "now"),
            ("warnDays", "warn_days"),
            ("min-severty", "min_severity"),
            ("ncpSecretIds", "ncp_secret_id"),
            ("freshHours", "fresh_hours"),
            ("sumary", "summary"),
        ] {
            assert_eq!(
                problems(&json!({"detail-type": "x", "detail": {}, key: true})),
                format!(
                    "`{key}` stands beside `detail` and is like `{option}`; in an EventBridge event options are read from `detail`"
                )
            );
        }
        // Fields that EventBridge may add one day are not options.
        for key in ["replay-name", "trace-header", "id", "time", "arn", "tags"] {
            assert!(read(&json!({"detail-type": "x", "detail": {}, key: "x"})).is_ok(), "{key}");
        }
    }

    #[test]
    fn a_secret_as_a_key_or_value_is_not_repeated() {
        let shown =
            problems(&json!({"https://hooks.slack.com/services/T/B/X": 1, "now": "ncp_iam_BPASKRxmpl0123456789"}));
        assert!(!shown.contains("services") && !shown.contains("xmpl"), "{shown}");
    }

    #[test]
    fn overridden_thresholds_are_checked_against_the_rest() {
        let vars = |name: &str| (name.ends_with("SECRET_ID")).then(|| "x".to_owned());
        let config = Config::from_vars(vars).unwrap();
        let options = |event: Value| read(&event).unwrap().thresholds(&config);
        assert_eq!(options(json!({"warn_days": 10})).unwrap().warn_days, 10);
        assert_eq!(
            options(json!({"warn_days": 5})).unwrap_err(),
            "CRITICAL_DAYS is 7, more than `warn_days`, which is 5; accepted: 0 to 5"
        );
        assert!(options(json!({"critical_days": 31})).is_err());
        let both = Thresholds { warn_days: 5, critical_days: 4, ..config.settings.thresholds };
        assert_eq!(options(json!({"warn_days": 5, "critical_days": 4})), Ok(both));
        assert!(options(json!({"warn_days": 5, "critical_days": 5})).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_as_an_event_panics(text in any::<String>()) {
            let _ = read(&Value::String(text.clone()));
            let _ = read(&json!({"detail-type": "x", "detail": text}));
        }
    }
}
