//! The report: what was answered, by call and status, as shapes.

use std::collections::BTreeMap;

use reqwest::Url;
use serde_json::{Value, json};

use super::shapes::{Shape, shown_name, shown_value};
use crate::certificate::{Certificate, read_date};
use crate::net::disclosure::Secrets;
use crate::net::http::{HttpError, Recorded, Response};
use crate::{certificate_manager, global_edge};

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    /// The first page of the list, with this many rows.
    FirstPage(u64),
    /// Any other page of the list, with this many rows.
    LaterPage(u64),
    Detail,
    CertificateManager,
}

impl Call {
    /// The call that asked for this URL.
    pub(super) fn of(url: &Url) -> Self {
        let parameter =
            |wanted: &str| -> Option<u64> { url.query_pairs().find(|(name, _)| name == wanted)?.1.parse().ok() };
        match (url.path(), parameter("pageNo"), parameter("offset")) {
            (path, ..) if path.ends_with(certificate_manager::PATH) => Self::CertificateManager,
            (path, Some(1), Some(size)) if path.ends_with(global_edge::PATH) => Self::FirstPage(size),
            (path, _, Some(size)) if path.ends_with(global_edge::PATH) => Self::LaterPage(size),
            _ => Self::Detail,
        }
    }

    /// Whether it asked for a page of the list.
    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::FirstPage(_) | Self::LaterPage(_))
    }

    fn json(self) -> Value {
        match self {
            Self::FirstPage(size) => json!({"call": "list", "page": "first", "offset": size}),
            Self::LaterPage(size) => json!({"call": "list", "page": "later", "offset": size}),
            Self::Detail => json!({"call": "detail"}),
            Self::CertificateManager => json!({"call": "certificateManager"}),
        }
    }
}

/// The answers of one account, in any number: those to one call with one status make one entry.
pub(super) fn answers(recorded: &[Recorded], secrets: &Secrets) -> Vec<Value> {
    let mut entries: BTreeMap<(Call, Option<u16>, String), Shape> = BTreeMap::new();
    for (url, answer) in recorded {
        let (status, fault, shape) = match answer {
            Ok(Response { status, body, .. }) => (Some(*status), None, Shape::of_body(body, secrets)),
            Err(fault) => (None, Some(fault), Shape::default()),
        };
        // A fault's text is one of a few.
        let fault = fault.map(HttpError::to_string).unwrap_or_default();
        entries.entry((Call::of(url), status, fault)).or_default().merge(shape);
    }
    let entry = |((call, status, fault), shape): ((Call, Option<u16>, String), Shape)| {
        let mut entry = call.json();
        match status {
            Some(status) => (entry["status"], entry["body"]) = (json!(status), shape.json()),
            None => entry["noAnswer"] = json!(fault),
        }
        entry
    };
    entries.into_iter().map(entry).collect()
}

/// The shape of the successful answers to some calls.
pub(super) fn shape(recorded: &[Recorded], is_wanted: impl Fn(Call) -> bool, secrets: &Secrets) -> Shape {
    let mut shape = Shape::default();
    for (url, answer) in recorded {
        if let Ok(Response { status: 200, body, .. }) = answer
            && is_wanted(Call::of(url))
        {
            shape.merge(Shape::of_body(body, secrets));
        }
    }
    shape
}

/// Which fields of the certificates in a slot's detail hold the date that the list shows for the slot. The list shows one, while a
/// slot of two regions has two certificates.
pub(super) fn dates_of_detail(slot: &Certificate, answers: &[Recorded], secrets: &Secrets) -> Value {
    let region = |value: &Value| shown_value("serviceRegion", value, secrets);
    let mut certificates = Vec::new();
    for (_, answer) in answers {
        let Ok(Response { status: 200, body, .. }) = answer else { continue };
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        for certificate in answer["result"]["certificates"].as_array().into_iter().flatten() {
            let is_same = |value: &Value| {
                let date = value.as_str().and_then(read_date);
                date.is_some() && date == slot.expiry.time()
            };
            let fields = certificate.as_object().into_iter().flatten().filter(|(_, value)| is_same(value));
            let fields: Vec<String> = fields.map(|(name, _)| shown_name(name, secrets)).collect();
            certificates.push(json!({"serviceRegion": region(&certificate["serviceRegion"]), "sameAsInList": fields}));
        }
    }
    json!({"serviceRegion": region(&slot.service_region.clone().into()), "certificates": certificates})
}
