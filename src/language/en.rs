//! English.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Advice, Group, Headline, Phrases, by_severity};
use crate::api;
use crate::certificate::Status;
use crate::digest::{AccountReport, Failure, Kind};
use crate::finding::{Counts, Severity, Thresholds};
use crate::http::{ConnectFault, Fault};
use crate::webhook::{self, Refusal};
use crate::zone::Zone;

pub(super) struct English;

/// `1 edge`, `2 edges`
fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn of(number: usize) -> u64 {
    number as u64
}

/// `3 days`, `5 hours`, `less than 1 hour`: whole ones, rounded down.
fn span(time: TimeDelta) -> String {
    let whole = |number: i64, noun| count(number.unsigned_abs(), noun);
    match (time.num_days(), time.num_hours()) {
        (0, 0) => "less than 1 hour".to_owned(),
        (0, hours) => whole(hours, "hour"),
        (days, _) => whole(days, "day"),
    }
}

impl Phrases for English {
    fn title(&self, headline: &Headline<'_>) -> String {
        let failed = match headline.failed.as_slice() {
            [] => None,
            [one] => Some(format!("Account {one} could not be checked")),
            many => Some(format!("{} accounts could not be checked", many.len())),
        };
        // What `within` means need not be said twice.
        let mut is_said = false;
        let mut counted = |&(group, number): &(Group, usize)| match group {
            Group::NotChecked => format!("{number} not checked"),
            Group::Expired => format!("{number} expired"),
            Group::Within(days) => {
                let expiring = if std::mem::replace(&mut is_said, true) { "" } else { "expiring " };
                format!("{number} {expiring}within {}", count(days, "day"))
            }
            Group::Unused => format!("{number} not in use"),
            Group::NotRunning => format!("{number} not running"),
            Group::CannotBeJudged => format!("{number} of unknown expiry"),
            Group::InProgress => format!("{number} in progress"),
            Group::Elsewhere => format!("{number} elsewhere"),
        };
        let mut news: Vec<String> = headline.groups.iter().map(&mut counted).collect();
        if headline.others > 0 {
            news.push(format!("{} more", headline.others));
        }
        let checked = count(headline.checked, "certificate");
        let found = (!news.is_empty()).then(|| news.join(", "));
        let news = [failed, found].into_iter().flatten().collect::<Vec<_>>().join("; ");
        if news.is_empty() && headline.checked == 0 {
            return "0 certificates found".to_owned();
        }
        let news = if news.is_empty() { "All clear".to_owned() } else { news };
        match headline.kind {
            Kind::Sample => format!("Test: {news}"),
            Kind::Simulated => format!("Simulated: {news}: {checked} checked"),
            Kind::Real => format!("{news}: {checked} checked"),
        }
    }

    fn heading(&self, group: Group) -> String {
        match group {
            Group::NotChecked => "Could not be checked".to_owned(),
            Group::Expired => "Expired".to_owned(),
            Group::Within(days) => format!("Within {}", count(days, "day")),
            Group::Unused => "Expired or about to, but not in use".to_owned(),
            Group::NotRunning => "Not running".to_owned(),
            Group::CannotBeJudged => "Expiry unknown".to_owned(),
            Group::InProgress => "In progress".to_owned(),
            Group::Elsewhere => "Elsewhere (load balancer, CDN+)".to_owned(),
        }
    }

    fn date(&self, time: DateTime<Utc>, zone: Zone) -> String {
        format!("{} {}", zone.local(time).format("%a %-d %b %Y %H:%M"), zone.abbreviation(time))
    }

    fn expiry(&self, left: TimeDelta) -> String {
        if left > TimeDelta::zero() {
            format!("expires in {}", span(left))
        } else {
            format!("expired {} ago", span(left))
        }
    }

    fn dated(&self, date: &str) -> String {
        format!(", {date}")
    }

    fn readers_time(&self) -> (&'static str, &'static str) {
        (" (your time: ", ")")
    }

    fn unknown_expiry(&self, sent: Option<&str>) -> String {
        match sent {
            Some(text) => format!("expiry unknown: NCP sent `{text}`, which is no date"),
            None => "expiry unknown: NCP sent no date".to_owned(),
        }
    }

    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String {
        let age = age.map(|age| format!(" for {}", span(age))).unwrap_or_default();
        match status {
            Status::Ready => format!("READY (waits to be deployed){age}"),
            Status::Publishing => format!("PUBLISHING (being deployed){age}"),
            Status::Running => format!("RUNNING{age}"),
            Status::Deleting => "DELETING (being removed)".to_owned(),
            Status::Deleted => "DELETED".to_owned(),
            Status::Undocumented(_) => format!("status {shown}{age} (not a status that NCP documents)"),
            Status::Missing => "NCP sent no status".to_owned(),
        }
    }

    fn region(&self, region: &str) -> String {
        match region {
            "KR_JP" => "KR_JP (Korea, Japan)".to_owned(),
            "KR_JP_GLOBAL" => "KR_JP_GLOBAL (Korea, Japan, global)".to_owned(),
            other => other.to_owned(),
        }
    }

    fn certificate(&self, name: &str) -> String {
        format!("certificate {name}")
    }

    fn slot(&self, slot_id: i64) -> String {
        format!("slot {slot_id}")
    }

    fn account(&self, name: &str) -> String {
        format!("account {name}")
    }

    fn nameless(&self) -> String {
        "(no domain name)".to_owned()
    }

    fn edges(&self, number: u64, names: &[String]) -> String {
        if number == 0 {
            return "no edge uses it".to_owned();
        }
        let listed = match number.saturating_sub(of(names.len())) {
            _ if names.is_empty() => String::new(),
            0 => format!(": {}", names.join(", ")),
            more => format!(": {} +{more} more", names.join(", ")),
        };
        format!("{} {} it{listed}", count(number, "edge"), if number == 1 { "uses" } else { "use" })
    }

    fn names(&self, names: &[String], more: usize) -> String {
        let more = if more > 0 { format!(" +{more} more") } else { String::new() };
        format!("also for {}{more}", names.join(", "))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!(", issued by {issuer}")).unwrap_or_default();
        format!("valid for {} in all{issuer}", span(lifetime))
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("in use by {}, on no slot of Global Edge", count(of(instances), "instance"))
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("slot {slot_id} has this name until {date}: switch the edges to it")
    }

    fn coverage(&self, account: &AccountReport) -> String {
        let AccountReport { name, checked, total, pages, .. } = account;
        if *total == 0 && *checked == 0 {
            return format!("0 certificates, account {name}");
        }
        format!("{checked} of {}, {}, account {name}", count(*total, "certificate"), count(*pages, "page"))
    }

    fn coverage_of_many(&self, accounts: usize, checked: u64) -> String {
        format!("{}, {}", count(checked, "certificate"), count(of(accounts), "account"))
    }

    fn empty_accounts(&self, names: &[&str], number: usize) -> String {
        let accounts = count(of(number), "account");
        let listed = match number - names.len() {
            0 => format!(": {}", names.join(", ")),
            _ if names.is_empty() => String::new(),
            more => format!(": {} +{more} more", names.join(", ")),
        };
        format!("0 certificates in {accounts}{listed}")
    }

    fn rules(&self, thresholds: Thresholds, zone: &str) -> String {
        let Thresholds { warn_days, critical_days, shares, .. } = thresholds;
        let line = |days: u32, share: Option<u8>| {
            let share = share.map(|share| format!(" or {share}% of the lifetime")).unwrap_or_default();
            format!("{}{share}", count(days, "day"))
        };
        let (warn, critical) = (line(warn_days, shares.warn), line(critical_days, shares.critical));
        format!("Warning at {warn}, critical at {critical} · times in {zone}")
    }

    fn horizon(&self, after: bool, name: &str, date: &str) -> String {
        format!("Next to expire{}: {name}, {date}", if after { " after these" } else { "" })
    }

    fn all_clear(&self, thresholds: Thresholds) -> String {
        let share = thresholds.shares.warn.map(|share| format!(" or {share}% of its lifetime")).unwrap_or_default();
        format!("Every certificate is running and lasts for more than {}{share}.", count(thresholds.warn_days, "day"))
    }

    fn nothing_there(&self) -> String {
        "There is nothing to check. If there should be, see that the keys and NCP_API_URL are those of the right account."
            .to_owned()
    }

    fn left_out(&self, counts: Counts) -> String {
        format!("Not shown here: {}", by_severity(counts, |number, severity| format!("{number} {severity}")))
    }

    fn more(&self, counts: Counts) -> String {
        let kinds = by_severity(counts, |number, severity| format!("{number} {severity}"));
        format!("+{} more: {kinds}", counts.total())
    }

    fn sample_notice(&self) -> String {
        "This is a test: a sample with invented certificates. Nothing was checked.".to_owned()
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("Simulated: judged as if it were {date}.")
    }

    fn console_button(&self) -> String {
        "Open console".to_owned()
    }

    fn runbook_button(&self) -> String {
        "Open runbook".to_owned()
    }

    fn severity(&self, severity: Severity) -> String {
        severity.as_str().to_owned()
    }

    fn failure(&self, failure: &Failure) -> Advice {
        let (what, fix) = match failure {
            Failure::Secret(error) => (error.to_string(), error.fix()),
            Failure::Api(error) => (error.to_string(), api_fix(error)),
            Failure::Incomplete(incomplete) => (
                incomplete.to_string(),
                "compare with the list in the console; if it stays so, ask NCP's support why its count differs from its list"
                    .to_owned(),
            ),
        };
        Advice { what, fix }
    }

    fn undelivered_title(&self, webhooks: &[String]) -> String {
        match webhooks {
            [one] => format!("The certificate digest did not reach webhook {one}"),
            many => format!("The certificate digest did not reach {} webhooks", many.len()),
        }
    }

    fn undelivered_heading(&self) -> String {
        "Not delivered".to_owned()
    }

    fn webhook(&self, name: &str, kind: webhook::Kind) -> String {
        format!("webhook {name} ({})", kind.title())
    }

    fn sentences(&self, advice: &Advice) -> String {
        format!("{}. {}", advice.what, advice.fix)
    }

    fn quotes(&self) -> (char, char) {
        ('“', '”')
    }

    fn undelivered(&self, kind: webhook::Kind, failure: &webhook::Error) -> Advice {
        let fix = match (failure.refusal(), kind) {
            (Refusal::Gone, webhook::Kind::Slack) => {
                "create a new incoming webhook in Slack and put its URL into the webhook secret"
            }
            (Refusal::Gone, webhook::Kind::Teams) => {
                "open the flow in Teams' Workflows app, see that it is on and that anyone can trigger it, and put its \
                 current URL into the webhook secret"
            }
            (Refusal::Archived, _) => {
                "unarchive the channel, or put a webhook of another channel into the webhook secret"
            }
            (Refusal::Forbidden, webhook::Kind::Slack) => {
                "ask a Slack administrator to allow the app and its webhook to post to the channel"
            }
            (Refusal::Forbidden, webhook::Kind::Teams) => {
                "set the flow's trigger to `Anyone`, copy the flow's new URL, and put it into the webhook secret"
            }
            (Refusal::TooLarge | Refusal::Payload, _) => "report this as a bug, with the output of a dry run",
            (Refusal::RateLimited, _) => "too many messages go to this webhook; give the digest a webhook of its own",
            (Refusal::Redirected, _) => "put the URL that the webhook finally leads to into the webhook secret",
            (Refusal::NotAcknowledged, _) => {
                "check that the URL is that of an incoming webhook, and that nothing answers in its place"
            }
            (Refusal::Unavailable, _) => "run the function again later",
            (Refusal::Unreachable, _) => "check the webhook's URL and the function's way to the internet",
            (Refusal::Untrusted, _) => {
                "check that the URL's host is the right one and has a publicly trusted certificate"
            }
        };
        let what = match failure.refusal() {
            Refusal::Gone => "it does not exist any more",
            Refusal::Archived => "its channel is archived",
            Refusal::Forbidden => "it does not accept messages from here",
            Refusal::TooLarge => "the message is too large for it",
            Refusal::Payload => "it did not understand the message",
            Refusal::RateLimited => "it takes no more messages for now",
            Refusal::Redirected => "it leads somewhere else",
            Refusal::NotAcknowledged => "it answered, but not that it took the message",
            Refusal::Unavailable => "the service has a problem",
            Refusal::Unreachable => "it could not be reached",
            Refusal::Untrusted => "it is not who it should be",
        };
        Advice { what: format!("{what} ({failure})"), fix: fix.to_owned() }
    }
}

fn api_fix(error: &api::Error) -> String {
    match error {
        api::Error::Unauthorized { skew: Some(skew), .. } => format!(
            "the clock here is {} {} NCP's; more than 5 minutes are refused, so set the clock right",
            count(skew.num_minutes().unsigned_abs(), "minute"),
            if *skew > TimeDelta::zero() { "ahead of" } else { "behind" },
        ),
        api::Error::Unauthorized { skew: None, .. } => {
            "check that the access key and the secret key in the secret belong together, and that the key is in use"
                .to_owned()
        }
        api::Error::PermissionDenied { .. } => {
            "give the key's owner a Global Edge view (list) permission, check that the \
             account is subscribed to Global Edge, and that the key may be used from any address"
                .to_owned()
        }
        api::Error::NotFound { .. } => {
            "check NCP_API_URL, or `api_url` in the secret: each NCP zone has its own address".to_owned()
        }
        api::Error::QuotaExceeded { .. } => "raise the API quota in NCP's API Gateway, or run less often".to_owned(),
        api::Error::RateLimited { .. } => "run at another time, or less often: others use the API too".to_owned(),
        api::Error::Unavailable { .. } => {
            "run the function again later; if it stays so, see NCP's service status".to_owned()
        }
        api::Error::Refused { .. } | api::Error::Malformed(_) => {
            "check NCP_API_URL; if it is right, NCP may have changed its API: look for a new version of ncp-cert-alert"
                .to_owned()
        }
        api::Error::Fault(fault) => fault_fix(fault).to_owned(),
    }
}

fn fault_fix(fault: &Fault) -> &'static str {
    match fault {
        Fault::TimedOut => {
            "run the function again; if it stays so, give it a longer time-out and check its way to the internet"
        }
        Fault::Connect(ConnectFault::Untrusted) => {
            "check NCP_API_URL; a proxy that replaces certificates between the function and NCP does not work"
        }
        Fault::Connect(ConnectFault::Refused | ConnectFault::Unreachable) => {
            "check NCP_API_URL and the function's way to the internet (a function in a VPC needs a NAT gateway)"
        }
        Fault::Interrupted => "run the function again; if it stays so, check its way to the internet",
        Fault::TooLarge { .. } => "check NCP_API_URL: this is not what Global Edge answers",
    }
}
