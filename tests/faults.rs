//! Whatever breaks: every call that a run makes, with every fault that a network or a service can produce, once and always.
//!
//! Each cell states what is posted where and how the invocation ends, and that the next invocation of the same process works.
//! What a host of the probe may do is in `tests/served.rs`: none of it fails a run.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::forms::usual_answer;
use common::servers::{Fault as Broken, Reply};
use common::stores::aws_error;
use common::{Ended, Hook, PROMPT, World, days, invoke, invoke_within, now};
use futures_util::{StreamExt, stream};
use ncp_cert_alert::net::retry::Timing;
use ncp_cert_alert::simulator::{Account, certificate};
use ncp_cert_alert::time;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;

/// The calls of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    AccountSecret,
    AccountParameter,
    WebhookSecret,
    FirstPage,
    LaterPage,
    Detail,
    Slack,
    Teams,
    /// A webhook of any other kind.
    Other(&'static str),
}

/// What can happen to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Refused,
    ConnectTimeOut,
    Untrusted,
    Reset,
    ResetInBody,
    Hang,
    Drip,
    Redirect,
    Status(u16),
    /// 503 with more HTML than anyone would read.
    LongError,
    /// 503, and the connection breaks in the middle of the HTML.
    ResetInError,
    RateLimited(RetryAfter),
    EmptyBody,
    TruncatedJson,
    Html,
    WrongContentType,
    Flood,
    FailingCode,
}

/// The `Retry-After` of a 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RetryAfter {
    Seconds,
    Date,
    Absent,
    Absurd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    Always,
}

/// The slow ones come first, so that they wait at the same time.
const FAULTS: [Fault; 31] = [
    Fault::ConnectTimeOut,
    Fault::Hang,
    Fault::Drip,
    Fault::RateLimited(RetryAfter::Seconds),
    Fault::RateLimited(RetryAfter::Date),
    Fault::RateLimited(RetryAfter::Absent),
    Fault::RateLimited(RetryAfter::Absurd),
    Fault::Refused,
    Fault::Untrusted,
    Fault::Reset,
    Fault::ResetInBody,
    Fault::Redirect,
    Fault::Status(400),
    Fault::Status(401),
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(410),
    Fault::Status(413),
    Fault::Status(500),
    Fault::Status(502),
    Fault::Status(503),
    Fault::Status(504),
    Fault::LongError,
    Fault::ResetInError,
    Fault::EmptyBody,
    Fault::TruncatedJson,
    Fault::Html,
    Fault::WrongContentType,
    Fault::Flood,
    Fault::FailingCode,
    Fault::Status(429),
];

/// How a chat can answer, or fail to. What happens before an answer is the same code for all chats, and the rows of Slack and
/// Teams cover it.
const ANSWERS: [Fault; 20] = [
    Fault::Drip,
    Fault::RateLimited(RetryAfter::Seconds),
    Fault::RateLimited(RetryAfter::Absent),
    Fault::RateLimited(RetryAfter::Absurd),
    Fault::Reset,
    Fault::ResetInBody,
    Fault::Redirect,
    Fault::Status(400),
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(413),
    Fault::Status(500),
    Fault::Status(503),
    Fault::ResetInError,
    Fault::EmptyBody,
    Fault::TruncatedJson,
    Fault::Html,
    Fault::WrongContentType,
    Fault::Flood,
    Fault::FailingCode,
];

/// What a fault means to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It is not a fault there.
    None,
    /// Another attempt is made.
    Retryable,
    /// The call has failed for good.
    Final,
    /// The call is made once more in another form (Slack's plain text).
    OtherForm,
}

/// The matrix.
fn meaning(call: Call, fault: Fault) -> Meaning {
    use Call::{AccountParameter, AccountSecret, Other, Slack, Teams, WebhookSecret};
    let is_secret = |call| matches!(call, AccountSecret | AccountParameter | WebhookSecret);
    match (fault, call) {
        // For Teams, JANDI and relays the status is the answer, and the body says nothing.
        (
            Fault::ResetInBody
            | Fault::Drip
            | Fault::Flood
            | Fault::EmptyBody
            | Fault::TruncatedJson
            | Fault::Html
            | Fault::FailingCode,
            Teams | Other("jandi" | "json"),
        )
        | (Fault::WrongContentType, _) => Meaning::None,
        // The other chats may have taken the message: nothing is posted twice.
        (Fault::ResetInBody | Fault::Drip, Slack | Other(_)) => Meaning::Final,
        // A certificate does not become trusted by itself, but this is one of the ways in which a connection fails.
        (
            Fault::Refused
            | Fault::ConnectTimeOut
            | Fault::Untrusted
            | Fault::Reset
            | Fault::ResetInBody
            | Fault::Hang
            | Fault::Drip
            | Fault::LongError
            | Fault::ResetInError
            | Fault::Status(500 | 502 | 503 | 504),
            _,
        )
        // Of a first page a smaller one may be the answer.
        | (
            Fault::Redirect
            | Fault::Status(400 | 410 | 413)
            | Fault::EmptyBody
            | Fault::TruncatedJson
            | Fault::Html
            | Fault::Flood
            | Fault::FailingCode,
            Call::FirstPage,
        ) => Meaning::Retryable,
        // AWS has codes of its own for it.
        (Fault::RateLimited(RetryAfter::Seconds | RetryAfter::Date | RetryAfter::Absent) | Fault::Status(429), call)
            if !is_secret(call) =>
        {
            Meaning::Retryable
        }
        (Fault::Status(400), Slack) => Meaning::OtherForm,
        (
            Fault::RateLimited(_)
            | Fault::Redirect
            | Fault::Status(_)
            | Fault::EmptyBody
            | Fault::TruncatedJson
            | Fault::Html
            | Fault::FailingCode
            | Fault::Flood,
            _,
        ) => Meaning::Final,
    }
}

/// What the call would have been answered, and so what is truncated or mislabelled.
fn good(call: Call, world: &World) -> String {
    let page = |number: usize| {
        let row = certificate(i64::try_from(number).unwrap(), &format!("{number}.example.kr"), now() - days(2));
        json!({"code": "0000", "message": "Success", "result": {"content": [row], "pageable": {"pageNo": number, "offset": 1, "totalCount": 3}}}).to_string()
    };
    match call {
        Call::AccountSecret => world.secrets.answer("prod"),
        Call::AccountParameter => world.parameters.answer("/prod"),
        Call::WebhookSecret => world.secrets.answer("hooks"),
        Call::FirstPage => page(1),
        Call::LaterPage => page(2),
        Call::Detail => json!({"code": "0000", "result": {"linkedEdges": {"pageable": {"totalCount": 1}}}}).to_string(),
        Call::Slack | Call::Teams => "ok".to_owned(),
        Call::Other(kind) => usual_answer(kind).1.to_owned(),
    }
}

/// What a proxy sends when nothing is behind it: 1 MB.
fn html() -> String {
    format!("<html>{}</html>", "gateway ".repeat(1 << 17))
}

/// How long a cell waits: what never ends is given up soon, and what recovers after a while is not given up too early.
fn timing(fault: Fault, times: Times) -> Timing {
    match (fault, times) {
        (Fault::Refused, Times::Once) => Timing::DEFAULT,
        // The kernel tries again after one second, and then after two.
        (Fault::ConnectTimeOut, Times::Once) => Timing { attempt: Duration::from_secs(2), ..Timing::DEFAULT },
        (Fault::ConnectTimeOut | Fault::Hang | Fault::Drip, _) => {
            Timing { attempt: Duration::from_millis(1_200), ..PROMPT }
        }
        _ => PROMPT,
    }
}

/// The answer that is the fault; `None` for a fault of the connection.
fn reply(call: Call, fault: Fault, world: &World) -> Option<Reply> {
    let is_ncp = matches!(call, Call::FirstPage | Call::LaterPage | Call::Detail);
    let good = good(call, world);
    let throttled = if is_ncp { r#"{"error":{"errorCode":"410","message":"Throttle Limited"}}"# } else { "{}" };
    Some(match fault {
        Fault::Refused | Fault::ConnectTimeOut | Fault::Untrusted => return None,
        Fault::Reset => Reply::Fault(Broken::Reset),
        Fault::ResetInBody => Reply::Fault(Broken::ResetInBody(good)),
        Fault::Hang => Reply::Fault(Broken::Hang),
        Fault::Drip => Reply::Fault(Broken::Drip(good.repeat(200), Duration::from_millis(100))),
        Fault::Redirect => Reply::new(307, "").with("location", "http://127.0.0.1:9/"),
        Fault::LongError => Reply::new(503, html()).with("content-type", "text/html"),
        Fault::ResetInError => Reply::Fault(Broken::ResetInBody(html()).with_status(503)),
        Fault::Status(status) if matches!(call, Call::AccountSecret | Call::AccountParameter | Call::WebhookSecret) => {
            aws_error(status, "SomeException")
        }
        Fault::Status(status) => Reply::new(status, ""),
        Fault::RateLimited(RetryAfter::Seconds) => Reply::new(429, throttled).with("retry-after", "1"),
        Fault::RateLimited(RetryAfter::Date) => {
            let date = time::wall() + chrono::TimeDelta::seconds(2);
            Reply::new(429, throttled).with("retry-after", date.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        }
        Fault::RateLimited(RetryAfter::Absent) => Reply::new(429, throttled),
        Fault::RateLimited(RetryAfter::Absurd) => {
            Reply::new(429, throttled).with("retry-after", "99999999999999999999")
        }
        Fault::EmptyBody => Reply::new(200, ""),
        Fault::TruncatedJson => Reply::new(200, &good[..good.len() / 2]),
        Fault::Html => Reply::new(200, "<html><body>Welcome</body></html>").with("content-type", "text/html"),
        Fault::WrongContentType => Reply::new(200, good).with("content-type", "image/png"),
        // An unannounced body is read up to the limit: reading 8 MB of a page would take a busy machine too long.
        Fault::Flood => {
            let announced = matches!(call, Call::FirstPage | Call::LaterPage);
            Reply::Fault(Broken::Flood { size: 50 << 20, announced })
        }
        Fault::FailingCode if is_ncp => Reply::new(200, r#"{"code":"0032","message":"request not allowed"}"#),
        Fault::FailingCode if matches!(call, Call::AccountSecret | Call::AccountParameter | Call::WebhookSecret) => {
            aws_error(400, "AccessDeniedException")
        }
        Fault::FailingCode => Reply::new(
            200,
            match call {
                Call::Other("line_works") => r#"{"code":400,"description":"missing parameter"}"#,
                Call::Other("dooray") => r#"{"header":{"isSuccessful":false,"resultCode":-1,"resultMessage":"no"}}"#,
                _ => "invalid_payload",
            },
        ),
    })
}

/// Lets a scripted fault happen.
fn script(world: &World, call: Call, reply: Reply, times: Times) {
    let edge = |part: &str, reply: Reply| match times {
        Times::Once => world.edge.script(part, [reply]),
        Times::Always => world.edge.script_always(part, reply),
    };
    let secret = |id: &str, reply: Reply| match times {
        Times::Once => world.secrets.script(id, [reply]),
        Times::Always => world.secrets.always(id, reply),
    };
    let hook = |hook: &Hook, reply: Reply| match times {
        Times::Once => hook.script([reply]),
        Times::Always => hook.always(reply),
    };
    match call {
        Call::AccountSecret => secret("prod", reply),
        Call::AccountParameter if times == Times::Once => world.parameters.script("/prod", [reply]),
        Call::AccountParameter => world.parameters.always("/prod", reply),
        Call::WebhookSecret => secret("hooks", reply),
        Call::FirstPage => edge("pageNo=1", reply),
        Call::LaterPage => edge("pageNo=2", reply),
        Call::Detail => edge("/provisioning/", reply),
        Call::Slack => hook(&world.slack, reply),
        Call::Teams => hook(&world.teams, reply),
        Call::Other(kind) => hook(world.hook(kind), reply),
    }
}

/// A port in front of a server, on which connecting itself fails for as long as this lives.
struct Gate {
    port: u16,
    #[expect(dead_code, reason = "what keeps the queue full")]
    kept: Vec<TcpStream>,
    task: tokio::task::JoinHandle<()>,
    opened: Arc<Notify>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Gate {
    /// `real` is the port of the server behind it, which is reached after the first failure if that happens only once.
    async fn new(fault: Fault, times: Times, real: u16) -> Self {
        let opened = Arc::new(Notify::new());
        let wait = Arc::clone(&opened);
        if times == Times::Once {
            let first = Duration::from_millis(if fault == Fault::Refused { 150 } else { 2_500 });
            let open = Arc::clone(&opened);
            tokio::spawn(async move {
                tokio::time::sleep(first).await;
                open.notify_one();
            });
        }
        match fault {
            Fault::Untrusted => {
                let certified =
                    rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
                let key =
                    tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der())
                        .unwrap();
                let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(Arc::new(
                    tokio_rustls::rustls::crypto::ring::default_provider(),
                ))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certified.cert.der().clone()], key)
                .unwrap();
                let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let port = listener.local_addr().unwrap().port();
                let task = tokio::spawn(async move {
                    while let Ok((stream, _)) = listener.accept().await {
                        assert!(
                            acceptor.accept(stream).await.is_err(),
                            "the client trusts a certificate that nobody signed"
                        );
                    }
                });
                Self { port, kept: vec![], task, opened }
            }
            Fault::ConnectTimeOut => {
                // A queue for one connection that nothing accepts: once it is full, the kernel answers no more.
                let socket = TcpSocket::new_v4().unwrap();
                socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
                let listener = socket.listen(1).unwrap();
                let address = listener.local_addr().unwrap();
                let mut kept = Vec::new();
                while let Ok(stream) =
                    tokio::time::timeout(Duration::from_millis(150), TcpStream::connect(address)).await
                {
                    kept.push(stream.unwrap());
                }
                let task = tokio::spawn(async move {
                    wait.notified().await;
                    forward(listener, real).await;
                });
                Self { port: address.port(), kept, task, opened }
            }
            _ => {
                // Bound, so that nothing else gets the port, but not listening.
                let socket = TcpSocket::new_v4().unwrap();
                socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
                let port = socket.local_addr().unwrap().port();
                let task = tokio::spawn(async move {
                    wait.notified().await;
                    forward(socket.listen(64).unwrap(), real).await;
                });
                Self { port, kept: vec![], task, opened }
            }
        }
    }
}

async fn forward(listener: TcpListener, real: u16) {
    while let Ok((mut client, _)) = listener.accept().await {
        tokio::spawn(async move {
            if let Ok(mut server) = TcpStream::connect(("127.0.0.1", real)).await {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            }
        });
    }
}

/// Puts a gate in front of what the call goes to. The calls to one server share it: all pages and details, or both secrets.
async fn gate(world: &mut World, call: Call, fault: Fault, times: Times) -> Gate {
    let port = |url: &str| reqwest::Url::parse(url).unwrap().port().unwrap();
    let through = |url: &str, gate: &Gate| {
        let mut url = reqwest::Url::parse(url).unwrap();
        url.set_port(Some(gate.port)).unwrap();
        if fault == Fault::Untrusted {
            url.set_scheme("https").unwrap();
        }
        url.to_string()
    };
    match call {
        Call::AccountSecret | Call::AccountParameter | Call::WebhookSecret => {
            let is_parameter = call == Call::AccountParameter;
            let name = if is_parameter { "AWS_ENDPOINT_URL_SSM" } else { "AWS_ENDPOINT_URL" };
            let url = world.vars[name].clone();
            let gate = Gate::new(fault, times, port(&url)).await;
            world.set(name, through(&url, &gate));
            gate
        }
        Call::FirstPage | Call::LaterPage | Call::Detail => {
            let url = world.vars["NCP_API_URL"].clone();
            let gate = Gate::new(fault, times, port(&url)).await;
            world.set("NCP_API_URL", through(&url, &gate));
            gate
        }
        Call::Slack | Call::Teams => {
            let (broken, other) =
                if call == Call::Slack { (&world.slack, &world.teams) } else { (&world.teams, &world.slack) };
            let gate = Gate::new(fault, times, port(&broken.url())).await;
            let name = |hook: &Hook| if hook.kind == "slack" { "ops" } else { "web" };
            world.webhooks(json!([
                {"url": through(&broken.url(), &gate), "kind": broken.kind, "name": name(broken)},
                {"url": other.url(), "kind": other.kind, "name": name(other)},
            ]));
            gate
        }
        Call::Other(kind) => unreachable!("{kind}: what happens before an answer is not in its row"),
    }
}

/// How one cell ends: a webhook of another kind takes the place of Slack, next to Teams.
#[derive(Debug, PartialEq, Eq)]
struct Cell {
    error: Option<String>,
    slack: Vec<&'static str>,
    teams: Vec<&'static str>,
}

/// What kind of message each one is, judging by its words.
fn sorts(hook: &Hook) -> Vec<&'static str> {
    let sort = |post: &Value| {
        let text = post.to_string();
        let reported = |number: u32| text.contains(&format!("Act now ({number})"));
        match () {
            () if text.contains("did not get today's digest") => "notice",
            () if text.contains("NOT checked") && (reported(1) || reported(2)) => "partial digest",
            () if text.contains("NOT checked") => "failure",
            () if reported(3) && text.contains("1 edge uses it") => "digest",
            () if reported(3) => "digest without details",
            () => "something else",
        }
    };
    hook.accepted().iter().map(sort).collect()
}

fn expected(call: Call, fault: Fault, times: Times) -> Cell {
    let fails = match (meaning(call, fault), times) {
        (Meaning::None, _) | (Meaning::Retryable | Meaning::OtherForm, Times::Once) => false,
        (Meaning::Final, _) | (Meaning::Retryable | Meaning::OtherForm, Times::Always) => true,
    };
    let by_gate = matches!(fault, Fault::Refused | Fault::ConnectTimeOut | Fault::Untrusted);
    let ends = |error: Option<&str>, slack: &[&'static str], teams: &[&'static str]| Cell {
        error: error.map(str::to_owned),
        slack: slack.to_vec(),
        teams: teams.to_vec(),
    };
    let both = |error, sort: &'static str| ends(error, &[sort], &[sort]);
    if !fails && meaning(call, fault) == Meaning::OtherForm {
        return ends(None, &["digest without details"], &["digest"]);
    } else if !fails {
        return both(None, "digest");
    }
    match call {
        // Both secrets come from one server.
        Call::AccountSecret if by_gate => ends(Some("SecretError"), &[], &[]),
        Call::AccountSecret | Call::AccountParameter => both(Some("SecretError"), "failure"),
        Call::WebhookSecret => ends(Some("SecretError"), &[], &[]),
        Call::FirstPage => both(Some("ApiError"), "failure"),
        // All pages come from one server.
        Call::LaterPage | Call::Detail if by_gate => both(Some("ApiError"), "failure"),
        Call::LaterPage => both(Some("ApiError"), "partial digest"),
        // The other two details are read.
        Call::Detail if times == Times::Once => both(None, "digest"),
        Call::Detail => both(None, "digest without details"),
        // It said `ok`, but the answer was cut off.
        Call::Slack | Call::Other(_) if fault == Fault::ResetInBody => {
            ends(Some("DeliveryError"), &["digest"], &["digest", "notice"])
        }
        Call::Slack | Call::Other(_) => ends(Some("DeliveryError"), &[], &["digest", "notice"]),
        Call::Teams => ends(Some("DeliveryError"), &["digest", "notice"], &[]),
    }
}

async fn run(call: Call, fault: Fault, times: Times) {
    let name = format!("{call:?} × {fault:?} × {times:?}");
    let mut account = Account::default();
    for slot in 1..=3 {
        account.rows.push(certificate(slot, &format!("{slot}.example.kr"), now() - days(2)));
        account.details.insert(slot, json!({"linkedEdges": {"pageable": {"totalCount": 1}}}));
    }
    let mut world = World::with(account, 1).await;
    if call == Call::AccountParameter {
        let keys = json!({"access_key": common::ACCESS_KEY, "secret_key": common::SECRET_KEY});
        world.parameters.set("/prod", keys);
        world.set("NCP_SECRET_ID", "ssm:/prod");
    }
    world.timing = timing(fault, times);
    if let Call::Other(kind) = call {
        let hook = Hook::start(kind).await;
        world.webhooks(json!([
            {"url": hook.url(), "kind": kind, "name": kind},
            {"url": world.teams.url(), "kind": "teams", "name": "web"},
        ]));
        world.others.push(hook);
    }
    let gate = match reply(call, fault, &world) {
        Some(reply) => {
            script(&world, call, reply, times);
            None
        }
        None => Some(gate(&mut world, call, fault, times).await),
    };
    let function = world.function();
    let start = time::monotonic();
    let ended = invoke_within(&function, json!({}), LIMIT).await;
    let took = start.elapsed();
    let kind = if let Call::Other(kind) = call { kind } else { "slack" };
    let found = Cell { error: error_type(&ended), slack: sorts(world.hook(kind)), teams: sorts(&world.teams) };
    assert_eq!(found, expected(call, fault, times), "{name}: {ended:?}");
    assert!(took < LIMIT, "{name} took {took:?}");
    if let Err((_, message)) = &ended {
        assert!(message.len() > 20 && !message.contains("CANARY") && !message.contains('\n'), "{name}: {message}");
    }

    // The same process works once the fault is gone.
    world.edge.heal();
    world.secrets.heal();
    world.parameters.heal();
    for hook in world.hooks() {
        hook.heal();
        hook.forget();
    }
    match &gate {
        Some(_) if fault == Fault::Untrusted => return,
        Some(gate) => gate.opened.notify_one(),
        None => {}
    }
    let result = invoke(&function, json!({})).await;
    assert_eq!(result.unwrap()["critical"], json!(3), "{name}, afterwards");
    let sorts = (sorts(world.hook(kind)), sorts(&world.teams));
    assert_eq!(sorts, (vec!["digest"], vec!["digest"]), "{name}, afterwards");
}

/// The limit of every invocation here.
const LIMIT: Duration = Duration::from_secs(24);

fn error_type(ended: &Ended) -> Option<String> {
    ended.as_ref().err().map(|(kind, _)| kind.clone())
}

/// Runs a row of the matrix: all faults for one call.
async fn row(call: Call) {
    let faults = if matches!(call, Call::Other(_)) { &ANSWERS[..] } else { &FAULTS };
    let cells = faults.iter().copied().flat_map(|fault| [(fault, Times::Once), (fault, Times::Always)]);
    // An untrusted certificate does not become trusted with the next attempt.
    let cells = cells.filter(|cell| *cell != (Fault::Untrusted, Times::Once));
    // Enough at once that those that wait cost no time, and few enough that the others need not wait for the processor.
    stream::iter(cells).map(|(fault, times)| run(call, fault, times)).buffer_unordered(24).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn the_secret_of_an_account() {
    row(Call::AccountSecret).await;
}

#[tokio::test]
async fn the_parameter_of_an_account() {
    row(Call::AccountParameter).await;
}

#[tokio::test]
async fn the_secret_of_the_webhooks() {
    row(Call::WebhookSecret).await;
}

#[tokio::test]
async fn the_first_page() {
    row(Call::FirstPage).await;
}

#[tokio::test]
async fn a_later_page() {
    row(Call::LaterPage).await;
}

#[tokio::test]
async fn a_detail() {
    row(Call::Detail).await;
}

#[tokio::test]
async fn slack() {
    row(Call::Slack).await;
}

#[tokio::test]
async fn teams() {
    row(Call::Teams).await;
}

#[tokio::test]
async fn line_works() {
    row(Call::Other("line_works")).await;
}

#[tokio::test]
async fn jandi() {
    row(Call::Other("jandi")).await;
}

#[tokio::test]
async fn dooray() {
    row(Call::Other("dooray")).await;
}

#[tokio::test]
async fn json() {
    row(Call::Other("json")).await;
}

#[tokio::test]
async fn under_a_short_limit_what_is_slow_delays_no_other() {
    let mut account = Account::default();
    for slot in 1..=3 {
        account.rows.push(certificate(slot, &format!("{slot}.example.kr"), now() - days(2)));
    }
    let world = World::with(account, 1).await;
    // NCP is slow with one page and never finishes another; one webhook hangs.
    let page = good(Call::FirstPage, &world);
    let wait = Duration::from_millis(250) / u32::try_from(page.len()).unwrap();
    world.edge.script_always("pageNo=1", Reply::Fault(Broken::Drip(page, wait)));
    world.edge.script_always("pageNo=3", Reply::Fault(Broken::Hang));
    world.slack.always(Reply::Fault(Broken::Hang));
    let limit = Duration::from_secs(8);
    let start = time::monotonic();
    let (kind, message) = invoke_within(&world.function(), json!({}), limit).await.unwrap_err();
    let took = start.elapsed();
    assert!(took < limit, "{took:?}");
    assert_eq!(kind, "ApiError");
    assert!(message.contains("account `prod`") && message.contains("webhook `ops` (slack)"), "{message}");
    assert_eq!(sorts(&world.teams), ["partial digest", "notice"]);
    assert!(world.teams.text().contains("Act now (2)"));
}

#[tokio::test]
async fn a_slow_account_does_not_touch_another() {
    let mut world = World::of([certificate(1, "fast.example.kr", now() - days(2))]).await;
    let slow = World::of([]).await;
    slow.edge.script_always("pageNo", Reply::Fault(Broken::Hang));
    world.set("NCP_SECRET_ID", "slow,prod");
    world.secrets.set(
        "slow",
        json!({"access_key": common::ACCESS_KEY, "secret_key": common::SECRET_KEY, "api_url": slow.edge.url().as_str()}),
    );
    let (kind, message) = invoke_within(&world.function(), json!({}), Duration::from_secs(3)).await.unwrap_err();
    assert_eq!(kind, "ApiError");
    assert!(message.contains("account `slow`: no complete answer in time") && !message.contains("`prod`"), "{message}");
    for hook in [&world.slack, &world.teams] {
        assert!(hook.text().contains("fast.example.kr") && hook.text().contains("account slow"));
    }
}

#[tokio::test]
async fn when_every_webhook_fails_the_error_says_so_for_each() {
    let world = World::of([certificate(1, "www.example.kr", now() - days(2))]).await;
    world.slack.always(Reply::new(410, "channel_is_archived"));
    world.teams.always(Reply::new(403, r#"{"error":{"code":"DirectApiAuthorizationRequired"}}"#));
    let (kind, message) = invoke(&world.function(), json!({})).await.unwrap_err();
    assert_eq!(kind, "DeliveryError");
    assert!(
        message.contains(
            "webhook `ops` (slack): its channel is archived (HTTP 410, `channel_is_archived`): unarchive the channel"
        ),
        "{message}"
    );
    assert!(
        message.contains("webhook `web` (teams): the webhook may not post (HTTP 403")
            && message.contains("copy its new URL"),
        "{message}"
    );
    assert_eq!((world.slack.posts().len(), world.teams.posts().len()), (1, 1), "no webhook is left to report to");
}
