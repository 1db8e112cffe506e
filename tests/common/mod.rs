//! A world for whole runs: a Global Edge, a Secrets Manager and webhooks on loopback ports, and the function between them.
//!
//! Everything is real except the far sides: real sockets, real signatures and checks of them. The fakes decode and keep
//! what arrives, and refuse anything unexpected.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses a part of it")]
#![allow(clippy::needless_pass_by_value, reason = "values that are made for the call read better")]

pub mod forms;
pub mod schema;
pub mod servers;
pub mod stores;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ncp_cert_alert::lambda::Function;
use ncp_cert_alert::ncp::signature::KeyPair;
use ncp_cert_alert::net::retry::Timing;
use ncp_cert_alert::simulator::Account;
use ncp_cert_alert::time;
use serde_json::{Value, json};

use self::servers::{GlobalEdge, Reply, Request, RoundTrips, Server, header, target};
use self::stores::{REGION, Store};

pub const ACCESS_KEY: &str = "AKIDCANARYaccess00001";
pub const SECRET_KEY: &str = "SKCANARYsecretSKCANARYsecretSKCANARY0001";

/// The present of every test that does not say otherwise.
pub fn now() -> DateTime<Utc> {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

pub fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

/// The kinds of webhooks besides Slack and Teams.
pub const OTHER_KINDS: [&str; 4] = ["line_works", "jandi", "dooray", "json"];

/// A webhook that keeps what is posted to it.
pub struct Hook {
    server: Server,
    state: Arc<Mutex<HookState>>,
    pub kind: &'static str,
    path: String,
}

#[derive(Default)]
struct HookState {
    /// Everything that arrived, accepted or not.
    posts: Vec<Value>,
    /// The same, as it came.
    bodies: Vec<String>,
    accepted: Vec<Value>,
    script: VecDeque<Reply>,
    always: Option<Reply>,
    authorization: Option<String>,
}

impl Hook {
    pub async fn start(kind: &'static str) -> Self {
        let state = Arc::new(Mutex::new(HookState::default()));
        let path = match kind {
            "slack" => "/services/T0CANARY/B0CANARY/hookCANARY0001".to_owned(),
            "line_works" => "/message/lineCANARY-0001-4a6f-8140-a8a6e69727a9".to_owned(),
            "jandi" => "/connect-api/webhook/jandiCANARY01/tokenCANARYjandi01".to_owned(),
            "dooray" => "/services/doorayCANARY01/doorayCANARY02/tokenCANARYdooray".to_owned(),
            "json" => "/relay/pathCANARYrelay?key=keyCANARYrelay".to_owned(),
            _ => "/workflows/flowCANARY01/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2FCANARYrun&sig=sigCANARY0001".to_owned(),
        };
        let (shared, expected) = (Arc::clone(&state), path.clone());
        let server = Server::start(move |request: Request| {
            assert_eq!(request.method(), "POST");
            assert_eq!(target(&request), expected, "the URL goes over the wire as it was given");
            assert_eq!(header(&request, "content-type"), Some("application/json"));
            assert!(header(&request, "user-agent").is_some_and(|agent| agent.starts_with("ncp-cert-alert/")));
            let body: Value = serde_json::from_str(request.body()).expect("a webhook gets JSON");
            let accept = header(&request, "accept");
            assert!(kind != "jandi" || accept == Some("application/vnd.tosslab.jandi-v2+json"), "{accept:?}");
            forms::check(kind, &body);
            let mut state = shared.lock().unwrap();
            state.posts.push(body.clone());
            state.bodies.push(request.body().clone());
            state.authorization = header(&request, "authorization").map(str::to_owned);
            let (status, answer) = forms::usual_answer(kind);
            let usual = Reply::new(status, answer);
            let reply = state.script.pop_front().or_else(|| state.always.clone()).unwrap_or(usual);
            // A message answered with success was taken, whether or not the whole answer arrives.
            let takes = reply.begun().is_some_and(|(status, body)| match kind {
                "slack" | "line_works" | "dooray" => (status, body) == forms::usual_answer(kind),
                "jandi" => status == 200,
                "json" => matches!(status, 200..=299),
                _ => matches!(status, 200 | 202),
            });
            if takes {
                state.accepted.push(body);
            }
            reply
        })
        .await
        .unwrap();
        Self { server, state, kind, path }
    }

    pub fn url(&self) -> String {
        format!("{}{}", self.server.url().as_str().trim_end_matches('/'), self.path)
    }

    /// Answers the next posts with these replies, one each.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.extend(replies);
    }

    /// Answers every post with this reply.
    pub fn always(&self, reply: Reply) {
        self.state.lock().unwrap().always = Some(reply);
    }

    /// Goes back to the usual answer.
    pub fn heal(&self) {
        let mut state = self.state.lock().unwrap();
        state.always = None;
        state.script.clear();
    }

    /// What was posted and accepted.
    pub fn accepted(&self) -> Vec<Value> {
        self.state.lock().unwrap().accepted.clone()
    }

    /// What was posted, accepted or not.
    pub fn posts(&self) -> Vec<Value> {
        self.state.lock().unwrap().posts.clone()
    }

    /// What was posted, as it came.
    pub fn bodies(&self) -> Vec<String> {
        self.state.lock().unwrap().bodies.clone()
    }

    /// The `Authorization` of the last post.
    pub fn authorization(&self) -> Option<String> {
        self.state.lock().unwrap().authorization.clone()
    }

    pub fn forget(&self) {
        let mut state = self.state.lock().unwrap();
        state.posts.clear();
        state.bodies.clear();
        state.accepted.clear();
    }

    /// All text of what was accepted.
    pub fn text(&self) -> String {
        Value::from(self.accepted()).to_string()
    }
}

/// A dead man's switch that counts the pings that it gets.
pub struct Switch {
    server: Server,
    state: Arc<Mutex<SwitchState>>,
}

#[derive(Default)]
struct SwitchState {
    pings: usize,
    script: VecDeque<Reply>,
    always: Option<Reply>,
}

const SWITCH: &str = "/ping/heartCANARY0001?key=beatCANARY0001";

impl Switch {
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(SwitchState::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request: Request| {
            assert_eq!((request.method().as_str(), target(&request), request.body().as_str()), ("GET", SWITCH, ""));
            let mut state = shared.lock().unwrap();
            state.pings += 1;
            state.script.pop_front().or_else(|| state.always.clone()).unwrap_or_else(|| Reply::new(200, "OK"))
        })
        .await
        .unwrap();
        Self { server, state }
    }

    pub fn url(&self) -> String {
        format!("{}{SWITCH}", self.server.url().as_str().trim_end_matches('/'))
    }

    /// Answers the next pings with these replies, one each.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.extend(replies);
    }

    /// Answers every ping with this reply.
    pub fn always(&self, reply: Reply) {
        self.state.lock().unwrap().always = Some(reply);
    }

    /// How many pings came since the last call.
    pub fn pings(&self) -> usize {
        std::mem::take(&mut self.state.lock().unwrap().pings)
    }
}

/// Everything that a run touches.
pub struct World {
    pub edge: GlobalEdge,
    pub slack: Hook,
    pub teams: Hook,
    /// Webhooks of the other kinds, if a test has them.
    pub others: Vec<Hook>,
    pub secrets: Store,
    pub parameters: Store,
    pub vars: BTreeMap<String, String>,
    /// How long the function waits: [`PROMPT`], unless a test sets another.
    pub timing: Timing,
}

/// Retries follow almost at once, so that no test waits for nothing.
pub const PROMPT: Timing =
    Timing { first_wait: Duration::from_millis(2), longest_wait: Duration::from_millis(20), ..Timing::DEFAULT };

thread_local! {
    /// The lines that were written on this thread: logs, where a test listens to them, and metrics.
    static WRITTEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a line.
pub fn keep(line: &str) {
    WRITTEN.with_borrow_mut(|lines| lines.push(line.to_owned()));
}

/// The lines kept so far, which are then forgotten.
pub fn written() -> Vec<String> {
    WRITTEN.take()
}

/// How an invocation ended: the result, or error type and message.
pub type Ended = Result<Value, (String, String)>;

impl World {
    /// A world with one account, whose list is capped at `cap` rows a page, and a webhook of each kind.
    pub async fn with(account: Account, cap: usize) -> Self {
        let keys = KeyPair::new(ACCESS_KEY, SECRET_KEY);
        let edge = GlobalEdge::start(account, keys, cap, time::wall).await.unwrap();
        let (slack, teams) = (Hook::start("slack").await, Hook::start("teams").await);
        let (secrets, parameters) = (Store::secrets_manager().await, Store::parameter_store().await);
        secrets.set("prod", json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}));
        let webhooks = json!({"webhooks": [
            {"url": slack.url(), "kind": "slack", "name": "ops"},
            {"url": teams.url(), "kind": "teams", "name": "web"},
        ]});
        secrets.set("hooks", webhooks);
        let vars = [
            ("NCP_SECRET_ID", "prod".to_owned()),
            ("WEBHOOK_SECRET_ID", "hooks".to_owned()),
            ("NCP_API_URL", edge.url().to_string()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", secrets.server.url().to_string()),
            ("AWS_ENDPOINT_URL_SSM", parameters.server.url().to_string()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", "certs".to_owned()),
        ];
        let vars = vars.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { edge, slack, teams, others: Vec::new(), secrets, parameters, vars, timing: PROMPT }
    }

    /// A world with only these rows.
    pub async fn of(rows: impl IntoIterator<Item = Value>) -> Self {
        Self::with(Account { rows: rows.into_iter().collect(), ..Account::default() }, 100).await
    }

    /// From now on, answers everything in round trips of these numbers of requests.
    pub fn in_round_trips(&self, sizes: &[usize]) -> Arc<RoundTrips> {
        let round_trips = Arc::new(RoundTrips::new(sizes));
        self.edge.answer_in(Arc::clone(&round_trips));
        for server in [&self.secrets.server, &self.parameters.server, &self.slack.server, &self.teams.server] {
            server.answer_in(Arc::clone(&round_trips));
        }
        round_trips
    }

    pub fn set(&mut self, name: &str, value: impl ToString) {
        self.vars.insert(name.to_owned(), value.to_string());
    }

    /// The same world with a webhook of every other kind besides Slack and Teams, each named after its kind.
    pub async fn with_others(mut self) -> Self {
        for kind in OTHER_KINDS {
            self.others.push(Hook::start(kind).await);
        }
        let name = |hook: &Hook| match hook.kind {
            "slack" => "ops",
            "teams" => "web",
            other => other,
        };
        let webhook = |hook: &Hook| json!({"url": hook.url(), "kind": hook.kind, "name": name(hook)});
        self.webhooks(self.hooks().map(webhook).collect());
        self
    }

    /// All webhooks.
    pub fn hooks(&self) -> impl Iterator<Item = &Hook> {
        [&self.slack, &self.teams].into_iter().chain(&self.others)
    }

    /// The webhook of a kind.
    pub fn hook(&self, kind: &str) -> &Hook {
        self.hooks().find(|hook| hook.kind == kind).unwrap()
    }

    pub fn webhooks(&self, webhooks: Value) {
        self.secrets.set("hooks", json!({"webhooks": webhooks}));
    }

    /// The secret with both webhooks and this field.
    pub fn beside_webhooks(&self, field: &str, value: Value) {
        let webhooks = json!([
            {"url": self.slack.url(), "kind": "slack", "name": "ops"},
            {"url": self.teams.url(), "kind": "teams", "name": "web"},
        ]);
        self.secrets.set("hooks", json!({"webhooks": webhooks, field: value}));
    }

    /// A process of the function.
    pub fn function(&self) -> Function {
        let vars = self.vars.clone();
        Function::new(move |name| vars.get(name).cloned(), time::wall, self.timing, keep)
    }

    /// One invocation of a new process, as of [`now`].
    pub async fn invoke(&self, event: Value) -> Ended {
        invoke(&self.function(), event).await
    }
}

/// One invocation; bare options are judged as of [`now`] unless they say otherwise.
pub async fn invoke(function: &Function, event: Value) -> Ended {
    invoke_within(function, event, Duration::from_mins(1)).await
}

pub async fn invoke_within(function: &Function, mut event: Value, time: Duration) -> Ended {
    if let Some(options) = event.as_object_mut().filter(|options| !options.contains_key("detail-type")) {
        options.entry("now").or_insert_with(|| json!(now().to_rfc3339()));
    }
    let deadline = time::wall() + TimeDelta::from_std(time).unwrap();
    match function.handle(&event.into(), deadline).await {
        Ok(report) => Ok(serde_json::to_value(report).unwrap()),
        Err(failures) => {
            let diagnostic = lambda_runtime::Diagnostic::from(failures);
            Err((diagnostic.error_type, diagnostic.error_message))
        }
    }
}
