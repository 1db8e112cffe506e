//! What can go wrong with a call to NCP, by what has to be done about it.

use std::fmt;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::error::Category;

use crate::net::disclosure::Secrets;
use crate::net::http::{HttpError, Response};
use crate::net::retry::Retry;

/// The most characters of a reply that are shown.
const REPLY_LIMIT: usize = 200;

/// A clock that is off by more than this is named as the likely cause of a refusal; the gateway's own limit is 5 minutes.
pub(crate) const SKEW_LIMIT: TimeDelta = TimeDelta::minutes(4);

/// What the server said, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorReply {
    /// The code (`0040`, `210`), if it sent one.
    pub code: String,
    /// The text.
    pub text: String,
}

impl ErrorReply {
    fn shown(code: &str, text: &str, secrets: &Secrets) -> Self {
        Self { code: secrets.words_of(code, REPLY_LIMIT), text: secrets.words_of(text, REPLY_LIMIT) }
    }
}

impl fmt::Display for ErrorReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.is_empty(), self.text.is_empty()) {
            (true, true) => f.write_str("no reason given"),
            (true, false) => write!(f, "`{}`", self.text),
            (false, true) => write!(f, "NCP code {}", self.code),
            (false, false) => write!(f, "NCP code {}, `{}`", self.code, self.text),
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
    /// 429 with any other code or none: too many requests for now.
    #[error("too many requests (HTTP 429, {reply})")]
    RateLimited {
        /// When to try again, if NCP said so.
        retry_after: Option<Duration>,
        /// What NCP said.
        reply: ErrorReply,
    },
    /// 408, 5xx, or 200 with code 9999: NCP has a problem.
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
    /// 200, but a web page: of NCP's maintenance, or of something in between.
    #[error("a web page came in place of NCP's answer (HTTP 200, {reply})")]
    WebPage {
        /// The title of the page.
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
    pub fn of(response: &Response, secrets: &Secrets) -> Self {
        let (code, text) = code_and_text(&response.body);
        let reply = ErrorReply::shown(&code, &text, secrets);
        let (status, retry_after) = (response.status, response.retry_after);
        match (status, code.as_str()) {
            (401, "210") | (403, _) => Self::PermissionDenied { status, reply },
            (401, _) => Self::Unauthorized { skew: response.skew.filter(|skew| skew.abs() > SKEW_LIMIT), reply },
            (404, _) => Self::NotFound { reply },
            (429, "400") => Self::QuotaExceeded { reply },
            (429, _) => Self::RateLimited { retry_after, reply },
            (408 | 500..=599, _) => Self::Unavailable { status, retry_after, reply },
            _ => Self::Refused { status, reply },
        }
    }

    /// What HTTP 200 with a code other than that of success means.
    pub(crate) fn of_code(code: &str, text: &str, secrets: &Secrets) -> Self {
        let reply = ErrorReply::shown(code, text, secrets);
        match code {
            "9999" => Self::Unavailable { status: 200, retry_after: None, reply },
            _ => Self::Refused { status: 200, reply },
        }
    }

    /// What an answer with status 200 is that a parser stopped at, without the data that the parser would quote.
    pub(crate) fn unreadable(body: &str, error: &serde_json::Error, secrets: &Secrets) -> Self {
        if body.trim_start().starts_with('<') {
            return Self::WebPage { reply: ErrorReply::shown("", title(body).unwrap_or_default(), secrets) };
        }
        Self::Malformed(match error.classify() {
            Category::Data => {
                format!("a value is not of the documented kind at line {} column {}", error.line(), error.column())
            }
            Category::Io | Category::Syntax | Category::Eof => error.to_string(),
        })
    }
}

impl Error {
    /// Whether to try again.
    pub fn retry(&self) -> Retry {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Unavailable { retry_after, .. } => {
                retry_after.map_or(Retry::BackOff, Retry::After)
            }
            Self::Http(fault) if fault.is_transient() => Retry::BackOff,
            _ => Retry::Never,
        }
    }
}

/// The code and text of any of NCP's error bodies. Their codes overlap, so they are distinguished by shape: the gateway's
/// `{"error":{"errorCode","message","details"}}`, Global Edge's `{"code","message"}` and
/// `{"responseError":{"returnCode","returnMessage"}}`, Certificate Manager's `{"returnCode","returnMessage"}`. Anything else
/// is read as text.
fn code_and_text(body: &[u8]) -> (String, String) {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(body);
        return (String::new(), title(&text).unwrap_or(&text).to_owned());
    };
    let field = |path: &str| match value.pointer(path) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    if value["error"].is_object() {
        let (message, details) = (field("/error/message"), field("/error/details"));
        (field("/error/errorCode"), if details.is_empty() { message } else { format!("{message}: {details}") })
    } else if value["responseError"].is_object() {
        (field("/responseError/returnCode"), field("/responseError/returnMessage"))
    } else if value.get("returnCode").is_some() {
        (field("/returnCode"), field("/returnMessage"))
    } else {
        // Spring's default body has an `error` that is a text, and often hides its `message`.
        let message = field("/message");
        (field("/code"), if message.is_empty() { field("/error") } else { message })
    }
}

/// The title of a web page, which says in a few words what the rest does.
fn title(page: &str) -> Option<&str> {
    let small = page.to_ascii_lowercase();
    let start = small.find("<title")?;
    let start = start + small[start..].find('>')? + 1;
    let end = start + small[start..].find("</title")?;
    Some(page[start..end].trim()).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> Error {
        let response =
            Response { status, retry_after: None, skew: Some(TimeDelta::seconds(3)), body: body.into(), whole: Ok(()) };
        Error::of(&response, &Secrets::default())
    }

    #[test]
    fn every_documented_error_says_what_kind_it_is() {
        let gateway = |code: &str| format!(r#"{{"error":{{"errorCode":"{code}","message":"no","details":"why"}}}}"#);
        let reply = |code: &str| ErrorReply { code: code.into(), text: "no: why".into() };
        assert_eq!(error(401, &gateway("200")), Error::Unauthorized { skew: None, reply: reply("200") });
        assert_eq!(error(401, &gateway("210")), Error::PermissionDenied { status: 401, reply: reply("210") });
        assert_eq!(error(404, &gateway("300")), Error::NotFound { reply: reply("300") });
        assert_eq!(error(429, &gateway("400")), Error::QuotaExceeded { reply: reply("400") });
        for code in ["410", "420"] {
            assert_eq!(error(429, &gateway(code)), Error::RateLimited { retry_after: None, reply: reply(code) });
        }
        for (status, code) in
            [(408, "999"), (429, "999"), (500, "900"), (501, ""), (502, ""), (503, ""), (504, ""), (520, "")]
        {
            assert_eq!(error(status, &gateway(code)).retry(), Retry::BackOff, "{status}");
        }
        for status in [301, 400, 405, 410, 413] {
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
            "NCP code 0040, `Field validation Error`"
        );
        assert_eq!(text(r#"{"error":{"errorCode":100,"message":"Bad Request"}}"#), "NCP code 100, `Bad Request`");
        assert_eq!(text(r#"{"responseError":{"returnCode":"1","returnMessage":"no"}}"#), "NCP code 1, `no`");
        assert_eq!(text(r#"{"returnCode":"2000","returnMessage":"no"}"#), "NCP code 2000, `no`");
        assert_eq!(text("<html>\n<b>Bad\u{7} gateway</b>"), "`<html> <…>Bad gateway<…>`");
        assert_eq!(text("<!DOCTYPE html><HTML><Title>\n서비스 점검 중 </TITLE><p>…"), "`서비스 점검 중`");
        let spring = |message: &str| {
            format!(
                r#"{{"timestamp":"2026-11-23","status":403,"error":"Forbidden","message":"{message}","path":"/api"}}"#
            )
        };
        assert_eq!(text(&spring("")), "`Forbidden`");
        assert_eq!(text(&spring("Access Denied")), "`Access Denied`");
        assert_eq!(text(""), "no reason given");
    }

    #[test]
    fn an_echoed_key_is_not_repeated() {
        let shown = error(401, r#"{"error":{"errorCode":"200","message":"bad key AKIDEXAMPLE"}}"#).to_string();
        assert_eq!(shown, "NCP refused the keys (HTTP 401, NCP code 200, `bad key …`)");
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
        let error = Error::of(&response, &Secrets::default());
        assert_eq!(error, Error::Unauthorized { skew: Some(TimeDelta::minutes(6)), reply: ErrorReply::default() });
    }

    #[test]
    fn a_clock_that_is_off_is_noticed_in_both_directions_and_from_more_than_four_minutes_on() {
        let limit = TimeDelta::minutes(4);
        let more = limit + TimeDelta::milliseconds(1);
        for (skew, noticed) in [(limit, None), (-limit, None), (more, Some(more)), (-more, Some(-more))] {
            let response =
                Response { status: 401, retry_after: None, skew: Some(skew), body: Vec::new(), whole: Ok(()) };
            let error = Error::of(&response, &Secrets::default());
            assert_eq!(error, Error::Unauthorized { skew: noticed, reply: ErrorReply::default() }, "{skew}");
        }
    }

    #[test]
    fn a_servers_retry_after_is_read() {
        let wait = Duration::from_secs(9);
        for (status, code) in [(429, "410"), (429, "420"), (500, "900"), (503, "500")] {
            let body = format!(r#"{{"error":{{"errorCode":"{code}","message":"m"}}}}"#).into();
            let response = Response { status, retry_after: Some(wait), skew: None, body, whole: Ok(()) };
            assert_eq!(Error::of(&response, &Secrets::default()).retry(), Retry::After(wait), "{status} {code}");
        }
        for fault in [HttpError::TimedOut, HttpError::Interrupted] {
            assert_eq!(Error::from(fault).retry(), Retry::BackOff);
        }
        assert_eq!(Error::from(HttpError::TooLarge { limit: 1 }).retry(), Retry::Never);
    }
}
