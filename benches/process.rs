//! The function as a whole process, started as Lambda starts it, between a Runtime API that reads its meters and the simulators;
//! in the same rounds, a function that does nothing.
//!
//! ```sh
//! cargo bench --bench process                   # tables for docs/performance.md
//! cargo bench --bench process -- PATH           # the same beside another build of the function
//! cargo test --bench process -- --budgets       # size and memory alone; fails if one is over its budget
//! ```
//!
//! Linux only: processor time and memory are read from `/proc`.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

#[path = "../tests/common/mod.rs"]
#[expect(clippy::unwrap_used, reason = "shared with the tests")]
mod common;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{read, read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, iter};

use ncp_cert_alert::simulator::Account;
use ncp_cert_alert::time;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::common::World;
use crate::common::servers::{Fault, Reply, Request, Server, target};

/// The budgets: megabytes (10⁶ bytes) of the function's binary and of its zip, MiB of memory for [`LARGE`] certificates.
const BUDGETS: [(&str, f64); 3] = [("`bootstrap`, MB", 6.0), ("zip, MB", 3.0), ("memory, MiB", 64.0)];

/// How many certificates an account of the usual size has, and one larger than any known.
const USUAL: usize = 37;
const LARGE: usize = 100_000;

/// How often everything is measured; the median is shown.
const ROUNDS: usize = 21;

/// The longest that two invocations may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is known of a process after two invocations, in this order.
const FIGURES: [&str; 7] = [
    "start-up, CPU ms",
    "start-up, wall ms",
    "first run, CPU ms",
    "first run, wall ms",
    "second run, CPU ms",
    "second run, wall ms",
    "peak memory, MiB",
];
type Figures = [f64; FIGURES.len()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let function = build(&["--no-default-features", "--bin", "ncp-cert-alert"], "ncp-cert-alert")?;
    if arguments == ["--budgets"] {
        return budgets(&function).await;
    }
    let empty = build(&["--no-default-features", "--example", "bench_empty"], "examples/bench_empty")?;
    let programs: Vec<PathBuf> =
        [empty, function].into_iter().chain(arguments.into_iter().map(PathBuf::from)).collect();
    for certificates in [USUAL, LARGE] {
        let world = world(certificates).await;
        let mut lives = vec![vec![]; programs.len()];
        for _ in 0..ROUNDS {
            for (program, lives) in programs.iter().zip(&mut lives) {
                lives.push(live(program, &world).await?);
            }
        }
        println!("{certificates} certificates, the median of {ROUNDS} rounds:\n");
        let names: Vec<String> = programs.iter().map(|program| program.display().to_string()).collect();
        println!("| | {} |\n|---|{}", names.join(" | "), "--:|".repeat(names.len()));
        for size in [0, 1] {
            let sizes = programs.iter().map(|program| sizes(program).map(|sizes| sizes[size]));
            row(BUDGETS[size].0, &sizes.collect::<Result<Vec<_>, _>>()?);
        }
        for (number, name) in FIGURES.iter().enumerate() {
            let figures = |lives: &Vec<Figures>| lives.iter().map(|life| life[number]).collect();
            row(name, &lives.iter().map(|lives| median(figures(lives))).collect::<Vec<_>>());
        }
        println!();
    }
    Ok(())
}

/// Prints the values of all programs, and how many times the first of them each is.
fn row(name: &str, values: &[f64]) {
    let cells: Vec<String> = values.iter().map(|value| format!("{value:.2} ({:.1} ×)", value / values[0])).collect();
    println!("| {name} | {} |", cells.join(" | "));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn budgets(function: &Path) -> Result<(), Box<dyn Error>> {
    let [binary, zip] = sizes(function)?;
    let life = live(function, &world(LARGE).await).await?;
    let mut is_within = true;
    for ((name, budget), value) in BUDGETS.into_iter().zip([binary, zip, life[FIGURES.len() - 1]]) {
        println!("{name}: {value:.2} of {budget}");
        is_within &= value <= budget;
    }
    if is_within { Ok(()) } else { Err("a budget is exceeded".into()) }
}

/// Builds a program as it is shipped. Each is built alone, so that nothing that another needs gets into it.
fn build(what: &[&str], name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO"));
    // The variables by which cargo describes this benchmark would make build scripts of other packages run again.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--release", "--locked", "--quiet"]).args(what);
    if !command.status()?.success() {
        return Err("the build failed".into());
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("the target folder is not known")?;
    Ok(target.join("release").join(name))
}

/// The megabytes of a program, and those of its zip file.
#[expect(clippy::cast_precision_loss, reason = "megabytes")]
fn sizes(program: &Path) -> Result<[f64; 2], Box<dyn Error>> {
    // Besides the deflated bytes, a zip file with one entry named `bootstrap` holds its headers:
    // <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, sections 4.3.7, 4.3.12 and 4.3.16.
    let headers = 30 + 46 + 22 + 2 * "bootstrap".len();
    let program = read(program)?;
    let deflated = miniz_oxide::deflate::compress_to_vec(&program, 6);
    Ok([program.len(), deflated.len() + headers].map(|bytes| bytes as f64 / 1e6))
}

/// Everything that the function calls, with an account of this many certificates.
async fn world(certificates: usize) -> World {
    World::with(Account::demo(certificates, time::wall()), 1000).await
}

/// What the Runtime API has seen of a process.
#[derive(Default)]
struct Seen {
    /// What it had used each time it asked for an event: milliseconds of its processor's time, and elapsed.
    used: Vec<[f64; 2]>,
    /// Its answers, or what went wrong.
    answers: Vec<String>,
}

/// A process that is killed when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program in this world, and has it handle two empty events, each of which must succeed.
async fn live(program: &Path, world: &World) -> Result<Figures, Box<dyn Error>> {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let (asked_thrice, start) = (Arc::new(Notify::new()), time::monotonic());
    let (shared, notify, id) = (Arc::clone(&seen), Arc::clone(&asked_thrice), Arc::new(Mutex::new(0)));
    let process_id = Arc::clone(&id);
    // <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
    let server = Server::start(move |request: Request| {
        let mut seen = shared.lock().expect("nobody panics with the lock");
        if request.method() == "POST" {
            let kind = target(&request).rsplit('/').next().unwrap_or_default().to_owned();
            seen.answers.push(format!("{kind} {}", request.body()));
            return Reply::new(202, "{}");
        }
        match used(*process_id.lock().expect("nobody panics with the lock"), start) {
            Ok(used) => seen.used.push(used),
            Err(error) => seen.answers.push(error.to_string()),
        }
        if seen.used.len() < 3 && seen.answers.len() <= 2 {
            let deadline = (time::wall() + PATIENCE).timestamp_millis().to_string();
            return Reply::new(200, "{}")
                .with("lambda-runtime-aws-request-id", format!("00000000-0000-4000-8000-{:012}", seen.used.len()))
                .with("lambda-runtime-deadline-ms", deadline)
                .with("lambda-runtime-invoked-function-arn", "arn:aws:lambda:ap-northeast-2:123456789012:function:f");
        }
        notify.notify_one();
        Reply::Fault(Fault::Hang)
    })
    .await?;
    let api = format!("127.0.0.1:{}", server.url().port().unwrap_or_default());
    let lambda = [
        ("AWS_LAMBDA_RUNTIME_API", api.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ];
    let mut command = Command::new(program);
    command.env_clear().envs(&world.vars).envs(BTreeMap::from(lambda)).stdin(Stdio::null()).stdout(Stdio::null());
    let process = {
        // Nothing is measured until the process is known.
        let mut id = id.lock().expect("nobody panics with the lock");
        let process = Process(command.spawn()?);
        *id = process.0.id();
        process
    };
    timeout(PATIENCE, asked_thrice.notified()).await.map_err(|_| "the function took too long")?;
    let status = read_to_string(format!("/proc/{}/status", process.0.id()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("there is no VmHWM")?;
    let peak = peak.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0;
    world.slack.forget();
    world.teams.forget();

    let seen = seen.lock().expect("nobody panics with the lock");
    for answer in &seen.answers {
        let body: Value = answer.strip_prefix("response ").map_or(Ok(Value::Null), serde_json::from_str)?;
        // The empty function returns the event.
        if body != serde_json::json!({}) && body["status"] != "alerted" {
            return Err(format!("{} answered {answer}", program.display()).into());
        }
    }
    let [started, first, second] = seen.used[..] else { return Err("the process did not ask for three events".into()) };
    let used = [started, difference(first, started), difference(second, first)];
    let figures: Vec<f64> = used.into_iter().flatten().chain(iter::once(peak)).collect();
    Ok(figures.try_into().map_err(|_| "as many figures as names")?)
}

fn difference(later: [f64; 2], earlier: [f64; 2]) -> [f64; 2] {
    [later[0] - earlier[0], later[1] - earlier[1]]
}

/// What a process has used so far: <https://docs.kernel.org/scheduler/sched-stats.html>.
fn used(id: u32, start: Instant) -> Result<[f64; 2], Box<dyn Error>> {
    let wall = start.elapsed().as_secs_f64() * 1e3;
    let mut cpu = 0.0;
    for thread in read_dir(format!("/proc/{id}/task"))? {
        let text = read_to_string(thread?.path().join("schedstat"))?;
        cpu += text.split(' ').next().unwrap_or_default().parse::<f64>()? / 1e6;
    }
    Ok([cpu, wall])
}
