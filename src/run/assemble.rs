//! From what the accounts list to one report: judge, read details, add what is used elsewhere, set aside what is muted.

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::Criteria;
use super::list::ListedAccount;
use crate::report::mute::Mute;
use crate::report::{AccountFinding, AccountReport, Found, Mode, Mutes, Report};
use crate::rules::{Finding, HeldUse, Judgement, Severity, elsewhere, judge_all};
use crate::settings::secrets::label;
use crate::{global_edge, ncp};

/// How many findings have their details read: the most urgent ones.
const DETAILS: usize = 50;

/// How many details are read at once.
const DETAILS_AT_ONCE: usize = 4;

/// Judges all accounts and combines them. If `details` says until when, it is read what an expiry of the most urgent findings
/// would break. What `mutes` silence is set aside.
pub async fn assemble(
    mut listed: Vec<ListedAccount>,
    criteria: &Criteria,
    mutes: &[Mute],
    details: Option<Instant>,
) -> Report {
    let Criteria { thresholds, now, today, simulated, outlook } = *criteria;
    let names = label::tell_apart(listed.iter().map(|account| account.label.clone()).collect());
    let mut accounts = Vec::new();
    // Each with the index of its account.
    let mut findings: Vec<(usize, Finding)> = Vec::new();
    for (index, (account, name)) in listed.iter_mut().zip(names).enumerate() {
        let holdings = account.holdings.as_ref().and_then(|holdings| holdings.as_ref().ok());
        let rows = std::mem::take(&mut account.rows);
        let Judgement { findings: found, first_expiry, next, deployed, upcoming } =
            judge_all(rows, holdings, thresholds, now, outlook);
        findings.extend(found.into_iter().map(|finding| (index, finding)));
        let ListedAccount { checked, total, pages, failure, .. } = account;
        let (checked, total, pages, failure) = (*checked, *total, *pages, failure.take());
        let unread = Vec::new();
        let account =
            AccountReport { name, checked, total, pages, failure, unread, first_expiry, next, deployed, upcoming };
        accounts.push(account);
    }
    findings.sort_by(|(_, a), (_, b)| a.urgency(b));
    if let Some(until) = details {
        for (index, error) in read_details(&mut findings, &listed, criteria, until).await {
            accounts[index].unread.push(error);
        }
    }

    let mut found: Vec<AccountFinding> = Vec::new();
    for (index, account) in listed.iter().enumerate() {
        let Some(Ok(holdings)) = &account.holdings else { continue };
        let of_account: Vec<&Finding> =
            findings.iter().filter(|(other, _)| *other == index).map(|(_, finding)| finding).collect();
        for elsewhere in elsewhere::find(holdings, &of_account, thresholds, now) {
            found.push(AccountFinding { account: accounts[index].name.clone(), found: Found::Elsewhere(elsewhere) });
        }
    }
    for (index, finding) in findings {
        found.push(AccountFinding { account: accounts[index].name.clone(), found: Found::Slot(finding) });
    }
    let mode = if simulated { Mode::Simulated } else { Mode::Real };
    let report = Report { now, today, mode, thresholds, accounts, findings: found, mutes: Mutes::default() };
    report.sorted().with_mutes(mutes)
}

/// Adds what the details of the most urgent findings say, and what Certificate Manager says of their use. Returns why others could
/// not be read, each with the index of its account.
async fn read_details(
    findings: &mut [(usize, Finding)],
    listed: &[ListedAccount],
    criteria: &Criteria,
    until: Instant,
) -> Vec<(usize, ncp::Error)> {
    let mut wanted = Vec::new();
    for (index, (account, finding)) in findings.iter().enumerate() {
        let access = listed[*account].access.as_ref();
        if let Some(access) = access.filter(|_| finding.severity() >= Severity::Warning && wanted.len() < DETAILS) {
            wanted.push((index, access, finding.certificate.slot_id));
        }
    }
    let read = async |(index, access, slot_id): (usize, &super::list::Access, i64)| {
        let client = access.client.until(until);
        (index, slot_id, global_edge::detail(&client, &access.api_url, slot_id).await)
    };
    let details: Vec<_> = stream::iter(wanted).map(read).buffered(DETAILS_AT_ONCE).collect().await;
    let mut unread = Vec::new();
    for (index, slot_id, detail) in details {
        let (account, finding) = &mut findings[index];
        let impact = match detail {
            Ok(impact) => impact,
            Err(error) => {
                tracing::info!(slot_id, error = %error, "a slot's detail could not be read; the message goes without it");
                unread.push((*account, error));
                continue;
            }
        };
        let mut origin = None;
        match &listed[*account].holdings {
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
        *finding = finding.clone().with_impact(impact, origin, criteria.thresholds, criteria.now);
    }
    unread
}
