//! The list of mutes in the secret with the webhooks.

use chrono::{Days, NaiveDate};
use serde_json::Value;

use super::label;
use crate::report::mute::{self, Mute};
use crate::secret_store::Mistake;
use crate::settings::fields::Fields;
use crate::text::quote::quoted;

/// Reads the list of mutes, if there is one. `today` is the date by which an end is too far ahead.
pub(super) fn read(take: &mut Fields<'_>, today: NaiveDate) -> Vec<Mute> {
    let list = match take.value("mutes") {
        None => return Vec::new(),
        Some(Value::Array(list)) if list.len() <= mute::MOST => list,
        Some(Value::Array(list)) => {
            take.problem("mutes", &format!("has {} entries; accepted: at most {}", list.len(), mute::MOST));
            return Vec::new();
        }
        Some(_) => {
            take.flaw(Mistake::WrongType, "mutes", "is not a list");
            return Vec::new();
        }
    };
    let mut mutes = Vec::new();
    take.each("mutes", list, "`what` and `until`", |fields| mutes.extend(mute(fields, today)));
    mutes
}

fn mute(mut take: Fields<'_>, today: NaiveDate) -> Option<Mute> {
    let what = take.needed("what", "accepted: a slot, a name pattern, or either after an account (`prod/71`)");
    let until = take.needed("until", "a mute needs a last day, such as \"2026-12-31\"");
    let day = until.as_deref().and_then(day);
    let last = today.checked_add_days(Days::new(mute::MOST_DAYS)).unwrap_or(NaiveDate::MAX);
    match (until, day) {
        (Some(text), None) => {
            take.problem("until", &format!("is {}; accepted: a date such as \"2026-12-31\"", quoted(&text)));
        }
        (_, Some(day)) if day > last => {
            take.problem("until", &format!("is `{day}`, more than {} days ahead", mute::MOST_DAYS));
        }
        _ => {}
    }
    let why = take.text("why").filter(|why| !why.is_empty());
    let critical = take.truth("critical").unwrap_or(false);
    take.refuse_rest("what, until, why, critical");
    let (what, day) = (what?, day?);
    let mute = Mute::new(&what, day, why, critical, label::shown);
    if mute.is_none() {
        take.problem("what", &format!("is {}; accepted: `71`, `*.example.kr`, `prod/71`", quoted(&what)));
    }
    mute
}

/// A day in the ISO 8601 form, and no other.
fn day(text: &str) -> Option<NaiveDate> {
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_store::flaw;
    use crate::settings::secrets::{WebhookSecret, hooks};

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    const SLACK: &str = "https://hooks.slack.com/services/T000/B000/secret0000";

    /// The fields next to one webhook.
    fn beside(fields: &str) -> Result<WebhookSecret, String> {
        let text = format!(r#"{{"webhooks":[{{"url":"{SLACK}"}}],{fields}}}"#);
        hooks(&text.into(), TODAY).map_err(|problems| flaw::sentences(&problems).join("\n"))
    }

    #[test]
    fn mutes_are_read_with_an_end_at_most_a_year_ahead() {
        let hooks = beside(
            r#""mutes":[{"what":" prod/71 ","until":"2026-11-23","why":" OPS-123 ","critical":true},
                {"what":"*.old.example.kr","until":"2027-11-24","why":"","critical":null},
                {"what":"71","until":"2020-02-29"}]"#,
        )
        .unwrap();
        let read: Vec<_> = hooks
            .mutes
            .iter()
            .map(|mute| (mute.what.as_str(), mute.why.as_deref(), mute.critical, mute.has_ended(TODAY)))
            .collect();
        let expected = [
            ("prod/71", Some("OPS-123"), true, false),
            ("*.old.example.kr", None, false, false),
            ("71", None, false, true),
        ];
        assert_eq!(read, expected);
        for none in [r#""mutes":[]"#, r#""mutes":null"#] {
            assert!(beside(none).unwrap().mutes.is_empty());
        }
        let many = |count: usize| vec![r#"{"what":"71","until":"2026-12-31"}"#; count].join(",");
        assert_eq!(beside(&format!(r#""mutes":[{}]"#, many(100))).unwrap().mutes.len(), 100);
        let problem = beside(&format!(r#""mutes":[{}]"#, many(101))).unwrap_err();
        assert_eq!(problem, "`mutes` has 101 entries; accepted: at most 100");
    }

    #[test]
    fn everything_wrong_with_mutes_names_the_entry() {
        insta::assert_snapshot!(beside(r#""mutes":{"what":"71"}"#).unwrap_err(), @"`mutes` is not a list");
        let text = r#""mutes":[
            {"what":"71"}, {"until":"2026-12-31"}, "71", {"what":71,"until":20261231}, {"what":"71","until":null},
            {"what":"71","until":"2027-11-25"}, {"what":"71","until":"31.12.2026"}, {"what":"71","until":"2026-02-29"},
            {"what":"71","until":"2026-12-31T00:00:00Z"}, {"what":"71","until":"+2026-1-1"}, {"what":"","until":"2026-12-31"},
            {"what":"prod/","until":"2026-12-31"}, {"what":"71","until":"2026-12-31","forever":true,"why":7,"critical":"yes"},
            {"what":"https://hooks.slack.com/services/T/B/secret0000/","until":"2026-12-31"}
        ]"#;
        let problems = beside(text).unwrap_err();
        assert!(!problems.contains("secret0000"), "{problems}");
        insta::assert_snapshot!(problems, @r#"
        `mutes[0].until` is missing; a mute needs a last day, such as "2026-12-31"
        `mutes[1].what` is missing; accepted: a slot, a name pattern, or either after an account (`prod/71`)
        `mutes[2]` is not an object; accepted: an object with `what` and `until`
        `mutes[3].what` is not a string
        `mutes[3].until` is not a string
        `mutes[4].until` is missing; a mute needs a last day, such as "2026-12-31"
        `mutes[5].until` is `2027-11-25`, more than 366 days ahead
        `mutes[6].until` is `31.12.2026`; accepted: a date such as "2026-12-31"
        `mutes[7].until` is `2026-02-29`; accepted: a date such as "2026-12-31"
        `mutes[8].until` is `2026-12-31T00:00:00Z`; accepted: a date such as "2026-12-31"
        `mutes[9].until` is `+2026-1-1`; accepted: a date such as "2026-12-31"
        `mutes[10].what` is missing; accepted: a slot, a name pattern, or either after an account (`prod/71`)
        `mutes[11].what` is `prod/`; accepted: `71`, `*.example.kr`, `prod/71`
        `mutes[12].why` is not a string
        `mutes[12].critical` is `yes`; accepted: true or false
        unknown key `forever` in `mutes[12]`; accepted: what, until, why, critical
        `mutes[13].what` is (a URL); accepted: `71`, `*.example.kr`, `prod/71`
        "#);
    }

    #[test]
    fn a_mute_means_the_account_as_it_is_shown() {
        let long = "a rather long name of an account, longer than any label";
        let mute = |account: &str| {
            let hooks = beside(&format!(r#""mutes":[{{"what":"{account}/71","until":"2026-12-31"}}]"#)).unwrap();
            let mute = hooks.mutes.into_iter().next().unwrap();
            format!("{mute:?}").replace(&mute.what, "")
        };
        let label = label::shown(long);
        assert_ne!(label, long);
        assert!(mute(long).contains(&label), "{}", mute(long));
        assert_eq!(mute(long), mute(&label));
    }
}
