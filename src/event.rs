//! The event: whatever EventBridge, Scheduler or a person sends → the options of one run.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::net::disclosure::Secrets;
use crate::report::view::{NotifyPolicy, Scope};
use crate::rules::{Severity, Thresholds};
use crate::secret_store::flaw::{self, Flaw, Mistake};
use crate::settings::fields::Fields;
use crate::settings::{self, MAX_DAYS};
use crate::text::quote::{Problems, quoted_name};
use crate::text::{self, json};

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

/// What was sent, or what is wrong with it: the runtime's own error would quote it, and would not be one of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload(Result<Value, String>);

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match json::parse(deserializer) {
            Ok((event, None)) => Ok(event),
            Ok((_, Some(doubled))) => Err(doubled.to_string()),
            Err(_) => Err("the event is not JSON that can be read (a number out of range, half of a surrogate pair, or text that \
                           breaks off); accepted: an object of options, an EventBridge event, or null"
                .to_owned()),
        }))
    }
}

impl From<Value> for Payload {
    fn from(event: Value) -> Self {
        Self(Ok(event))
    }
}

impl Payload {
    /// The options, as [`read`] says.
    ///
    /// # Errors
    /// If it is not JSON, or [`read`] says what is wrong with it.
    pub(crate) fn options(&self) -> Result<Options, Problems> {
        match &self.0 {
            Ok(event) => read(event),
            Err(problem) => Err(vec![problem.clone()]),
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
pub fn read(event: &Value) -> Result<Options, Problems> {
    match event {
        Value::Null => Ok(Options::default()),
        Value::Object(fields) if fields.contains_key("detail-type") => envelope(fields),
        Value::Object(fields) => options(fields.clone()),
        _ => {
            Err(vec!["this is not an event; accepted: an object of options, an EventBridge event, or null".to_owned()])
        }
    }
}

fn envelope(fields: &Map<String, Value>) -> Result<Options, Problems> {
    // An option next to `detail` would be overlooked, spelt right or wrong: someone asks for a dry run and gets a real one.
    let mut problems = Vec::new();
    for key in fields.keys() {
        if let Some(option) = text::nearest(key, OPTIONS) {
            let meant = if key == option { String::new() } else { format!(" and is like `{option}`") };
            let shown = quoted_name(key);
            problems.push(format!(
                "{shown} is outside `detail`{meant}; in an EventBridge event, options are read from `detail`"
            ));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let detail = match fields.get("detail") {
        Some(Value::String(text)) => match json::parse_text(text) {
            Ok((_, Some(doubled))) => return Err(vec![doubled.to_string()]),
            Ok((detail, None)) => detail,
            Err(_) => {
                return Err(vec!["`detail` is a string that is not JSON; accepted: an object of options".to_owned()]);
            }
        },
        detail => detail.cloned().unwrap_or_default(),
    };
    match detail {
        Value::Null => Ok(Options::default()),
        Value::Object(detail) => options(detail),
        _ => Err(vec!["`detail` is not an object of options".to_owned()]),
    }
}

fn options(left: Map<String, Value>) -> Result<Options, Problems> {
    let mut problems = Vec::new();
    // Elsewhere `null` is as good as missing. Here it may have been meant to say something.
    for (key, _) in left.iter().filter(|(key, value)| value.is_null() && OPTIONS.contains(&key.as_str())) {
        problems.push(Flaw::of(Mistake::Other, &format!("`{key}`"), "is `null`; give it a value, or leave it out"));
    }
    let mut take = Fields { left, at: String::new(), problems: &mut problems };
    let mut schedule = Vec::new();
    for about in ABOUT_THE_SCHEDULE {
        if let Some(value) = take.value(about) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            schedule.push((about, text::name(&text)));
        }
    }
    let ids = match take.left.get("ncp_secret_id") {
        Some(Value::Array(_)) => {
            take.texts("ncp_secret_id").map(|ids| settings::distinct(ids.iter().map(String::as_str)))
        }
        _ => take.text("ncp_secret_id").map(|ids| settings::secret_ids(&ids)),
    };
    let webhook_secret = take.text("webhook_secret_id").map(|id| settings::secret_id(&id));
    let options = Options {
        dry_run: take.truth("dry_run").unwrap_or(false),
        test: take.truth("test").unwrap_or(false),
        now: take.parsed("now", "an RFC 3339 time such as \"2026-12-24T09:00:00+09:00\"", |text| {
            Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
        }),
        warn_days: take.number("warn_days", 1, MAX_DAYS),
        critical_days: take.number("critical_days", 0, MAX_DAYS),
        notify_when_clear: take.truth("notify_when_clear"),
        min_severity: take.parsed("min_severity", "\"info\", \"warning\", \"critical\"", Severity::named),
        fresh_hours: take.number("fresh_hours", 1, MAX_FRESH_HOURS),
        summary: take.truth("summary").unwrap_or(false),
        ncp_secret_ids: take.checked("ncp_secret_id", ids),
        webhook_secret_id: take.checked("webhook_secret_id", webhook_secret),
        schedule,
    };
    take.refuse_rest(&OPTIONS.join(", "));
    if problems.is_empty() { Ok(options) } else { Err(flaw::sentences(&problems)) }
}

impl Options {
    /// What is wrong with ids that the function cannot read.
    pub(crate) fn local_ids(&self) -> Problems {
        let mut problems = settings::refuse_local("`ncp_secret_id`", self.ncp_secret_ids.iter().flatten());
        problems.extend(settings::refuse_local("`webhook_secret_id`", &self.webhook_secret_id));
        problems
    }

    /// Logs what a schedule says about itself: whoever wrote it may have put a secret there.
    pub fn log_schedule(&self, secrets: &Secrets) {
        for (field, value) in &self.schedule {
            tracing::info!(field, value = secrets.name(value), "started by a schedule");
        }
    }

    /// What a run reports; `when_clear` is the setting `NOTIFY_WHEN_CLEAR`. A summary reports everything, whatever
    /// `fresh_hours` says, and that all is clear unless the event itself says otherwise.
    pub(crate) fn policy(&self, when_clear: bool) -> NotifyPolicy {
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

    /// The thresholds of this run: those that are `set`, with the event's overrides.
    ///
    /// # Errors
    /// If they contradict each other.
    pub(crate) fn thresholds(&self, set: Thresholds) -> Result<Thresholds, String> {
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
        let problem = "the key `dry_run` occurs twice in one object; write it once";
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
            schedule: vec![("scheduled_time", "2026-11-23T00:00:00Z".into()), ("attempt", "1".into())],
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
        `notify_when_clear` is `null`; give it a value, or leave it out
        `ncp_secret_id` must be a list of at least one string
        `webhook_secret_id` is not a string
        `test` is `yes`; accepted: true or false
        `now` is `tomorrow`; accepted: an RFC 3339 time such as "2026-12-24T09:00:00+09:00"
        `warn_days` is `0`; accepted: a whole number from 1 to 3650
        `critical_days` is `3651`; accepted: a whole number from 0 to 3650
        `min_severity` is `high`; accepted: "info", "warning", "critical"
        unknown key `dryrun`; accepted: dry_run, test, now, warn_days, critical_days, notify_when_clear, min_severity, fresh_hours, summary, ncp_secret_id, webhook_secret_id
        "#);
        insta::assert_snapshot!(problems(&json!({"ncp_secret_id": [], "warn_days": 2.5, "critical_days": "7"})), @"
        `ncp_secret_id` must be a list of at least one string
        `warn_days` is `2.5`; accepted: a whole number from 1 to 3650
        `critical_days` is `7`; accepted: a whole number from 0 to 3650
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
            (json!([26]), "a list"),
        ] {
            let problem = format!("`fresh_hours` is {shown}; accepted: a whole number from 1 to 8760");
            assert_eq!(problems(&json!({"fresh_hours": value})), problem);
        }
        assert_eq!(problems(&json!({"summary": 1})), "`summary` is `1`; accepted: true or false");
        for option in OPTIONS {
            let problem = format!("`{option}` is `null`; give it a value, or leave it out");
            assert_eq!(problems(&json!({option: null})), problem);
        }
    }

    #[test]
    fn an_event_says_which_part_is_reported() {
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
            (json!([]), "this is not an event"),
            (json!("{}"), "this is not an event"),
            (json!({"detail": {"dry_run": true}}), "unknown key `detail`"),
            (json!({"detail-type": "x", "detail": []}), "`detail` is not an object"),
            (json!({"detail-type": "x", "detail": "dry_run"}), "not JSON"),
            (json!({"detail-type": "x", "detail": "[1]"}), "`detail` is not an object"),
            (json!({"detail-type": "x", "detail": {"dryrun": true}}), "unknown key `dryrun`"),
            (json!({"detail-type": "x", "detail": {}, "dry_run": true}), "`dry_run` is outside `detail`"),
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
                    "`{key}` is outside `detail` and is like `{option}`; in an EventBridge event, options are read from `detail`"
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
        let options = |event: Value| read(&event).unwrap().thresholds(Thresholds::DEFAULT);
        assert_eq!(options(json!({"warn_days": 10})).unwrap().warn_days, 10);
        assert_eq!(
            options(json!({"warn_days": 5})).unwrap_err(),
            "CRITICAL_DAYS is 7, more than `warn_days`, which is 5; accepted: 0 to 5"
        );
        assert!(options(json!({"critical_days": 31})).is_err());
        let both = Thresholds { warn_days: 5, critical_days: 4, ..Thresholds::DEFAULT };
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
