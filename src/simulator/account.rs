//! Accounts for the simulator: rows as the API sends them.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::certificate_manager::held;

/// What an account has on Global Edge.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The rows of the list, in its order.
    pub rows: Vec<Value>,
    /// The details by slot; a slot without one has no detail page.
    pub details: BTreeMap<i64, Value>,
    /// The rows of Certificate Manager's list.
    pub held: Vec<Value>,
}

/// A row of the list: a RUNNING certificate that expires at `expiry`.
pub fn certificate(slot_id: i64, common_name: &str, expiry: DateTime<Utc>) -> Value {
    json!({
        "slotId": slot_id,
        "commonName": common_name,
        "serviceRegion": "KR_JP",
        "tlsVersion": "1.2,1.3",
        "cipherProfile": "GE-DEFAULT-v1",
        "certificateName": format!("{}-2026", common_name.replace("*.", "wildcard-").replace('.', "-")),
        "expirationDate": date(expiry),
        "provisionStatus": "RUNNING",
        "provisionDate": date(expiry - TimeDelta::days(180)),
    })
}

fn date(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The hosts of the demo account.
const HOSTS: [&str; 20] = [
    "www", "shop", "api", "img", "m", "cdn", "static", "video", "auth", "pay", "live", "help", "blog", "event",
    "admin", "dev", "stage", "mail", "docs", "app",
];

/// Its domains.
const DOMAINS: [&str; 3] = ["example.kr", "example.co.kr", "example.com"];

/// Which of its slots still accept TLS 1.0 and 1.1.
const OLD_TLS: [usize; 2] = [10, 17];

/// How many slots the demo account has before kinds are repeated.
const FIRST: usize = 37;

/// Of the slots after those, every ninth has something to report.
const EVERY: usize = 9;

impl Account {
    /// An account with `count` certificates, as of `now`. The first eight have something to report, covering nearly every
    /// kind; the rest are healthy. The same `count` and `now` give the same account.
    pub fn demo(count: usize, now: DateTime<Utc>) -> Self {
        Self::of((0..count).map(|number| slot(number, Some(number), now)))
    }

    /// Like [`Account::demo`], but a larger account has more to report: from 37 certificates on, every ninth.
    pub fn estate(count: usize, now: DateTime<Utc>) -> Self {
        let kind = |number: usize| match number {
            ..FIRST => Some(number),
            _ => number.is_multiple_of(EVERY).then_some(number / EVERY % EVERY),
        };
        Self::of((0..count).map(|number| slot(number, kind(number), now)))
    }

    fn of(slots: impl Iterator<Item = (i64, Value, Value)>) -> Self {
        let mut account = Self::default();
        for (slot_id, row, detail) in slots {
            account.details.insert(slot_id, detail);
            account.held.extend(held_of(&row));
            account.rows.push(row);
        }
        // In the API's sample the newest slot comes first.
        account.rows.reverse();
        account
    }
}

/// A slot's number, its row and its detail. `kind` decides what there is to report; for the first slots it is their own
/// number.
fn slot(number: usize, kind: Option<usize>, now: DateTime<Utc>) -> (i64, Value, Value) {
    let days = TimeDelta::days;
    let hours = TimeDelta::hours;
    let slot_id = 69 + i64::try_from(number).unwrap_or_default();
    // Slots that repeat a kind have a date some hours apart.
    let shift = if number < FIRST { 0 } else { i64::try_from(number % 41).unwrap_or_default() };
    let healthy = days(45 + i64::try_from(number * 7 % 300).unwrap_or_default()) + hours(9);
    let is_repeated = number >= FIRST;
    let (left, status, since) = match kind {
        Some(0) => (-hours(52 + 3 * shift), "RUNNING", days(200)),
        Some(1) => (days(3) + hours(2 + shift), "RUNNING", days(190)),
        Some(2) => (hours(17 + shift), "RUNNING", days(180)),
        Some(3) => (days(19) + hours(5 - 2 * shift), "RUNNING", days(170)),
        Some(4) => (days(240 - shift), "PUBLISHING", hours(26)),
        Some(5) => (days(364 - shift), "READY", hours(1)),
        Some(6) => (-hours(5 + shift), "RUNNING", days(365)),
        Some(7) => (days(26) + hours(1 - 5 * shift), "RUNNING", days(64)),
        _ => (healthy, "RUNNING", days(30 + i64::try_from(number % 90).unwrap_or_default())),
    };
    // One name is in two slots: the newer one could take over.
    let name = if number == 8 { self::name(3) } else { name(number) };
    let mut row = certificate(slot_id, &name, now + left);
    row["provisionStatus"] = json!(status);
    row["provisionDate"] = json!(date(now - since));
    if OLD_TLS.contains(&number) {
        row["tlsVersion"] = json!("1.0,1.1,1.2,1.3");
    }
    if kind == Some(1) {
        row["serviceRegion"] = json!("KR_JP_GLOBAL");
    }
    if kind == Some(8) && is_repeated {
        row["expirationDate"] = Value::Null;
    }
    let edges: &[&str] = match kind {
        Some(0) => &["shop-front", "shop-api"],
        Some(6) => &[],
        _ => &["main"],
    };
    let detail = detail(slot_id, &row, edges);
    (slot_id, row, detail)
}

/// Certificate Manager's row for the certificate in a slot: deployed as soon as it was issued.
fn held_of(row: &Value) -> Option<Value> {
    let text = |field: &str| row[field].as_str();
    let time = |field: &str| Some(DateTime::parse_from_rfc3339(text(field)?).ok()?.to_utc());
    let (from, until) = (time("provisionDate")?, time("expirationDate")?);
    Some(held(text("certificateName")?, text("commonName")?, from, until, &[]))
}

fn name(number: usize) -> String {
    let (host, domain) = (HOSTS[number % HOSTS.len()], DOMAINS[number / HOSTS.len() % DOMAINS.len()]);
    match number / (HOSTS.len() * DOMAINS.len()) {
        _ if number == 1 => "*.shop.example.kr".to_owned(),
        0 => format!("{host}.{domain}"),
        more => format!("{host}{more}.{domain}"),
    }
}

/// A detail page with the documented fields, and likely values for the undocumented ones.
fn detail(slot: i64, row: &Value, edges: &[&str]) -> Value {
    let common_name = row["commonName"].as_str().unwrap_or_default();
    let certificate = |item: i64, region: &str| {
        json!({
            "itemId": item,
            "serviceRegion": region,
            "cmCertificateName": row["certificateName"],
            "commonName": common_name,
            "sanDomains": [common_name, common_name.replacen("www.", "", 1)],
            "expirationDate": row["expirationDate"],
        })
    };
    let mut certificates = vec![certificate(slot * 10, "KR_JP")];
    if row["serviceRegion"] == "KR_JP_GLOBAL" {
        certificates.push(certificate(slot * 10 + 1, "GLOBAL"));
    }
    let content: Vec<Value> = (1..).zip(edges).map(|(id, name)| json!({"id": id, "edgeName": name})).collect();
    json!({
        "slotId": slot,
        "certificates": certificates,
        "linkedEdges": {
            "content": content,
            "pageable": {"pageNo": 1, "offset": 15, "totalCount": edges.len()},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_estate_has_more_to_report_and_a_small_one_is_the_demo() {
        let now = DateTime::from_timestamp(1_795_392_000, 0).unwrap();
        for count in [0, 8, 37] {
            assert_eq!(Account::estate(count, now).rows, Account::demo(count, now).rows, "{count}");
        }
        let without_date =
            |account: &Account| account.rows.iter().filter(|row| row["expirationDate"].is_null()).count();
        let changed = |count| {
            let (estate, demo) = (Account::estate(count, now), Account::demo(count, now));
            assert_eq!(without_date(&demo), 0);
            estate.rows.iter().zip(&demo.rows).filter(|(one, other)| one != other).count()
        };
        assert!((20..40).contains(&changed(300)), "{}", changed(300));
        assert!((90..120).contains(&changed(1000)), "{}", changed(1000));
        assert!(without_date(&Account::estate(300, now)) > 0);
    }
}
