//! A fan-out in small: the function reads thousands of accounts in batches, while everything around it is slow and fails.
//!
//! ```sh
//! cargo run --release --example many_accounts
//! cargo run --release --example many_accounts -- --accounts 400 --batch 400 --at-once 1 --timeout 300
//! ```
//!
//! The function is the real one, started anew for each batch, with the event that `deploy/fan-out.yaml` sends. Global Edge,
//! Secrets Manager and a Slack webhook are servers on loopback ports, behind the delay of a network. They run in a separate
//! process, so that the memory and processor time shown at the end are the function's. What happens to an account follows from
//! its number, so the result can be checked: the simulation fails if an account was neither read nor reported.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use clap::Parser;
use futures_util::{StreamExt, stream};
use ncp_cert_alert::global_edge::signature::{ACCESS_KEY_HEADER, KeyPair};
use ncp_cert_alert::lambda::Function;
use ncp_cert_alert::net::retry::Timing;
use ncp_cert_alert::response::{Failures, Response};
use ncp_cert_alert::simulator::{self, GlobalEdge, PATH, certificate};
use ncp_cert_alert::time;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[path = "../tests/common/servers/mod.rs"]
mod servers;

/// The function over many simulated accounts.
#[derive(Parser)]
struct Arguments {
    /// How many accounts there are
    #[arg(long, default_value_t = 5000)]
    accounts: usize,
    /// How many accounts one run reads
    #[arg(long, default_value_t = 25)]
    batch: usize,
    /// How many runs there are at a time: `MaxConcurrency` of the fan-out
    #[arg(long, default_value_t = 10)]
    at_once: usize,
    /// How long a run may take, in seconds: `TimeoutSeconds` of the function
    #[arg(long, default_value_t = 60)]
    timeout: u64,
    /// Be the other side: the servers
    #[arg(long, hide = true)]
    far_side: bool,
}

/// An account, identified by its number, which determines everything about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Account(usize);

/// What is wrong with an account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Nothing.
    None,
    /// Its first request fails, in one of several ways; the next one succeeds.
    Retryable,
    /// NCP refuses its keys.
    Refused,
    /// It has no secret.
    NoSecret,
    /// NCP never answers.
    Hangs,
}

impl Account {
    /// One in five has a certificate that is about to expire: the first one.
    const EXPIRING: usize = 5;

    fn label(self) -> String {
        format!("a{:05}", self.0)
    }

    fn of_label(label: &str) -> Option<Self> {
        Some(Self(label.strip_prefix('a')?.parse().ok()?))
    }

    fn trouble(self) -> Trouble {
        match self.0 {
            number if number % 1000 == 13 => Trouble::Hangs,
            number if number % 100 == 37 => Trouble::Refused,
            number if number % 200 == 59 => Trouble::NoSecret,
            number if number % 10 == 1 => Trouble::Retryable,
            _ => Trouble::None,
        }
    }

    fn fails(self) -> bool {
        matches!(self.trouble(), Trouble::Refused | Trouble::NoSecret | Trouble::Hangs)
    }

    /// A handful of certificates; one in fifty accounts has several pages of them.
    fn certificates(self) -> usize {
        if self.0 % 50 == 7 { 250 } else { 1 + self.0 * 7 % 30 }
    }

    fn expires(self) -> bool {
        self.0.is_multiple_of(Self::EXPIRING)
    }

    fn expiring_name(self) -> String {
        format!("{}.expiring.example.kr", self.label())
    }

    fn row(self, slot: usize) -> Value {
        let now = time::wall();
        let slot_id = i64::try_from(slot).unwrap_or_default() + 1;
        if slot == 0 && self.expires() {
            certificate(slot_id, &self.expiring_name(), now + TimeDelta::days(5))
        } else {
            certificate(slot_id, &format!("www{slot}.{}.example.kr", self.label()), now + TimeDelta::days(200))
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if arguments.far_side { runtime.block_on(far::side()) } else { runtime.block_on(near_side(&arguments)) }
}

thread_local! {
    /// The metrics that the runs wrote.
    static METRICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// How one batch ended.
struct Run {
    took: Duration,
    end: Result<Response, Failures>,
}

/// Runs the function for every batch, and counts the results.
async fn near_side(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let (mut far_side, urls) = start_far_side()?;
    let variables: BTreeMap<&str, String> = BTreeMap::from([
        ("NCP_SECRET_ID", "unused".to_owned()),
        ("WEBHOOK_SECRET_ID", "webhooks".to_owned()),
        ("NCP_API_URL", urls["edge"].as_str().unwrap_or_default().to_owned()),
        ("AWS_REGION", "ap-northeast-2".to_owned()),
        ("AWS_ENDPOINT_URL", urls["secrets"].as_str().unwrap_or_default().to_owned()),
        ("AWS_ACCESS_KEY_ID", "simulated".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "simulated".to_owned()),
    ]);
    let accounts: Vec<Account> = (0..arguments.accounts).map(Account).collect();
    let batches: Vec<&[Account]> = accounts.chunks(arguments.batch).collect();
    let timeout = TimeDelta::seconds(i64::try_from(arguments.timeout)?);
    let run = |batch: &[Account]| {
        let ids: Vec<String> = batch.iter().map(|account| format!("tenants/{}", account.label())).collect();
        let variables = &variables;
        async move {
            let start = time::monotonic();
            let keep = |line: &str| METRICS.with_borrow_mut(|lines| lines.push(line.to_owned()));
            let function = Function::new(|name| variables.get(name).cloned(), time::wall, Timing::DEFAULT, keep);
            let event = json!({"ncp_secret_id": ids, "webhook_secret_id": "webhooks", "execution_id": "simulated"});
            let end = function.handle(&event.into(), time::wall() + timeout).await;
            Run { took: start.elapsed(), end }
        }
    };
    let start = time::monotonic();
    let runs: Vec<Run> =
        stream::iter(&batches).map(|batch| run(batch)).buffer_unordered(arguments.at_once).collect().await;
    let took = start.elapsed();
    let used = Used::so_far();
    let told = finish(&mut far_side)?;
    let shown = Figures { arguments, accounts: &accounts, runs: &runs, took, used, told: &told }.show();
    if shown { Ok(()) } else { Err("an account or a certificate was lost".into()) }
}

/// Starts the servers in a separate process; returns their addresses.
fn start_far_side() -> Result<(Child, Value), Box<dyn Error>> {
    let mut far_side = Command::new(std::env::current_exe()?)
        .arg("--far-side")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    // One byte at a time, so that later output is not lost in the buffer.
    BufReader::with_capacity(1, far_side.stdout.as_mut().ok_or("no output")?).read_line(&mut line)?;
    Ok((far_side, serde_json::from_str(&line)?))
}

/// Stops the servers; returns what they report.
fn finish(far_side: &mut Child) -> Result<Value, Box<dyn Error>> {
    drop(far_side.stdin.take());
    let mut text = String::new();
    far_side.stdout.take().ok_or("no output")?.read_to_string(&mut text)?;
    far_side.wait()?;
    Ok(serde_json::from_str(&text)?)
}

/// What this process has used of the machine, where Linux reports it.
struct Used {
    /// The most memory, in megabytes.
    memory: Option<u64>,
    /// Processor time.
    processor: Option<Duration>,
}

impl Used {
    fn so_far() -> Self {
        let memory = || {
            let status = std::fs::read_to_string("/proc/self/status").ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()?.div_ceil(1024))
        };
        let processor = || {
            let times = std::fs::read_to_string("/proc/self/schedstat").ok()?;
            Some(Duration::from_nanos(times.split_whitespace().next()?.parse().ok()?))
        };
        Self { memory: memory(), processor: processor() }
    }
}

/// The result.
struct Figures<'a> {
    arguments: &'a Arguments,
    accounts: &'a [Account],
    runs: &'a [Run],
    took: Duration,
    used: Used,
    told: &'a Value,
}

impl Figures<'_> {
    /// Prints it, and returns whether nothing was lost.
    fn show(&self) -> bool {
        let Arguments { batch, at_once, timeout, .. } = self.arguments;
        let (all, batches) = (self.accounts.len(), self.runs.len());
        println!("{all} accounts, {batch} a run, {at_once} at a time, {timeout} s each at most");

        // What should have happened, given the numbers of the accounts.
        let (bad, good): (Vec<Account>, Vec<Account>) = self.accounts.iter().partition(|account| account.fails());
        let certificates: usize = good.iter().map(|account| account.certificates()).sum();
        let expiring: BTreeSet<String> =
            good.iter().filter(|one| one.expires()).map(|one| one.expiring_name()).collect();

        // What the function reports: its metrics, and what the failed runs name.
        let metrics: Vec<Value> = METRICS.take().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let sum = |name: &str| metrics.iter().filter_map(|line| line[name].as_u64()).sum::<u64>();
        let failed: BTreeSet<Account> = self.runs.iter().flat_map(named).collect();
        let unnamed: usize = self.runs.iter().map(unnamed).sum();
        let failed_runs = self.runs.iter().filter(|run| run.end.is_err()).count();

        // What the other side reports.
        let texts = |name: &str| self.told[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        let read: BTreeSet<Account> = texts("read").filter_map(Account::of_label).collect();
        let told_of: BTreeSet<String> = texts("names").map(str::to_owned).collect();

        let lost = good.iter().filter(|account| !read.contains(account)).count();
        let silent = (bad.len()).abs_diff(failed.len() + unnamed) + failed.iter().filter(|one| !one.fails()).count();
        println!(
            "accounts      {} read whole, {} failed and were reported, {} lost",
            read.len(),
            sum("AccountsFailed"),
            lost + silent
        );
        println!("certificates  {} of {certificates} judged", sum("CertificatesChecked"));
        println!("findings      {} of {} expiring certificates named in messages", told_of.len(), expiring.len());
        println!("messages      {} accepted, {} refused at first", self.told["accepted"], self.told["refused"]);
        println!("runs          {} succeeded, {failed_runs} failed because of an account", batches - failed_runs);
        println!("requests      {}", self.told["requests"]);

        let mut durations: Vec<Duration> = self.runs.iter().map(|run| run.took).collect();
        durations.sort();
        let (median, longest) = (durations[batches / 2].as_secs_f32(), durations[batches - 1].as_secs_f32());
        let took = self.took.as_secs_f32();
        println!("duration      {took:.1} s; a run {median:.1} s (median), {longest:.1} s (longest)");
        if let (Some(memory), Some(processor)) = (self.used.memory, self.used.processor) {
            println!("peak memory   {memory} MB");
            let each = processor.as_secs_f64() * 1000.0 / f64::from(u32::try_from(all).unwrap_or(u32::MAX));
            println!("processor     {:.1} s, {each:.1} ms an account", processor.as_secs_f32());
        }
        let whole = sum("CertificatesChecked") == certificates as u64 && sum("AccountsFailed") == bad.len() as u64;
        lost + silent == 0 && whole && metrics.len() == batches && told_of.is_subset(&expiring)
    }
}

/// The accounts that a failed run names.
fn named(run: &Run) -> Vec<Account> {
    let Err(failures) = &run.end else { return Vec::new() };
    let message = failures.message();
    let labels = message.split("account `").skip(1).filter_map(|rest| rest.split('`').next());
    labels.filter_map(Account::of_label).collect()
}

/// How many failures a run does not name, because it has too many.
fn unnamed(run: &Run) -> usize {
    let Err(failures) = &run.end else { return 0 };
    let message = failures.message();
    let more = message.rsplit_once("; +").and_then(|(_, rest)| rest.strip_suffix(" more"));
    more.and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The other side: Secrets Manager, Global Edge and a Slack webhook.
mod far {
    use super::{
        ACCESS_KEY_HEADER, Account, Arc, AsyncReadExt, AsyncWriteExt, BTreeMap, BTreeSet, Duration, Error, GlobalEdge,
        KeyPair, Mutex, PATH, PoisonError, Read, SocketAddr, TcpListener, TcpStream, Trouble, Value, Write, json,
        simulator, time,
    };
    use crate::servers::{Fault, Reply, Request, Server, header, parameter};

    /// The most rows of a page.
    const PAGE: usize = 100;

    /// What the servers have seen.
    #[derive(Default)]
    struct Seen {
        requests: u64,
        /// How many requests each account has sent to Global Edge.
        attempts: BTreeMap<Account, u32>,
        /// Which pages of its list each account has received.
        pages: BTreeMap<Account, BTreeSet<usize>>,
        posts: u64,
        accepted: u64,
        /// The expiring certificates that accepted messages name.
        names: BTreeSet<String>,
    }

    /// Serves until standard input ends; then reports what it has seen.
    pub(super) async fn side() -> Result<(), Box<dyn Error>> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let start = |answer: fn(&Request, &mut Seen) -> Reply| {
            let seen = Arc::clone(&seen);
            Server::start(move |request| {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.requests += 1;
                answer(&request, &mut seen)
            })
        };
        let hook = start(webhook).await?;
        let slow_hook = distant(&hook, 100, 300).await?;
        let secret = json!({"webhooks": [{"url": format!("{slow_hook}services/T/B/X"), "kind": "slack"}]}).to_string();
        let shared = Arc::clone(&seen);
        let secrets = Server::start(move |request| {
            shared.lock().unwrap_or_else(PoisonError::into_inner).requests += 1;
            secrets_manager(&request, &secret)
        })
        .await?;
        let edge = start(global_edge).await?;
        let urls = json!({"secrets": distant(&secrets, 5, 25).await?, "edge": distant(&edge, 40, 200).await?});
        let mut output = std::io::stdout();
        writeln!(output, "{urls}")?;
        output.flush()?;
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;

        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = |(account, pages): (&Account, &BTreeSet<usize>)| {
            (pages.len() == account.certificates().div_ceil(PAGE)).then(|| account.label())
        };
        let told = json!({
            "requests": seen.requests,
            "read": seen.pages.iter().filter_map(whole).collect::<Vec<_>>(),
            "names": seen.names,
            "accepted": seen.accepted,
            "refused": seen.posts - seen.accepted,
        });
        writeln!(output, "{told}")?;
        Ok(())
    }

    fn secrets_manager(request: &Request, webhooks: &str) -> Reply {
        let body: Value = serde_json::from_str(request.body()).unwrap_or_default();
        let id = body["SecretId"].as_str().unwrap_or_default();
        let account = id.strip_prefix("tenants/").and_then(Account::of_label);
        let text = match account {
            None => webhooks.to_owned(),
            Some(account) if account.trouble() == Trouble::NoSecret => {
                return Reply::new(400, json!({"__type": "ResourceNotFoundException", "message": "no"}).to_string());
            }
            Some(account) => {
                let (access_key, secret_key) = keys(account);
                // Keys that were rotated on one side only.
                let old = if account.trouble() == Trouble::Refused { "old" } else { "" };
                json!({"access_key": access_key, "secret_key": format!("{secret_key}{old}")}).to_string()
            }
        };
        Reply::new(200, json!({"ARN": id, "Name": id, "SecretString": text, "VersionId": "v"}).to_string())
    }

    fn keys(account: Account) -> (String, String) {
        (format!("access-key-{}", account.label()), format!("secret-key-of-{}", account.label()))
    }

    /// The Global Edge of an account, as if nothing were wrong with it.
    fn honest(account: Account) -> GlobalEdge {
        let (access_key, secret_key) = keys(account);
        let detail = json!({
            "linkedEdges": {
                "content": [{"id": 1, "edgeName": "main"}],
                "pageable": {"pageNo": 1, "offset": 15, "totalCount": 1},
            },
        });
        let served = simulator::Account {
            rows: (0..account.certificates()).map(|slot| account.row(slot)).collect(),
            // For the certificate that expires, if one does.
            details: [(1, detail)].into(),
            ..simulator::Account::default()
        };
        GlobalEdge { account: served, keys: KeyPair::new(access_key, secret_key), max_size: PAGE }
    }

    fn global_edge(request: &Request, seen: &mut Seen) -> Reply {
        let label = header(request, ACCESS_KEY_HEADER).and_then(|key| key.strip_prefix("access-key-"));
        let Some(account) = label.and_then(Account::of_label) else {
            return error(401, "200", "Authentication Failed");
        };
        let answer = honest(account).answer(request, time::wall());
        if answer.status() == 401 {
            return answer.into();
        }
        let attempt = seen.attempts.entry(account).or_default();
        *attempt += 1;
        match (account.trouble(), *attempt) {
            (Trouble::Hangs, _) => return Reply::Fault(Fault::Hang),
            (Trouble::Retryable, 1) => {
                return match account.0 / 10 % 4 {
                    0 => error(503, "900", "Service Unavailable"),
                    1 => error(429, "410", "Throttle Limited"),
                    2 => Reply::Fault(Fault::Reset),
                    _ => error(500, "900", "Unexpected Error"),
                };
            }
            _ => {}
        }
        if request.uri().path() == PATH {
            let page: Option<usize> = parameter(request, "pageNo").and_then(|page| page.parse().ok());
            seen.pages.entry(account).or_default().extend(page);
        }
        answer.into()
    }

    fn webhook(request: &Request, seen: &mut Seen) -> Reply {
        seen.posts += 1;
        match seen.posts {
            number if number % 20 == 0 => return Reply::new(429, "rate_limited").with("retry-after", "1"),
            number if number % 33 == 0 => return Reply::new(503, "service_unavailable"),
            number if number % 47 == 0 => return Reply::Fault(Fault::Reset),
            _ => seen.accepted += 1,
        }
        // What precedes each mark is the rest of a name.
        let mark = ".expiring.example.kr";
        let pieces: Vec<&str> = request.body().split(mark).collect();
        let labels = pieces.iter().take(pieces.len() - 1).filter_map(|piece| piece.get(piece.len().checked_sub(6)?..));
        seen.names.extend(labels.map(|label| format!("{label}{mark}")));
        Reply::new(200, "ok")
    }

    fn error(status: u16, code: &str, message: &str) -> Reply {
        let error = json!({"error": {"errorCode": code, "message": message, "details": "simulated"}});
        Reply::new(status, error.to_string())
    }

    /// Puts a network in front of a server: its answers arrive this many milliseconds later. Returns the new address.
    async fn distant(server: &Server, least: u64, most: u64) -> Result<String, Box<dyn Error>> {
        let address = *server.url().socket_addrs(|| None)?.first().ok_or("no address")?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}/", listener.local_addr()?);
        tokio::spawn(async move {
            let mut connections: u64 = 0;
            while let Ok((near, _)) = listener.accept().await {
                connections += 1;
                // Spread over the whole range, and the same in every simulation.
                let delay = Duration::from_millis(least + connections * 7919 % (most - least));
                tokio::spawn(carry(near, address, delay));
            }
        });
        Ok(url)
    }

    /// Carries one connection, until either side closes it.
    async fn carry(near: TcpStream, address: SocketAddr, delay: Duration) -> std::io::Result<()> {
        let (mut from_near, mut to_near) = near.into_split();
        let (mut from_far, mut to_far) = TcpStream::connect(address).await?.into_split();
        let there = async { tokio::io::copy(&mut from_near, &mut to_far).await.map(|_| ()) };
        let back = async {
            let mut buffer = vec![0; 64 << 10];
            loop {
                let length = from_far.read(&mut buffer).await?;
                if length == 0 {
                    return Ok(());
                }
                tokio::time::sleep(delay).await;
                to_near.write_all(&buffer[..length]).await?;
            }
        };
        tokio::select! {
            ended = there => ended,
            ended = back => ended,
        }
    }
}
