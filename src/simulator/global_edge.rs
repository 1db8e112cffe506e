//! Global Edge as its pages describe it: signatures, paging, envelopes, error bodies.
//!
//! Sources: those of [`crate::global_edge`] and [`crate::ncp::signature`].

use chrono::{DateTime, TimeDelta, Utc};
use hyper::{Request, Response};
use serde_json::{Value, json};

use super::account::Account;
use super::certificate_manager;
use crate::ncp::signature::{ACCESS_KEY_HEADER, KeyPair, SIGNATURE_HEADER, StringToSign, TIMESTAMP_HEADER, verify};

/// The path of the list; a detail's path has `/` and the slot's number after it.
pub const PATH: &str = "/api/v1/certificate/provisioning";

/// How far a request's clock may be off.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The page size if the request gives none.
const DEFAULT_SIZE: usize = 15;

/// A Global Edge with one account.
#[derive(Debug, Clone)]
pub struct GlobalEdge {
    /// What it answers from.
    pub account: Account,
    /// The keys that it accepts.
    pub keys: KeyPair,
    /// The most rows on a page, however many are requested.
    pub max_size: usize,
}

impl GlobalEdge {
    /// What it answers to `request` at `now`. Certificate Manager answers here too, under its own path.
    pub fn answer<B>(&self, request: &Request<B>, now: DateTime<Utc>) -> Response<String> {
        if let Err(details) = self.authenticate(request, now) {
            return gateway(401, "200", "Authentication Failed", details);
        }
        let path = request.uri().path();
        match (request.method().as_str(), path.strip_prefix(PATH)) {
            ("GET", _) if path == certificate_manager::PATH => {
                let (status, body) = certificate_manager::answer(&self.account.held, request);
                response(status, &body)
            }
            ("GET", Some("")) => self.list(request.uri().query().unwrap_or_default()),
            ("GET", Some(tail)) => self.detail(tail),
            _ => not_found(),
        }
    }

    fn authenticate<B>(&self, request: &Request<B>, now: DateTime<Utc>) -> Result<(), &'static str> {
        let header = |name: &str| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.filter(|value| !value.is_empty()).ok_or("Authentication information are missing.")
        };
        let (timestamp, access_key) = (header(TIMESTAMP_HEADER)?, header(ACCESS_KEY_HEADER)?);
        let signature = header(SIGNATURE_HEADER)?;
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let text = StringToSign { method: request.method().as_str(), target, timestamp, access_key };
        let time = timestamp.parse().ok().and_then(DateTime::from_timestamp_millis);
        let is_current = time.is_some_and(|time| (now - time).abs() <= SKEW);
        let is_known = access_key == self.keys.access_key();
        if is_known && is_current && verify(&text, self.keys.secret_key(), signature) {
            Ok(())
        } else {
            Err("Invalid authentication information.")
        }
    }

    fn list(&self, query: &str) -> Response<String> {
        let number = |name: &str, default: usize| match parameter(query, name) {
            None => Some(default),
            Some(text) => text.parse().ok().filter(|number| *number > 0),
        };
        let (Some(page), Some(size)) = (number("pageNo", 1), number("offset", DEFAULT_SIZE)) else {
            return response(400, &json!({"code": "0040", "message": "Field validation Error"}));
        };
        let (rows, size) = (&self.account.rows, size.min(self.max_size));
        let first = (page - 1).saturating_mul(size).min(rows.len());
        let content = &rows[first..rows.len().min(first + size)];
        success(&json!({
            "content": content,
            "pageable": {"pageNo": page, "offset": size, "totalCount": rows.len()},
        }))
    }

    fn detail(&self, tail: &str) -> Response<String> {
        let slot = tail.strip_prefix('/').and_then(|slot| slot.parse().ok());
        slot.and_then(|slot: i64| self.account.details.get(&slot)).map_or_else(not_found, success)
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn success(result: &Value) -> Response<String> {
    response(200, &json!({"code": "0000", "message": "Success", "result": result}))
}

fn not_found() -> Response<String> {
    gateway(404, "300", "Not Found Exception", "URL not found.")
}

fn gateway(status: u16, code: &str, message: &str, details: &str) -> Response<String> {
    response(status, &json!({"error": {"errorCode": code, "message": message, "details": details}}))
}

fn response(status: u16, body: &Value) -> Response<String> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(body.to_string()).expect("the status and the header are constants")
}
