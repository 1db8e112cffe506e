//! The far sides of a world, on loopback ports, and the function between them: a tape records every request.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ncp_cert_alert::lambda::Function;
use ncp_cert_alert::ncp::signature::KeyPair;
use ncp_cert_alert::simulator::{self, GlobalEdge, PATH};
use ncp_cert_alert::time;
use serde_json::{Value, json};

use crate::chats::CHATS;
use crate::faults::{Call, Faults, Meaning, Outcome, TIMING, fault, meaning, spelt};
use crate::forms::usual_answer;
use crate::servers::tls::{self, Host, Manner};
use crate::servers::{Deviations, Reply, Request, Server, parameter, target};
use crate::world::{Account, HOOKS, Hook, Invocation, MOST_HOOKS, ODD, Slot, World};

/// A request and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) call: Call,
    /// The number of the account or webhook.
    pub(crate) server: usize,
    /// What was requested: a secret's id, the number of a page, a slot.
    pub(crate) key: String,
    pub(crate) request: Request,
    pub(crate) outcome: Outcome,
    pub(crate) meaning: Meaning,
    /// The certificates in the answer, as far as it was sent.
    pub(crate) tokens: BTreeSet<String>,
}

/// How an invocation ended: the result, or error type and message.
pub(crate) type Ended = Result<Value, (String, String)>;

/// All that is known about an invocation once it is over.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) invocation: Invocation,
    pub(crate) tape: Vec<Seen>,
    /// `None` if it did not end.
    pub(crate) ended: Option<Ended>,
    /// Log lines and metrics.
    pub(crate) lines: Vec<String>,
    pub(crate) took: Duration,
    /// The longest time for which the machine held up this thread.
    pub(crate) stall: Duration,
}

/// The longest wait that a server asks for and that is worth it.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

impl Record {
    /// Whether there was time for everything, also for a wait that a server asks for; if not, the servers may have answered what
    /// the function no longer waited for.
    pub(crate) fn has_time(&self) -> bool {
        let deadline = self.invocation.deadline;
        self.took < deadline / 3 && self.took + LONGEST_WAIT < deadline * 4 / 5
    }
}

thread_local! {
    /// The clock of this thread's world. It stands still during a run, so that a date can be met to the instant.
    static CLOCK: Cell<DateTime<Utc>> = const { Cell::new(DateTime::UNIX_EPOCH) };
    /// The lines that were written on this thread.
    static WRITTEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The clock of this thread's world.
pub(crate) fn clock() -> DateTime<Utc> {
    CLOCK.get()
}

/// Keeps a line.
pub(crate) fn keep(line: &str) {
    WRITTEN.with_borrow_mut(|lines| lines.push(line.to_owned()));
}

/// What the servers share.
struct Tape {
    world: World,
    /// What answers for each account, before anything goes wrong.
    edges: Vec<GlobalEdge>,
    faults: Faults,
    seen: Vec<Seen>,
    /// The secrets by their ids.
    secrets: BTreeMap<String, String>,
    /// Whether init is under way.
    is_early: bool,
}

fn lock(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request as a server sees it: what it is for, its key, and how it would be answered.
type Received = (Call, String, Outcome, Reply);

impl Tape {
    /// Decides what happens to a request, and records it.
    fn answer(&mut self, server: usize, request: Request, (call, key, outcome, usual): Received) -> Reply {
        let number =
            self.seen.iter().filter(|seen| (seen.call, seen.server, &seen.key) == (call, server, &key)).count();
        let hook = self.world.hooks.get(server).filter(|_| call == Call::Post);
        let chat = hook.map(|hook| &CHATS[hook.chat]);
        let rng = self.faults.of(call, server, &key, number).filter(|_| outcome != Outcome::Lost);
        let (outcome, reply) = match rng {
            Some(mut rng) => {
                // It echoes a secret that the request holds.
                let text = format!("{request:?}");
                let held: Vec<&String> = self.world.canaries.iter().filter(|key| text.contains(key.as_str())).collect();
                let spellings = rng.choice(held).map(|secret| spelt(secret)).unwrap_or_default();
                let echo = &spellings[rng.usize(..spellings.len())];
                (Outcome::Faulty, fault(call, chat, &usual, echo, &mut rng))
            }
            None => (outcome, usual),
        };
        let meaning = meaning(chat, outcome, &reply);
        let body = reply.begun().filter(|_| call == Call::List).map_or("", |(_, body)| body);
        self.seen.push(Seen { call, server, key, request, outcome, meaning, tokens: tokens(body) });
        // By the clock of this world, which the function compares with the time that a server reports.
        let date = || clock().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if call == Call::Secret { reply } else { reply.with("date", date()) }
    }
}

/// The servers and one process of the function.
pub(crate) struct Stage {
    edges: Vec<Server>,
    hooks: Vec<Server>,
    /// Kept running.
    _secrets: Server,
    _host: Host,
    tape: Arc<Mutex<Tape>>,
    function: Option<Function>,
    vars: BTreeMap<&'static str, String>,
}

fn url(server: &Server) -> String {
    server.url().as_str().trim_end_matches('/').to_owned()
}

impl Stage {
    pub(crate) async fn start(world: &World) -> std::io::Result<Self> {
        let tape = Arc::new(Mutex::new(Tape {
            world: world.clone(),
            edges: Vec::new(),
            faults: Faults { seed: world.seed, percent: 0 },
            seen: Vec::new(),
            secrets: BTreeMap::new(),
            is_early: false,
        }));
        let start = async |receive: fn(&mut Tape, usize, &Request) -> Received, number: usize| {
            let shared = Arc::clone(&tape);
            let answer = move |request: Request| {
                let tape = &mut lock(&shared);
                let received = receive(tape, number, &request);
                tape.answer(number, request, received)
            };
            Server::start(answer).await
        };
        let (mut edges, mut hooks) = (Vec::new(), Vec::new());
        for number in 0..world.accounts.len() {
            edges.push(start(listed, number).await?);
        }
        for number in 0..MOST_HOOKS {
            hooks.push(start(posted, number).await?);
        }
        let secrets = start(read, 0).await?;
        let mut vars = world.vars();
        vars.insert("NCP_API_URL", url(&edges[0]));
        vars.insert("CERTIFICATE_MANAGER_URL", url(&edges[0]));
        vars.insert("AWS_ENDPOINT_URL", url(&secrets));
        let served = |(name, ends): (String, DateTime<Utc>)| {
            (name.clone(), tls::self_signed(&[&name], world.now - TimeDelta::days(1000), ends))
        };
        let names: Vec<String> = world.hosts().into_iter().map(|(name, _)| name).collect();
        let host = Host::start(Manner::ByName(world.hosts().into_iter().map(served).collect())).await;
        vars.insert("PROBE_HOSTS", names.iter().map(|name| host.entry(name)).collect::<Vec<_>>().join(","));
        Ok(Self { edges, hooks, _secrets: secrets, _host: host, tape, function: None, vars })
    }

    /// Plays an invocation in this state of the world. The first one starts the process.
    pub(crate) async fn play(&mut self, world: &World, invocation: Invocation) -> Record {
        WRITTEN.take();
        CLOCK.set(world.now);
        if self.function.is_none() {
            // Keys that are rotated between init and invocation are outdated by then.
            let mut before = world.clone();
            if invocation.keys_are_rotated {
                let old = |account: &mut Account| account.keys.1 = account.keys.1.chars().rev().collect();
                before.accounts.iter_mut().for_each(old);
            }
            self.set(&before, invocation.faults, true);
            let vars = self.vars.clone();
            let function = Function::new(move |name| vars.get(name).cloned(), clock, TIMING, keep);
            function.prefetch().await;
            self.function = Some(function);
        }
        self.set(world, invocation.faults, false);
        let Some(function) = &self.function else { unreachable!("the first invocation has made it") };
        let event = Value::from(invocation.options.clone()).into();
        let deadline = clock() + TimeDelta::from_std(invocation.deadline).unwrap_or_default();
        let stall = Arc::new(Mutex::new(Duration::ZERO));
        let watch = tokio::spawn(watch(Arc::clone(&stall)));
        let start = time::monotonic();
        let most = invocation.deadline + Duration::from_secs(20);
        let ended = tokio::time::timeout(most, function.handle(&event, deadline)).await;
        let took = start.elapsed();
        watch.abort();
        let ended = ended.ok().map(|ended| match ended {
            Ok(response) => Ok(serde_json::to_value(response).unwrap_or_default()),
            Err(failures) => {
                let diagnostic = lambda_runtime::Diagnostic::from(failures);
                Err((diagnostic.error_type, diagnostic.error_message))
            }
        });
        let stall = *stall.lock().unwrap_or_else(PoisonError::into_inner);
        let tape = std::mem::take(&mut lock(&self.tape).seen);
        Record { invocation, tape, ended, lines: WRITTEN.take(), took, stall }
    }

    /// Makes the servers represent this world.
    fn set(&self, world: &World, faults: Faults, is_early: bool) {
        let urls: Vec<String> = self.edges.iter().map(url).collect();
        let hooks: Vec<String> = self.hooks.iter().map(url).collect();
        let mut tape = lock(&self.tape);
        tape.edges = world.accounts.iter().map(edge).collect();
        tape.secrets = world.account_secrets(&urls);
        tape.secrets.insert(HOOKS.to_owned(), world.hooks_secret(&hooks));
        tape.world = world.clone();
        tape.faults = faults;
        tape.is_early = is_early;
    }
}

/// The Global Edge of an account: the honest part.
fn edge(account: &Account) -> GlobalEdge {
    let served = simulator::Account {
        rows: account.slots.iter().map(Slot::row).collect(),
        details: account.slots.iter().map(Slot::page).collect(),
        held: Vec::new(),
    };
    let keys = KeyPair::new(&*account.accepted.0, &*account.accepted.1);
    GlobalEdge { account: served, keys, max_size: account.cap }
}

/// Measures by how much the machine delays this thread.
async fn watch(stall: Arc<Mutex<Duration>>) {
    let pause = Duration::from_millis(20);
    loop {
        let start = time::monotonic();
        tokio::time::sleep(pause).await;
        let late = start.elapsed().saturating_sub(pause);
        let mut stall = stall.lock().unwrap_or_else(PoisonError::into_inner);
        *stall = (*stall).max(late);
    }
}

/// An account's Global Edge and Certificate Manager.
fn listed(tape: &mut Tape, number: usize, request: &Request) -> Received {
    let account = &tape.world.accounts[number];
    let (call, key) = match request.uri().path().strip_prefix(PATH) {
        None => (Call::Manager, ""),
        Some("") => (Call::List, parameter(request, "pageNo").unwrap_or_default()),
        Some(slot) => (Call::Detail, slot.trim_start_matches('/')),
    };
    if call == Call::List {
        let lists = tape.seen.iter().filter(|seen| (seen.call, seen.server) == (call, number));
        let rows = &mut tape.edges[number].account.rows;
        if account.shrinks_at == Some(lists.count()) && !rows.is_empty() {
            let lost = &account.slots[account.slots.len() / 2];
            rows.retain(|row| row["slotId"] != lost.id);
        }
    }
    let total = account.slots.len().saturating_add_signed(account.total_is_off_by);
    let stated_total = (account.total_is_off_by != 0).then_some(total);
    let deviations = Deviations { stated_total, ..account.deviations.clone() };
    let usual = deviations.answer(&mut tape.edges[number], request, clock());
    let usual = usual.map(|body| ODD.iter().fold(body, |body, (mark, odd)| body.replace(mark, odd)));
    (call, key.to_owned(), Outcome::Good, usual.into())
}

/// Secrets Manager.
fn read(tape: &mut Tape, _: usize, request: &Request) -> Received {
    let body: Value = serde_json::from_str(request.body()).unwrap_or_default();
    let id = body["SecretId"].as_str().unwrap_or_default();
    let Some(text) = tape.secrets.get(id) else {
        return (Call::Secret, id.to_owned(), Outcome::Lost, Reply::new(404, ""));
    };
    let arn = format!("arn:aws:secretsmanager:ap-northeast-2:1:secret:{id}-AbCdEf");
    let answer = json!({"ARN": arn, "Name": id, "SecretString": text, "VersionId": "v"});
    let usual = Reply::new(200, answer.to_string()).with("content-type", "application/x-amz-json-1.1");
    // The same secret may fail in init and then succeed.
    let key = if tape.is_early { format!("early {id}") } else { id.to_owned() };
    (Call::Secret, key, Outcome::Good, usual)
}

/// A webhook.
fn posted(tape: &mut Tape, number: usize, request: &Request) -> Received {
    let is_right = |hook: &&Hook| request.method() == "POST" && hook.path == target(request);
    let (outcome, (status, body)) = match tape.world.hooks.get(number).filter(is_right) {
        Some(hook) => (Outcome::Good, usual_answer(CHATS[hook.chat].kind)),
        None => (Outcome::Lost, (404, "")),
    };
    (Call::Post, String::new(), outcome, Reply::new(status, body))
}

/// The tokens of certificates in a text.
pub(crate) fn tokens(text: &str) -> BTreeSet<String> {
    let is_token = |bytes: &&[u8]| bytes[0] == b'c' && bytes[1..6].iter().all(u8::is_ascii_digit) && bytes[6] == b'q';
    let found = text.as_bytes().windows(7).filter(is_token);
    found.map(|token| String::from_utf8_lossy(token).into_owned()).collect()
}

/// What happened in an invocation, for whoever fixes it.
pub(crate) fn story(world: &World, record: &Record, problems: &[String]) -> String {
    let Record { invocation, tape, ended, lines, took, .. } = record;
    let mut story = vec![format!("== world {} at {}: {:?}\n{invocation:?}", world.seed, world.now, world.settings)];
    story.extend(world.accounts.iter().map(|account| format!("{account:?}")));
    let is_concerned = |slot: &&Slot| problems.iter().any(|problem| problem.contains(&slot.token));
    let concerned = world.accounts.iter().flat_map(|account| &account.slots).filter(is_concerned);
    story.extend(concerned.map(|slot| format!("{slot:?}")));
    story.extend(world.hooks.iter().map(|hook| format!("{hook:?}")));
    story.extend(world.mutes.iter().map(|mute| format!("{mute:?}")));
    for Seen { call, server, request, outcome, meaning, tokens, .. } in tape {
        let (target, rows) = (target(request), tokens.len());
        story.push(format!("  {call:?} {server} {target}: {outcome:?}, {meaning:?}, {rows} certificates"));
        story.extend((!request.body().is_empty()).then(|| format!("    {}", request.body())));
    }
    story.extend(lines.iter().map(|line| format!("  > {line}")));
    story.push(format!("ended after {took:?}: {ended:?}"));
    story.extend(problems.iter().map(|problem| format!("!! {problem}")));
    story.push(format!("again: just soak --seed {}", world.seed));
    story.iter().map(|line| line.chars().take(3000).chain(['\n']).collect::<String>()).collect()
}
