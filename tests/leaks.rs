//! Nothing secret gets out: canaries in every secret of a run (the keys of all accounts, every part of every webhook's URL, the
//! credentials of AWS), echoed by every server in every spelling, and every way to fail.
//!
//! It first checks that each canary reached the server that it was meant for; otherwise its absence would prove nothing.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::servers::tls::{self, Host, Manner};
use common::servers::{Fault, GlobalEdge, Reply};
use common::stores::aws_error;
use common::{
    ACCESS_KEY, Ended, OTHER_KINDS, SECRET_KEY, Switch, World, days, invoke, invoke_within, keep, now, written,
};
use ncp_cert_alert::lambda::logging;
use ncp_cert_alert::ncp::signature::KeyPair;
use ncp_cert_alert::settings::secrets;
use ncp_cert_alert::simulator::{Account, certificate};
use ncp_cert_alert::time;
use serde_json::{Value, json};

/// Part of every key and of every part of every webhook's URL.
const CANARY: &str = "CANARY";

/// The keys of the second account; the templates in them are broken up before a text is shown.
const NIGHT_KEYS: [&str; 2] = ["AKID${CANARY{{night}02", "SK+CANARY/{{night}}/+CANARY/0002"];

/// The credentials that Lambda puts into the environment.
const AWS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "ASIACANARYAWS0000001"),
    ("AWS_SECRET_ACCESS_KEY", "awsCANARY/secret+awsCANARY/secret+000001"),
    ("AWS_SESSION_TOKEN", "IQoJCANARY//////////wEaCANARY${{x}}=="),
];

/// The user and password in the webhooks' URLs, as an `Authorization` header has them.
const BASIC: &str = "dXNlckNBTkFSWTAxOnBhc3NDQU5BUlkwMQ==";

/// Everything that is secret: whole, and in the parts that a server may name.
fn canaries(world: &World) -> Vec<String> {
    let parts = [
        "hookCANARY0001",
        "T0CANARY",
        "B0CANARY",
        "sigCANARY0001",
        "flowCANARY01",
        "/triggers/CANARYrun",
        "userCANARY01",
        "passCANARY01",
        BASIC,
        "lineCANARY-0001-4a6f-8140-a8a6e69727a9",
        "jandiCANARY01",
        "tokenCANARYjandi01",
        "doorayCANARY01",
        "doorayCANARY02",
        "tokenCANARYdooray",
        "pathCANARYrelay",
        "keyCANARYrelay",
    ];
    let keys = [ACCESS_KEY, SECRET_KEY].into_iter().chain(NIGHT_KEYS).chain(AWS.map(|(_, value)| value));
    let whole = world.hooks().map(|hook| with_user(&hook.url()));
    keys.chain(parts).map(str::to_owned).chain(whole).collect()
}

/// How a server may spell what it echoes.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Raw,
    Percent,
    Json,
    Html,
    Invisible,
}

use Spelling::{Html, Invisible, Json, Percent, Raw};

const SPELLINGS: [Spelling; 5] = [Raw, Percent, Json, Html, Invisible];

impl Spelling {
    fn of(self, secret: &str) -> String {
        let spelt = secret.chars().map(|c| match self {
            Raw => c.to_string(),
            Percent => format!("%{:02x}", u32::from(c)),
            Json => format!("\\u{:04X}", u32::from(c)),
            Html => format!("&#{};", u32::from(c)),
            Invisible => format!("{c}\u{200b}"),
        });
        spelt.collect()
    }

    /// All canaries.
    fn echo(self, world: &World) -> String {
        let spelt: Vec<String> = canaries(world).iter().map(|secret| self.of(secret)).collect();
        spelt.join(" ")
    }
}

/// Fails if `shown` holds a canary in any spelling.
#[track_caller]
fn assert_clean(shown: &str, place: &str) {
    // JSON within JSON escapes the escapes.
    let mut shown = shown.to_owned();
    while shown.contains("\\\\") {
        shown = shown.replace("\\\\", "\\");
    }
    for spelling in SPELLINGS {
        for canary in [CANARY, "dXNlckNBTkFS"] {
            assert!(!shown.contains(&spelling.of(canary)), "{place}: {spelling:?} in {shown}");
        }
    }
}

fn with_user(url: &str) -> String {
    url.replace("http://", "http://userCANARY01:passCANARY01@")
}

/// All webhooks, each with its URL changed by `with`.
fn webhooks(world: &World, with: &dyn Fn(String) -> String) -> Value {
    world.hooks().map(|hook| json!({"url": with(hook.url()), "kind": hook.kind})).collect()
}

/// A world with two accounts in which every secret holds the canary, and the second account's Global Edge.
async fn world() -> (World, GlobalEdge) {
    let rows =
        |name: &str| (1..=3).map(|slot| certificate(slot, &format!("{slot}.{name}.kr"), now() - days(2))).collect();
    let mut world = World::with(Account { rows: rows("example"), ..Account::default() }, 2).await.with_others().await;
    let keys = KeyPair::new(NIGHT_KEYS[0], NIGHT_KEYS[1]);
    let account = Account { rows: rows("night"), ..Account::default() };
    let night = GlobalEdge::start(account, keys, 100, time::wall).await.unwrap();
    world.secrets.set(
        "night",
        json!({"access_key": NIGHT_KEYS[0], "secret_key": NIGHT_KEYS[1], "api_url": night.url().as_str()}),
    );
    world.set("NCP_SECRET_ID", "prod,night");
    for (name, value) in AWS {
        world.set(name, value);
    }
    world.secrets.trust(AWS.map(|(_, value)| value));
    world.webhooks(webhooks(&world, &|url| with_user(&url)));
    assert!(canaries(&world).iter().all(|secret| secret.contains(CANARY) || secret == BASIC));
    (world, night)
}

/// Listens on this thread, to everything that is ever logged: TRACE includes every level.
fn listen() -> tracing::subscriber::DefaultGuard {
    let vars = |name: &str| match name {
        "AWS_LAMBDA_LOG_FORMAT" => Some("JSON".to_owned()),
        "AWS_LAMBDA_LOG_LEVEL" => Some("TRACE".to_owned()),
        _ => None,
    };
    tracing::subscriber::set_default(logging::subscriber(logging::Format::from_vars(vars), time::wall, keep))
}

/// Fails if anything that was shown of a run holds a canary; returns the log.
#[track_caller]
fn assert_nothing_shown(world: &World, ended: &Ended, place: &str) -> String {
    let log = written().join("\n");
    assert!(!log.is_empty(), "{place}");
    let posts = world.hooks().map(common::Hook::posts).collect::<Vec<_>>();
    let posts = json!(posts).to_string();
    for shown in [&format!("{ended:?}"), &log, &posts] {
        assert_clean(shown, place);
    }
    log
}

/// An event without a simulated date, so that metrics are written.
fn scheduled() -> Value {
    json!({"detail-type": "Scheduled Event", "detail": {}})
}

#[tokio::test]
async fn no_server_shows_a_secret_of_the_run_in_any_spelling() {
    let _listening = listen();
    for spelling in SPELLINGS {
        let place = format!("{spelling:?}");
        let (mut world, night) = world().await;
        let echo = spelling.echo(&world);
        let denied = json!({"error": {"errorCode": echo, "message": echo, "details": echo}}).to_string();
        world.edge.script_always("provisioning", Reply::new(401, denied));
        let detail = json!({"code": echo, "message": echo, "result": echo}).to_string();
        night.script_always("/provisioning/", Reply::new(200, detail));
        world.set("CERTIFICATE_MANAGER", true);
        world.set("CERTIFICATE_MANAGER_URL", world.edge.url());
        let held = json!({"returnCode": "1004", "returnMessage": echo}).to_string();
        world.edge.script_always("/api/v1/certificates", Reply::new(200, held));
        world.set("NCP_SECRET_ID", "prod,night,lost,worse");
        let code = canaries(&world).into_iter().map(|secret| spelling.of(&secret)).next();
        let lost = json!({"__type": code, "message": echo}).to_string();
        world.secrets.always("lost", Reply::new(400, lost).with("content-type", "application/x-amz-json-1.1"));
        let worse = json!({"__type": echo, "message": echo}).to_string();
        world.secrets.always("worse", Reply::new(400, worse).with("content-type", "application/x-amz-json-1.1"));
        let function = world.function();

        // Every webhook fails; then one works, and reports the other.
        world.slack.always(Reply::new(404, echo.clone()));
        world.teams.always(Reply::new(400, json!({"error": {"message": echo}}).to_string()));
        world.hook("line_works").always(Reply::new(200, json!({"code": echo, "description": echo}).to_string()));
        world.hook("jandi").always(Reply::new(404, echo.clone()));
        let header = json!({"isSuccessful": false, "resultCode": echo, "resultMessage": echo});
        world.hook("dooray").always(Reply::new(200, json!({"header": header}).to_string()));
        world.hook("json").always(Reply::new(500, echo.clone()));
        let ended = invoke(&function, scheduled()).await;
        let log = assert_nothing_shown(&world, &ended, &place);
        let (_, error) = ended.unwrap_err();
        for shown in [&log, &error] {
            // A text that holds a whole secret is not shown at all.
            assert!(matches!(spelling, Raw | Invisible) || shown.matches('…').count() > 20, "{place}: {shown}");
        }
        world.slack.heal();
        let ended = invoke(&function, scheduled()).await;
        assert_nothing_shown(&world, &ended, &place);
        assert!(world.slack.text().contains("night"), "{place}");
        world.slack.always(Reply::new(200, echo.clone()));
        for kind in OTHER_KINDS {
            world.hook(kind).always(Reply::new(if kind == "json" { 400 } else { 200 }, echo.clone()));
        }
        world.teams.heal();
        let ended = invoke(&function, scheduled()).await;
        assert_nothing_shown(&world, &ended, &place);

        // The other chats are notified as Slack and Teams are.
        world.slack.always(Reply::new(404, echo));
        world.hooks().filter(|hook| hook.kind != "slack").for_each(common::Hook::heal);
        let ended = invoke(&function, scheduled()).await;
        assert_nothing_shown(&world, &ended, &place);
        for kind in OTHER_KINDS {
            assert!(!world.hook(kind).posts().is_empty(), "{place}: {kind}");
        }
    }
}

#[tokio::test]
async fn keys_that_came_by_rotation_are_secrets_too() {
    let _listening = listen();
    let (world, _night) = world().await;
    let old = json!({"Name": "prod", "SecretString": json!({"access_key": "old-key-of-prod", "secret_key": "old-key-of-prod"}).to_string()});
    let answer = Reply::new(200, old.to_string()).with("content-type", "application/x-amz-json-1.1");
    world.secrets.script("prod", [answer]);
    let denied = |text: &str| Reply::new(401, json!({"error": {"errorCode": "200", "message": text}}).to_string());
    world.edge.script("provisioning", [denied(SECRET_KEY), denied("old-key-of-prod")]);
    let ended = invoke(&world.function(), scheduled()).await;
    let log = assert_nothing_shown(&world, &ended, "rotated");
    assert!(log.contains("rotated meanwhile") && !log.contains("old-key-of-prod"), "{log}");
    assert_eq!(world.secrets.reads().iter().filter(|id| *id == "prod").count(), 2);
}

#[tokio::test]
async fn a_heartbeats_url_is_a_secret_too() {
    let _listening = listen();
    let (mut world, _night) = world().await;
    world.timing.attempt = Duration::from_millis(300);
    let switch = Switch::start().await;
    let url = with_user(&switch.url());
    let echo = SPELLINGS.map(|spelling| spelling.of(&url)).join(" ");
    world.beside_webhooks("heartbeat_url", json!(url));
    for reply in [
        Reply::new(404, &echo),
        Reply::new(307, &echo).with("location", url.clone()),
        Reply::Fault(Fault::ResetInBody(echo.clone()).with_status(500)),
        Reply::Fault(Fault::Hang),
    ] {
        switch.always(reply);
        let ended = invoke(&world.function(), scheduled()).await;
        assert!(ended.is_ok() && switch.pings() > 0, "{ended:?}");
        let log = assert_nothing_shown(&world, &ended, "a heartbeat");
        assert!(log.contains("the heartbeat could not be sent"), "{log}");
    }
    world.teams.always(Reply::new(400, echo.clone()));
    let ended = invoke(&world.function(), scheduled()).await;
    assert_nothing_shown(&world, &ended, "a heartbeat");
    // It is in a secret that cannot be used.
    for odd in [json!([url]), json!(url.replace("127.0.0.1", "example.kr")), json!(format!("{url} x"))] {
        world.beside_webhooks("heartbeat_url", odd);
        let ended = invoke(&world.function(), scheduled()).await;
        assert_nothing_shown(&world, &ended, "a heartbeat");
    }
    world.beside_webhooks("mutes", json!([{"what": format!("{url}/"), "until": url, "critical": url, &url: 1}]));
    let ended = invoke(&world.function(), scheduled()).await;
    assert_nothing_shown(&world, &ended, "a mute");
    assert_eq!(ended.unwrap_err().0, "SecretError");
}

#[tokio::test]
async fn names_are_data_and_only_long_keys_in_them_are_not_shown() {
    let _listening = listen();
    let names = ["www.global-shop.kr", "certificate.global.kr", "*.account.sigCANARY0001.kr"];
    let rows = (1..).zip(names).map(|(slot, name)| certificate(slot, name, now() - days(2)));
    let world = World::with(Account { rows: rows.collect(), ..Account::default() }, 100).await;
    world.secrets.set("prod", json!({"access_key": "global", "secret_key": "certificate", "name": "shop-alerts"}));
    world.edge.rotate(KeyPair::new("global", "certificate"));
    world.teams.always(Reply::new(404, "no global account: services.sigOTHER0001"));
    let ended = invoke(&world.function(), json!({})).await;
    let (log, (_, error)) = (written().join("\n"), ended.unwrap_err());
    for name in names {
        assert!(world.slack.text().contains(name), "{name} in {}", world.slack.text());
    }
    for shown in [&error, &log] {
        assert!(shown.contains("`no global account: services.…`"), "{shown}");
    }
}

/// A certificate may hold anything; of what a host serves only dates are shown.
#[tokio::test]
async fn what_a_host_serves_is_not_shown() {
    let (mut world, _night) = self::world().await;
    let names = ["www.example.kr", "akidcanaryaccess00001.example.kr", "hookCANARY0001.example.kr"];
    let shown = tls::self_signed(&names, now() - days(300), now() + days(3));
    let host = Host::start(Manner::Shows(vec![shown])).await;
    let other =
        Host::start(Manner::Shows(vec![tls::self_signed(&names[1..], now() - days(300), now() + days(3))])).await;
    let mut row = certificate(1, "www.example.kr", now() + days(200));
    row["provisionDate"] = json!((now() - days(10)).to_rfc3339());
    world.edge.change(|account| account.rows = vec![row, certificate(2, "shop.example.kr", now() + days(200))]);
    // Every host has an address here: no name is looked up.
    world.set("NCP_SECRET_ID", "prod");
    world.set("PROBE", "true");
    world.set("PROBE_HOSTS", format!("{},{}", host.entry("www.example.kr"), other.entry("shop.example.kr")));
    let _guard = listen();
    let ended = world.invoke(json!({"summary": true})).await;
    assert_nothing_shown(&world, &ended, "what is served");
    let shown = world.slack.text();
    assert!(shown.contains("is served expires in 3 days") && shown.contains("1 serves another name"), "{shown}");
    assert_eq!((host.connections(), other.connections()), (2, 1));
}

#[tokio::test]
async fn a_text_that_repeats_a_secret_made_of_words_is_not_shown_at_all() {
    let _listening = listen();
    let world = World::of([certificate(1, "www.example.kr", now() - days(2))]).await;
    let keys = ["correct-horse-battery", "staple"];
    world.secrets.set("prod", json!({"access_key": keys[0], "secret_key": keys[1]}));
    world.edge.script_always("provisioning", Reply::new(403, r#"{"message":"not allowed for correct-horse-battery"}"#));
    world.teams.always(Reply::new(400, "correct-horse-battery is not allowed"));
    let ended = invoke(&world.function(), json!({})).await;
    let (log, (_, error)) = (written().join("\n"), ended.unwrap_err());
    for shown in [&log, &error, &world.slack.text()] {
        assert!(!shown.contains("horse") && !shown.contains("not allowed"), "{shown}");
    }
    assert!(error.contains("NCP refused permission (HTTP 403, no reason given)"), "{error}");
}

/// What else can happen, by name.
const SCENES: [&str; 10] = [
    "all is well",
    "whole keys stand in names",
    "a gateway has a problem",
    "redirects",
    "connections break",
    "nobody answers",
    "nobody listens",
    "the secrets are malformed",
    "secrets cannot be read",
    "secrets stand in the event",
];

fn set(world: &World, scene: &str) {
    let echo = Raw.echo(world);
    let urls = [world.slack.url(), world.teams.url()].map(|url| with_user(&url));
    let others = || world.others.iter();
    match scene {
        "whole keys stand in names" => {
            world.edge.change(|account| {
                for field in ["commonName", "certificateName", "serviceRegion"] {
                    let mut row = certificate(10, "x.example.kr", now() - days(2));
                    row["slotId"] = json!(100 + account.rows.len());
                    row[field] = json!(format!("{ACCESS_KEY} and {SECRET_KEY}"));
                    account.rows.push(row);
                }
            });
            let detail = json!({"code": "0000", "result": {
                "certificates": [{"sanDomains": [SECRET_KEY]}],
                "linkedEdges": {"content": [{"edgeName": ACCESS_KEY}], "pageable": {"totalCount": 1}},
            }});
            world.edge.script_always("/provisioning/", Reply::new(200, detail.to_string()));
        }
        "a gateway has a problem" => {
            world.edge.script_always("provisioning", Reply::new(502, format!("<html>{echo}</html>")));
        }
        "redirects" => {
            world.slack.always(Reply::new(307, "").with("location", urls[0].clone()));
            world.teams.always(Reply::new(302, &urls[1]).with("location", urls[1].clone()));
            for (hook, status) in others().zip([301, 303, 307, 308]) {
                hook.always(Reply::new(status, &echo).with("location", with_user(&hook.url())));
            }
            world.edge.script_always("provisioning", Reply::new(301, echo).with("location", "https://evil.example"));
        }
        "connections break" => {
            world.slack.always(Reply::Fault(Fault::Reset));
            world.teams.always(Reply::Fault(Fault::ResetInBody(urls[1].repeat(9))));
            others().for_each(|hook| hook.always(Reply::Fault(Fault::ResetInBody(echo.repeat(9)).with_status(503))));
            world.edge.script_always("provisioning", Reply::Fault(Fault::ResetInBody(echo.repeat(9))));
        }
        "nobody answers" => {
            world.slack.always(Reply::Fault(Fault::Hang));
            world.teams.always(Reply::Fault(Fault::Drip(urls[1].repeat(9), Duration::from_millis(50))));
            others().for_each(|hook| hook.always(Reply::Fault(Fault::Hang)));
            world.edge.script_always("provisioning", Reply::Fault(Fault::Hang));
        }
        "nobody listens" => {
            world.webhooks(webhooks(world, &|url| with_user(&url).replace("127.0.0.1", "127.0.0.2")));
        }
        "the secrets are malformed" => {
            world.secrets.set("prod", json!({"access_key": [ACCESS_KEY], SECRET_KEY: 1, "api_url": urls[0]}));
            let odd =
                json!({"url": urls[0], "kind": urls[0], "mention": urls[1], "min_severity": SECRET_KEY, &urls[1]: 1});
            world.webhooks(json!([odd, urls[1]]));
        }
        "secrets cannot be read" => {
            world.secrets.always("prod", Reply::new(200, world.secrets.answer("prod").replace('}', "")));
            world.secrets.always("hooks", aws_error(500, "InternalServiceError"));
        }
        "all is well" | "secrets stand in the event" => {}
        other => panic!("{other} is not a scene"),
    }
}

async fn play(scene: &str) {
    let _listening = listen();
    let (world, _night) = world().await;
    set(&world, scene);
    let event = match scene {
        "secrets stand in the event" => {
            json!({"webhook_secret_id": [world.slack.url()], "now": ACCESS_KEY, SECRET_KEY: 1, "min_severity": world.teams.url()})
        }
        _ => scheduled(),
    };
    let function = world.function();
    function.prefetch().await;
    let limit = Duration::from_secs(if scene == "all is well" { 12 } else { 4 });
    let ended = invoke_within(&function, event, limit).await;

    // The canaries arrived where they belong.
    let unposted =
        ["nobody listens", "the secrets are malformed", "secrets cannot be read", "secrets stand in the event"];
    for hook in world.hooks() {
        // A hook checks that the path and the query are its own.
        assert_eq!(!hook.posts().is_empty(), !unposted.contains(&scene), "{scene}");
        assert_eq!(hook.authorization().is_some(), !unposted.contains(&scene), "{scene}: user and password");
    }
    if scene == "all is well" {
        // The simulator checks the signature with both keys.
        assert!(ended.is_ok() && world.edge.requests().len() > 2, "{ended:?}");
    }
    let log = assert_nothing_shown(&world, &ended, scene);
    assert_eq!(log.contains("RunsCompleted"), scene != "secrets stand in the event", "{scene}: {log}");
}

/// Most scenes wait for something that never comes, so all run at once.
#[test]
fn nothing_secret_is_shown_whatever_happens() {
    std::thread::scope(|scope| {
        for scene in SCENES {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            scope.spawn(move || runtime.block_on(play(scene)));
        }
    });
}

#[tokio::test]
async fn nothing_that_holds_a_secret_prints_it() {
    let (world, _night) = world().await;
    let text = |id: &str| {
        let answer: Value = serde_json::from_str(&world.secrets.answer(id)).unwrap();
        secrecy::SecretString::from(answer["SecretString"].as_str().unwrap())
    };
    let hooks = secrets::hooks(&text("hooks"), now().date_naive()).unwrap();
    let accounts = secrets::accounts("prod", &text("prod")).unwrap();
    let error = secrets::accounts("prod", &text("hooks")).unwrap().remove(0).1.unwrap_err();
    let printed = format!("{hooks:?} {accounts:?} {:?} {error:?}", text("prod"));
    assert!(printed.contains("line_works") && !printed.contains(CANARY), "{printed}");
}

/// The fake checks the signature, so every AWS credential affects the request that it gets.
#[tokio::test]
async fn what_parameter_store_echoes_is_not_shown() {
    let _listening = listen();
    let keys = json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY});
    for spelling in SPELLINGS {
        let (mut world, _night) = world().await;
        world.parameters.trust(AWS.map(|(_, value)| value));
        world.parameters.set("/prod", &keys);
        world.set("NCP_SECRET_ID", "ssm:/prod,night");
        let echo = spelling.echo(&world);
        let answer = world.parameters.answer("/prod");
        for reply in [
            Reply::new(400, json!({"__type": echo, "message": echo}).to_string()),
            Reply::new(400, json!({"__type": format!("AccessDeniedException:{echo}"), "Message": echo}).to_string()),
            Reply::new(400, json!({"__type": ACCESS_KEY, "message": echo}).to_string()),
            Reply::new(503, echo.clone()),
            Reply::new(200, &answer[..answer.len() - 2]),
            Reply::new(200, answer.replace("access_key", "key")),
            Reply::Fault(Fault::ResetInBody(answer.repeat(9))),
        ] {
            let place = format!("{spelling:?} {reply:?}");
            world.parameters.always("/prod", reply);
            let ended = invoke(&world.function(), scheduled()).await;
            assert_nothing_shown(&world, &ended, &place);
            assert!(!world.slack.posts().is_empty() && ended.is_err(), "{place}: {ended:?}");
            world.slack.forget();
            world.teams.forget();
        }
        world.parameters.heal();
        let ended = invoke(&world.function(), scheduled()).await;
        assert_nothing_shown(&world, &ended, "all is well");
        assert!(ended.is_ok(), "{ended:?}");
    }
}
