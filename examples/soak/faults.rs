//! What goes wrong with a call, and what an answer means under the contract.
//!
//! A fault follows from the seed, the invocation, the call and how often that call was made before, never from the order in
//! which requests of different calls arrive.

use fastrand::Rng;
use ncp_cert_alert::net::retry::Timing;
use serde_json::json;
use std::time::Duration;

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
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was answered by the rules of the world, which include refusals.
    Good,
    /// Nothing is at this address, or no longer.
    Lost,
    /// A fault took the place of the answer.
    Faulty,
}

/// What an answer means for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Success,
    /// It may pass: the call is to be made again.
    Passing,
    /// The request was sent whole, and may have been accepted.
    Unanswered,
    /// The message is to be posted once more as plain text.
    OtherForm,
    Final,
}

/// The longest wait that a server asks for, in seconds: no run has that much time.
const ABSURD: &str = "86400";

/// What is sent in place of the usual answer, with `echo` wherever a text can be. Slow faults are rare.
pub(crate) fn fault(call: Call, chat: Option<&Chat>, usual: &Reply, echo: &str, rng: &mut Rng) -> Reply {
    let (status, body) = usual.begun().unwrap_or((200, ""));
    let html = format!("<html>{echo}{}</html>", " gateway".repeat(1 << 13));
    let half = String::from_utf8_lossy(&body.as_bytes()[..body.len() / 2]);
    let cut = |status: u16, body: &str| Reply::Fault(Fault::ResetInBody(body.to_owned()).with_status(status));
    match rng.u8(..100) {
        0..3 => return Reply::Fault(Fault::Hang),
        3..16 => return Reply::Fault(Fault::Reset),
        22..26 => return cut(503, &html),
        26..30 => return Reply::new(503, html),
        30..34 => return Reply::new(307, echo).with("location", "http://127.0.0.1:9/"),
        34..50 => return Reply::new([500, 502, 503, 504][rng.usize(..4)], format!("no {echo}")),
        50..55 if chat.is_none() => return Reply::new(200, html),
        55..60 if chat.is_none() => return Reply::new(200, half),
        // A body must exist to be cut off; where the status is the answer, there is nothing more to it.
        16..22 | 50..60 => return cut(status, if body.is_empty() { echo } else { body }),
        _ => {}
    }
    match call {
        Call::Secret => {
            let code = ["ResourceNotFound", "AccessDenied", "Throttling", "UnrecognizedClient"][rng.usize(..4)];
            let error = json!({"__type": format!("{code}Exception"), "message": format!("Access to KMS: no {echo}")});
            Reply::new(400, error.to_string()).with("content-type", "application/x-amz-json-1.1")
        }
        Call::List | Call::Detail | Call::Manager => {
            let status = [429, 429, 400, 401, 403, 404, 408, 413, 418, 200, 200][rng.usize(..11)];
            let codes = match status {
                200 => ["9999", "0032", "0040"],
                429 => ["400", "410", "420"],
                _ => ["200", "210", "900"],
            };
            let code = codes[rng.usize(..3)];
            let error = match (status, call) {
                (200, Call::Manager) => json!({"returnCode": code, "returnMessage": echo}),
                (200, _) => json!({"code": code, "message": echo}),
                _ if rng.bool() => json!({"status": status, "error": "Forbidden", "message": echo}),
                _ => json!({"error": {"errorCode": code, "message": "refused", "details": echo}}),
            };
            Reply::new(status, error.to_string())
        }
        Call::Post => {
            let status = [429, 429, 503, 400, 400, 404, 413, 201, 200][rng.usize(..9)];
            let error = json!({"code": "WorkflowTriggerIsNotEnabled", "message": echo});
            let refusal = json!({"code": 400, "error": error, "header": {"isSuccessful": false}, "description": echo});
            let reply = Reply::new(status, refusal.to_string());
            let wait = ["0", "1", ABSURD, ABSURD][rng.usize(..4)];
            if matches!(status, 429 | 503) && rng.bool() { reply.with("retry-after", wait) } else { reply }
        }
    }
}

/// What an answer means, according to sections 6, 7 and 11 of the contract.
pub(crate) fn meaning(chat: Option<&Chat>, outcome: Outcome, reply: &Reply) -> Meaning {
    let wait = match reply {
        Reply::Answer(answer) => answer.headers().get("retry-after"),
        Reply::Fault(_) => None,
    };
    let is_cut = matches!(reply, Reply::Fault(_));
    let Some((status, body)) = reply.begun() else { return Meaning::Unanswered };
    match (status, chat) {
        _ if wait.is_some_and(|wait| wait == ABSURD) => Meaning::Final,
        (500.., _) | (408, None) => Meaning::Passing,
        (_, Some(chat)) if is_cut && !chat.status_decides => Meaning::Unanswered,
        (_, Some(chat)) if (chat.accepts)(status, body) => Meaning::Success,
        (400, Some(chat)) if chat.kind == "slack" => Meaning::OtherForm,
        (200, None) if is_cut => Meaning::Passing,
        (200, None) if outcome == Outcome::Good => Meaning::Success,
        (200, None) if body.contains(r#""9999""#) => Meaning::Passing,
        (429, _) if !body.contains(r#""errorCode":"400""#) => Meaning::Passing,
        (400, None) if body.contains("ThrottlingException") => Meaning::Passing,
        _ => Meaning::Final,
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
    /// Decides what goes wrong with the `number`th request (from 0) of the call `key` to `server`, if anything does.
    pub(crate) fn of(self, call: Call, server: usize, key: &str, number: usize) -> Option<Rng> {
        // Some servers are out of order for good, and in the same way for all their calls.
        let mut lasting = Rng::with_seed(self.mixed(&format!("{call:?} {server}")));
        if lasting.u16(..600) < u16::from(self.percent) {
            return Some(lasting);
        }
        let mut rng = Rng::with_seed(self.mixed(&format!("{call:?} {server} {key} {number}")));
        (rng.u8(..100) < self.percent).then_some(rng)
    }

    /// A number that follows from the seed and a text: FNV-1a.
    pub(crate) fn mixed(self, text: &str) -> u64 {
        let start = 0xcbf2_9ce4_8422_2325 ^ self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// A secret as a server may spell it.
pub(crate) fn spelt(secret: &str) -> [String; 4] {
    let with = |spell: fn(char) -> String| secret.chars().map(spell).collect();
    [
        secret.to_owned(),
        with(|c| format!("%{:02X}", u32::from(c))),
        with(|c| format!("&#{};", u32::from(c))),
        with(|c| format!("{c}\u{200b}")),
    ]
}

/// The function's waits, short enough for thousands of worlds to run in minutes.
pub(crate) const TIMING: Timing = Timing {
    attempt: Duration::from_millis(1500),
    first_wait: Duration::from_millis(2),
    longest_wait: Duration::from_millis(20),
};
