//! Global Edge as its pages describe it: signatures, paging, envelopes, error bodies.
//!
//! Sources: those of [`crate::global_edge`] and [`crate::global_edge::signature`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use reqwest::Url;
use serde_json::{Value, json};

use super::account::Account;
use super::certificate_manager;
use super::server::{Reply, Request, Server};
use super::turns::Turns;
use crate::global_edge::signature::{
    ACCESS_KEY_HEADER, KeyPair, SIGNATURE_HEADER, StringToSign, TIMESTAMP_HEADER, verify,
};
use crate::time::Clock;

/// The path of the list.
pub const PATH: &str = "/api/v1/certificate/provisioning";

/// How far a request's clock may be off.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The page size of a request that asks for none.
const DEFAULT_SIZE: usize = 15;

/// A running simulator.
#[derive(Debug)]
pub struct GlobalEdge {
    server: Server,
    state: Arc<Mutex<State>>,
}

/// How the list departs from what is documented, and from what anybody hopes for.
#[derive(Debug, Clone, Default)]
pub struct Quirks {
    /// Larger page sizes are refused (400 with code 0040).
    pub largest: Option<usize>,
    /// Every page says that it has this size, whatever it has.
    pub echo: Option<usize>,
    /// Every page says that there are so many certificates.
    pub total: Option<usize>,
    /// These pages, from 1, come without rows.
    pub empty: BTreeSet<usize>,
    /// At these places of the list, from 0, stands this text in place of the row. It need be no JSON.
    pub raw: BTreeMap<usize, String>,
    /// Before each request so many rows move from the end of the list to its beginning.
    pub drift: usize,
}

/// What the simulator answers from, and what it has heard.
#[derive(Debug)]
struct State {
    account: Account,
    quirks: Quirks,
    keys: KeyPair,
    cap: usize,
    clock: Clock,
    script: Vec<Line>,
    tamper: Option<Tamper>,
    requests: Vec<String>,
}

/// What comes between an answer and its way out, and may change the account for the next request.
struct Tamper(Box<Tampering>);

/// The request, the reply that would be given, and the account as it is from now on.
type Tampering = dyn FnMut(&Request, Reply, &mut Account) -> Reply + Send;

impl fmt::Debug for Tamper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tamper")
    }
}

/// Requests whose target holds `part` get these replies, one each, and then the usual ones again.
#[derive(Debug)]
struct Line {
    part: String,
    replies: VecDeque<Reply>,
    always: bool,
}

impl GlobalEdge {
    /// Starts a simulator with one account. It takes requests that are signed with `keys`, and caps pages at `cap` rows.
    ///
    /// # Errors
    /// When the machine gives no port.
    pub async fn start(account: Account, keys: KeyPair, cap: usize, clock: Clock) -> io::Result<Self> {
        let quirks = Quirks::default();
        let state = State { account, quirks, keys, cap, clock, script: Vec::new(), tamper: None, requests: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| lock(&shared).tampered(&request)).await?;
        Ok(Self { server, state })
    }

    /// The base URL.
    #[must_use]
    pub fn url(&self) -> Url {
        self.server.url()
    }

    /// Answers in these turns from now on.
    pub fn take_turns(&self, turns: Arc<Turns>) {
        self.server.take_turns(turns);
    }

    /// Answers the next requests whose target holds `part` with these replies, one each.
    pub fn script(&self, part: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies = replies.into_iter().collect();
        lock(&self.state).script.push(Line { part: part.to_owned(), replies, always: false });
    }

    /// Answers every request whose target holds `part` with this reply.
    pub fn script_always(&self, part: &str, reply: Reply) {
        let replies = VecDeque::from([reply]);
        lock(&self.state).script.push(Line { part: part.to_owned(), replies, always: true });
    }

    /// Forgets what it was told to answer.
    pub fn heal(&self) {
        lock(&self.state).script.clear();
    }

    /// Takes other keys from now on.
    pub fn rotate(&self, keys: KeyPair) {
        lock(&self.state).keys = keys;
    }

    /// Has other certificates from now on.
    pub fn change(&self, change: impl FnOnce(&mut Account)) {
        change(&mut lock(&self.state).account);
    }

    /// Lists like this from now on.
    pub fn misbehave(&self, quirks: Quirks) {
        lock(&self.state).quirks = quirks;
    }

    /// Hands every answer to `tamper`, which says what is sent instead, and may change the account for the next request.
    pub fn tamper(&self, tamper: impl FnMut(&Request, Reply, &mut Account) -> Reply + Send + 'static) {
        lock(&self.state).tamper = Some(Tamper(Box::new(tamper)));
    }

    /// The targets of all requests so far, whether they were answered or not.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        lock(&self.state).requests.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn tampered(&mut self, request: &Request) -> Reply {
        let reply = self.answer(request);
        match &mut self.tamper {
            Some(Tamper(tamper)) => tamper(request, reply, &mut self.account),
            None => reply,
        }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        self.requests.push(request.target.clone());
        if let Some(reply) = self.scripted(&request.target) {
            return reply;
        }
        if let Err(details) = self.authenticate(request) {
            return gateway(401, "200", "Authentication Failed", details);
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        if (request.method.as_str(), path) == ("GET", certificate_manager::PATH) {
            return self.account.certificate_manager.answer(request);
        }
        match (request.method.as_str(), path.strip_prefix(PATH)) {
            ("GET", Some("")) => self.list(query),
            ("GET", Some(tail)) => self.detail(tail),
            _ => gateway(404, "300", "Not Found Exception", "URL not found."),
        }
    }

    fn scripted(&mut self, target: &str) -> Option<Reply> {
        let line = self.script.iter_mut().find(|line| !line.replies.is_empty() && target.contains(&line.part))?;
        if line.always { line.replies.front().cloned() } else { line.replies.pop_front() }
    }

    fn authenticate(&self, request: &Request) -> Result<(), &'static str> {
        let header = |name| {
            request.header(name).filter(|value| !value.is_empty()).ok_or("Authentication information are missing.")
        };
        let (timestamp, access_key) = (header(TIMESTAMP_HEADER)?, header(ACCESS_KEY_HEADER)?);
        let signature = header(SIGNATURE_HEADER)?;
        let text = StringToSign { method: &request.method, target: &request.target, timestamp, access_key };
        let time = timestamp.parse().ok().and_then(chrono::DateTime::from_timestamp_millis);
        let is_current = time.is_some_and(|time| ((self.clock)() - time).abs() <= SKEW);
        let is_known = access_key == self.keys.access_key();
        if is_known && is_current && verify(&text, self.keys.secret_key(), signature) {
            Ok(())
        } else {
            Err("Invalid authentication information.")
        }
    }

    fn list(&mut self, query: &str) -> Reply {
        let number = |name: &str, default: usize| match parameter(query, name) {
            None => Some(default),
            Some(text) => text.parse().ok().filter(|number| *number > 0),
        };
        let quirks = &self.quirks;
        let size = number("offset", DEFAULT_SIZE).filter(|size| quirks.largest.is_none_or(|largest| *size <= largest));
        let (Some(page), Some(size)) = (number("pageNo", 1), size) else {
            return Reply::new(400, json!({"code": "0040", "message": "Field validation Error"}).to_string());
        };
        let (size, count) = (size.min(self.cap), self.account.rows.len());
        if count > 0 {
            self.account.rows.rotate_right(quirks.drift % count);
        }
        let first = (page - 1).saturating_mul(size);
        let rows = self.account.rows.iter().enumerate().skip(first).take(size);
        let rows = rows.filter(|_| !quirks.empty.contains(&page));
        // As text, since a raw row need be no JSON.
        let rows: Vec<_> =
            rows.map(|(place, row)| quirks.raw.get(&place).cloned().unwrap_or_else(|| row.to_string())).collect();
        let (echo, total) = (quirks.echo.unwrap_or(size), quirks.total.unwrap_or(count));
        let pageable = json!({"pageNo": page, "offset": echo, "totalCount": total});
        let result = format!(r#"{{"content":[{}],"pageable":{pageable}}}"#, rows.join(","));
        Reply::new(200, format!(r#"{{"code":"0000","message":"Success","result":{result}}}"#))
    }

    fn detail(&self, tail: &str) -> Reply {
        let slot = tail.strip_prefix('/').and_then(|slot| slot.parse().ok());
        match slot.and_then(|slot: i64| self.account.details.get(&slot)) {
            Some(detail) => success(detail),
            None => gateway(404, "300", "Not Found Exception", "URL not found."),
        }
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(one, _)| *one == name).map(|(_, value)| value)
}

fn success(result: &Value) -> Reply {
    Reply::new(200, json!({"code": "0000", "message": "Success", "result": result}).to_string())
}

fn gateway(status: u16, code: &str, message: &str, details: &str) -> Reply {
    Reply::new(status, json!({"error": {"errorCode": code, "message": message, "details": details}}).to_string())
}
