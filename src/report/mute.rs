//! Mutes: findings that are not reported up to and including a given day, with a reason that every message shows.
//!
//! Every mute has an end, and ends early when its finding turns critical unless it says otherwise: what was put off must come
//! back by itself.

use chrono::NaiveDate;

use crate::report::found::AccountFinding;
use crate::rules::Severity;
use crate::text::pattern::Pattern;

/// How far ahead a mute may end, in days.
pub const MOST_DAYS: u64 = 366;

/// The most mutes that there may be.
pub const MOST: usize = 100;

/// An entry of `mutes` in the webhooks' secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// What is muted, as it was written: `prod/71`, `*.old.example.kr`.
    pub what: String,
    /// The account that it is limited to, if any.
    account: Option<String>,
    subject: Subject,
    /// The last day on which it holds, in the zone of the messages.
    pub until: NaiveDate,
    /// The reason, for the readers of the messages.
    pub why: Option<String>,
    /// Whether it holds for critical findings too.
    pub critical: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Slot(i64),
    Name(Pattern),
}

impl Mute {
    /// A mute of `what`: a slot (`71`) or a name pattern, optionally preceded by an account's label and a slash (`prod/71`).
    ///
    /// Labels may contain slashes, slots and domain names do not, so the last slash is the separator. `label` turns an
    /// account's name into the label that is shown for it.
    pub fn new(
        what: &str,
        until: NaiveDate,
        why: Option<String>,
        critical: bool,
        label: impl Fn(&str) -> String,
    ) -> Option<Self> {
        let (account, subject) = match what.rsplit_once('/') {
            Some((account, subject)) => (Some(label(account.trim())), subject.trim()),
            None => (None, what.trim()),
        };
        if subject.is_empty() || account.as_deref() == Some("") {
            return None;
        }
        let is_number = subject.bytes().all(|byte| byte.is_ascii_digit());
        let subject =
            if is_number { Subject::Slot(subject.parse().ok()?) } else { Subject::Name(Pattern::new(subject)) };
        Some(Self { what: what.trim().to_owned(), account, subject, until, why, critical })
    }

    /// Whether it has ended by `today`.
    pub fn has_ended(&self, today: NaiveDate) -> bool {
        self.until < today
    }

    /// Whether it matches this finding, muted or not.
    pub fn concerns(&self, one: &AccountFinding) -> bool {
        self.may_concern(&one.account)
            && match &self.subject {
                Subject::Slot(slot) => one.found.slot_id() == Some(*slot),
                Subject::Name(pattern) => pattern.matches(one.found.common_name()),
            }
    }

    /// Whether it may match something in the account with this label.
    pub fn may_concern(&self, account: &str) -> bool {
        self.account.as_ref().is_none_or(|label| label.to_lowercase() == account.to_lowercase())
    }

    /// Whether this finding is silenced on `today`.
    pub fn silences(&self, one: &AccountFinding, today: NaiveDate) -> bool {
        !self.has_ended(today) && (self.critical || one.found.severity() < Severity::Critical) && self.concerns(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Certificate, Expiry, Status};
    use crate::global_edge::Incomplete;
    use crate::report::{AccountReport, Failure, Found, Mode, Mutes, Report};
    use crate::rules::elsewhere::Elsewhere;
    use crate::rules::{Impact, Thresholds, judge_all};
    use chrono::{DateTime, TimeDelta, Utc};

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn today() -> NaiveDate {
        NOW.date_naive()
    }

    fn mute(what: &str) -> Mute {
        Mute::new(what, today(), None, false, |label| label.trim().to_owned()).unwrap_or_else(|| panic!("{what}"))
    }

    fn finding(account: &str, slot_id: i64, name: &str, left: i64) -> AccountFinding {
        let row = Certificate {
            slot_id,
            common_name: name.into(),
            certificate_name: "x".into(),
            service_region: "KR_JP".into(),
            status: Status::Running,
            expiry: Expiry::At(NOW + TimeDelta::days(left)),
            provisioned: None,
            ..Certificate::default()
        };
        let finding = judge_all(vec![row], None, Thresholds::DEFAULT, NOW, None).findings.remove(0);
        AccountFinding { account: account.to_owned(), found: Found::Slot(finding) }
    }

    fn report(findings: Vec<AccountFinding>) -> Report {
        let (mode, thresholds, mutes) = (Mode::Real, Thresholds::DEFAULT, Mutes::default());
        let (today, has_chosen_accounts, accounts) = (today(), false, vec![]);
        Report { now: NOW, today, mode, has_chosen_accounts, thresholds, accounts, findings, mutes, looked: None }
    }

    #[test]
    fn what_is_muted_is_a_slot_or_a_name_pattern_or_either_in_an_account() {
        let one = finding("team/prod", 71, "www.Old.example.kr", 20);
        for (what, expected) in [
            ("71", true),
            (" 071 ", true),
            ("7", false),
            ("team/prod/71", true),
            ("team/prod / 71", true),
            ("prod/71", false),
            ("team/71", false),
            ("TEAM/prod/71", true),
            ("www.old.example.kr", true),
            ("WWW.OLD.*", true),
            ("*.old.example.kr", true),
            ("old.example.kr", false),
            ("*.example.kr.evil", false),
            ("team/prod/*.old.example.kr", true),
            ("team/prod/*", true),
            ("other/*", false),
            ("*", true),
            // A pattern matches names, never slots.
            ("7*", false),
        ] {
            assert_eq!(mute(what).concerns(&one), expected, "{what}");
        }
        for what in ["", " ", "/", "prod/", "/71", "99999999999999999999"] {
            assert_eq!(Mute::new(what, today(), None, false, str::to_owned), None, "{what}");
        }
    }

    #[test]
    fn what_is_used_elsewhere_is_muted_by_name() {
        let found = Elsewhere {
            name: "lb".into(),
            domain: "lb.example.kr".into(),
            expiry: Some(NOW),
            severity: Severity::Warning,
            since: Some(NOW),
            origin: None,
            instances: 1,
        };
        let one = AccountFinding { account: "prod".into(), found: Found::Elsewhere(found) };
        assert!(mute("prod/lb.*").concerns(&one) && !mute("71").concerns(&one));
    }

    #[test]
    fn it_holds_through_its_last_day() {
        let one = finding("prod", 71, "a.kr", 20);
        let mute = mute("71");
        let day = |days: i64| today() + TimeDelta::days(days);
        assert!(mute.silences(&one, day(-300)) && mute.silences(&one, day(0)) && !mute.silences(&one, day(1)));
        assert!(mute.has_ended(day(1)) && mute.concerns(&one));
    }

    #[test]
    fn it_ends_when_the_finding_turns_critical_unless_it_says_otherwise() {
        let asked = Mute { critical: true, ..mute("71") };
        for (left, plain) in [(20, true), (7, false), (-3, false)] {
            let one = finding("prod", 71, "a.kr", left);
            assert_eq!((mute("71").silences(&one, today()), asked.silences(&one, today())), (plain, true), "{left}");
        }
        // A finding that no edge uses is at most a warning.
        let mut unused = finding("prod", 71, "a.kr", -3);
        let Found::Slot(finding) = &mut unused.found else { panic!("a slot") };
        finding.impact = Some(Impact { edges: Some(0), ..Impact::default() });
        assert!(mute("71").silences(&unused, today()));
    }

    #[test]
    fn what_is_muted_is_set_aside_with_the_mute_that_says_so() {
        let findings = || vec![finding("prod", 71, "a.kr", 3), finding("prod", 72, "b.kr", 10)];
        let ended = Mute { until: today() - TimeDelta::days(1), ..mute("72") };
        let (first, second) = (mute("b.*"), mute("prod/72"));
        let mutes = [ended.clone(), first.clone(), second, mute("71"), mute("73")];
        let shown = report(findings()).with_mutes(&mutes);
        assert_eq!(shown.findings, findings()[..1]);
        assert_eq!(shown.mutes.muted, [(findings().remove(1), first)]);
        assert_eq!((&shown.mutes.ended[..], &shown.mutes.overruled[..]), (&[ended][..], &[mute("71")][..]));
        // A mute that is overruled, or comes second to another, still matches something.
        assert_eq!(shown.mutes.idle, [mute("73")]);
        assert_eq!((shown.counts().critical, shown.counts().warning), (1, 0));
        assert_eq!(shown.worst(), Some(Severity::Critical));
        assert_eq!(report(findings()).with_mutes(&[]), report(findings()));
    }

    #[test]
    fn dates_of_what_is_muted_still_count() {
        let shown = report(vec![finding("prod", 71, "a.kr", 10)]).with_mutes(&[mute("71")]);
        assert_eq!((shown.first_expiry(), shown.worst()), (Some(NOW + TimeDelta::days(10)), None));
    }

    #[test]
    fn a_failed_account_cannot_be_muted_and_no_mute_of_it_is_called_idle() {
        let account = |name: &str, failed: bool| AccountReport {
            name: name.to_owned(),
            checked: 0,
            total: 1,
            pages: 1,
            failure: failed.then_some(Failure::Incomplete(Incomplete { checked: 0, total: 1, unreadable: 0 })),
            unread: vec![],
            has_lifetimes: false,
            first_expiry: None,
            next: None,
            deployed: vec![],
            upcoming: vec![],
            old_tls: vec![],
        };
        let report = Report { accounts: vec![account("prod", true), account("web", false)], ..report(vec![]) };
        let mutes = ["prod/*", "prod/71", "71", "*", "web/*"].map(|what| Mute { critical: true, ..mute(what) });
        let shown = report.with_mutes(&mutes);
        assert_eq!((shown.failures().count(), shown.worst()), (1, Some(Severity::Critical)));
        assert_eq!(shown.mutes.idle, mutes[4..]);
    }
}
