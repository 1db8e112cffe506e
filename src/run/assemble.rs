//! From what the accounts list to one report: judge, read details, add what is used elsewhere, set aside what is muted.

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::Criteria;
use super::list::ListedAccount;
use crate::certificate::Certificate;
use crate::report::mute::Mute;
use crate::report::{AccountFinding, AccountReport, Found, Looked, Mode, Mutes, Report};
use crate::rules::served::Sight;
use crate::rules::{Finding, HeldUse, Impact, Judgement, Severity, elsewhere, judge_slots, sum_up};
use crate::settings::secrets::label;
use crate::{global_edge, ncp};

/// How many findings have their details read: the most urgent ones.
const DETAILS: usize = 50;

/// How many details are read at once.
const DETAILS_AT_ONCE: usize = 4;

/// The slots of an account, each with the finding that it is.
pub(super) type Judged = Vec<(Certificate, Option<Box<Finding>>)>;

/// An account's slots, judged by its list, its details, and what is served.
#[derive(Debug)]
pub struct JudgedAccount {
    /// Each slot once, with the finding that it is.
    pub slots: Judged,
    /// The slots whose details were asked for and could not be read, and why.
    pub unread: Vec<(i64, ncp::Error)>,
    /// Whether the lifetime of any of its certificates is known.
    pub has_lifetimes: bool,
}

/// Judges the rows of all accounts, which leave `listed`. `sights` are the hosts that were looked at. If `details` says until when,
/// it is read what an expiry of the most urgent findings would break.
pub async fn judge(
    listed: &mut [ListedAccount],
    sights: &[Sight],
    criteria: &Criteria,
    details: Option<Instant>,
) -> Vec<JudgedAccount> {
    let Criteria { thresholds, now, .. } = *criteria;
    let mut judged: Vec<Judged> = Vec::new();
    let mut lifetimes = Vec::new();
    for account in &mut *listed {
        let holdings = account.holdings.as_ref().and_then(|holdings| holdings.as_ref().ok());
        lifetimes.push(holdings.is_some_and(|holdings| holdings.knows_any(&account.rows)));
        judged.push(judge_slots(std::mem::take(&mut account.rows), holdings, sights, thresholds, now));
    }
    let read = match details {
        Some(until) => read_details(&judged, listed, until).await,
        None => Vec::new(),
    };
    let unread = take_in(read, &mut judged, listed, criteria);
    let mut accounts = Vec::new();
    for ((slots, unread), has_lifetimes) in judged.into_iter().zip(unread).zip(lifetimes) {
        accounts.push(JudgedAccount { slots, unread, has_lifetimes });
    }
    accounts
}

/// Judges all accounts and combines them. `looked` is what was seen of what is served, `details` until when details are read, if
/// they are. What `mutes` silence is set aside.
pub async fn assemble(
    mut listed: Vec<ListedAccount>,
    looked: Option<Looked>,
    criteria: &Criteria,
    mutes: &[Mute],
    details: Option<Instant>,
) -> Report {
    let Criteria { thresholds, now, today, simulated, outlook, has_chosen_accounts } = *criteria;
    let sights = looked.as_ref().map_or(&[][..], |looked| &looked.sights);
    let judged = judge(&mut listed, sights, criteria, details).await;

    let names = label::tell_apart(listed.iter().map(|account| account.label.clone()).collect());
    let mut accounts = Vec::new();
    let mut found: Vec<AccountFinding> = Vec::new();
    for (judged, (account, name)) in judged.into_iter().zip(listed.into_iter().zip(names)) {
        let JudgedAccount { slots, unread, has_lifetimes } = judged;
        let Judgement { findings, first_expiry, next, deployed, upcoming, old_tls } =
            sum_up(slots, thresholds, now, outlook);
        if let Some(Ok(holdings)) = &account.holdings {
            let elsewhere = elsewhere::find(holdings, &findings.iter().collect::<Vec<_>>(), thresholds, now);
            let elsewhere = elsewhere.into_iter().map(Found::Elsewhere);
            found.extend(elsewhere.map(|found| AccountFinding { account: name.clone(), found }));
        }
        let slots = findings.into_iter().map(Found::Slot);
        found.extend(slots.map(|found| AccountFinding { account: name.clone(), found }));
        let ListedAccount { checked, total, pages, failure, .. } = account;
        accounts.push(AccountReport {
            name,
            checked,
            total,
            pages,
            failure,
            unread,
            has_lifetimes,
            first_expiry,
            next,
            deployed,
            upcoming,
            old_tls,
        });
    }
    let mode = if simulated { Mode::Simulated } else { Mode::Real };
    let (findings, mutes_to_come) = (found, Mutes::default());
    let report =
        Report { now, today, mode, has_chosen_accounts, thresholds, accounts, findings, mutes: mutes_to_come, looked };
    report.sorted().with_mutes(mutes)
}

/// A detail that was read, and the indices of its account and of its slot there.
type Read = (usize, usize, Result<Impact, ncp::Error>);

/// Reads the details of the most urgent findings.
async fn read_details(judged: &[Judged], listed: &[ListedAccount], until: Instant) -> Vec<Read> {
    let mut findings: Vec<(usize, usize, &Finding)> = Vec::new();
    for (account, slots) in judged.iter().enumerate() {
        for (slot, (_, finding)) in slots.iter().enumerate() {
            let finding = finding.as_deref().filter(|finding| finding.severity() >= Severity::Warning);
            findings.extend(finding.map(|finding| (account, slot, finding)));
        }
    }
    findings.sort_by(|(.., a), (.., b)| a.urgency(b));
    findings.truncate(DETAILS);
    let read = async |(account, slot, finding): (usize, usize, &Finding)| {
        let access = listed[account].access.as_ref()?;
        let client = access.client.until(until);
        Some((account, slot, global_edge::detail(&client, &access.api_url, finding.certificate.slot_id).await))
    };
    let read: Vec<Option<Read>> = stream::iter(findings).map(read).buffered(DETAILS_AT_ONCE).collect().await;
    read.into_iter().flatten().collect()
}

/// Adds what the details say, and what Certificate Manager says of the use of these slots. Returns for each account which slots had
/// details that could not be read, and why.
fn take_in(
    read: Vec<Read>,
    judged: &mut [Judged],
    listed: &[ListedAccount],
    criteria: &Criteria,
) -> Vec<Vec<(i64, ncp::Error)>> {
    let Criteria { thresholds, now, .. } = *criteria;
    let mut unread: Vec<Vec<(i64, ncp::Error)>> = vec![Vec::new(); judged.len()];
    for (account, slot, detail) in read {
        let impact = match detail {
            Ok(impact) => impact,
            Err(error) => {
                let slot_id = judged[account][slot].0.slot_id;
                tracing::info!(slot_id, error = %error, "a slot's detail could not be read; the message goes without it");
                unread[account].push((slot_id, error));
                continue;
            }
        };
        let Some(mut finding) = judged[account][slot].1.take() else { continue };
        let mut origin = None;
        match &listed[account].holdings {
            None => {}
            Some(Err(_)) => finding.held_use = HeldUse::Unreadable,
            Some(Ok(holdings)) => {
                // A slot for the whole world holds a certificate that the list does not name.
                let mut names = impact.certificate_names.clone();
                names.push(finding.certificate.certificate_name.clone());
                names.sort();
                names.dedup();
                finding.held_use = HeldUse::Instances(names.iter().map(|name| holdings.instances(name)).sum());
                origin = impact.expiry.and_then(|expiry| holdings.origin(&impact.certificate_name, expiry));
            }
        }
        judged[account][slot].1 = finding.with_impact(impact, origin, thresholds, now).map(Box::new);
    }
    for (_, finding) in judged.iter_mut().flatten() {
        if let Some(unread) = finding.take_if(|finding| finding.impact.is_none()) {
            *finding = unread.without_impact(thresholds, now).map(Box::new);
        }
    }
    unread
}
