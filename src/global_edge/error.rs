//! What can go wrong with a call to Global Edge, by what has to be done about it.

use std::fmt;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;

use crate::net::http::{HttpError, Response};
use crate::net::redact::{Redactor, Remote};
use crate::net::retry::{Retry, Retryable};

/// The most characters of a remote text that are shown.
const REPLY_LIMIT: usize = 200;

/// A clock that is off by more than this is named as the likely cause of a refusal; the gateway's own limit is 5 minutes.
const SKEW_LIMIT: TimeDelta = TimeDelta::minutes(4);

/// What the server said: its code and text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorReply {
    /// The code (`0040`, `210`), if it sent one.
    pub code: Remote,
    /// The text.
    pub text: Remote,
}

impl ErrorReply {
    /// Keeps both, to be shown without what `redactor` knows by then.
    pub(crate) fn new(code: &str, text: &str, redactor: &Redactor) -> Self {
        let kept = |text| Remote::new(text, REPLY_LIMIT, redactor);
        Self { code: kept(code), text: kept(text) }
    }
}

impl fmt::Display for ErrorReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.is_empty(), self.text.is_empty()) {
            (true, true) => f.write_str("no reason given"),
            (true, false) => write!(f, "`{}`", self.text),
            (false, true) => write!(f, "code {}", self.code),
            (false, false) => write!(f, "code {}, `{}`", self.code, self.text),
        }
    }
}

/// Why a call failed.
///
/// Sources: the tables of <https://api.ncloud-docs.com/docs/edge-overview> and
/// <https://api.ncloud-docs.com/docs/common-ncpapi>.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// 401: a wrong, stopped or deleted key, a bad signature, or a clock that is off. Check the keys in the secret.
    #[error("NCP refused the keys (HTTP 401, {reply})")]
    Unauthorized {
        /// How far our clock is ahead of NCP's, if far enough to be the cause.
        skew: Option<TimeDelta>,
        /// What NCP said.
        reply: ErrorReply,
    },
    /// 401 with code 210, or 403: the key is fine, but lacks a permission or a subscription. Check its policies.
    #[error("NCP refused permission (HTTP {status}, {reply})")]
    PermissionDenied {
        /// The HTTP status.
        status: u16,
        /// What NCP said.
        reply: ErrorReply,
    },
    /// 404: no such host or path. Check the URL: each zone has its own.
    #[error("NCP does not know the address (HTTP 404, {reply})")]
    NotFound {
        /// What NCP said.
        reply: ErrorReply,
    },
    /// 429 with code 400: the quota is used up, and will not recover during this run.
    #[error("the API quota is used up (HTTP 429, {reply})")]
    QuotaExceeded {
        /// What NCP said.
        reply: ErrorReply,
    },
    /// 429 with code 410 or 420: too many requests for now.
    #[error("too many requests (HTTP 429, {reply})")]
    RateLimited {
        /// When to try again, if NCP said so.
        retry_after: Option<Duration>,
        /// What NCP said.
        reply: ErrorReply,
    },
    /// 500, 502, 503, 504, or 200 with code 9999: NCP has a problem.
    #[error("NCP has a problem (HTTP {status}, {reply})")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// When to try again, if NCP said so.
        retry_after: Option<Duration>,
        /// What NCP said.
        reply: ErrorReply,
    },
    /// Any other refusal.
    #[error("NCP refused the request (HTTP {status}, {reply})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What NCP said.
        reply: ErrorReply,
    },
    /// 200, but not what is documented.
    #[error("NCP's answer cannot be read: {0}")]
    Malformed(String),
    /// No answer.
    #[error("{0}")]
    Http(#[from] HttpError),
}

impl Error {
    /// What an answer with a status other than 200 means.
    pub(super) fn of(response: &Response, redactor: &Redactor) -> Self {
        let reply = reply(&response.body, redactor);
        let (status, retry_after) = (response.status, response.retry_after);
        match (status, reply.code.raw()) {
            (401, "210") | (403, _) => Self::PermissionDenied { status, reply },
            (401, _) => Self::Unauthorized { skew: response.skew.filter(|skew| skew.abs() > SKEW_LIMIT), reply },
            (404, _) => Self::NotFound { reply },
            (429, "400") => Self::QuotaExceeded { reply },
            (429, "410" | "420") => Self::RateLimited { retry_after, reply },
            (500 | 502 | 503 | 504, _) => Self::Unavailable { status, retry_after, reply },
            _ => Self::Refused { status, reply },
        }
    }

    /// What HTTP 200 with a code other than `0000` means.
    pub(super) fn of_code(reply: ErrorReply) -> Self {
        match reply.code.raw() {
            "9999" => Self::Unavailable { status: 200, retry_after: None, reply },
            _ => Self::Refused { status: 200, reply },
        }
    }

    /// Whether NCP refused a field of the request (400 with code 0040): on our calls, the page size.
    pub(super) fn is_field_validation(&self) -> bool {
        matches!(self, Self::Refused { status: 400, reply } if reply.code.raw() == "0040")
    }

    /// Whether the next page would fail in the same way.
    pub(super) fn concerns_every_page(&self) -> bool {
        matches!(
            self,
            Self::Unauthorized { .. }
                | Self::PermissionDenied { .. }
                | Self::NotFound { .. }
                | Self::QuotaExceeded { .. }
                | Self::RateLimited { .. }
        )
    }
}

impl Retryable for Error {
    fn retry(&self) -> Retry {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Unavailable { retry_after, .. } => {
                retry_after.map_or(Retry::BackOff, Retry::After)
            }
            Self::Http(fault) if fault.is_transient() => Retry::BackOff,
            _ => Retry::Never,
        }
    }
}

/// Reads any of NCP's error bodies. Their codes overlap, so they are told apart by shape: the gateway's
/// `{"error":{"errorCode","message","details"}}`, Global Edge's `{"code","message"}` and
/// `{"responseError":{"returnCode","returnMessage"}}`, Certificate Manager's `{"returnCode","returnMessage"}`; anything else
/// is shown as it is.
fn reply(body: &[u8], redactor: &Redactor) -> ErrorReply {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return ErrorReply::new("", &String::from_utf8_lossy(body), redactor);
    };
    let field = |path: &str| match value.pointer(path) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (code, text) = if value.pointer("/error").is_some() {
        let details = field("/error/details");
        let message = field("/error/message");
        (field("/error/errorCode"), if details.is_empty() { message } else { format!("{message}: {details}") })
    } else if value.pointer("/responseError").is_some() {
        (field("/responseError/returnCode"), field("/responseError/returnMessage"))
    } else if value.pointer("/returnCode").is_some() {
        (field("/returnCode"), field("/returnMessage"))
    } else {
        (field("/code"), field("/message"))
    };
    ErrorReply::new(&code, &text, redactor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> Error {
        let response =
            Response { status, retry_after: None, skew: Some(TimeDelta::seconds(3)), body: body.into(), whole: Ok(()) };
        Error::of(&response, &Redactor::new(["AKIDEXAMPLE"]))
    }

    #[test]
    fn every_documented_error_says_what_kind_it_is() {
        let gateway = |code: &str| format!(r#"{{"error":{{"errorCode":"{code}","message":"m","details":"d"}}}}"#);
        let reply = |code: &str| ErrorReply { code: code.into(), text: "m: d".into() };
        assert_eq!(error(401, &gateway("200")), Error::Unauthorized { skew: None, reply: reply("200") });
        assert_eq!(error(401, &gateway("210")), Error::PermissionDenied { status: 401, reply: reply("210") });
        assert_eq!(error(404, &gateway("300")), Error::NotFound { reply: reply("300") });
        assert_eq!(error(429, &gateway("400")), Error::QuotaExceeded { reply: reply("400") });
        for code in ["410", "420"] {
            assert_eq!(error(429, &gateway(code)), Error::RateLimited { retry_after: None, reply: reply(code) });
        }
        for status in [500, 502, 503, 504] {
            assert_eq!(error(status, &gateway("900")).retry(), Retry::BackOff);
        }
        for status in [301, 400, 405, 410, 413, 429, 501] {
            assert_eq!(error(status, &gateway("999")).retry(), Retry::Never, "{status}");
        }
    }

    #[test]
    fn every_shape_of_body_is_read() {
        let text = |body: &str| match error(400, body) {
            Error::Refused { reply, .. } => reply.to_string(),
            other => other.to_string(),
        };
        assert_eq!(
            text(r#"{"code":"0040","message":"Field validation Error"}"#),
            "code 0040, `Field validation Error`"
        );
        assert_eq!(text(r#"{"error":{"errorCode":100,"message":"Bad Request"}}"#), "code 100, `Bad Request`");
        assert_eq!(text(r#"{"responseError":{"returnCode":"1","returnMessage":"no"}}"#), "code 1, `no`");
        assert_eq!(text(r#"{"returnCode":"2000","returnMessage":"no"}"#), "code 2000, `no`");
        assert_eq!(text("<html>\n<b>Bad\u{7} gateway</b>"), "`<html> <b>Bad gateway</b>`");
        assert_eq!(text(""), "no reason given");
    }

    #[test]
    fn an_echoed_key_is_not_repeated() {
        let shown = error(401, r#"{"error":{"errorCode":"200","message":"bad key AKIDEXAMPLE"}}"#).to_string();
        assert_eq!(shown, "NCP refused the keys (HTTP 401, code 200, `bad key [redacted]`)");
    }

    #[test]
    fn a_clock_that_is_off_is_noticed() {
        let response = Response {
            status: 401,
            retry_after: None,
            skew: Some(TimeDelta::minutes(6)),
            body: Vec::new(),
            whole: Ok(()),
        };
        let error = Error::of(&response, &Redactor::default());
        assert_eq!(error, Error::Unauthorized { skew: Some(TimeDelta::minutes(6)), reply: ErrorReply::default() });
    }

    #[test]
    fn a_clock_that_is_off_is_noticed_in_both_directions_and_from_more_than_four_minutes_on() {
        let limit = TimeDelta::minutes(4);
        let more = limit + TimeDelta::milliseconds(1);
        for (skew, noticed) in [(limit, None), (-limit, None), (more, Some(more)), (-more, Some(-more))] {
            let response =
                Response { status: 401, retry_after: None, skew: Some(skew), body: Vec::new(), whole: Ok(()) };
            let error = Error::of(&response, &Redactor::default());
            assert_eq!(error, Error::Unauthorized { skew: noticed, reply: ErrorReply::default() }, "{skew}");
        }
    }

    #[test]
    fn only_a_refused_field_is_asked_for_with_another_page_size() {
        let is = |status, code: &str| error(status, &format!(r#"{{"code":"{code}"}}"#)).is_field_validation();
        assert!(is(400, "0040"));
        assert!(!is(400, "0041") && !is(400, "") && !is(413, "0040") && !is(401, "0040") && !is(500, "0040"));
    }

    #[test]
    fn what_would_meet_every_page_is_told_from_what_met_one() {
        let concerns = |status, code: &str| {
            let body = format!(r#"{{"error":{{"errorCode":"{code}","message":"m"}}}}"#);
            error(status, &body).concerns_every_page()
        };
        for (status, code) in [(401, "200"), (401, "210"), (403, ""), (404, "300"), (429, "400"), (429, "410")] {
            assert!(concerns(status, code), "{status} {code}");
        }
        for (status, code) in [(400, "100"), (413, "430"), (429, "999"), (500, "900"), (503, "500")] {
            assert!(!concerns(status, code), "{status} {code}");
        }
        assert!(!Error::from(HttpError::TimedOut).concerns_every_page());
    }

    #[test]
    fn a_server_that_says_when_to_come_back_is_heard() {
        let wait = Duration::from_secs(9);
        for (status, code) in [(429, "410"), (429, "420"), (500, "900"), (503, "500")] {
            let body = format!(r#"{{"error":{{"errorCode":"{code}","message":"m"}}}}"#).into();
            let response = Response { status, retry_after: Some(wait), skew: None, body, whole: Ok(()) };
            assert_eq!(Error::of(&response, &Redactor::default()).retry(), Retry::After(wait), "{status} {code}");
        }
        for fault in [HttpError::TimedOut, HttpError::Interrupted] {
            assert_eq!(Error::from(fault).retry(), Retry::BackOff);
        }
        assert_eq!(Error::from(HttpError::TooLarge { limit: 1 }).retry(), Retry::Never);
    }
}
