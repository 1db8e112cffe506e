//! What each webhook is to show of a report: by its routes, its level, and what is news.
//!
//! Nothing is lost: what no webhook's routes match goes to all of them.

use chrono::TimeDelta;

use crate::report::{AccountFinding, AccountReport, Failure, Mode, Report};
use crate::rules::{Counts, Healthy, Severity, Thresholds};
use crate::text::pattern::Pattern;

/// Which findings a webhook gets: those that match every list it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    /// The labels of its accounts, if it is limited to some.
    pub accounts: Option<Vec<String>>,
    /// The names of its certificates, if it is limited to some.
    pub names: Option<Vec<Pattern>>,
}

/// What a webhook is to report, and from which level up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// Its routes.
    pub routes: Routes,
    /// Its level.
    pub least: Severity,
}

/// What a run reports, whichever webhook it reports to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotifyPolicy {
    /// No webhook shows anything below this.
    pub least: Severity,
    /// Whether it says that all is clear.
    pub when_clear: bool,
    /// Which part of what was found is reported.
    pub scope: Scope,
}

impl Audience {
    /// An audience of everything.
    pub const EVERYBODY: Self = Self { routes: Routes { accounts: None, names: None }, least: Severity::Info };
}

impl NotifyPolicy {
    /// Everything is reported, including that all is clear.
    pub const EVERYTHING: Self = Self { least: Severity::Info, when_clear: true, scope: Scope::All };
}

/// Which part of what was found is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// All criticals, and those warnings and infos that became so this recently or at an unknown time.
    News(TimeDelta),
    /// Everything, plus recent deployments and an outlook.
    Summary,
}

impl Scope {
    /// How recent a finding must be to be marked as new.
    pub fn new_within(self) -> Option<TimeDelta> {
        match self {
            Self::All => None,
            Self::News(within) => Some(within),
            Self::Summary => Some(crate::rules::DEPLOYED_WITHIN),
        }
    }
}

/// What one webhook is to show of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View<'a> {
    /// The whole report.
    pub report: &'a Report,
    /// Which part of what was found is reported.
    pub scope: Scope,
    /// The findings, in order.
    pub findings: Vec<&'a AccountFinding>,
    /// The accounts that were not read completely.
    pub failures: Vec<(&'a AccountReport, &'a Failure)>,
    /// How many findings are below the webhook's level.
    pub left_out: Counts,
    /// How many findings are not news.
    pub older: Counts,
    /// Whether some of it is reported here only because no webhook's routes match it.
    pub is_unrouted: bool,
    /// Whether there is nothing besides what is reported here: nothing muted, and nothing that the webhook's routes leave to
    /// others. Otherwise, what is clear is clear for this webhook alone.
    pub is_whole: bool,
    /// The accounts that the webhook's routes match, or that it shows because no routes match them.
    pub accounts: Vec<&'a AccountReport>,
    /// The labels of the webhook's `accounts` that no account has, each with the nearest one, if one is near.
    pub unknown_labels: Vec<(String, Option<String>)>,
    /// Recent deployments, latest first.
    pub deployed: Vec<&'a Healthy>,
    /// Healthy certificates that expire within the outlook, earliest first.
    pub upcoming: Vec<&'a Healthy>,
    /// The domains of RUNNING slots that accept TLS 1.0 or 1.1, in order.
    pub old_tls: Vec<&'a str>,
    /// The webhook's routes.
    routes: Routes,
}

impl View<'_> {
    /// How many certificates of its accounts were judged.
    pub fn checked(&self) -> u64 {
        self.accounts.iter().map(|account| account.checked).sum()
    }

    /// The thresholds that it may speak of: with a share only where one was applied.
    pub fn thresholds(&self) -> Thresholds {
        self.report.thresholds.applied(self.accounts.iter().any(|account| account.has_lifetimes))
    }

    /// Whether its routes match this name.
    pub fn matches_name(&self, name: &str) -> bool {
        self.routes.matches_name(std::iter::once(name))
    }
}

impl Routes {
    /// Whether it matches everything.
    pub fn is_open(&self) -> bool {
        self.accounts.is_none() && self.names.is_none()
    }

    fn matches_account(&self, account: &str) -> bool {
        self.accounts
            .as_ref()
            .is_none_or(|accounts| accounts.iter().any(|label| label.to_lowercase() == account.to_lowercase()))
    }

    fn matches_name<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> bool {
        let matches = |patterns: &Vec<Pattern>| names.any(|name| patterns.iter().any(|pattern| pattern.matches(name)));
        self.names.as_ref().is_none_or(matches)
    }

    fn matches(&self, finding: &AccountFinding) -> bool {
        self.matches_account(&finding.account) && self.matches_name(finding.found.names())
    }
}

/// Decides what each of `audiences` is to show; `None` means that nothing is due.
///
/// A sample goes to every webhook in full: it shows that the webhook works, and its account is in no routes.
pub fn views<'a>(report: &'a Report, audiences: &[Audience], policy: NotifyPolicy) -> Vec<Option<View<'a>>> {
    let everything = |audience: &Audience| Audience { routes: Routes::default(), least: audience.least };
    let audiences: Vec<Audience> = match report.mode {
        Mode::Sample => audiences.iter().map(everything).collect(),
        Mode::Real | Mode::Simulated => audiences.to_vec(),
    };
    // If all are routed, what no routes match goes to all of them. A webhook without routes gets everything anyway.
    let all_routed = audiences.iter().all(|audience| !audience.routes.is_open());
    let nobodys =
        |takes: &dyn Fn(&Routes) -> bool| all_routed && !audiences.iter().any(|audience| takes(&audience.routes));
    let unrouted: Vec<bool> =
        report.findings.iter().map(|finding| nobodys(&|routes| routes.matches(finding))).collect();
    let orphans: Vec<bool> =
        report.failures().map(|(account, _)| nobodys(&|routes| routes.matches_account(&account.name))).collect();
    audiences.iter().map(|audience| view(report, audience, policy, &unrouted, &orphans)).collect()
}

/// `unrouted` and `orphans` say for each finding and each failure whether no routes match it.
fn view<'a>(
    report: &'a Report,
    audience: &Audience,
    policy: NotifyPolicy,
    unrouted: &[bool],
    orphans: &[bool],
) -> Option<View<'a>> {
    let (routes, least) = (&audience.routes, audience.least.max(policy.least));
    let due: Vec<(&AccountFinding, bool)> = report
        .findings
        .iter()
        .zip(unrouted.iter().copied())
        .filter(|(finding, is_unrouted)| *is_unrouted || routes.matches(finding))
        .collect();
    let failures: Vec<_> = report
        .failures()
        .zip(orphans.iter().copied())
        .filter(|((account, _), is_orphan)| *is_orphan || routes.matches_account(&account.name))
        .collect();
    let is_clear = due.is_empty() && failures.is_empty();
    let is_whole = due.len() == report.findings.len()
        && failures.len() == report.failures().count()
        && report.mutes.muted.is_empty();
    let is_shown = |account: &&AccountReport| {
        routes.matches_account(&account.name)
            || due.iter().any(|(finding, _)| finding.account == account.name)
            || failures.iter().any(|((failed, _), _)| failed.name == account.name)
    };
    let accounts: Vec<&AccountReport> = report.accounts.iter().filter(is_shown).collect();
    let labels = routes.accounts.as_deref().unwrap_or_default();
    let unknown_labels: Vec<_> = report
        .unknown_labels(labels)
        .into_iter()
        .map(|(label, nearest)| (label.to_owned(), nearest.map(str::to_owned)))
        .collect();
    // Accounts that are others' alone: there is nothing to say, not even that it is clear.
    let is_of_others = accounts.is_empty() && !report.accounts.is_empty() && unknown_labels.is_empty();

    let severity = |finding: &AccountFinding| finding.found.severity();
    let (high, low): (Vec<_>, Vec<_>) = due.into_iter().partition(|(finding, _)| severity(finding) >= least);
    let is_shown = |finding: &AccountFinding| match policy.scope {
        Scope::News(within) => severity(finding) == Severity::Critical || finding.found.is_news(report.now, within),
        Scope::All | Scope::Summary => true,
    };
    let (shown, older): (Vec<_>, Vec<_>) = high.into_iter().partition(|(finding, _)| is_shown(finding));
    let counts =
        |findings: &[(&AccountFinding, bool)]| Counts::of(findings.iter().map(|(finding, _)| severity(finding)));

    let clear_is_due = is_clear && !is_of_others && policy.when_clear && least == Severity::Info;
    if shown.is_empty() && failures.is_empty() && !clear_is_due {
        return None;
    }
    let (left_out, older) = (counts(&low), counts(&older));
    let is_unrouted = shown.iter().any(|(_, is)| *is) || failures.iter().any(|(_, is)| *is);
    let mut deployed = healthy(report, routes, |account| &account.deployed);
    deployed.sort_by_key(|certificate| std::cmp::Reverse(certificate.deployed));
    let mut upcoming = healthy(report, routes, |account| &account.upcoming);
    upcoming.sort_by(|a, b| (a.expiry, &a.common_name).cmp(&(b.expiry, &b.common_name)));
    let of_accounts = report.accounts.iter().filter(|account| routes.matches_account(&account.name));
    let mut old_tls: Vec<&str> = of_accounts.flat_map(|account| &account.old_tls).map(String::as_str).collect();
    old_tls.retain(|name| routes.matches_name(std::iter::once(*name)));
    old_tls.sort_unstable();
    Some(View {
        report,
        scope: policy.scope,
        findings: shown.into_iter().map(|(finding, _)| finding).collect(),
        failures: failures.into_iter().map(|(failure, _)| failure).collect(),
        left_out,
        older,
        is_unrouted,
        is_whole,
        accounts,
        unknown_labels,
        deployed,
        upcoming,
        old_tls,
        routes: routes.clone(),
    })
}

fn healthy<'a>(
    report: &'a Report,
    routes: &Routes,
    of: impl Fn(&'a AccountReport) -> &'a Vec<Healthy>,
) -> Vec<&'a Healthy> {
    let accounts = report.accounts.iter().filter(|account| routes.matches_account(&account.name));
    let all = accounts.flat_map(of);
    all.filter(|certificate| routes.matches_name(std::iter::once(certificate.common_name.as_str()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Certificate, Expiry, Status};
    use crate::global_edge::Incomplete;
    use crate::report::mute::Mute;
    use crate::report::{Found, Mutes};
    use crate::rules::{Impact, Next, judge_all};
    use chrono::{DateTime, Utc};

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();
    const DAY: TimeDelta = TimeDelta::days(1);
    const ALL: NotifyPolicy = NotifyPolicy { least: Severity::Info, when_clear: false, scope: Scope::All };
    const CLEAR: NotifyPolicy = NotifyPolicy { when_clear: true, ..ALL };

    fn news(hours: i64) -> NotifyPolicy {
        NotifyPolicy { scope: Scope::News(TimeDelta::hours(hours)), ..ALL }
    }

    fn row(slot_id: i64, name: &str, left: TimeDelta) -> Certificate {
        Certificate {
            slot_id,
            common_name: name.into(),
            certificate_name: "x".into(),
            service_region: "KR_JP".into(),
            status: Status::Running,
            expiry: Expiry::At(NOW + left),
            provisioned: Some(NOW - DAY * 200),
            ..Certificate::default()
        }
    }

    fn account(name: &str, failed: bool) -> AccountReport {
        let incomplete = Incomplete { checked: 9, total: 10, unreadable: 0 };
        let next = Some(Next { expiry: NOW + DAY * 90, common_name: format!("next.{name}.kr") });
        AccountReport {
            name: name.to_owned(),
            checked: 10,
            total: 10,
            pages: 1,
            failure: failed.then_some(Failure::Incomplete(incomplete)),
            unread: vec![],
            has_lifetimes: false,
            first_expiry: None,
            next,
            deployed: vec![],
            upcoming: vec![],
            old_tls: vec![],
        }
    }

    /// A report on accounts, those prefixed with `!` not read completely, with these certificates: each with its account.
    fn report(accounts: &[&str], rows: impl IntoIterator<Item = (&'static str, Certificate)>) -> Report {
        let mut findings = Vec::new();
        for (account, row) in rows {
            let judgement = judge_all(vec![row], None, Thresholds::DEFAULT, NOW, None);
            let found = judgement.findings.into_iter().map(Found::Slot);
            findings.extend(found.map(|found| AccountFinding { account: account.to_owned(), found }));
        }
        let accounts =
            accounts.iter().map(|name| account(name.trim_start_matches('!'), name.starts_with('!'))).collect();
        let today = NOW.date_naive();
        let (mode, thresholds, mutes) = (Mode::Real, Thresholds::DEFAULT, Mutes::default());
        let (has_chosen_accounts, looked) = (false, None);
        Report { now: NOW, today, mode, has_chosen_accounts, thresholds, accounts, findings, mutes, looked }.sorted()
    }

    fn audience(accounts: &[&str], names: &[&str], least: Severity) -> Audience {
        let accounts = (!accounts.is_empty()).then(|| accounts.iter().map(|&name| name.to_owned()).collect());
        let names = (!names.is_empty()).then(|| names.iter().map(|name| Pattern::new(name)).collect());
        Audience { routes: Routes { accounts, names }, least }
    }

    fn everything(least: Severity) -> Audience {
        audience(&[], &[], least)
    }

    fn of_accounts(accounts: &[&str]) -> Audience {
        audience(accounts, &[], Severity::Info)
    }

    fn of_names(names: &[&str]) -> Audience {
        audience(&[], names, Severity::Info)
    }

    /// The slots, the accounts that failed, and whether these are reported because no other webhook gets them.
    type Shown = (Vec<i64>, Vec<String>, bool);

    /// What each audience is shown.
    fn shown(report: &Report, audiences: &[Audience], policy: NotifyPolicy) -> Vec<Option<Shown>> {
        let shown = |view: View<'_>| {
            let slots = view.findings.iter().filter_map(|finding| finding.found.slot_id()).collect();
            let failed = view.failures.iter().map(|(account, _)| account.name.clone()).collect();
            (slots, failed, view.is_unrouted)
        };
        views(report, audiences, policy).into_iter().map(|view| view.map(shown)).collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is compared with what is shown")]
    fn slots(slots: &[i64]) -> Option<Shown> {
        Some((slots.to_vec(), vec![], false))
    }

    /// 1 is critical, 2 a warning, 3 information.
    fn one_of_each() -> Report {
        let leaving = Certificate { status: Status::Deleting, ..row(3, "c.kr", DAY * 90) };
        report(&["prod"], [("prod", row(1, "a.kr", DAY * 3)), ("prod", row(2, "b.kr", DAY * 20)), ("prod", leaving)])
    }

    #[test]
    fn a_level_leaves_out_what_is_below_it_and_counts_it() {
        let report = one_of_each();
        let audiences = Severity::WORST_FIRST.map(everything);
        assert_eq!(shown(&report, &audiences, ALL), [slots(&[1]), slots(&[1, 2]), slots(&[1, 2, 3])]);
        let left_out = |policy| -> Vec<[usize; 3]> {
            let views = views(&report, &audiences, policy).into_iter().flatten();
            views.map(|view| Severity::WORST_FIRST.map(|severity| view.left_out.at(severity))).collect()
        };
        assert_eq!(left_out(ALL), [[0, 1, 1], [0, 0, 1], [0, 0, 0]]);
        // The run's own level raises that of every webhook, and lowers none.
        assert_eq!(left_out(NotifyPolicy { least: Severity::Warning, ..ALL }), [[0, 1, 1], [0, 0, 1], [0, 0, 1]]);
        let quiet = self::report(&["prod"], [("prod", row(2, "b.kr", DAY * 20))]);
        assert_eq!(shown(&quiet, &audiences, ALL), [None, slots(&[2]), slots(&[2])]);
    }

    #[test]
    fn of_what_is_not_critical_a_run_for_news_reports_what_came_within_the_hours() {
        let left = |days: i64, hours: i64| DAY * i32::try_from(days).unwrap() + TimeDelta::hours(hours);
        let ms = TimeDelta::milliseconds(1);
        let undated = Certificate { expiry: Expiry::Missing, ..row(6, "f.kr", DAY) };
        let report = report(
            &["prod"],
            [
                ("prod", row(1, "a.kr", left(5, 0))),
                ("prod", row(2, "b.kr", left(30, -26))),
                ("prod", row(3, "c.kr", left(30, -26) - ms)),
                ("prod", row(4, "d.kr", left(30, 0))),
                ("prod", row(5, "e.kr", left(8, 0))),
                ("prod", undated),
            ],
        );
        // Critical for two days; 26 hours to the millisecond; right now; and without a date, so news every day.
        assert_eq!(shown(&report, &[everything(Severity::Info)], news(26)), [slots(&[1, 2, 4, 6])]);
        assert_eq!(shown(&report, &[everything(Severity::Info)], news(25)), [slots(&[1, 4, 6])]);
        assert_eq!(shown(&report, &[everything(Severity::Info)], news(8760)), [slots(&[1, 5, 3, 2, 4, 6])]);
        let views = views(&report, &[everything(Severity::Info), everything(Severity::Critical)], news(26));
        let counts = |view: &Option<View<'_>>| view.as_ref().map(|view| (view.older.warning, view.left_out.warning));
        // Below a webhook's level everything is left out, news or not.
        assert_eq!(views.iter().map(counts).collect::<Vec<_>>(), [Some((2, 0)), Some((0, 5))]);
    }

    #[test]
    fn nothing_is_due_where_nothing_is_news_and_that_is_no_all_clear() {
        let old = || report(&["prod"], [("prod", row(5, "e.kr", DAY * 8))]);
        let policy = NotifyPolicy { when_clear: true, ..news(26) };
        assert_eq!(shown(&old(), &[everything(Severity::Info)], policy), [None]);
        // An account that failed is always news, and the older findings are then counted.
        let failed = report(&["!prod"], [("prod", row(5, "e.kr", DAY * 8))]);
        let views = views(&failed, &[everything(Severity::Critical), everything(Severity::Info)], policy);
        let counts: Vec<_> = views.iter().flatten().map(|view| (view.failures.len(), view.older.warning)).collect();
        assert_eq!(counts, [(1, 0), (1, 1)]);
    }

    #[test]
    fn a_summary_reports_all_of_it() {
        let report = report(&["prod"], [("prod", row(2, "b.kr", DAY * 8)), ("prod", row(1, "a.kr", DAY))]);
        let policy = NotifyPolicy { scope: Scope::Summary, ..ALL };
        assert_eq!(shown(&report, &[everything(Severity::Info)], policy), [slots(&[1, 2])]);
    }

    #[test]
    fn an_all_clear_goes_to_webhooks_of_every_level() {
        let clear = report(&["prod"], [("prod", row(9, "a.kr", DAY * 90))]);
        let audiences = [everything(Severity::Info), everything(Severity::Warning), of_names(&["b.kr"])];
        assert_eq!(shown(&clear, &audiences, CLEAR), [slots(&[]), None, slots(&[])]);
        assert_eq!(shown(&clear, &audiences, ALL), [None, None, None]);
        assert_eq!(shown(&clear, &audiences, NotifyPolicy { least: Severity::Warning, ..CLEAR }), [None, None, None]);
        assert_eq!(shown(&one_of_each(), &[everything(Severity::Critical)], CLEAR), [slots(&[1])]);
        assert_eq!(
            shown(&report(&["!prod"], []), &audiences, CLEAR)[1],
            Some((vec![], vec!["prod".to_owned()], false)),
            "an account that failed is critical, and nothing is clear"
        );
    }

    #[test]
    fn what_is_clear_for_one_webhook_alone_does_not_claim_more() {
        let rows = || [("shop", row(1, "a.kr", DAY * 3))];
        let is_whole = |report: &Report, audiences: &[Audience]| -> Vec<Option<(bool, u64)>> {
            let views = views(report, audiences, CLEAR);
            views.iter().map(|view| view.as_ref().map(|view| (view.is_whole, view.checked()))).collect()
        };
        let audiences = [everything(Severity::Info), of_accounts(&["web"]), of_names(&["b.kr"])];
        let report = report(&["shop", "web"], rows());
        assert_eq!(is_whole(&report, &audiences), [Some((true, 20)), Some((false, 10)), Some((false, 20))]);
        let mute = Mute::new("a.kr", report.today, None, true, str::to_owned).unwrap();
        let muted = report.clone().with_mutes(&[mute]);
        assert_eq!(is_whole(&muted, &audiences), [Some((false, 20)), Some((false, 10)), Some((false, 20))]);
        let clear = Report { findings: vec![], ..report };
        assert_eq!(is_whole(&clear, &audiences), [Some((true, 20)), Some((true, 10)), Some((true, 20))]);
    }

    #[test]
    fn routes_take_what_matches_every_list() {
        let rows = [
            ("shop", row(1, "www.shop.kr", DAY)),
            ("shop", row(2, "api.shop.kr", DAY * 2)),
            ("web", row(3, "WWW.shop.kr", DAY * 3)),
            ("web", row(4, "blog.web.kr", DAY * 4)),
        ];
        let report = report(&["shop", "web"], rows);
        let audiences = [
            everything(Severity::Info),
            of_accounts(&["shop"]),
            of_names(&["www.*"]),
            audience(&["web", "shop"], &["*.web.kr", "api.*"], Severity::Info),
            audience(&["web"], &["api.*"], Severity::Info),
            of_accounts(&["SHOP"]),
        ];
        let expected = [slots(&[1, 2, 3, 4]), slots(&[1, 2]), slots(&[1, 3]), slots(&[2, 4]), None, slots(&[1, 2])];
        assert_eq!(shown(&report, &audiences, ALL), expected);
        // What a webhook's routing excludes is not counted as left out, at any level.
        let audiences = [of_accounts(&["shop"]), audience(&["shop"], &[], Severity::Critical), of_accounts(&["web"])];
        let views = views(&report, &audiences, ALL);
        assert!(views.iter().flatten().all(|view| view.left_out.total() == 0 && !view.is_unrouted), "{views:?}");
    }

    #[test]
    fn alternative_names_route_too_where_a_detail_was_read() {
        let mut report = report(&["prod"], [("prod", row(1, "www.shop.kr", DAY))]);
        let audiences = [of_names(&["*.alias.kr"]), of_names(&["www.*"])];
        assert_eq!(shown(&report, &audiences, ALL), [None, slots(&[1])]);
        let Found::Slot(finding) = &mut report.findings[0].found else { panic!("a slot") };
        finding.impact = Some(Impact { names: vec!["Shop.Alias.kr".into()], ..Impact::default() });
        assert_eq!(shown(&report, &audiences, ALL), [slots(&[1]), slots(&[1])]);
    }

    #[test]
    fn what_no_routes_take_goes_to_every_webhook_without_routes_or_else_to_all() {
        let rows = || [("shop", row(1, "a.kr", DAY)), ("web", row(2, "b.kr", DAY)), ("", row(3, "", DAY * 20))];
        let report = report(&["shop", "web", ""], rows());
        let (shop, nobody) = (of_accounts(&["shop"]), of_names(&["x.kr"]));
        let open = everything(Severity::Info);
        let audiences = [shop.clone(), nobody.clone(), open.clone(), open];
        assert_eq!(shown(&report, &audiences, ALL), [slots(&[1]), None, slots(&[1, 2, 3]), slots(&[1, 2, 3])]);

        let orphans = |slots: &[i64]| Some((slots.to_vec(), vec![], true));
        assert_eq!(shown(&report, &[shop.clone(), nobody.clone()], ALL), [orphans(&[1, 2, 3]), orphans(&[2, 3])]);
        // When what is unrouted is below every level, a webhook gets no line about routing.
        let critical = audience(&["shop", "web"], &[], Severity::Critical);
        let views = views(&report, &[critical], ALL);
        let view = views[0].as_ref().unwrap();
        assert_eq!((view.findings.len(), view.left_out.warning, view.is_unrouted), (2, 1, false));
    }

    #[test]
    fn a_failed_account_goes_to_those_whose_accounts_allow_it_or_to_all() {
        let failed = |names: &[&str], is_orphan| {
            Some((vec![], names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), is_orphan))
        };
        let report = report(&["!shop", "!web"], []);
        let names = audience(&[], &["only.this.kr"], Severity::Critical);
        assert_eq!(
            shown(&report, &[of_accounts(&["shop"]), names], ALL),
            [failed(&["shop"], false), failed(&["shop", "web"], false)],
            "lists of names say nothing of accounts"
        );
        let (shop, both) = (of_accounts(&["shop"]), audience(&["shop"], &["x.kr"], Severity::Critical));
        assert_eq!(
            shown(&report, &[shop.clone(), both], ALL),
            [failed(&["shop", "web"], true), failed(&["shop", "web"], true)]
        );
        let audiences = [shop, everything(Severity::Info)];
        assert_eq!(shown(&report, &audiences, ALL), [failed(&["shop"], false), failed(&["shop", "web"], false)]);
    }

    #[test]
    fn a_sample_reaches_every_webhook_whatever_its_routes_and_level() {
        let sample = Report { mode: Mode::Sample, ..one_of_each() };
        let open = everything(Severity::Info);
        let routed = audience(&["other"], &["other.kr"], Severity::Critical);
        assert_eq!(shown(&sample, &[open, routed.clone()], ALL), [slots(&[1, 2, 3]), slots(&[1])]);
        assert_eq!(shown(&sample, &[routed], ALL), [slots(&[1])], "nor is there a line about routing");
    }

    #[test]
    fn what_is_healthy_goes_along_the_same_routes() {
        let healthy = |name: &str, days: i32| Healthy {
            slot_id: 1,
            common_name: name.into(),
            expiry: NOW + DAY * days,
            deployed: Some(NOW - DAY * (days / 100)),
        };
        let mut report = report(&["shop", "web"], []);
        report.accounts[0].deployed = vec![healthy("a.kr", 300), healthy("b.kr", 100)];
        report.accounts[1].deployed = vec![healthy("c.kr", 200)];
        report.accounts[0].old_tls = vec!["e.kr".into()];
        report.accounts[1].old_tls = vec!["a.kr".into(), "f.kr".into()];
        report.accounts[0].upcoming = vec![healthy("e.kr", 50)];
        report.accounts[1].upcoming = vec![healthy("d.kr", 50), healthy("a.kr", 40)];
        let audiences = [everything(Severity::Info), of_accounts(&["shop"]), of_names(&["a*", "d*"])];
        let views = views(&report, &audiences, NotifyPolicy { scope: Scope::Summary, ..CLEAR });
        let names =
            |all: &[&Healthy]| all.iter().map(|healthy| healthy.common_name.as_str()).collect::<Vec<_>>().join(" ");
        let shown: Vec<_> = views.iter().flatten().map(|view| (names(&view.deployed), names(&view.upcoming))).collect();
        let expected = [("b.kr c.kr a.kr", "a.kr d.kr e.kr"), ("b.kr a.kr", "e.kr"), ("a.kr", "a.kr d.kr")];
        let old_tls: Vec<_> = views.iter().flatten().map(|view| view.old_tls.join(" ")).collect();
        assert_eq!(old_tls, ["a.kr e.kr f.kr", "e.kr", "a.kr"]);
        assert_eq!(shown, expected.map(|(deployed, upcoming)| (deployed.to_owned(), upcoming.to_owned())));
    }
}
