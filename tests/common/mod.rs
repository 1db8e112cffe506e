//! A world for whole runs: a Global Edge, a Secrets Manager and webhooks on loopback ports, and the function between them.
//!
//! Everything is real but the far sides: real sockets, the real SDK, the real signature check. The fakes decode and keep what
//! arrives, and refuse what they were not asked for.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses a part of it")]
#![allow(clippy::needless_pass_by_value, reason = "values that are made for the call read better")]

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ncp_cert_alert::clock;
use ncp_cert_alert::function::Function;
use ncp_cert_alert::retry::Timing;
use ncp_cert_alert::signature::KeyPair;
use ncp_cert_alert::simulator::{Account, GlobalEdge, Reply, Request, Server, Turns};
use serde_json::{Value, json};

pub const ACCESS_KEY: &str = "AKIDCANARYaccess00001";
pub const SECRET_KEY: &str = "SKCANARYsecretSKCANARYsecretSKCANARY0001";

/// The present of every test that does not say otherwise.
pub fn now() -> DateTime<Utc> {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

pub fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

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
    accepted: Vec<Value>,
    script: VecDeque<Reply>,
    always: Option<Reply>,
    authorization: Option<String>,
}

impl Hook {
    async fn start(kind: &'static str) -> Self {
        let state = Arc::new(Mutex::new(HookState::default()));
        let path = match kind {
            "slack" => "/services/T0CANARY/B0CANARY/hookCANARY0001".to_owned(),
            _ => "/workflows/flowCANARY01/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2FCANARYrun&sig=sigCANARY0001".to_owned(),
        };
        let (shared, expected) = (Arc::clone(&state), path.clone());
        let server = Server::start(move |request: Request| {
            assert_eq!(request.method, "POST");
            assert_eq!(request.target, expected, "the URL goes over the wire as it was given");
            assert_eq!(request.header("content-type"), Some("application/json"));
            assert!(request.header("user-agent").is_some_and(|agent| agent.starts_with("ncp-cert-alert/")));
            let body: Value = serde_json::from_str(&request.body).expect("a webhook gets JSON");
            let mut state = shared.lock().unwrap();
            state.posts.push(body.clone());
            state.authorization = request.header("authorization").map(str::to_owned);
            let usual = if kind == "slack" { Reply::new(200, "ok") } else { Reply::new(202, "") };
            let reply = state.script.pop_front().or_else(|| state.always.clone()).unwrap_or(usual);
            // What was answered with success was taken, whether or not the answer arrives whole.
            let takes = reply.begun().is_some_and(|(status, body)| match kind {
                "slack" => status == 200 && body == "ok",
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

    /// Answers the next posts so, one each.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.extend(replies);
    }

    /// Answers every post so.
    pub fn always(&self, reply: Reply) {
        self.state.lock().unwrap().always = Some(reply);
    }

    /// Answers as usual again.
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

    /// The `Authorization` of the last post.
    pub fn authorization(&self) -> Option<String> {
        self.state.lock().unwrap().authorization.clone()
    }

    pub fn forget(&self) {
        let mut state = self.state.lock().unwrap();
        state.posts.clear();
        state.accepted.clear();
    }

    /// All text of what was accepted.
    pub fn text(&self) -> String {
        Value::from(self.accepted()).to_string()
    }
}

/// A Secrets Manager that knows `GetSecretValue`.
pub struct Secrets {
    server: Server,
    state: Arc<Mutex<SecretsState>>,
}

#[derive(Default)]
struct SecretsState {
    values: BTreeMap<String, String>,
    reads: Vec<String>,
    script: BTreeMap<String, VecDeque<Reply>>,
    always: BTreeMap<String, Reply>,
}

impl Secrets {
    async fn start() -> Self {
        let state = Arc::new(Mutex::new(SecretsState::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request: Request| {
            assert_eq!(request.header("x-amz-target"), Some("secretsmanager.GetSecretValue"));
            assert!(request.header("authorization").is_some_and(|value| value.contains("Credential=")));
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let id = body["SecretId"].as_str().unwrap().to_owned();
            let mut state = shared.lock().unwrap();
            state.reads.push(id.clone());
            let scripted = state.script.get_mut(&id).and_then(VecDeque::pop_front);
            if let Some(reply) = scripted.or_else(|| state.always.get(&id).cloned()) {
                return reply;
            }
            match state.values.get(&id) {
                Some(value) => Reply::new(200, answer(&id, value)).with("content-type", "application/x-amz-json-1.1"),
                None => aws_error(400, "ResourceNotFoundException"),
            }
        })
        .await
        .unwrap();
        Self { server, state }
    }

    pub fn set(&self, id: &str, value: impl ToString) {
        self.state.lock().unwrap().values.insert(id.to_owned(), value.to_string());
    }

    /// How a secret is answered.
    pub fn answer(&self, id: &str) -> String {
        answer(id, &self.state.lock().unwrap().values[id])
    }

    pub fn script(&self, id: &str, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.entry(id.to_owned()).or_default().extend(replies);
    }

    pub fn always(&self, id: &str, reply: Reply) {
        self.state.lock().unwrap().always.insert(id.to_owned(), reply);
    }

    pub fn heal(&self) {
        let mut state = self.state.lock().unwrap();
        state.script.clear();
        state.always.clear();
    }

    pub fn reads(&self) -> Vec<String> {
        self.state.lock().unwrap().reads.clone()
    }
}

fn answer(id: &str, value: &str) -> String {
    json!({"ARN": format!("arn:{id}"), "Name": id, "SecretString": value, "VersionId": "v"}).to_string()
}

/// An error as AWS's JSON protocol has it.
pub fn aws_error(status: u16, code: &'static str) -> Reply {
    Reply::new(status, json!({"__type": code, "message": "no"}).to_string())
        .with("content-type", "application/x-amz-json-1.1")
}

/// Everything that a run touches.
pub struct World {
    pub edge: GlobalEdge,
    pub slack: Hook,
    pub teams: Hook,
    pub secrets: Secrets,
    pub vars: BTreeMap<String, String>,
    /// How long the function waits: [`PROMPT`], unless a test has another.
    pub timing: Timing,
}

/// Calls are made again almost at once, so that no test waits for nothing.
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

/// The lines that were kept so far; they are forgotten.
pub fn written() -> Vec<String> {
    WRITTEN.take()
}

/// How an invocation ended: the result, or error type and message.
pub type Ended = Result<Value, (String, String)>;

impl World {
    /// A world with one account, whose list is capped at `cap` rows a page, and a webhook of each kind.
    pub async fn with(account: Account, cap: usize) -> Self {
        let keys = KeyPair::new(ACCESS_KEY, SECRET_KEY);
        let edge = GlobalEdge::start(account, keys, cap, clock::wall).await.unwrap();
        let (slack, teams, secrets) = (Hook::start("slack").await, Hook::start("teams").await, Secrets::start().await);
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
            ("AWS_REGION", "ap-northeast-2".to_owned()),
            ("AWS_ENDPOINT_URL", secrets.server.url().to_string()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", "certs".to_owned()),
        ];
        let vars = vars.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { edge, slack, teams, secrets, vars, timing: PROMPT }
    }

    /// A world in which these rows are all there is.
    pub async fn of(rows: impl IntoIterator<Item = Value>) -> Self {
        Self::with(Account { rows: rows.into_iter().collect(), ..Account::default() }, 100).await
    }

    /// Everything answers in turns of these sizes from now on.
    pub fn in_turns(&self, sizes: &[usize]) -> Arc<Turns> {
        let turns = Arc::new(Turns::new(sizes));
        self.edge.take_turns(Arc::clone(&turns));
        for server in [&self.secrets.server, &self.slack.server, &self.teams.server] {
            server.take_turns(Arc::clone(&turns));
        }
        turns
    }

    pub fn set(&mut self, name: &str, value: impl ToString) {
        self.vars.insert(name.to_owned(), value.to_string());
    }

    pub fn webhooks(&self, webhooks: Value) {
        self.secrets.set("hooks", json!({"webhooks": webhooks}));
    }

    /// A process of the function.
    pub fn function(&self) -> Function {
        let vars = self.vars.clone();
        Function::new(move |name| vars.get(name).cloned(), clock::wall, self.timing, keep)
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
    let deadline = clock::wall() + TimeDelta::from_std(time).unwrap();
    match function.handle(&event, deadline).await {
        Ok(report) => Ok(serde_json::to_value(report).unwrap()),
        Err(failures) => {
            let diagnostic = lambda_runtime::Diagnostic::from(failures);
            Err((diagnostic.error_type, diagnostic.error_message))
        }
    }
}
