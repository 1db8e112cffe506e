//! English.

use chrono::{Months, NaiveDate, TimeDelta};

use super::{
    Advice, Group, Heading, Headline, MutedName, Occasion, Reader, Taken, Words, Worst, by_severity, listed_months,
};
use crate::certificate::Status;
use crate::chat::{self, Refusal};
use crate::global_edge::{self, ErrorReply};
use crate::net::http::{ConnectError, HttpError};
use crate::net::redact::Remote;
use crate::report::{AccountReport, Failure, Mode};
use crate::rules::{Counts, Severity, Thresholds};
use crate::secret_store::{self, Problem, Store, Unavailable};

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

/// `a, b, c +2 more`
fn list(names: &[impl AsRef<str>], more: usize) -> String {
    let names = names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if more == 0 { names } else { format!("{names} +{more} more") }
}

impl English {
    /// The worst finding in a title; in short where it shares the title with another fact.
    fn worst(&self, worst: &Worst, in_short: bool) -> String {
        let Worst { name, group, left, .. } = worst;
        let expiry = |left: TimeDelta| {
            if in_short && left <= TimeDelta::zero() { "expired".to_owned() } else { self.expiry(left) }
        };
        match (group, left) {
            (Group::Expired | Group::Within(_), Some(left)) => format!("{name} {}", expiry(*left)),
            (Group::Elsewhere, Some(left)) => format!("{name} {} (load balancer or CDN+)", expiry(*left)),
            (Group::Unused, Some(left)) => format!("{name} {}, but no edge uses it", expiry(*left)),
            (Group::Unused, None) => format!("{name} has a problem, but no edge uses it"),
            (Group::NotRunning, _) => format!("{name} is not running"),
            (Group::InProgress, _) if worst.is_leaving => format!("{name} is being removed"),
            (Group::InProgress, _) => format!("{name} is being deployed"),
            (Group::ExpiryUnknown | Group::NotChecked | Group::NotDelivered, _) | (_, None) => {
                format!("{name}: expiry unknown")
            }
        }
    }
}

impl Words for English {
    fn title(&self, headline: &Headline<'_>) -> String {
        if headline.mode == Mode::Sample {
            return "TEST: nothing is wrong".to_owned();
        }
        let failed = match headline.failed.as_slice() {
            [] => None,
            [one] => Some(format!("Account {one} NOT checked")),
            many => Some(format!("{} accounts NOT checked", many.len())),
        };
        let worst = headline.worst.as_ref().map(|worst| self.worst(worst, failed.is_some()));
        let is_urgent = headline.worst.as_ref().is_some_and(|worst| worst.is_urgent);
        let rest = match (headline.urgent, headline.others) {
            (0, 0) => None,
            (0, others) if is_urgent => Some(format!("{others} can wait")),
            (0, others) => Some(format!("{others} more")),
            (urgent, 0) => Some(format!("{urgent} more urgent")),
            (urgent, others) => Some(format!("{urgent} more urgent, {others} can wait")),
        };
        let news: Vec<String> = [failed, worst, rest].into_iter().flatten().collect();
        let news = if !news.is_empty() {
            news.join(" · ") + if headline.is_summary { " · weekly summary" } else { "" }
        } else if headline.checked == 0 {
            "0 certificates found: is this the right account?".to_owned()
        } else {
            let clear = if headline.is_summary { "Weekly summary: all clear," } else { "All clear:" };
            let next = headline.next.as_ref().map(|day| format!(", next expiry {day}")).unwrap_or_default();
            if headline.is_whole {
                format!("{clear} {}{next}", count(headline.checked, "certificate"))
            } else {
                format!("{} in this channel{next}", clear.trim_end_matches([',', ':']))
            }
        };
        if headline.mode == Mode::Simulated { format!("Simulated: {news}") } else { news }
    }

    fn continued(&self, number: usize, of: usize, holds: &str) -> String {
        format!("({number}/{of}) continued: {holds}")
    }

    fn numbered(&self, title: &str, number: usize, of: usize) -> String {
        format!("{title} ({number}/{of})")
    }

    fn heading(&self, heading: Heading, count: usize) -> String {
        let text = match heading {
            Heading::NotChecked => "NOT checked".to_owned(),
            Heading::ActToday => "Act today".to_owned(),
            Heading::Within(days) => format!("Within {}", self::count(days, "day")),
            Heading::NotRunning => "Not running".to_owned(),
            Heading::ExpiryUnknown => "Expiry unknown".to_owned(),
            Heading::Unused => "Expired or expiring, but no edge uses it".to_owned(),
            Heading::InProgress => "Deploying or being removed".to_owned(),
            Heading::Elsewhere => "Outside Global Edge: load balancer, CDN+".to_owned(),
            Heading::NotDelivered => "Not delivered".to_owned(),
        };
        format!("{text} ({count})")
    }

    fn counted(&self, group: Group, count: usize) -> String {
        match group {
            Group::NotChecked => format!("{} not checked", self::count(of(count), "account")),
            Group::Expired => format!("{count} expired"),
            Group::Within(days) => format!("{count} within {}", self::count(days, "day")),
            Group::Unused => format!("{count} that no edge uses"),
            Group::NotRunning => format!("{count} not running"),
            Group::ExpiryUnknown => format!("{count} with unknown expiry"),
            Group::InProgress => format!("{count} deploying or being removed"),
            Group::Elsewhere => format!("{count} outside Global Edge"),
            Group::NotDelivered => format!("{count} not delivered"),
        }
    }

    fn comma(&self) -> &'static str {
        ", "
    }

    fn dot(&self) -> &'static str {
        " · "
    }

    fn colon(&self) -> &'static str {
        ": "
    }

    fn dash(&self) -> &'static str {
        " — "
    }

    fn bracketed(&self, text: &str) -> String {
        format!(" ({text})")
    }

    fn moment(&self, day: &str, time: &str) -> String {
        format!("{day} {time}")
    }

    fn day(&self, day: NaiveDate, with_year: bool) -> String {
        day.format(if with_year { "%-d %b %Y" } else { "%a %-d %b" }).to_string()
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

    fn marked_new(&self, news: &str) -> String {
        format!("new · {news}")
    }

    fn unknown_expiry(&self, sent: Option<&str>) -> String {
        match sent {
            Some(text) => format!("expiry unknown: NCP sent `{text}`, which is not a date"),
            None => "expiry unknown: NCP sent no date".to_owned(),
        }
    }

    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String {
        let age = age.map(|age| format!(" for {}", span(age))).unwrap_or_default();
        match status {
            Status::Ready => format!("READY (pending){age}"),
            Status::Publishing => format!("PUBLISHING (deploying){age}"),
            Status::Running => format!("RUNNING{age}"),
            Status::Deleting => "DELETING (being removed)".to_owned(),
            Status::Deleted => "DELETED".to_owned(),
            Status::Undocumented(_) => format!("status {shown}{age}, which NCP does not document"),
            Status::Missing => "NCP sent no status".to_owned(),
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
        let more = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(names.len());
        let listed = if names.is_empty() { String::new() } else { format!(": {}", list(names, more)) };
        format!("{} {} it{listed}", count(number, "edge"), if number == 1 { "uses" } else { "use" })
    }

    fn names(&self, names: &[String], more: usize) -> String {
        format!("also for {}", list(names, more))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!(", issued by {issuer}")).unwrap_or_default();
        format!("valid for {} in all{issuer}", span(lifetime))
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("in use by {}, but in no Global Edge slot", count(of(instances), "instance"))
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("slot {slot_id} has this name until {date}: switch the edges to it")
    }

    fn renewed(&self, name: &str, date: &str) -> String {
        format!("Renewed: {name}, until {date}")
    }

    fn lasts(&self, name: &str, date: &str) -> String {
        format!("{name}, until {date}")
    }

    fn and_more(&self, more: usize) -> String {
        format!("+{more} more")
    }

    fn deployed_heading(&self, count: usize) -> String {
        format!("Deployed in the last 7 days ({count})")
    }

    fn none_deployed(&self) -> String {
        "Nothing was deployed.".to_owned()
    }

    fn outlook_heading(&self) -> String {
        "Expiring in the next 3 months".to_owned()
    }

    fn outlook_month(&self, month: NaiveDate, count: usize, names: &[String]) -> String {
        let month = month.format("%b");
        if count == 0 {
            return format!("{month}: none");
        }
        format!("{month}: {count} ({})", list(names, count - names.len()))
    }

    fn how_to_renew(&self) -> &'static str {
        "To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > slot > \
         Update certificate"
    }

    fn muted(&self, names: &[MutedName], more: usize) -> String {
        let name = |one: &MutedName| match one.why.as_str() {
            "" => format!("{} (until {})", one.name, one.until),
            why => format!("{} (until {}: {why})", one.name, one.until),
        };
        format!("Muted: {}", list(&names.iter().map(name).collect::<Vec<_>>(), more))
    }

    fn mutes_ended(&self, what: &[String], more: usize) -> String {
        format!("Mutes that have ended, to be taken out of the webhooks' secret: {}", list(what, more))
    }

    fn mutes_idle(&self, what: &[String], more: usize) -> String {
        format!("Mutes that match no finding, to be taken out of the webhooks' secret: {}", list(what, more))
    }

    fn unrouted(&self) -> String {
        "No webhook's routing takes some of this, so every channel is told. Add “accounts” or “names” to a webhook in the \
         webhooks' secret."
            .to_owned()
    }

    fn coverage(&self, account: &AccountReport, is_only: bool) -> String {
        let AccountReport { name, checked, total, failure, .. } = account;
        if *total == 0 && *checked == 0 && failure.is_none() {
            return format!("0 certificates: account {name}");
        }
        let account = if is_only { String::new() } else { format!(", account {name}") };
        if checked == total {
            return format!("{} checked{account}", count(*checked, "certificate"));
        }
        format!("{checked} of {} checked{account}", count(*total, "certificate"))
    }

    fn coverage_of_many(&self, accounts: usize, checked: u64) -> String {
        format!("{} in {} checked", count(checked, "certificate"), count(of(accounts), "account"))
    }

    fn empty_accounts(&self, names: &[&str], more: usize) -> String {
        let account = if names.len() + more == 1 { "account" } else { "accounts" };
        format!("0 certificates: {account} {}", list(names, more))
    }

    fn rules(&self, thresholds: Thresholds, zone: &str) -> String {
        let Thresholds { warn_days, critical_days, shares, .. } = thresholds;
        let share = |share: Option<u8>| share.map(|share| format!(" or {share}% of the lifetime")).unwrap_or_default();
        let critical = match critical_days {
            0 => "critical once expired".to_owned(),
            days => format!("critical at {days}{}", share(shares.critical)),
        };
        format!("Warning at {}{}, {critical} · times in {zone}", count(warn_days, "day"), share(shares.warn))
    }

    fn horizon(&self, after: bool, name: &str, date: &str) -> String {
        format!("Next to expire{}: {name}, {date}", if after { " after these" } else { "" })
    }

    fn all_clear(&self, thresholds: Thresholds, is_whole: bool) -> String {
        let share = thresholds.shares.warn.map(|share| format!(" or {share}% of its lifetime")).unwrap_or_default();
        let every = if is_whole { "Every" } else { "Apart from what is muted or goes to other channels only, every" };
        format!("{every} certificate is running and has more than {}{share} left.", count(thresholds.warn_days, "day"))
    }

    fn nothing_there(&self, reader: Reader) -> String {
        let keys = match reader {
            Reader::Operator => "the keys and NCP_API_URL",
            Reader::Terminal => "NCLOUD_ACCESS_KEY, NCLOUD_SECRET_KEY and NCP_API_URL",
        };
        format!(
            "0 certificates: there is nothing to check. If there should be, check that {keys} are those of the right account."
        )
    }

    fn left_out(&self, counts: Counts) -> String {
        format!("Left out of this channel: {}", self.by_severity(counts))
    }

    fn older(&self, counts: Counts) -> String {
        let older = |number: usize, noun: &str| (number > 0).then(|| count(of(number), &format!("older {noun}")));
        let older: Vec<String> =
            [older(counts.warning, "warning"), older(counts.info, "info")].into_iter().flatten().collect();
        format!("{}: in the weekly summary", older.join(", "))
    }

    fn more(&self, counts: Counts, months: &[(NaiveDate, usize)]) -> String {
        let (listed, behind) = listed_months(months);
        let undated = counts.total() - months.iter().map(|(_, number)| number).sum::<usize>();
        // Within a year the month alone is clear.
        let plain = listed.first().and_then(|(first, _)| first.checked_add_months(Months::new(12)));
        let mut months: Vec<String> = listed
            .iter()
            .map(|(month, number)| {
                let form = if plain.is_some_and(|end| *month < end) { "%b" } else { "%b %Y" };
                // The number first: "Jan 3" would read as a date.
                format!("{number} in {}", month.format(form))
            })
            .collect();
        months.extend((behind > 0).then(|| format!("{behind} later")));
        months.extend((undated > 0 && !months.is_empty()).then(|| format!("{undated} unknown")));
        let months = if months.is_empty() { String::new() } else { format!(" ({})", months.join(", ")) };
        format!("+{} more: {}{months}", counts.total(), self.by_severity(counts))
    }

    fn sample_notice(&self) -> String {
        "This is a test: a sample with invented certificates. Nothing was checked, nothing is wrong.".to_owned()
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("The date is simulated: judged as if it were {date}.")
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

    fn failure(&self, failure: &Failure, reader: Reader) -> Advice {
        let (what, fix) = match failure {
            Failure::Secret(error) => return self.secret(error),
            Failure::Api(error) => (api_error(error), api_fix(error, reader)),
            Failure::Incomplete(incomplete) => (
                incomplete.to_string(),
                "compare with the list in the console; if this continues, ask NCP's support why its count differs from its \
                 list"
                    .to_owned(),
            ),
        };
        Advice { what, fix }
    }

    fn secret(&self, error: &secret_store::Error) -> Advice {
        let store = error.store();
        let (what, fix) = secret(&error.problem, store);
        Advice { what: format!("{} `{}`: {what}", kept_in(store), error.id), fix }
    }

    fn undelivered_title(&self, webhooks: &[String], occasion: Occasion, is_partial: bool, counted: &str) -> String {
        let (named, rest) = webhooks.split_at(webhooks.len().min(3));
        let channels = format!("{} channels", webhooks.len());
        let named = list(named, rest.len());
        let what = match occasion {
            Occasion::Digest => "today's digest",
            Occasion::Summary => "this week's summary",
            // No news was missed, so there is none to pass on.
            Occasion::Sample if webhooks.len() == 1 => {
                return format!("The certificate alert test did not reach channel {named}");
            }
            Occasion::Sample => return format!("The certificate alert test did not reach {channels}: {named}"),
        };
        let what = if is_partial { format!("all of {what}") } else { what.to_owned() };
        match webhooks {
            [one] => format!("Channel {one} did not get {what} ({counted}). Tell them."),
            _ => format!("{channels} did not get {what}: {named}. Tell them."),
        }
    }

    fn others_undelivered(&self) -> Advice {
        Advice { what: "not delivered either".to_owned(), fix: "see the function's log for the reasons".to_owned() }
    }

    fn channels(&self, names: &[String]) -> String {
        list(names, 0)
    }

    fn webhook(&self, name: &str, kind: chat::Kind) -> String {
        format!("channel {name} ({})", kind.title())
    }

    fn clear_in_short(&self) -> &'static str {
        "all clear"
    }

    fn missed(&self, occasion: Occasion, taken: Taken, counted: &str) -> String {
        let what = if occasion == Occasion::Summary { "weekly certificate summary" } else { "certificate digest" };
        match taken {
            Taken { messages, of } if taken.is_partial() => {
                format!("It got only {messages} of {of} messages of the {what}: {counted}")
            }
            _ => format!("It missed the {what}: {counted}"),
        }
    }

    fn sentences(&self, sentences: &[&str]) -> String {
        sentences.iter().map(|one| one.trim_end_matches('.')).collect::<Vec<_>>().join(". ")
    }

    fn quotes(&self) -> (char, char) {
        ('“', '”')
    }

    fn undelivered(&self, kind: chat::Kind, failure: &chat::Error, reader: Reader) -> Advice {
        let place = match reader {
            Reader::Operator => "into the webhooks' secret",
            Reader::Terminal => "into WEBHOOK_URL",
        };
        let fix = match (failure.refusal(), kind) {
            (Refusal::Gone, chat::Kind::Slack) => {
                format!("create a new incoming webhook in Slack and put its URL {place}")
            }
            (Refusal::Gone, chat::Kind::Teams) => format!(
                "open the flow in Teams' Workflows app, check that it is on and that anyone can trigger it, and put its \
                 current URL {place}"
            ),
            (Refusal::Gone, chat::Kind::LineWorks) => format!(
                "issue a new URL in the Incoming Webhook app, check that its bot is still in the room, and put the URL {place}"
            ),
            (Refusal::Gone, chat::Kind::Jandi) => {
                format!("create a new incoming webhook in JANDI and put its URL {place}")
            }
            (Refusal::Gone, chat::Kind::Dooray) => {
                format!("create a new incoming hook in the Dooray! messenger and put its URL {place}")
            }
            (Refusal::Gone, chat::Kind::Json) => format!("check the relay's URL, and put the right one {place}"),
            (Refusal::Archived, _) => format!("unarchive the channel, or put another channel's webhook {place}"),
            (Refusal::Forbidden, chat::Kind::Slack) => {
                "ask a Slack administrator to let the app and its webhook post to the channel".to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Teams) => {
                format!("set the flow's trigger to `Anyone`, copy the flow's new URL, and put it {place}")
            }
            (Refusal::Forbidden, chat::Kind::LineWorks) => {
                "ask an administrator to allow the Incoming Webhook app, and check that its bot is in the room"
                    .to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Jandi | chat::Kind::Dooray) => {
                "ask an administrator to allow the webhook in this room, or create a new one".to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Json) => {
                "check what the relay asks for: it refused the request".to_owned()
            }
            (Refusal::TooLarge | Refusal::Payload, chat::Kind::Json) => {
                "check that the relay takes version 1 of the format in the documentation".to_owned()
            }
            (Refusal::TooLarge | Refusal::Payload, _) => {
                "report this as a bug, with the output of a dry run".to_owned()
            }
            (Refusal::RateLimited, _) => {
                "give the digest a webhook of its own: too many messages go to this one".to_owned()
            }
            (Refusal::Redirected, _) => format!("put the URL that it finally leads to {place}"),
            (
                Refusal::NotAcknowledged | Refusal::Declined,
                chat::Kind::LineWorks | chat::Kind::Jandi | chat::Kind::Dooray,
            ) => "check the webhook in the chat's settings, and that the URL is complete".to_owned(),
            (Refusal::NotAcknowledged | Refusal::Declined, _) => {
                "check that the URL is that of an incoming webhook, and that nothing else answers in its place"
                    .to_owned()
            }
            (Refusal::Unavailable, _) => match reader {
                Reader::Operator => "run the function again later".to_owned(),
                Reader::Terminal => "try again later".to_owned(),
            },
            (Refusal::Unreachable, _) => match reader {
                Reader::Operator => "check the webhook's URL and the function's internet access".to_owned(),
                Reader::Terminal => "check the webhook's URL and your internet access".to_owned(),
            },
            (Refusal::Untrusted, _) => {
                "check that the URL's host is right and has a publicly trusted certificate".to_owned()
            }
        };
        let what = match failure.refusal() {
            Refusal::Gone => "the webhook no longer exists",
            Refusal::Archived => "its channel is archived",
            Refusal::Forbidden => "the webhook may not post",
            Refusal::TooLarge => "the message is too large",
            Refusal::Payload => "the message format was refused",
            Refusal::RateLimited => "too many messages for now",
            Refusal::Redirected => "it redirects to another address",
            Refusal::NotAcknowledged if kind == chat::Kind::Slack => "it answered, but not with `ok`",
            Refusal::NotAcknowledged => "it answered, but not that it took the message",
            Refusal::Declined => "it answered, but refused the message",
            Refusal::Unavailable => "the service has a problem",
            Refusal::Unreachable => "it could not be reached",
            Refusal::Untrusted => return Advice { what: "the server's certificate is not trusted".to_owned(), fix },
        };
        Advice { what: format!("{what} ({})", code(failure)), fix }
    }
}

impl English {
    fn by_severity(&self, counts: Counts) -> String {
        by_severity(counts, self.comma(), |number, severity| match severity {
            Severity::Critical => format!("{number} critical"),
            Severity::Warning => count(of(number), "warning"),
            Severity::Info => format!("{number} info"),
        })
    }
}

fn code(failure: &chat::Error) -> String {
    let quoted = |reply: &Remote| if reply.is_empty() { String::new() } else { format!(", `{reply}`") };
    match failure {
        chat::Error::Refused { status, reply, .. } => format!("HTTP {status}{}", quoted(reply)),
        chat::Error::NotAcknowledged { reply } | chat::Error::Declined { reply, .. } => {
            format!("HTTP 200{}", quoted(reply))
        }
        chat::Error::Http(one) => fault(one),
    }
}

fn reply(reply: &ErrorReply) -> String {
    match (reply.code.is_empty(), reply.text.is_empty()) {
        (true, true) => "no reason given".to_owned(),
        (true, false) => format!("`{}`", reply.text),
        (false, true) => format!("code {}", reply.code),
        (false, false) => format!("code {}, `{}`", reply.code, reply.text),
    }
}

/// What a store keeps.
fn kept_in(store: Store) -> &'static str {
    match store {
        Store::SecretsManager => "secret",
        Store::ParameterStore => "parameter",
    }
}

fn secret(problem: &Problem, store: Store) -> (String, String) {
    match problem {
        Problem::NotFound => (
            format!("{store} has no such {} in this region", kept_in(store)),
            "check the name or ARN, and the region".to_owned(),
        ),
        Problem::AccessDenied => {
            let action = match store {
                Store::SecretsManager => "secretsmanager:GetSecretValue",
                Store::ParameterStore => "ssm:GetParameter",
            };
            ("the function may not read it".to_owned(), format!("allow {action} on it in the function's role"))
        }
        Problem::NotDecrypted => (
            format!("{store} could not decrypt it"),
            "allow kms:Decrypt with its KMS key in the function's role, and check that the key is enabled".to_owned(),
        ),
        Problem::Deleted => ("it is marked for deletion".to_owned(), "restore it, or set another one".to_owned()),
        Problem::Unavailable(why) => (
            format!("{store} could not be reached: {}", unavailable(why)),
            format!(
                "run the function again; if this continues, check its access to {store} (a function in a VPC needs an \
                 endpoint or a NAT gateway)"
            ),
        ),
        Problem::Invalid(problems) => (problems.join("; "), "correct the value; the README shows the forms".to_owned()),
    }
}

fn unavailable(why: &Unavailable) -> String {
    match why {
        Unavailable::Http(one) => fault(one),
        Unavailable::Code(code) => code.to_string(),
        Unavailable::Status(status) => format!("HTTP {status}"),
        Unavailable::Unreadable => "its answer cannot be read".to_owned(),
        Unavailable::NotSent => "the request could not be made".to_owned(),
    }
}

fn api_error(error: &global_edge::Error) -> String {
    match error {
        global_edge::Error::Unauthorized { reply: text, .. } => {
            format!("NCP refused the keys (HTTP 401, {})", reply(text))
        }
        global_edge::Error::PermissionDenied { status, reply: text } => {
            format!("NCP refused permission (HTTP {status}, {})", reply(text))
        }
        global_edge::Error::NotFound { reply: text } => {
            format!("NCP does not know the address (HTTP 404, {})", reply(text))
        }
        global_edge::Error::QuotaExceeded { reply: text } => {
            format!("the API quota is used up (HTTP 429, {})", reply(text))
        }
        global_edge::Error::RateLimited { reply: text, .. } => format!("too many requests (HTTP 429, {})", reply(text)),
        global_edge::Error::Unavailable { status, reply: text, .. } => {
            format!("NCP has a problem (HTTP {status}, {})", reply(text))
        }
        global_edge::Error::Refused { status, reply: text } => {
            format!("NCP refused the request (HTTP {status}, {})", reply(text))
        }
        global_edge::Error::Malformed(why) => format!("NCP's answer cannot be read: {why}"),
        global_edge::Error::Http(one) => fault(one),
    }
}

fn api_fix(error: &global_edge::Error, reader: Reader) -> String {
    let terminal = reader == Reader::Terminal;
    let fix = match error {
        global_edge::Error::Unauthorized { skew: Some(skew), .. } => {
            let minutes = count(skew.num_minutes().unsigned_abs(), "minute");
            let side = if *skew > TimeDelta::zero() { "ahead of" } else { "behind" };
            return if terminal {
                format!(
                    "this computer's clock is {minutes} {side} NCP's; set it right: NCP refuses more than 5 minutes"
                )
            } else {
                format!(
                    "the function's clock is {minutes} {side} NCP's; NCP refuses more than 5 minutes. If this continues, \
                     report it to AWS"
                )
            };
        }
        global_edge::Error::Unauthorized { skew: None, .. } if terminal => {
            "check NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY: that they belong together, and that the key is in use"
        }
        global_edge::Error::Unauthorized { skew: None, .. } => {
            "check that the access key and the secret key in the secret belong together, and that the key is in use"
        }
        global_edge::Error::PermissionDenied { .. } => {
            "check that the key's owner may view Global Edge (list), that the account is subscribed to Global Edge, and that \
             the key is not limited to other addresses"
        }
        global_edge::Error::NotFound { .. } if terminal => "check NCP_API_URL: each NCP zone has its own address",
        global_edge::Error::NotFound { .. } => {
            "check NCP_API_URL, or `api_url` in the secret: each NCP zone has its own address"
        }
        global_edge::Error::QuotaExceeded { .. } => "raise the quota in NCP's API Gateway, or run less often",
        global_edge::Error::RateLimited { .. } => "run at another time, or less often: others use the API too",
        global_edge::Error::Unavailable { .. } if terminal => {
            "try again later; if this continues, check NCP's service status"
        }
        global_edge::Error::Unavailable { .. } => {
            "run the function again later; if this continues, check NCP's service status"
        }
        global_edge::Error::Refused { .. } | global_edge::Error::Malformed(_) => {
            "check NCP_API_URL; if it is right, NCP may have changed its API: look for a new version of ncp-cert-alert"
        }
        global_edge::Error::Http(fault) => fault_fix(fault, terminal),
    };
    fix.to_owned()
}

fn fault(fault: &HttpError) -> String {
    match fault {
        HttpError::TimedOut => "no complete answer in time".to_owned(),
        HttpError::Connect(ConnectError::Refused) => "connection refused".to_owned(),
        HttpError::Connect(ConnectError::Untrusted) => "the server's certificate is not trusted".to_owned(),
        HttpError::Connect(ConnectError::Unreachable) => "no connection could be made".to_owned(),
        HttpError::Interrupted => "the connection broke before the answer was complete".to_owned(),
        HttpError::TooLarge { limit } => format!("the answer is longer than {} KB", limit / 1024),
    }
}

fn fault_fix(fault: &HttpError, terminal: bool) -> &'static str {
    match fault {
        HttpError::TimedOut | HttpError::Interrupted if terminal => {
            "try again; if this continues, check your internet access"
        }
        HttpError::TimedOut => {
            "run the function again; if this continues, give it a longer time-out and check its internet access"
        }
        HttpError::Interrupted => "run the function again; if this continues, check its internet access",
        HttpError::Connect(ConnectError::Untrusted) => {
            "check NCP_API_URL; a proxy that replaces certificates between here and NCP does not work"
        }
        HttpError::Connect(ConnectError::Refused | ConnectError::Unreachable) if terminal => {
            "check NCP_API_URL and your internet access"
        }
        HttpError::Connect(ConnectError::Refused | ConnectError::Unreachable) => {
            "check NCP_API_URL and the function's internet access (a function in a VPC needs a NAT gateway)"
        }
        HttpError::TooLarge { .. } => "check NCP_API_URL: this is not an answer of Global Edge",
    }
}
