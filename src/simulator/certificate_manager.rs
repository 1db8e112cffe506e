//! Certificate Manager, on the same port: the documented shape, and the odd forms that its clients have met.
//!
//! Sources: those of [`crate::certificate_manager`].

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::server::{Reply, Request};

/// The path of its list.
pub(super) const PATH: &str = "/api/v1/certificates";

/// What Certificate Manager holds, and how it says so.
#[derive(Debug, Clone, Default)]
pub struct CertificateManager {
    /// The rows of its list. Dates in them are RFC 3339; the form says how they are sent.
    pub rows: Vec<Value>,
    /// In which form it answers.
    pub form: Form,
}

/// In which form Certificate Manager answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Dates in RFC 3339.
    #[default]
    Documented,
    /// Dates in RFC 3339 without a zone.
    WithoutZone,
    /// Dates as `yyyy-MM-dd HH:mm:ss`.
    Spaced,
    /// Dates as a number of milliseconds.
    Milliseconds,
    /// Dates as the digits of that number.
    Digits,
    /// Dates in a form that nobody knows.
    Unknown,
    /// Every row twice, the second with another start.
    Doubled,
    /// Rows without dates.
    Dateless,
    /// No list, under a code that says success.
    ListMissing,
    /// Another code than 0, with status 200.
    Refused,
    /// The code for no certificates, with status 200.
    NoneFound,
    /// 403 with an empty body.
    Forbidden,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Documented,
        Self::WithoutZone,
        Self::Spaced,
        Self::Milliseconds,
        Self::Digits,
        Self::Unknown,
        Self::Doubled,
        Self::Dateless,
        Self::ListMissing,
        Self::Refused,
        Self::NoneFound,
        Self::Forbidden,
    ];

    /// Whether lifetimes can be had from it.
    #[must_use]
    pub fn tells_lifetimes(self) -> bool {
        matches!(self, Self::Documented | Self::WithoutZone | Self::Spaced | Self::Milliseconds | Self::Digits)
    }

    fn date(self, time: DateTime<Utc>) -> Value {
        match self {
            Self::WithoutZone => json!(time.format("%Y-%m-%dT%H:%M:%S").to_string()),
            Self::Spaced => json!(time.format("%Y-%m-%d %H:%M:%S").to_string()),
            Self::Milliseconds => json!(time.timestamp_millis()),
            Self::Digits => json!(time.timestamp_millis().to_string()),
            Self::Unknown => json!(time.format("%a %b %d %H:%M:%S UTC %Y").to_string()),
            Self::Dateless => Value::Null,
            _ => json!(date(time)),
        }
    }
}

/// A row of the list: a certificate of this name, with this life, that `instances` use.
#[must_use]
pub fn held(name: &str, domain: &str, from: DateTime<Utc>, until: DateTime<Utc>, instances: &[u64]) -> Value {
    json!({
        "certificateNo": 20_000 + name.len(),
        "certificateType": "EXTERNAL",
        "certificateName": name,
        "memberNo": "1234567",
        "dnInfo": format!("CN={domain}"),
        "domainAddress": domain,
        "subDomainAddress": "",
        "regDate": date(from),
        "updateDate": date(from),
        "issueDate": date(from),
        "validStartDate": date(from),
        "validEndDate": date(until),
        "statusCode": "1",
        "statusName": "NORMAL",
        "externalYn": "Y",
        "caInfo": "Example CA",
        "usedInstanceNoList": instances,
    })
}

fn date(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl CertificateManager {
    pub(super) fn answer(&self, request: &Request) -> Reply {
        let is_json = |name| request.header(name).is_some_and(|value| value.starts_with("application/json"));
        if !is_json("content-type") || !is_json("accept") {
            return refusal(400, "2000", "Content-Type and Accept are required.");
        }
        match self.form {
            Form::Forbidden => Reply::new(403, ""),
            Form::Refused => refusal(200, "1004", "The request was refused."),
            Form::NoneFound => refusal(200, "2200", "No certificate was found."),
            Form::ListMissing => refusal(200, "0", "success"),
            form => {
                let rows: Vec<Value> = self.rows.iter().flat_map(|row| sent(row, form)).collect();
                Reply::new(
                    200,
                    json!({
                        "returnCode": "0",
                        "returnMessage": "success",
                        "totalRows": rows.len(),
                        "sslCertificateList": rows,
                    })
                    .to_string(),
                )
            }
        }
    }
}

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply::new(status, json!({"returnCode": code, "returnMessage": message}).to_string())
}

fn sent(row: &Value, form: Form) -> Vec<Value> {
    let mut row = row.clone();
    for field in ["regDate", "updateDate", "issueDate", "validStartDate", "validEndDate"] {
        if let Some(time) = row[field].as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok()) {
            row[field] = form.date(time.to_utc());
        }
    }
    let mut rows = vec![row];
    if form == Form::Doubled {
        let mut other = rows[0].clone();
        other["validStartDate"] = json!("2020-01-01T00:00:00Z");
        rows.push(other);
    }
    rows
}
