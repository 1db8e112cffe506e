//! A world for whole runs: a Global Edge, a Secrets Manager and webhooks on loopback ports, and the function between them.
//!
//! Everything is real except the far sides: real sockets, the real SDK, the real signature check. The fakes decode and keep
//! what arrives, and refuse anything unexpected.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses a part of it")]
#![allow(clippy::needless_pass_by_value, reason = "values that are made for the call read better")]

pub mod forms;
pub mod schema;
pub mod servers;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use ncp_cert_alert::global_edge::signature::KeyPair;
use ncp_cert_alert::lambda::Function;
use ncp_cert_alert::net::retry::Timing;
use ncp_cert_alert::simulator::Account;
use ncp_cert_alert::time;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::servers::{GlobalEdge, Reply, Request, RoundTrips, Server, header, target};

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
            forms::check(kind, &request, &body);
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
            assert_eq!(header(&request, "x-amz-target"), Some("secretsmanager.GetSecretValue"));
            assert!(header(&request, "authorization").is_some_and(|value| value.contains("Credential=")));
            let body: Value = serde_json::from_str(request.body()).unwrap();
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

    /// The answer for a secret.
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

/// An error in AWS's JSON protocol.
pub fn aws_error(status: u16, code: &'static str) -> Reply {
    Reply::new(status, json!({"__type": code, "message": "no"}).to_string())
        .with("content-type", "application/x-amz-json-1.1")
}

/// The region of everything, and the account that it belongs to.
pub const REGION: &str = "ap-northeast-2";
pub const AWS_ACCOUNT: &str = "123456789012";

/// A Parameter Store that knows
/// [GetParameter](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html), and checks the signature.
pub struct Parameters {
    server: Server,
    state: Arc<Mutex<ParametersState>>,
}

struct ParametersState {
    /// Access key, secret key and session token of who may ask.
    trusted: [String; 3],
    /// Secure strings by their name.
    values: BTreeMap<String, String>,
    reads: Vec<String>,
    script: BTreeMap<String, VecDeque<Reply>>,
    always: BTreeMap<String, Reply>,
}

impl Parameters {
    async fn start() -> Self {
        let state = Arc::new(Mutex::new(ParametersState {
            trusted: ["test", "test", ""].map(str::to_owned),
            values: BTreeMap::new(),
            reads: Vec::new(),
            script: BTreeMap::new(),
            always: BTreeMap::new(),
        }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request: Request| {
            assert_eq!((request.method().as_str(), target(&request)), ("POST", "/"));
            assert_eq!(header(&request, "content-type"), Some("application/x-amz-json-1.1"));
            assert_eq!(header(&request, "x-amz-target"), Some("AmazonSSM.GetParameter"));
            let mut state = shared.lock().unwrap();
            check_signature(&request, &state.trusted);
            let body: BTreeMap<String, Value> = serde_json::from_str(request.body()).unwrap();
            assert!(body.keys().eq(["Name", "WithDecryption"]), "{body:?}");
            let name = body["Name"].as_str().unwrap().to_owned();
            state.reads.push(name.clone());
            let scripted = state.script.get_mut(&name).and_then(VecDeque::pop_front);
            if let Some(reply) = scripted.or_else(|| state.always.get(&name).cloned()) {
                return reply;
            }
            let here = format!("arn:aws:ssm:{REGION}:{AWS_ACCOUNT}:parameter");
            let path = match name.strip_prefix(&here) {
                Some(path) => path,
                None if name.contains(':') => return aws_error(400, "ValidationException"),
                None => &name,
            };
            match state.values.get(path) {
                Some(value) => {
                    let shown = if body["WithDecryption"] == true { value } else { "AQICAHjciphertext" };
                    Reply::new(200, parameter(path, shown)).with("content-type", "application/x-amz-json-1.1")
                }
                None => aws_error(400, "ParameterNotFound"),
            }
        })
        .await
        .unwrap();
        Self { server, state }
    }

    /// Who may ask: access key, secret key and session token.
    pub fn trust(&self, credentials: [&str; 3]) {
        self.state.lock().unwrap().trusted = credentials.map(str::to_owned);
    }

    pub fn set(&self, name: &str, value: impl ToString) {
        self.state.lock().unwrap().values.insert(name.to_owned(), value.to_string());
    }

    /// The answer for a parameter.
    pub fn answer(&self, name: &str) -> String {
        parameter(name, &self.state.lock().unwrap().values[name])
    }

    pub fn script(&self, name: &str, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.entry(name.to_owned()).or_default().extend(replies);
    }

    pub fn always(&self, name: &str, reply: Reply) {
        self.state.lock().unwrap().always.insert(name.to_owned(), reply);
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

fn parameter(name: &str, value: &str) -> String {
    let arn = format!("arn:aws:ssm:{REGION}:{AWS_ACCOUNT}:parameter/{}", name.trim_start_matches('/'));
    let value = json!({
        "ARN": arn, "DataType": "text", "LastModifiedDate": 1_764_000_000.123, "Name": name, "Type": "SecureString",
        "Value": value, "Version": 1,
    });
    json!({"Parameter": value}).to_string()
}

/// Signs the request again, following [Signature Version
/// 4](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
#[track_caller]
fn check_signature(request: &Request, [access_key, secret_key, token]: &[String; 3]) {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let time = header(request, "x-amz-date").unwrap();
    let skew = time::wall() - NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%SZ").unwrap().and_utc();
    assert!(skew.abs() < TimeDelta::minutes(5), "{time}");
    let scope = format!("{}/{REGION}/ssm/aws4_request", &time[..8]);
    let mut signed = vec!["content-type", "host", "x-amz-date", "x-amz-target"];
    if !token.is_empty() {
        assert_eq!(header(request, "x-amz-security-token"), Some(token.as_str()));
        signed.insert(3, "x-amz-security-token");
    }
    let headers: Vec<_> = signed.iter().map(|name| format!("{name}:{}\n", header(request, name).unwrap())).collect();
    let headers = headers.concat();
    let (signed, body) = (signed.join(";"), hex(&Sha256::digest(request.body())));
    let canonical = hex(&Sha256::digest(format!("POST\n/\n\n{headers}\n{signed}\n{body}")));
    let key = mac(format!("AWS4{secret_key}").as_bytes(), &time[..8]);
    let key = [REGION, "ssm", "aws4_request"].iter().fold(key, |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}")));
    let expected =
        format!("AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}");
    assert_eq!(header(request, "authorization"), Some(expected.as_str()));
}

/// Everything that a run touches.
pub struct World {
    pub edge: GlobalEdge,
    pub slack: Hook,
    pub teams: Hook,
    /// Webhooks of the other kinds, if a test has them.
    pub others: Vec<Hook>,
    pub secrets: Secrets,
    pub parameters: Parameters,
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
        let (slack, teams, secrets) = (Hook::start("slack").await, Hook::start("teams").await, Secrets::start().await);
        let parameters = Parameters::start().await;
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
    match function.handle(&event, deadline).await {
        Ok(report) => Ok(serde_json::to_value(report).unwrap()),
        Err(failures) => {
            let diagnostic = lambda_runtime::Diagnostic::from(failures);
            Err((diagnostic.error_type, diagnostic.error_message))
        }
    }
}
