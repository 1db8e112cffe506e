//! The steps for one account.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::report::{self, Call};
use super::shapes::{Form, Shape, departures, new_fields};
use super::steps::{Outcome, Steps};
use super::words::{self, Subject, Text};
use crate::certificate::{Certificate, Status};
use crate::cli::{CliError, progress};
use crate::global_edge::{self, Page};
use crate::message::words::Advice;
use crate::ncp::{self, Error, ErrorReply, SKEW_LIMIT};
use crate::net::disclosure::Secrets;
use crate::net::http::{self, Record, Recorded};
use crate::net::retry::Retry;
use crate::report::Failure;
use crate::rules::served::Remark;
use crate::run::{Criteria, ListedAccount, list_account, look};
use crate::settings::Settings;
use crate::settings::secrets::AccountSecret;
use crate::text;
use crate::time;

/// How many details are read: of one slot for each service region, of which two are documented.
const MOST_DETAILS: usize = 3;

/// The longest answer for a page that should have no rows.
const BEHIND_LIMIT: usize = 1 << 20;

/// The rows of the list: <https://api.ncloud-docs.com/docs/edge-getcertificatelist>.
const ROW: [(&str, Form); 9] = [
    ("slotId", Form::Number),
    ("commonName", Form::Text),
    ("serviceRegion", Form::OneOf(&["KR_JP", "KR_JP_GLOBAL"])),
    ("tlsVersion", Form::SomeOf(&["1.0", "1.1", "1.2", "1.3"])),
    ("cipherProfile", Form::Any),
    ("certificateName", Form::Text),
    ("expirationDate", Form::NeededDate),
    ("provisionStatus", Form::OneOf(&["READY", "PUBLISHING", "RUNNING", "DELETING", "DELETED"])),
    ("provisionDate", Form::Date),
];

/// Where the rows are in a page, and in the answer of Certificate Manager.
const ROWS: [&str; 3] = ["result", "content", "[]"];
const HELD_ROWS: [&str; 2] = ["sslCertificateList", "[]"];

/// What is read of Certificate Manager's rows, of which there are more fields.
const HELD: [(&str, Form); 6] = [
    ("certificateName", Form::Text),
    ("domainAddress", Form::Text),
    ("caInfo", Form::Text),
    ("validStartDate", Form::Date),
    ("validEndDate", Form::Date),
    ("usedInstanceNoList", Form::Any),
];

/// What is read of a detail, of which only a part is documented.
const DETAIL: [&[&str]; 3] = [
    &["result", "certificates", "[]", "sanDomains"],
    &["result", "certificates", "[]", "expirationDate"],
    &["result", "linkedEdges", "pageable", "totalCount"],
];

/// All steps for an account, in their order.
pub(super) const SUBJECTS: [Subject; 9] = [
    Subject::Clock,
    Subject::Keys,
    Subject::Permission,
    Subject::List,
    Subject::Total,
    Subject::Fields,
    Subject::Detail,
    Subject::CertificateManager,
    Subject::Host,
];

/// Examines an account. With `is_reported` it also asks for a page that does not exist. Returns what the report says of it.
pub(super) async fn examine(
    steps: &mut Steps,
    settings: &Settings,
    account: AccountSecret,
    http: &http::Client,
    is_reported: bool,
) -> Result<Value, CliError> {
    let record = Record::default();
    let http = http.recorded(&record);
    let client = ncp::Client::new(http.clone(), account.keys.clone());
    let api_url = account.api_url.clone().unwrap_or_else(|| settings.api_url.clone());
    let progress = progress::Bar::new(steps.language);
    let listed = list_account(settings, account, &http, &|read, total| progress.show(read, total)).await;
    progress.clear();
    let mut recorded = record.take();

    clock(steps, &recorded)?;
    access(steps, &listed)?;
    list(steps, &listed, &recorded, http.secrets())?;
    let rows = report::shape(&recorded, Call::is_list, http.secrets());
    let without_rows = if listed.pages == 0 { &words::NOT_CHECKED } else { &words::NO_ROWS };
    fields(steps, rows.at(&ROWS), without_rows)?;
    let slots = if settings.details { one_of_each_region(&listed.rows) } else { Vec::new() };
    let mut details = Vec::new();
    for slot in &slots {
        let read = global_edge::detail(&client, &api_url, slot.slot_id).await;
        details.push((*slot, read.map(|_| ()), record.take()));
    }
    detail(steps, settings, &details, without_rows, http.secrets())?;
    certificate_manager(steps, settings, &listed, &recorded, http.secrets())?;
    served(steps, settings, &listed, http.deadline()).await?;

    if is_reported && listed.pages > 0 {
        // Whatever the size of pages, there are fewer of them than certificates.
        let mut url = ncp::below(&api_url, global_edge::PATH);
        url.set_query(Some(&format!("pageNo={}&offset=15", listed.total + 2)));
        let read = |_: &[u8], _: &Secrets| Ok(());
        // What it answers is recorded; nothing depends on it.
        let _ = client.get("a page behind the last", &url, BEHIND_LIMIT, 1, |_| Retry::Never, read).await;
    }
    let dates: Vec<Value> =
        details.iter().map(|(slot, _, answers)| report::dates_of_detail(slot, answers, http.secrets())).collect();
    recorded.extend(details.into_iter().flat_map(|(_, _, answers)| answers));
    let behind = report::answers(&record.take(), http.secrets());
    Ok(json!({
        "answers": report::answers(&recorded, http.secrets()),
        "behindTheLastPage": behind,
        "detailDates": dates,
        "instancesOfRunning": instances(&listed),
    }))
}

/// The clock against NCP's, by the first answer that names the time.
fn clock(steps: &mut Steps, recorded: &[Recorded]) -> Result<(), CliError> {
    let outcome = match recorded.iter().find_map(|(_, answer)| answer.as_ref().ok()?.skew) {
        None => steps.skipped(&words::NO_DATE),
        Some(skew) => {
            let said = steps.say(&words::CLOCK, &[&skew.num_seconds().abs()]);
            if skew.abs() > SKEW_LIMIT {
                let error = Error::Unauthorized { skew: Some(skew), reply: ErrorReply::default() };
                let Advice { fix, .. } = advice(steps, &Failure::Api(error));
                Outcome::Failed(Advice { what: said, fix })
            } else {
                Outcome::Ok(said)
            }
        }
    };
    steps.add(Subject::Clock, outcome)
}

/// Whether the keys are accepted, and may list.
fn access(steps: &mut Steps, listed: &ListedAccount) -> Result<(), CliError> {
    let (accepted, may_list) = (steps.ok(&words::ACCEPTED, &[]), steps.ok(&words::LISTED, &[]));
    let after_failure = steps.skipped(&words::NOT_CHECKED);
    let (keys, permission) = match list_error(listed) {
        // The clock's step says it.
        Some(Error::Unauthorized { skew: Some(_), .. }) => (steps.skipped(&words::NOT_CHECKED), after_failure),
        Some(error @ Error::Unauthorized { .. }) => (failed(steps, error), after_failure),
        // Without a code of NCP's something before it may have refused.
        Some(error @ Error::PermissionDenied { reply, .. }) if reply.code.is_empty() => {
            (steps.skipped(&words::NEEDS_LIST), failed(steps, error))
        }
        Some(error @ Error::PermissionDenied { .. }) => (accepted, failed(steps, error)),
        Some(_) if listed.pages == 0 => (steps.skipped(&words::NEEDS_LIST), steps.skipped(&words::NEEDS_LIST)),
        _ => (accepted, may_list),
    };
    steps.add(Subject::Keys, keys)?;
    steps.add(Subject::Permission, permission)
}

/// Whether the list can be read, in pages of which size, and whether it is whole.
fn list(steps: &mut Steps, listed: &ListedAccount, recorded: &[Recorded], secrets: &Secrets) -> Result<(), CliError> {
    let sizes = sizes(steps, recorded, secrets);
    let said = sizes.iter().map(|(said, _)| said.as_str()).collect::<Vec<_>>().join("; ");
    let (list, total) = match (list_error(listed), &listed.failure) {
        (Some(Error::Unauthorized { .. } | Error::PermissionDenied { .. }), _) => {
            (steps.skipped(&words::NOT_CHECKED), steps.skipped(&words::NOT_CHECKED))
        }
        (Some(error), _) => (failed(steps, error), steps.skipped(&words::NOT_CHECKED)),
        (None, Some(failure @ Failure::Incomplete(_))) => (Outcome::Ok(said), Outcome::Failed(advice(steps, failure))),
        (None, _) if listed.checked == 0 => (Outcome::Ok(said), steps.ok(&words::NO_CERTIFICATES, &[])),
        (None, _) => (Outcome::Ok(said), steps.ok(&words::TOTAL, &[&listed.checked])),
    };
    let sizes: Vec<Value> = sizes.into_iter().map(|(_, reported)| reported).collect();
    steps.add_of(Subject::List, Subject::List.title(steps.language), json!({"pages": sizes}), list)?;
    steps.add(Subject::Total, total)
}

/// The page sizes that were asked for, and what came of each, in words and for the report.
fn sizes(steps: &Steps, recorded: &[Recorded], secrets: &Secrets) -> Vec<(String, Value)> {
    let mut sizes = Vec::new();
    for (url, answer) in recorded {
        let Call::FirstPage(size) = Call::of(url) else { continue };
        let page = match answer {
            Err(fault) => Err(Error::Http(fault.clone())),
            Ok(answer) if answer.status != 200 => Err(Error::of(answer, secrets)),
            Ok(answer) => global_edge::read_page(&answer.body, secrets),
        };
        let (said, came) = match page {
            Ok(Page { length, total: Some(total), .. }) if (length as u64) < total.min(size) => {
                (steps.say(&words::SHORT_PAGES, &[&size, &length]), "fewer rows")
            }
            Ok(_) => (steps.say(&words::PAGES, &[&size]), "all rows"),
            Err(error) => {
                let what = advice(steps, &Failure::Api(error)).what;
                (steps.say(&words::REFUSED_PAGES, &[&size, &what]), "no page")
            }
        };
        let size = (said, json!({"asked": size, "came": came}));
        // A list that is read twice is asked for twice.
        if !sizes.contains(&size) {
            sizes.push(size);
        }
    }
    sizes
}

/// Whether the rows are as documented.
fn fields(steps: &mut Steps, rows: Option<&Shape>, without_rows: &Text) -> Result<(), CliError> {
    let outcome = match rows {
        None => steps.skipped(without_rows),
        Some(rows) => {
            let new = new_fields(rows, &ROW);
            let fine = if new.is_empty() {
                steps.ok(&words::AS_DOCUMENTED, &[])
            } else {
                steps.ok(&words::NEW_FIELDS, &[&new.join(", ")])
            };
            unless_departed(steps, rows, &ROW, fine)
        }
    };
    steps.add(Subject::Fields, outcome)
}

/// `fine`, unless rows are not as documented.
fn unless_departed(steps: &Steps, rows: &Shape, documented: &[(&str, Form)], fine: Outcome) -> Outcome {
    let departures = departures(rows, documented);
    if departures.is_empty() {
        return fine;
    }
    let what = steps.say(&words::DEPARTS, &[&departures.join(", ")]);
    let fix = [&words::REPORT_IT, &words::NOTHING_HIDDEN].map(|text| text.in_language(steps.language));
    Outcome::Failed(Advice { what, fix: steps.language.phrases().sentences(&fix) })
}

/// A slot of each service region, one that is served if there is one.
fn one_of_each_region(rows: &[Certificate]) -> Vec<&Certificate> {
    let mut slots: Vec<&Certificate> = Vec::new();
    let (running, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.status == Status::Running);
    for row in running.into_iter().chain(others) {
        if slots.len() < MOST_DETAILS && !slots.iter().any(|slot| slot.service_region == row.service_region) {
            slots.push(row);
        }
    }
    slots
}

/// A slot, whether its detail could be read, and what was answered.
type Detail<'a> = (&'a Certificate, Result<(), Error>, Vec<Recorded>);

/// Whether details can be read, and hold what is read of them.
fn detail(
    steps: &mut Steps,
    settings: &Settings,
    details: &[Detail<'_>],
    without_rows: &Text,
    secrets: &Secrets,
) -> Result<(), CliError> {
    let error = details.iter().find_map(|(_, read, _)| read.as_ref().err());
    let outcome = match error {
        _ if !settings.details => Outcome::Skipped(steps.say(&words::OFF, &[&"CERTIFICATE_DETAILS"])),
        None if details.is_empty() => steps.skipped(without_rows),
        Some(error) => {
            let Advice { what, fix } = advice(steps, &Failure::Api(error.clone()));
            let fix = match error {
                Error::PermissionDenied { .. } => steps.say(&words::ALLOW_DETAILS, &[]),
                // The list was read at the same address.
                Error::NotFound { .. } | Error::Refused { .. } | Error::Malformed(_) => {
                    steps.say(&words::REPORT_IT, &[])
                }
                _ => fix,
            };
            Outcome::Failed(Advice { what, fix })
        }
        None => {
            let mut read = Vec::new();
            for (slot, _, answers) in details {
                let shape = report::shape(answers, |call| call == Call::Detail, secrets);
                let missing: Vec<&str> = DETAIL
                    .iter()
                    .filter(|path| shape.at(path).is_none())
                    .filter_map(|path| path.last().copied())
                    .collect();
                let region = text::name(&slot.service_region);
                read.push(if missing.is_empty() {
                    region
                } else {
                    steps.say(&words::WITHOUT, &[&region, &missing.join(", ")])
                });
            }
            steps.ok(&words::DETAILS_READ, &[&read.join("; ")])
        }
    };
    steps.add(Subject::Detail, outcome)
}

/// Whether Certificate Manager answers, and as it is read.
fn certificate_manager(
    steps: &mut Steps,
    settings: &Settings,
    listed: &ListedAccount,
    recorded: &[Recorded],
    secrets: &Secrets,
) -> Result<(), CliError> {
    let is_refused = |error: Option<&Error>| matches!(error, Some(Error::Unauthorized { .. }));
    let outcome = match &listed.holdings {
        // The clock's step or the keys' says it.
        Some(Err(error)) if is_refused(Some(error)) && is_refused(list_error(listed)) => {
            steps.skipped(&words::NOT_CHECKED)
        }
        None if settings.certificate_manager.is_some() => steps.skipped(&words::NO_OWN_MANAGER),
        None => Outcome::Skipped(steps.say(&words::OFF, &[&"CERTIFICATE_MANAGER"])),
        Some(Err(error)) => Outcome::Failed(advice(steps, &Failure::CertificateManager(error.clone()))),
        Some(Ok(holdings)) => {
            let fine = steps.ok(&words::HELD, &[&holdings.rows().len()]);
            let shape = report::shape(recorded, |call| call == Call::CertificateManager, secrets);
            match shape.at(&HELD_ROWS) {
                Some(rows) => unless_departed(steps, rows, &HELD, fine),
                None => fine,
            }
        }
    };
    steps.add(Subject::CertificateManager, outcome)
}

/// What each host serves that is to be looked at.
async fn served(
    steps: &mut Steps,
    settings: &Settings,
    listed: &ListedAccount,
    until: Instant,
) -> Result<(), CliError> {
    let Some(further) = &settings.probe else {
        return steps.add(Subject::Host, Outcome::Skipped(steps.say(&words::OFF, &[&"PROBE"])));
    };
    let criteria = Criteria::new(settings.thresholds, time::wall(), false, settings.zone);
    let sights = look(std::slice::from_ref(listed), further, &criteria, until).await;
    if sights.is_empty() {
        return steps.add(Subject::Host, steps.skipped(&words::NO_HOST));
    }
    for sight in sights {
        let remark = sight.remark.map(|remark| steps.language.phrases().host_remark(remark));
        let outcome = match (sight.seen, sight.remark) {
            (Some(seen), _) => {
                let day = settings.zone.local(seen.ends).date_naive();
                let valid = steps.say(&words::VALID_UNTIL, &[&steps.language.phrases().day(day, true)]);
                Outcome::Ok(remark.map_or_else(|| valid.clone(), |remark| format!("{valid}; {remark}")))
            }
            (None, Some(Remark::NotLooked)) => Outcome::Skipped(remark.unwrap_or_default().to_owned()),
            (None, said) => {
                let fix = if said == Some(Remark::NoSlot) { &words::NAME_A_HOST } else { &words::REACH_IT };
                Outcome::Failed(Advice { what: remark.unwrap_or_default().to_owned(), fix: steps.say(fix, &[]) })
            }
        };
        let title = format!("{} {}", Subject::Host.title(steps.language), sight.host());
        let more = json!({"remark": sight.remark.map(Remark::as_str)});
        steps.add_of(Subject::Host, &title, more, outcome)?;
    }
    Ok(())
}

/// Whether Certificate Manager counts instances for certificates that Global Edge serves: if it does for all of them, it may count
/// Global Edge too, which is not documented.
fn instances(listed: &ListedAccount) -> BTreeSet<&'static str> {
    let Some(Ok(holdings)) = &listed.holdings else { return BTreeSet::new() };
    let running = listed.rows.iter().filter(|row| row.status == Status::Running);
    let held = running.filter(|row| holdings.rows().iter().any(|held| held.name == row.certificate_name));
    held.map(|row| if holdings.instances(&row.certificate_name) > 0 { "some" } else { "none" }).collect()
}

/// Why the list could not be read.
fn list_error(listed: &ListedAccount) -> Option<&Error> {
    match &listed.failure {
        Some(Failure::Api(error)) => Some(error),
        _ => None,
    }
}

fn failed(steps: &Steps, error: &Error) -> Outcome {
    Outcome::Failed(advice(steps, &Failure::Api(error.clone())))
}

fn advice(steps: &Steps, failure: &Failure) -> Advice {
    steps.language.phrases().failure(failure)
}
