//! Accounts for the simulator: rows as the API sends them.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::certificate_manager::CertificateManager;

/// What an account has on Global Edge.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The rows of the list, in its order.
    pub rows: Vec<Value>,
    /// The details by slot; a slot without one has no such page.
    pub details: BTreeMap<i64, Value>,
    /// What Certificate Manager holds.
    pub certificate_manager: CertificateManager,
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

impl Account {
    /// An account with `count` certificates, as of `now`. The first ones have something to report, of every kind; the rest is
    /// healthy. The same `count` and `now` give the same account.
    pub fn demo(count: usize, now: DateTime<Utc>) -> Self {
        let mut account = Self::default();
        let days = TimeDelta::days;
        let hours = TimeDelta::hours;
        for number in 0..count {
            let slot = 69 + i64::try_from(number).unwrap_or_default();
            let name = name(number);
            let healthy = days(45 + i64::try_from(number * 7 % 300).unwrap_or_default()) + hours(9);
            let (left, status, since) = match number {
                0 => (-hours(52), "RUNNING", days(200)),
                1 => (days(3) + hours(2), "RUNNING", days(190)),
                2 => (hours(17), "RUNNING", days(180)),
                3 => (days(19) + hours(5), "RUNNING", days(170)),
                4 => (days(240), "PUBLISHING", hours(26)),
                5 => (days(364), "READY", hours(1)),
                6 => (-hours(5), "RUNNING", days(365)),
                7 => (days(26) + hours(1), "RUNNING", days(64)),
                number => (healthy, "RUNNING", days(30 + i64::try_from(number % 90).unwrap_or_default())),
            };
            // One name is in two slots: the newer one could take over.
            let name = if number == 8 { self::name(3) } else { name };
            let mut row = certificate(slot, &name, now + left);
            row["provisionStatus"] = json!(status);
            row["provisionDate"] = json!(date(now - since));
            if number == 1 {
                row["serviceRegion"] = json!("KR_JP_GLOBAL");
            }
            let edges: &[&str] = match number {
                0 => &["shop-front", "shop-api"],
                6 => &[],
                _ => &["main"],
            };
            account.details.insert(slot, detail(slot, &row, edges));
            account.rows.push(row);
        }
        // The API's sample has the newest slot first.
        account.rows.reverse();
        account
    }
}

fn name(number: usize) -> String {
    let (host, domain) = (HOSTS[number % HOSTS.len()], DOMAINS[number / HOSTS.len() % DOMAINS.len()]);
    match number / (HOSTS.len() * DOMAINS.len()) {
        _ if number == 1 => "*.shop.example.kr".to_owned(),
        0 => format!("{host}.{domain}"),
        more => format!("{host}{more}.{domain}"),
    }
}

/// A detail page with the documented fields, and what is likely of those that are not.
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
