//! What goes wrong with a call, and what that means under the contract.
//!
//! A fault follows from the seed, the invocation, the call and how often that call was made before, never from the order in
//! which requests of different calls arrive.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use serde_json::json;

use crate::chats::Chat;
use crate::servers::{Fault, Reply};

/// Which server is called for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Call {
    Secret,
    List,
    Detail,
    Manager,
    Post,
    Heartbeat,
}

/// What happens to a request instead of the usual answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// This status; NCP's errors carry a code.
    Status(u16),
    /// NCP's 429 with this code.
    Throttled(&'static str),
    /// 429 from a webhook; `None` if it does not say how long.
    TooMany(Option<Wait>),
    /// 503 with `Retry-After`.
    Busy(Wait),
    /// 503 with 100 KB of HTML.
    LongError,
    /// 503 whose body is cut off.
    BrokenError,
    /// The connection closes before an answer.
    Reset,
    /// The usual answer is cut off in the middle of its body.
    Broken,
    /// Nothing ever comes.
    Hang,
    /// The first half of the usual body, complete by its stated length.
    Truncated,
    /// Status 200 and a page for browsers.
    Html,
    /// Status 200 and an empty body.
    Empty,
    /// Status 200 and a code that is not success.
    Code(&'static str),
    /// A redirect.
    Redirect,
    /// An error of AWS's protocol.
    Aws(u16, &'static str),
    /// A webhook's answer: 200 with this body.
    Says(&'static str),
}

/// `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Seconds(u32),
    Date,
    Absurd,
}

/// What an answer means for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It did what it was made for.
    Success,
    /// It may pass: the call should be retried.
    Passing,
    /// A retry would fail in the same way.
    Final,
    /// It is over unless the wait that the server asks for fits, which it never does.
    TooLate,
    /// The message should be posted again as plain text.
    OtherForm,
    /// The contract does not say whether to retry; it is not a success.
    Unclear,
}

use Flaw::{
    Aws, Broken, BrokenError, Busy, Code, Empty, Hang, Html, LongError, Redirect, Reset, Says, Status, Throttled,
    TooMany, Truncated,
};

impl Flaw {
    /// A fault of this call. Slow ones are rare.
    fn any(call: Call, rng: &mut Rng) -> Self {
        let connection =
            [Reset, Reset, Broken, LongError, BrokenError, Status(500), Status(502), Status(503), Status(504)];
        let own: &[Self] = match call {
            Call::Secret => &[
                Aws(400, "ResourceNotFoundException"),
                Aws(400, "AccessDeniedException"),
                Aws(400, "DecryptionFailure"),
                Aws(400, "ThrottlingException"),
                Aws(500, "InternalServiceError"),
                Aws(503, "ServiceUnavailable"),
                Html,
                Truncated,
            ],
            Call::List | Call::Detail => &[
                Throttled("410"),
                Throttled("420"),
                Throttled("400"),
                Status(400),
                Status(401),
                Status(403),
                Status(404),
                Code("9999"),
                Code("0032"),
                Truncated,
                Html,
                Empty,
                Redirect,
            ],
            Call::Manager => &[Status(403), Status(401), Code("1004"), Truncated, Html, Throttled("410")],
            Call::Post => &[
                TooMany(None),
                TooMany(Some(Wait::Seconds(0))),
                TooMany(Some(Wait::Date)),
                TooMany(Some(Wait::Absurd)),
                Busy(Wait::Seconds(0)),
                Busy(Wait::Absurd),
                Status(400),
                Status(403),
                Status(404),
                Status(410),
                Status(413),
                Status(201),
                Status(507),
                Says("invalid_payload"),
                Says(""),
                Says(r#"{"code":400,"description":"no such channel"}"#),
                Says(r#"{"header":{"isSuccessful":false,"resultCode":-1,"resultMessage":"no such hook"}}"#),
                Redirect,
            ],
            Call::Heartbeat => &[Status(404), Status(429), Redirect],
        };
        let slow = [Hang, TooMany(Some(Wait::Seconds(1)))];
        match rng.u8(..100) {
            0..4 if call == Call::Post => slow[rng.usize(..2)].clone(),
            0..4 => Hang,
            4..50 => connection[rng.usize(..connection.len())].clone(),
            _ => own[rng.usize(..own.len())].clone(),
        }
    }

    /// What it means, according to sections 6, 7 and 11 of the contract.
    #[expect(clippy::match_same_arms, reason = "the order is that in which one exception follows the other")]
    pub(crate) fn meaning(&self, call: Call, chat: Option<&Chat>) -> Meaning {
        use Meaning::{Final, OtherForm, Passing, Success, TooLate, Unclear};
        let status_is_answer = chat.is_some_and(|chat| chat.status_is_answer);
        match (self, call) {
            // AWS's SDK has its own list of what to retry; the contract says what must be retried.
            (Reset | Hang | LongError | BrokenError | Status(500 | 502 | 503 | 504) | Aws(500 | 503, _), _) => Passing,
            (Aws(_, "ThrottlingException"), _) => Passing,
            (Aws(..), _) => Final,
            // A message that was taken is never sent again, and an unacknowledged one is not a success.
            (Broken, Call::Post) => {
                if status_is_answer {
                    Success
                } else {
                    Final
                }
            }
            // Any 2xx is success.
            (Broken, Call::Heartbeat) => Success,
            (Broken, _) => Passing,
            (Throttled("410" | "420") | Code("9999"), Call::List | Call::Detail) => Passing,
            (Throttled(_) | Code(_), Call::List | Call::Detail) => Final,
            (TooMany(Some(Wait::Absurd)) | Busy(Wait::Absurd), _) => TooLate,
            (TooMany(_) | Busy(_), _) => Passing,
            (Says(text), _) => chat.map_or(Final, |chat| if (chat.takes)(200, text) { Success } else { Final }),
            (Status(status), Call::Post) => match status {
                status if (chat.is_some_and(|chat| (chat.takes)(*status, ""))) => Success,
                400 if chat.is_some_and(|chat| chat.has_plain_form) => OtherForm,
                500..=599 => Passing,
                _ => Final,
            },
            (Status(429), Call::Heartbeat) => Unclear,
            (Status(_) | Redirect, _) => Final,
            (Html | Empty | Truncated | Throttled(_) | Code(_), _) => Unclear,
        }
    }

    /// What is sent in place of `usual`, with `echo` wherever a text can be.
    pub(crate) fn reply(
        &self,
        call: Call,
        chat: Option<&Chat>,
        usual: &Reply,
        echo: &str,
        now: DateTime<Utc>,
    ) -> Reply {
        let (status, body) = usual.begun().unwrap_or((200, ""));
        let retry_after = |status: u16, wait: &Wait| {
            let text = match wait {
                Wait::Seconds(seconds) => seconds.to_string(),
                Wait::Date => (now + TimeDelta::seconds(1)).format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
                Wait::Absurd => "86400".to_owned(),
            };
            Reply::new(status, format!("slow down, {echo}")).with("retry-after", text)
        };
        let ncp = |status: u16, code: &str| {
            let error = json!({"error": {"errorCode": code, "message": format!("refused {echo}"), "details": echo}});
            Reply::new(status, error.to_string())
        };
        let html = || format!("<html>{echo}{}</html>", " gateway".repeat(1 << 13));
        match self {
            Status(status) if matches!(call, Call::List | Call::Detail | Call::Manager) => {
                ncp(*status, if *status == 401 { "200" } else { "900" })
            }
            Status(status) => Reply::new(*status, format!("no {echo}")),
            Throttled(code) => ncp(429, code),
            TooMany(Some(wait)) => retry_after(429, wait),
            TooMany(None) => Reply::new(429, format!("slow down, {echo}")),
            Busy(wait) => retry_after(503, wait),
            LongError => Reply::new(503, html()).with("content-type", "text/html"),
            BrokenError => Reply::Fault(Fault::ResetInBody(html()).with_status(503)),
            Reset => Reply::Fault(Fault::Reset),
            // A body must exist to be cut off; where the status is the answer, there is nothing more to it.
            Broken if chat.is_some_and(|chat| chat.status_is_answer) => {
                Reply::Fault(Fault::ResetInBody(format!("accepted {echo}")).with_status(status))
            }
            Broken => Reply::Fault(Fault::ResetInBody(body.to_owned()).with_status(status)),
            Hang => Reply::Fault(Fault::Hang),
            Truncated => {
                let middle = (0..=body.len() / 2).rev().find(|at| body.is_char_boundary(*at)).unwrap_or_default();
                Reply::new(200, &body[..middle])
            }
            Html => Reply::new(200, html()).with("content-type", "text/html"),
            Empty => Reply::new(200, ""),
            Code(code) => Reply::new(200, json!({"code": code, "message": echo, "returnCode": code}).to_string()),
            Redirect => Reply::new(307, echo).with("location", "http://127.0.0.1:9/"),
            Aws(status, code) => {
                Reply::new(*status, json!({"__type": code, "message": format!("no {echo}")}).to_string())
                    .with("content-type", "application/x-amz-json-1.1")
            }
            Says(text) => Reply::new(200, *text),
        }
    }
}

/// The faults of one invocation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults {
    /// The seed of the world and the number of the invocation, as one number.
    pub(crate) seed: u64,
    /// How many of a hundred requests go wrong.
    pub(crate) percent: u8,
}

impl Faults {
    /// What goes wrong with the `number`th request (from 0) of the call `key` to the server `server`.
    pub(crate) fn flaw(self, call: Call, server: &str, key: &str, number: usize) -> Option<Flaw> {
        if self.percent == 0 {
            return None;
        }
        // Some servers are out of order for good, and in the same way for all their calls.
        let mut lasting = Rng::with_seed(self.mixed(&format!("{call:?} {server}")));
        if lasting.u16(..600) < u16::from(self.percent) {
            let flaw = Flaw::any(call, &mut lasting);
            // A permanent hang takes the whole time of the run.
            return Some(if flaw == Hang && lasting.u8(..4) > 0 { Reset } else { flaw });
        }
        let mut rng = Rng::with_seed(self.mixed(&format!("{call:?} {server} {key} {number}")));
        (rng.u8(..100) < self.percent).then(|| Flaw::any(call, &mut rng))
    }

    /// A number that follows from the seed and a text: FNV-1a.
    pub(crate) fn mixed(self, text: &str) -> u64 {
        let start = 0xcbf2_9ce4_8422_2325 ^ self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// The function's waits, short enough for thousands of worlds to run in minutes.
pub(crate) const TIMING: ncp_cert_alert::net::retry::Timing = ncp_cert_alert::net::retry::Timing {
    attempt: Duration::from_millis(1500),
    first_wait: Duration::from_millis(2),
    longest_wait: Duration::from_millis(20),
};
