//! How Global Edge and Certificate Manager depart from their documentation: what was seen, and what no one hopes for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use hyper::Response;
use ncp_cert_alert::simulator::{self, CERTIFICATE_MANAGER_PATH, PATH};
use serde_json::{Value, json};

use super::server::{Request, parameter};

/// How the simulator's answers are changed on their way out. By default, not at all.
#[derive(Debug, Clone, Default)]
pub struct Deviations {
    /// Larger page sizes are refused (400 with code 0040).
    pub max_size: Option<usize>,
    /// Every page states this size, whatever its real one.
    pub stated_size: Option<usize>,
    /// Every page states this total of certificates.
    pub stated_total: Option<usize>,
    /// These pages, from 1, come without rows.
    pub empty_pages: BTreeSet<usize>,
    /// At these positions of the list, from 0, this text takes the place of the row. It need not be JSON.
    pub raw_rows: BTreeMap<usize, String>,
    /// After each page this many rows move from the end of the list to its beginning.
    pub rotation: usize,
    /// How Certificate Manager answers.
    pub certificate_manager: ManagerResponse,
}

impl Deviations {
    /// The answer on behalf of `edge`.
    pub fn answer(&self, edge: &mut simulator::GlobalEdge, request: &Request, now: DateTime<Utc>) -> Response<String> {
        let honest = edge.answer(request, now);
        match request.uri().path() {
            _ if honest.status() != 200 => honest,
            PATH => {
                let page = self.page(request, honest);
                if page.status() == 200 {
                    let count = edge.account.rows.len().max(1);
                    edge.account.rows.rotate_right(self.rotation % count);
                }
                page
            }
            CERTIFICATE_MANAGER_PATH => self.certificate_manager.instead_of(honest),
            _ => honest,
        }
    }

    fn page(&self, request: &Request, honest: Response<String>) -> Response<String> {
        let asked: Option<usize> = parameter(request, "offset").and_then(|size| size.parse().ok());
        if asked.zip(self.max_size).is_some_and(|(asked, max)| asked > max) {
            return response(400, &json!({"code": "0040", "message": "Field validation Error"}));
        }
        let is_changed = self.stated_size.or(self.stated_total).is_some();
        if !is_changed && self.empty_pages.is_empty() && self.raw_rows.is_empty() {
            return honest;
        }
        honest.map(|body| {
            let mut page: Value = serde_json::from_str(&body).expect("the simulator's pages are JSON");
            let pageable = &mut page["result"]["pageable"];
            let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
            let (page_number, size) = (number(&pageable["pageNo"]), number(&pageable["offset"]));
            for (field, stated) in [("offset", self.stated_size), ("totalCount", self.stated_total)] {
                if let Some(stated) = stated {
                    pageable[field] = json!(stated);
                }
            }
            let rows = page["result"]["content"].as_array().map_or(&[][..], Vec::as_slice);
            let rows = if self.empty_pages.contains(&page_number) { &[] } else { rows };
            let places = (page_number - 1) * size..;
            let text = |(place, row): (usize, &Value)| self.raw_rows.get(&place).cloned().unwrap_or(row.to_string());
            let rows: Vec<String> = places.zip(rows).map(text).collect();
            with_rows(&page, &rows)
        })
    }
}

/// The text of this page with these rows, which need not be JSON.
pub fn with_rows(page: &Value, rows: &[String]) -> String {
    let mut page = page.clone();
    page["result"]["content"] = json!(["rows"]);
    page.to_string().replace(r#"["rows"]"#, &format!("[{}]", rows.join(",")))
}

/// How Certificate Manager answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ManagerResponse {
    /// As the simulator does: dates in RFC 3339.
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
    /// Dates in an unknown form.
    Unknown,
    /// Every row twice, the second with another start date.
    Doubled,
    /// Rows without dates.
    Dateless,
    /// No list, although the code says success.
    ListMissing,
    /// Another code than 0, with status 200.
    Refused,
    /// The code for "no certificates", with status 200.
    NoneFound,
    /// 403 with an empty body.
    Forbidden,
}

impl ManagerResponse {
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

    /// Whether lifetimes can be read from the answer.
    pub fn tells_lifetimes(self) -> bool {
        matches!(self, Self::Documented | Self::WithoutZone | Self::Spaced | Self::Milliseconds | Self::Digits)
    }

    /// Whether it is no list at all.
    pub fn is_a_failure(self) -> bool {
        matches!(self, Self::Forbidden | Self::Refused | Self::ListMissing)
    }

    fn instead_of(self, honest: Response<String>) -> Response<String> {
        let answer = |code: &str, message: &str| response(200, &json!({"returnCode": code, "returnMessage": message}));
        match self {
            Self::Documented => honest,
            Self::Forbidden => response(403, &Value::Null).map(|_| String::new()),
            Self::Refused => answer("1004", "The request was refused."),
            Self::NoneFound => answer("2200", "No certificate was found."),
            Self::ListMissing => answer("0", "success"),
            _ => honest.map(|body| {
                let mut list: Value = serde_json::from_str(&body).expect("the simulator's list is JSON");
                let rows = list["sslCertificateList"].as_array().map_or(&[][..], Vec::as_slice);
                let rows: Vec<Value> = rows.iter().flat_map(|row| self.rows(row)).collect();
                list["totalRows"] = json!(rows.len());
                list["sslCertificateList"] = json!(rows);
                list.to_string()
            }),
        }
    }

    /// What is sent for a row.
    fn rows(self, row: &Value) -> Vec<Value> {
        let mut row = row.clone();
        for field in ["regDate", "updateDate", "issueDate", "validStartDate", "validEndDate"] {
            let date = row[field].as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
            if let Some(date) = date.and_then(|date| self.date(date.to_utc())) {
                row[field] = date;
            }
        }
        if self == Self::Doubled {
            let mut other = row.clone();
            other["validStartDate"] = json!("2020-01-01T00:00:00Z");
            return vec![row, other];
        }
        vec![row]
    }

    /// A date in its form; `None` leaves it as it is.
    fn date(self, time: DateTime<Utc>) -> Option<Value> {
        Some(match self {
            Self::WithoutZone => json!(time.format("%Y-%m-%dT%H:%M:%S").to_string()),
            Self::Spaced => json!(time.format("%Y-%m-%d %H:%M:%S").to_string()),
            Self::Milliseconds => json!(time.timestamp_millis()),
            Self::Digits => json!(time.timestamp_millis().to_string()),
            Self::Unknown => json!(time.format("%a %b %d %H:%M:%S UTC %Y").to_string()),
            Self::Dateless => Value::Null,
            _ => return None,
        })
    }
}

fn response(status: u16, body: &Value) -> Response<String> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(body.to_string()).expect("the status is one")
}
