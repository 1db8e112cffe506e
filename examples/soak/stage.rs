//! The far sides of a world, on loopback ports, and the function between them: a tape records everything that is said.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ncp_cert_alert::global_edge::signature::{KeyPair, TIMESTAMP_HEADER};
use ncp_cert_alert::lambda::Function;
use ncp_cert_alert::simulator::{self, GlobalEdge, PATH};
use ncp_cert_alert::time;
use serde_json::{Value, json};

use crate::chats::CHATS;
use crate::faults::{Call, Faults, Flaw, Meaning, TIMING};
use crate::servers::{Deviations, Reply, Request, Server, header, parameter, target, with_rows};
use crate::world::{Account, Change, HOOKS, Hook, Invocation, MOST_HOOKS, Slot, World};

/// A request and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) call: Call,
    /// The number of the account or webhook.
    pub(crate) server: usize,
    /// What was requested: a secret's id, `1/1000` for a page, a slot.
    pub(crate) key: String,
    /// What was posted.
    pub(crate) body: Value,
    /// The timestamp that was signed.
    pub(crate) stamp: String,
    pub(crate) outcome: Outcome,
    /// The rows of a page, as far as it was sent.
    pub(crate) page: Option<Listed>,
    /// Whether init sent it, before the invocation.
    pub(crate) is_early: bool,
}

/// How a request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As it should be.
    Good,
    /// By a refusal of the simulator's own: a page size, or a detail that does not exist.
    Refused,
    /// The keys are not those that NCP accepts.
    Stale,
    /// Nothing is at this address, or no longer.
    Lost,
    /// Something went wrong.
    Flawed(Flaw),
}

/// What a page of a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The tokens of its rows.
    pub(crate) tokens: Vec<String>,
    pub(crate) total: u64,
}

impl Seen {
    pub(crate) fn meaning(&self, world: &World) -> Meaning {
        let chat = (self.call == Call::Post).then(|| world.hooks.get(self.server)).flatten();
        match &self.outcome {
            Outcome::Good => Meaning::Success,
            Outcome::Refused | Outcome::Stale | Outcome::Lost => Meaning::Final,
            Outcome::Flawed(flaw) => flaw.meaning(self.call, chat.map(|hook| &CHATS[hook.chat])),
        }
    }
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

thread_local! {
    /// The clock of this thread's world, in milliseconds, and how much it advances each time it is read.
    static CLOCK: Cell<(i64, i64)> = const { Cell::new((0, 0)) };
    /// The lines that were written on this thread.
    static WRITTEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The clock of this thread's world.
pub(crate) fn clock() -> DateTime<Utc> {
    CLOCK.with(|clock| {
        let (now, step) = clock.get();
        clock.set((now + step, step));
        DateTime::from_timestamp_millis(now).unwrap_or_default()
    })
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
    counts: BTreeMap<(Call, usize, String), usize>,
    secrets: BTreeMap<String, String>,
    is_early: bool,
    /// How many list requests an account has had in this invocation.
    lists: Vec<usize>,
}

fn lock(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tape {
    /// Decides what happens to a request that would be answered with `usual`, and records it.
    fn take(&mut self, seen: Seen, usual: Reply) -> Reply {
        // By the clock of this world, which the function compares with the time that a server reports. The SDK has a clock of
        // its own.
        let is_aws = seen.call == Call::Secret;
        let reply = self.spoilt(seen, usual);
        let date = || clock().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if is_aws { reply } else { reply.with("date", date()) }
    }

    fn spoilt(&mut self, mut seen: Seen, usual: Reply) -> Reply {
        let count = self.counts.entry((seen.call, seen.server, seen.key.clone())).or_default();
        let number = *count;
        *count += 1;
        seen.is_early = self.is_early;
        if seen.outcome != Outcome::Good && seen.outcome != Outcome::Refused {
            self.seen.push(seen);
            return usual;
        }
        let Some(flaw) = self.faults.flaw(seen.call, &seen.server.to_string(), &seen.key, number) else {
            self.seen.push(seen);
            return usual;
        };
        let chat = (seen.call == Call::Post).then(|| &CHATS[self.world.hooks[seen.server].chat]);
        let reply = flaw.reply(seen.call, chat, &usual, &self.echo(&seen, number), clock());
        seen.page = seen.page.filter(|_| flaw == Flaw::Truncated).map(|page| {
            let sent = reply.begun().map_or("", |(_, body)| body);
            Listed { tokens: page.tokens.into_iter().filter(|token| sent.contains(token.as_str())).collect(), ..page }
        });
        // A refusal that is cut off is still a refusal.
        if !(flaw == Flaw::Broken && seen.outcome == Outcome::Refused) {
            seen.outcome = Outcome::Flawed(flaw);
        }
        self.seen.push(seen);
        reply
    }

    /// What a server that has seen too much says: some secret of the world, in some spelling.
    fn echo(&self, seen: &Seen, number: usize) -> String {
        let chance = self.faults.mixed(&format!("echo {:?} {} {} {number}", seen.call, seen.server, seen.key));
        let chance = usize::try_from(chance >> 33).unwrap_or_default();
        let secret = &self.world.canaries[chance % self.world.canaries.len()];
        let spelt = |spell: fn(char) -> String| secret.chars().map(spell).collect::<String>();
        match chance / 7 % 5 {
            0 => spelt(|c| format!("%{:02X}", u32::from(c))),
            1 => spelt(|c| format!("&#{};", u32::from(c))),
            2 => spelt(|c| format!("{c}\u{200b}")),
            _ => secret.clone(),
        }
    }
}

/// The servers and one process of the function.
pub(crate) struct Stage {
    edges: Vec<Server>,
    hooks: Vec<Server>,
    /// Kept running.
    _secrets: Server,
    tape: Arc<Mutex<Tape>>,
    function: Option<Function>,
    vars: BTreeMap<&'static str, String>,
}

fn at(server: &Server) -> String {
    server.url().as_str().trim_end_matches('/').to_owned()
}

fn seen(call: Call, server: usize, key: impl Into<String>) -> Seen {
    let (body, stamp) = (Value::Null, String::new());
    Seen { call, server, key: key.into(), body, stamp, outcome: Outcome::Good, page: None, is_early: false }
}

impl Stage {
    pub(crate) async fn start(world: &World) -> std::io::Result<Self> {
        let faults = Faults { seed: world.seed, percent: 0 };
        let tape = Arc::new(Mutex::new(Tape {
            world: world.clone(),
            edges: world.accounts.iter().map(edge).collect(),
            faults,
            seen: Vec::new(),
            counts: BTreeMap::new(),
            secrets: BTreeMap::new(),
            is_early: false,
            lists: vec![0; world.accounts.len()],
        }));
        let mut edges = Vec::new();
        for number in 0..world.accounts.len() {
            let shared = Arc::clone(&tape);
            edges.push(Server::start(move |request| listed(&mut lock(&shared), number, &request)).await?);
        }
        let shared = Arc::clone(&tape);
        let secrets = Server::start(move |request| secret(&mut lock(&shared), &request)).await?;
        let mut hooks = Vec::new();
        for number in 0..=MOST_HOOKS {
            let shared = Arc::clone(&tape);
            hooks.push(Server::start(move |request| posted(&mut lock(&shared), number, &request)).await?);
        }
        let mut vars = world.vars();
        vars.insert("NCP_API_URL", edges[0].url().to_string());
        vars.insert("AWS_ENDPOINT_URL", at(&secrets));
        Ok(Self { edges, hooks, _secrets: secrets, tape, function: None, vars })
    }

    /// Plays an invocation in this state of the world. The first one starts the process.
    pub(crate) async fn play(&mut self, world: &World, invocation: Invocation) -> Record {
        WRITTEN.take();
        let rate = i64::from(invocation.clock_ticks);
        CLOCK.set((invocation.now.timestamp_millis() + 500 * rate, rate));
        let is_first = self.function.is_none();
        if is_first {
            // Keys that are rotated between init and invocation are outdated by then.
            let mut before = world.clone();
            if invocation.keys_are_rotated {
                for account in &mut before.accounts {
                    account.keys.1 = format!("{}old", account.keys.1);
                }
            }
            self.set(&before, invocation.faults);
            lock(&self.tape).is_early = true;
            let vars = self.vars.clone();
            let function = Function::new(move |name| vars.get(name).cloned(), clock, TIMING, keep);
            function.prefetch().await;
            self.function = Some(function);
        }
        self.set(world, invocation.faults);
        let Some(function) = &self.function else { unreachable!("the first invocation has made it") };
        let event = invocation.event.json(&world.secrets).into();
        // The deadline is measured from what a frozen clock shows at the start.
        let deadline = DateTime::from_timestamp_millis(CLOCK.get().0).unwrap_or_default()
            + TimeDelta::from_std(invocation.deadline).unwrap_or_default();
        let stall = Arc::new(Mutex::new(Duration::ZERO));
        let watch = tokio::spawn(watch(Arc::clone(&stall)));
        let start = time::monotonic();
        let ended =
            tokio::time::timeout(invocation.deadline + Duration::from_secs(20), function.handle(&event, deadline));
        let ended = ended.await.ok().map(|ended| match ended {
            Ok(response) => Ok(serde_json::to_value(response).unwrap_or_default()),
            Err(failures) => {
                let diagnostic = lambda_runtime::Diagnostic::from(failures);
                Err((diagnostic.error_type, diagnostic.error_message))
            }
        });
        let took = start.elapsed();
        watch.abort();
        let stall = *stall.lock().unwrap_or_else(PoisonError::into_inner);
        let tape = std::mem::take(&mut lock(&self.tape).seen);
        Record { invocation, tape, ended, lines: WRITTEN.take(), took, stall }
    }

    /// Makes the servers represent this world.
    fn set(&self, world: &World, faults: Faults) {
        let urls: Vec<String> = self.edges.iter().map(at).collect();
        let mut tape = lock(&self.tape);
        tape.edges = world.accounts.iter().map(edge).collect();
        tape.secrets = world.account_secrets(&urls).into_iter().collect();
        tape.secrets.insert(HOOKS.to_owned(), world.hooks_secret(&self.hooks.iter().map(at).collect::<Vec<_>>()));
        tape.world = world.clone();
        tape.faults = faults;
        tape.counts.clear();
        tape.is_early = false;
        tape.lists = vec![0; world.accounts.len()];
    }
}

/// The Global Edge of an account: the honest part.
fn edge(account: &Account) -> GlobalEdge {
    let details = account.slots.iter().filter_map(|slot| Some((slot.id, slot.detail.as_ref()?.body.clone())));
    let served = simulator::Account {
        rows: account.slots.iter().map(Slot::placeholder).collect(),
        details: details.collect(),
        held: account.held(),
    };
    let keys = KeyPair::new(&*account.taken_keys.0, &*account.taken_keys.1);
    GlobalEdge { account: served, keys, max_size: account.cap }
}

/// How it departs from that.
fn deviations(account: &Account) -> Deviations {
    let count = i64::try_from(account.slots.len()).unwrap_or_default();
    let total = (account.total_is_off_by != 0).then(|| count + account.total_is_off_by);
    let stated_total = total.map(|total| usize::try_from(total).unwrap_or_default());
    Deviations { stated_total, ..account.deviations.clone() }
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

/// What an account's Global Edge and Certificate Manager answer.
fn listed(tape: &mut Tape, account: usize, request: &Request) -> Reply {
    let deviations = deviations(&tape.world.accounts[account]);
    let mut usual = Reply::from(deviations.answer(&mut tape.edges[account], request, clock()));
    let parameter = |name: &str| parameter(request, name).unwrap_or_default();
    let mut one = match request.uri().path().strip_prefix(PATH) {
        None => seen(Call::Manager, account, "all"),
        Some("") => seen(Call::List, account, format!("{}/{}", parameter("pageNo"), parameter("offset"))),
        Some(slot) => seen(Call::Detail, account, slot.trim_start_matches('/')),
    };
    header(request, TIMESTAMP_HEADER).unwrap_or_default().clone_into(&mut one.stamp);
    let status = usual.begun().map_or(0, |(status, _)| status);
    one.outcome = match (status, one.call) {
        (401, _) => Outcome::Stale,
        // The world determines the form of Certificate Manager's answer.
        (200, _) | (_, Call::Manager) => Outcome::Good,
        _ => Outcome::Refused,
    };
    if one.call == Call::List {
        let number = tape.lists[account];
        tape.lists[account] += 1;
        if one.outcome == Outcome::Good {
            (one.page, usual) = filled(&tape.world, account, &usual);
        }
        for (when, change) in tape.world.accounts[account].changes.clone() {
            if when != number {
                continue;
            }
            let served = &mut tape.edges[account].account;
            match change {
                Change::Insert(slot) => {
                    served.details.extend(slot.detail.as_ref().map(|detail| (slot.id, detail.body.clone())));
                    let middle = served.rows.len() / 2;
                    served.rows.insert(middle, slot.placeholder());
                }
                Change::Remove(token) => served.rows.retain(|row| row["row"] != json!(token)),
            }
        }
    }
    tape.take(one, usual)
}

/// A page with the rows in place of their tokens.
fn filled(world: &World, account: usize, usual: &Reply) -> (Option<Listed>, Reply) {
    let body = usual.begun().map_or("", |(_, body)| body);
    let page: Value = serde_json::from_str(body).unwrap_or_default();
    let account = &world.accounts[account];
    let inserted = account.changes.iter().filter_map(|(_, change)| match change {
        Change::Insert(slot) => Some(&**slot),
        Change::Remove(_) => None,
    });
    let slots: BTreeMap<&str, _> =
        account.slots.iter().chain(inserted).map(|slot| (slot.token.as_str(), slot)).collect();
    let rows = page["result"]["content"].as_array().map_or(&[][..], Vec::as_slice);
    let tokens: Vec<String> = rows.iter().filter_map(|row| row["row"].as_str()).map(str::to_owned).collect();
    let rows: Vec<String> = tokens.iter().filter_map(|token| Some(slots.get(token.as_str())?.row())).collect();
    let total = page["result"]["pageable"]["totalCount"].as_u64().unwrap_or_default();
    (Some(Listed { tokens, total }), Reply::new(200, with_rows(&page, &rows)))
}

fn secret(tape: &mut Tape, request: &Request) -> Reply {
    let body: Value = serde_json::from_str(request.body()).unwrap_or_default();
    let id = body["SecretId"].as_str().unwrap_or_default().to_owned();
    let amz = |reply: Reply| reply.with("content-type", "application/x-amz-json-1.1");
    let mut one = seen(Call::Secret, 0, id.clone());
    let usual = if let Some(text) = tape.secrets.get(&id) {
        let arn = format!("arn:aws:secretsmanager:ap-northeast-2:1:secret:{id}-AbCdEf");
        amz(Reply::new(200, json!({"ARN": arn, "Name": id, "SecretString": text, "VersionId": "v"}).to_string()))
    } else {
        one.outcome = Outcome::Lost;
        amz(Reply::new(400, json!({"__type": "ResourceNotFoundException", "message": "no"}).to_string()))
    };
    // The same secret may fail in init and then succeed.
    one.key = if tape.is_early { format!("early {id}") } else { id };
    tape.take(one, usual)
}

fn posted(tape: &mut Tape, number: usize, request: &Request) -> Reply {
    if number == MOST_HOOKS {
        let mut one = seen(Call::Heartbeat, 0, "ping");
        let expected = tape.world.heartbeat.as_ref().map(|secret| format!("/ping/{secret}"));
        if request.method() != "GET" || expected.as_deref() != Some(target(request)) {
            one.outcome = Outcome::Lost;
            return tape.take(one, Reply::new(404, ""));
        }
        return tape.take(one, Reply::new(200, "OK"));
    }
    let mut one = seen(Call::Post, number, "post");
    one.body = serde_json::from_str(request.body()).unwrap_or_default();
    let hook = tape.world.hooks.get(number);
    let is_json = header(request, "content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let is_right = |hook: &&Hook| request.method() == "POST" && hook.path() == target(request) && is_json;
    let (status, body) = if let Some(hook) = hook.filter(is_right) {
        CHATS[hook.chat].usual
    } else {
        one.outcome = Outcome::Lost;
        (404, "no_service")
    };
    tape.take(one, Reply::new(status, body))
}
