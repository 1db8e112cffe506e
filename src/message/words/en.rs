//! English.

mod failure;

use chrono::{NaiveDate, TimeDelta};

use super::{Group, Headline, MutedName, Occasion, Taken, Texts, Words, Worst};
use crate::certificate::Status;
use crate::chat::Kind;
use crate::rules::served::Remark;
use crate::rules::{Severity, Thresholds};
use crate::text::capitalised;

pub(super) struct English;

/// `1 edge`, `2 edges`
fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn of(number: usize) -> u64 {
    number as u64
}

/// `3 days`, `5 hours`, `less than 1 hour`: rounded down.
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

/// What is said of one host, and of several.
fn remark_of(remark: Remark) -> (&'static str, &'static str) {
    match remark {
        Remark::OtherName => ("serves another name", "serve another name"),
        Remark::UnknownIssuer => {
            ("has an unknown issuer or an incomplete chain", "have an unknown issuer or an incomplete chain")
        }
        Remark::NoAnswer => ("did not answer", "did not answer"),
        Remark::NotFound => ("has no address", "have no address"),
        Remark::NotPublic => ("has no public address", "have no public address"),
        Remark::NoTls => ("does not speak TLS 1.2 or 1.3", "do not speak TLS 1.2 or 1.3"),
        Remark::Unconfirmed => ("answered differently when asked again", "answered differently when asked again"),
        Remark::NotLooked => ("not looked at", "not looked at"),
        Remark::NoSlot => ("covered by no RUNNING slot", "covered by no RUNNING slot"),
    }
}

impl Words for English {
    fn texts(&self) -> &'static Texts {
        &Texts {
            comma: ", ",
            dot: " · ",
            colon: ": ",
            full_stop: ". ",
            quotes: ('“', '”'),
            sample_title: "TEST: nothing is wrong",
            no_account_title: "No account has the labels of this channel",
            empty_title: "0 certificates found: is this the right account?",
            weekly_summary: "weekly summary",
            clear_in_short: "all clear",
            nameless: "(no domain name)",
            unused: "no edge uses it",
            none_deployed: "Nothing was deployed.",
            outlook: "Not listed above, by month",
            how_to_renew: "To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > \
                           the certificate's name > Update certificate",
            how_to_unstick: "Stuck: if the status does not change, contact NCP's support with the slot number",
            how_to_serve: "Check where the DNS of this name leads, and which slot its edge uses",
            unrouted: "Some of this matches no webhook's route, so every channel gets it. Add “accounts” or “names” to a webhook \
                       in the webhooks' secret.",
            nothing_there: "0 certificates: there is nothing to check. If there should be, check that the keys and NCP_API_URL \
                            are those of the right account.",
            sample_notice: "This is a test: a sample with invented certificates. Nothing was checked, nothing is wrong.",
            console_button: "Open console",
            runbook_button: "Open runbook",
        }
    }

    fn accounts_failed(&self, names: &[&str]) -> String {
        match names {
            [name] => format!("Account {name} NOT checked"),
            many => format!("{} accounts NOT checked", many.len()),
        }
    }

    fn worst(&self, worst: &Worst) -> String {
        let Worst { name, group, left } = worst;
        let certificate = match group {
            Group::Unused => "Unused certificate",
            Group::Elsewhere => "Certificate outside Global Edge",
            Group::ServedEnds => "Served certificate",
            Group::ServedOlder => return format!("Older certificate still served: {name}"),
            _ => "Certificate",
        };
        match left.filter(|_| group.is_by_expiry()) {
            Some(left) if left > TimeDelta::zero() => format!("{certificate} expires in {}: {name}", span(left)),
            Some(left) => format!("{certificate} expired: {name} ({} ago)", span(left)),
            None => format!("{certificate} {}: {name}", self.group(*group)),
        }
    }

    fn beside_the_worst(&self, urgent: usize, others: usize) -> String {
        match (urgent, others) {
            (0, 0) => String::new(),
            (0, others) => format!(" · +{others} other"),
            (urgent, 0) => format!(" · +{urgent} urgent"),
            (urgent, others) => format!(" · +{urgent} urgent, +{others} other"),
        }
    }

    fn clear_title(&self, headline: &Headline<'_>) -> String {
        let next = headline.next.as_ref().map(|day| format!(", next expiry {day}")).unwrap_or_default();
        let checked = count(headline.checked, "certificate");
        match (headline.is_summary, headline.is_whole) {
            (false, true) => format!("All clear: {checked}{next}"),
            (false, false) => format!("All clear in this channel{next}"),
            (true, true) => format!("Weekly summary: all clear, {checked}{next}"),
            (true, false) => format!("Weekly summary: all clear in this channel{next}"),
        }
    }

    fn simulated_title(&self, news: &str) -> String {
        format!("Simulated: {news}")
    }

    fn continued(&self, number: usize, of: usize, holds: &str) -> String {
        format!("({number}/{of}) continued: {holds}")
    }

    fn numbered(&self, title: &str, number: usize, of: usize) -> String {
        format!("{title} ({number}/{of})")
    }

    fn group(&self, group: Group) -> String {
        match group {
            Group::NotChecked => "NOT checked".to_owned(),
            Group::Urgent => "act now".to_owned(),
            Group::Expired => "expired".to_owned(),
            Group::Within(days) => format!("within {}", count(days, "day")),
            Group::Stuck => "deployment stuck".to_owned(),
            Group::UnknownStatus => "status unknown".to_owned(),
            Group::ExpiryUnknown => "expiry unknown".to_owned(),
            Group::InProgress => "being deployed or removed".to_owned(),
            Group::Unused => "expired or expiring, but no edge uses it".to_owned(),
            Group::Elsewhere => "outside Global Edge, such as load balancers".to_owned(),
            Group::ServedEnds => "expired or expiring as served".to_owned(),
            Group::ServedOlder => "older certificate still served".to_owned(),
            Group::NotDelivered => "not delivered".to_owned(),
        }
    }

    fn heading(&self, group: Group, count: usize) -> String {
        format!("{} ({count})", capitalised(&self.group(group)))
    }

    fn counted(&self, group: Group, count: usize) -> String {
        format!("{count} {}", self.group(group))
    }

    fn bracketed(&self, text: &str) -> String {
        format!(" ({text})")
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
            Status::Ready => format!("READY (waiting to be deployed){age}"),
            Status::Publishing => format!("PUBLISHING (deploying){age}"),
            Status::Running => format!("RUNNING{age}"),
            Status::Deleting => "DELETING (being removed)".to_owned(),
            Status::Deleted => "DELETED".to_owned(),
            Status::Undocumented(_) if age.is_empty() => format!("unknown status {shown}"),
            Status::Undocumented(_) => format!("unknown status {shown},{age}"),
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

    fn edges(&self, number: u64, names: &[String]) -> String {
        let more = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(names.len());
        let listed = if names.is_empty() { String::new() } else { format!(": {}", list(names, more)) };
        format!("{} {} it{listed}", count(number, "edge"), if number == 1 { "uses" } else { "use" })
    }

    fn names(&self, names: &[String], more: usize) -> String {
        format!("also covers {}", list(names, more))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!(", issued by {issuer}")).unwrap_or_default();
        format!("valid for {} in all{issuer}", span(lifetime))
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("in use by {}, but in no Global Edge slot", count(of(instances), "instance"))
    }

    fn used_behind_no_edge(&self, instances: Option<usize>) -> String {
        match instances {
            Some(instances) => {
                format!("no edge uses it; Certificate Manager counts {}", count(of(instances), "instance"))
            }
            None => "no edge uses it; Certificate Manager could not be read".to_owned(),
        }
    }

    fn served_ends(&self, left: TimeDelta) -> String {
        format!("the certificate that is served {}", self.expiry(left))
    }

    fn served_older(&self, until: &str) -> String {
        format!("an older certificate is still served, valid until {until}")
    }

    fn seen(&self, hosts: &[&str], more: usize, region: Option<&str>) -> String {
        let hosts = if hosts.is_empty() { String::new() } else { format!("{}, ", list(hosts, more)) };
        format!("{hosts}seen from {}", region.unwrap_or("here"))
    }

    fn slot_lasts(&self, date: &str) -> String {
        format!("the slot's certificate is valid until {date}")
    }

    fn looked(&self, tried: usize, remarks: &[(Remark, usize)]) -> String {
        let remarks: Vec<String> = remarks.iter().map(|(remark, count)| self.remark(*remark, *count)).collect();
        let remarks = if remarks.is_empty() { String::new() } else { format!(": {}", remarks.join(", ")) };
        format!("{} looked at{remarks}", count(of(tried), "host"))
    }

    fn remark(&self, remark: Remark, number: usize) -> String {
        let (one, many) = remark_of(remark);
        format!("{number} {}", if number == 1 { one } else { many })
    }

    fn host_remark(&self, remark: Remark) -> &'static str {
        remark_of(remark).0
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("Slot {slot_id} has this name until {date}: switch the edges to it")
    }

    fn lasts(&self, name: &str, date: &str) -> String {
        format!("{name}, until {date}")
    }

    fn and_more(&self, more: usize) -> String {
        format!("+{more} more")
    }

    fn lines_dropped(&self, lines: usize) -> String {
        if lines == 1 { "+1 line that does not fit".to_owned() } else { format!("+{lines} lines that do not fit") }
    }

    fn renewed_heading(&self, count: usize) -> String {
        format!("Renewed ({count})")
    }

    fn deployed_heading(&self, count: usize) -> String {
        format!("Deployed in the last 7 days ({count})")
    }

    fn outlook_month(&self, month: NaiveDate, count: usize, names: &[String]) -> String {
        let month = month.format("%b %Y");
        if count == 0 {
            format!("{month}: none")
        } else {
            format!("{month}: {count} ({})", list(names, count - names.len()))
        }
    }

    fn old_tls(&self, count: usize, names: &[String]) -> String {
        format!("TLS 1.0 or 1.1 is still accepted by {count}: {}", list(names, count - names.len()))
    }

    fn muted_name(&self, muted: &MutedName) -> String {
        let MutedName { name, until, why } = muted;
        if why.is_empty() { format!("{name} (until {until})") } else { format!("{name} (until {until}: {why})") }
    }

    fn was_muted(&self, until: &str, why: &str) -> String {
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        format!("was muted (until {until}{why}), but is critical now")
    }

    fn muted(&self, names: &[String], more: usize) -> String {
        format!("Muted: {}", list(names, more))
    }

    fn unknown_labels(&self, labels: &[String], more: usize) -> String {
        let labels = list(labels, more);
        format!("Accounts of this channel that do not exist (correct `accounts` in the webhooks' secret): {labels}")
    }

    fn mutes_ended(&self, what: &[String], more: usize) -> String {
        format!("Mutes that have ended (remove them from the webhooks' secret): {}", list(what, more))
    }

    fn mutes_idle(&self, what: &[String], more: usize) -> String {
        format!("Mutes that match nothing (remove or correct them in the webhooks' secret): {}", list(what, more))
    }

    fn checked(&self, checked: u64, of: Option<u64>, account: Option<&str>) -> String {
        let account = account.map(|account| format!(", account {account}")).unwrap_or_default();
        match of {
            Some(total) => format!("{checked} of {} checked{account}", count(total, "certificate")),
            None => format!("{} checked{account}", count(checked, "certificate")),
        }
    }

    fn checked_in_many(&self, checked: u64, accounts: usize) -> String {
        format!("{} in {} checked", count(checked, "certificate"), count(of(accounts), "account"))
    }

    fn no_certificates(&self, accounts: &[&str], more: usize) -> String {
        let account = if accounts.len() + more == 1 { "account" } else { "accounts" };
        format!("0 certificates: {account} {}", list(accounts, more))
    }

    fn without_details(&self, number: usize, why: &str) -> String {
        format!("{} without details: {why}", count(number as u64, "certificate"))
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

    fn horizon(&self, name: &str, date: &str) -> String {
        format!("Next to expire: {name}, {date}")
    }

    fn all_clear(&self, thresholds: Thresholds, is_whole: bool) -> String {
        let share = thresholds.shares.warn.map(|share| format!(" or {share}% of its lifetime")).unwrap_or_default();
        let every = if is_whole { "Every" } else { "Apart from what is muted or goes to other channels only, every" };
        format!("{every} certificate is running and has more than {}{share} left.", count(thresholds.warn_days, "day"))
    }

    fn left_out(&self, counts: &str) -> String {
        format!("Left out of this channel: {counts}")
    }

    fn older(&self, counts: &str) -> String {
        format!("Older, in the weekly summary: {counts}")
    }

    fn at_severity(&self, severity: Severity, number: usize) -> String {
        match severity {
            Severity::Critical => format!("{number} critical"),
            Severity::Warning => count(of(number), "warning"),
            Severity::Info => format!("{number} info"),
        }
    }

    fn in_month(&self, month: NaiveDate, with_year: bool, number: usize) -> String {
        // The number first: "Jan 3" would read as a date.
        format!("{number} in {}", month.format(if with_year { "%b %Y" } else { "%b" }))
    }

    fn later(&self, number: usize) -> String {
        format!("{number} later")
    }

    fn counted_only(&self, number: usize, by_severity: &str, by_month: Option<&str>) -> String {
        let by_month = by_month.map(|months| format!(" ({months})")).unwrap_or_default();
        format!("+{number} more: {by_severity}{by_month}")
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("The date is simulated: judged as if it were {date}.")
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
            [name] => format!("Channel {name} did not get {what} ({counted}). Tell them."),
            _ => format!("{channels} did not get {what}: {named}. Tell them."),
        }
    }

    fn webhook(&self, name: &str, kind: Kind) -> String {
        format!("channel {name} ({})", kind.title())
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
}
