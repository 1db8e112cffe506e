//! The simulated Global Edge, with scripted replies before it and deviations after it; it keeps all requests.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ncp_cert_alert::ncp::signature::KeyPair;
use ncp_cert_alert::simulator::{self, Account};
use ncp_cert_alert::time::Clock;
use reqwest::Url;

use super::deviations::Deviations;
use super::reply::Reply;
use super::round_trips::RoundTrips;
use super::server::{Request, Server, target};

/// A running Global Edge.
#[derive(Debug)]
pub struct GlobalEdge {
    server: Server,
    state: Arc<Mutex<State>>,
}

/// What it answers from, and the requests that it got.
#[derive(Debug)]
struct State {
    edge: simulator::GlobalEdge,
    clock: Clock,
    deviations: Deviations,
    script: Vec<Line>,
    requests: Vec<String>,
}

/// Requests whose target contains `part` get these replies, one each, and then the usual ones again.
#[derive(Debug)]
struct Line {
    part: String,
    replies: VecDeque<Reply>,
    always: bool,
}

impl GlobalEdge {
    /// Starts a server with one account. It accepts requests signed with `keys`, and caps pages at `max_size` rows.
    ///
    /// # Errors
    /// If the machine has no free port.
    pub async fn start(account: Account, keys: KeyPair, max_size: usize, clock: Clock) -> io::Result<Self> {
        let edge = simulator::GlobalEdge { account, keys, max_size };
        let deviations = Deviations::default();
        let state = State { edge, clock, deviations, script: Vec::new(), requests: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| lock(&shared).answer(&request)).await?;
        Ok(Self { server, state })
    }

    /// The base URL.
    pub fn url(&self) -> Url {
        self.server.url()
    }

    /// From now on, answers in these round trips.
    pub fn answer_in(&self, round_trips: Arc<RoundTrips>) {
        self.server.answer_in(round_trips);
    }

    /// Answers the next requests whose target contains `part` with these replies, one each.
    pub fn script(&self, part: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies = replies.into_iter().collect();
        lock(&self.state).script.push(Line { part: part.to_owned(), replies, always: false });
    }

    /// Answers every request whose target contains `part` with this reply.
    pub fn script_always(&self, part: &str, reply: Reply) {
        let replies = VecDeque::from([reply]);
        lock(&self.state).script.push(Line { part: part.to_owned(), replies, always: true });
    }

    /// Forgets its scripted replies.
    pub fn heal(&self) {
        lock(&self.state).script.clear();
    }

    /// From now on, accepts other keys.
    pub fn rotate(&self, keys: KeyPair) {
        lock(&self.state).edge.keys = keys;
    }

    /// From now on, has other certificates.
    pub fn change(&self, change: impl FnOnce(&mut Account)) {
        change(&mut lock(&self.state).edge.account);
    }

    /// From now on, departs from what is documented in these ways.
    pub fn deviate(&self, deviations: Deviations) {
        lock(&self.state).deviations = deviations;
    }

    /// The targets of all requests so far, whether they were answered or not.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.state).requests.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn answer(&mut self, request: &Request) -> Reply {
        self.requests.push(target(request).to_owned());
        if let Some(reply) = self.scripted(target(request)) {
            return reply;
        }
        let now = (self.clock)();
        self.deviations.answer(&mut self.edge, request, now).into()
    }

    fn scripted(&mut self, target: &str) -> Option<Reply> {
        let line = self.script.iter_mut().find(|line| !line.replies.is_empty() && target.contains(&line.part))?;
        if line.always { line.replies.front().cloned() } else { line.replies.pop_front() }
    }
}
