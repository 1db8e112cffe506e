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

use std::env;
use std::error::Error;
use std::fs::{read, read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ncp_cert_alert::simulator::Account;
use ncp_cert_alert::time;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::common::World;
use crate::common::servers::{Fault, Reply, Request, Server, target};

/// How many certificates an account of the usual size has, and one larger than any known.
const USUAL: usize = 37;
const LARGE: usize = 100_000;

/// How often everything is measured; the median is shown.
const ROUNDS: usize = 21;

/// The longest that a process may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is known of a program, in this order. Megabytes are 10⁶ bytes.
const FIGURES: [&str; 7] = [
    "binary, MB",
    "zip, MB",
    "start-up, CPU ms",
    "start-up, wall ms",
    "first run, CPU ms",
    "first run, wall ms",
    "peak memory, MiB",
];
type Figures = [f64; FIGURES.len()];

/// The most that CI lets pass, with [`LARGE`] certificates; times are not held.
const BUDGETS: Figures = [6.0, 3.0, f64::MAX, f64::MAX, f64::MAX, f64::MAX, 64.0];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let function = build(&["--bin", "ncp-cert-alert"], "ncp-cert-alert")?;
    if arguments == ["--budgets"] {
        let figures = live(&function, &world(LARGE).await).await?;
        for ((name, value), budget) in FIGURES.iter().zip(figures).zip(BUDGETS).filter(|(_, budget)| *budget < f64::MAX)
        {
            println!("{name}: {value:.2} of {budget}");
        }
        let is_within = figures.iter().zip(BUDGETS).all(|(value, budget)| *value <= budget);
        return if is_within { Ok(()) } else { Err("a budget is exceeded".into()) };
    }
    let empty = build(&["--example", "bench_empty"], "examples/bench_empty")?;
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
        for (number, name) in FIGURES.iter().enumerate() {
            let values: Vec<f64> = lives.iter().map(|lives| median(lives, number)).collect();
            let cells: Vec<String> =
                values.iter().map(|value| format!("{value:.2} ({:.1} ×)", value / values[0])).collect();
            println!("| {name} | {} |", cells.join(" | "));
        }
        println!();
    }
    Ok(())
}

fn median(lives: &[Figures], number: usize) -> f64 {
    let mut values: Vec<f64> = lives.iter().map(|life| life[number]).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
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
    let shipped = ["build", "--release", "--locked", "--quiet", "--no-default-features"];
    if !command.current_dir(env!("CARGO_MANIFEST_DIR")).args(shipped).args(what).status()?.success() {
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
    /// What it had used each time it asked for an event, or why that is not known.
    used: Vec<Result<[f64; 2], String>>,
    /// Its answer: the last part of the path, and the body.
    answer: String,
}

/// Starts a program in this world, and has it handle an empty event.
async fn live(program: &Path, world: &World) -> Result<Figures, Box<dyn Error>> {
    let (seen, asked_twice) = (Arc::new(Mutex::new(Seen::default())), Arc::new(Notify::new()));
    let (id, start) = (Arc::new(AtomicU32::new(0)), time::monotonic());
    let (to_see, notify, of_process) = (Arc::clone(&seen), Arc::clone(&asked_twice), Arc::clone(&id));
    // <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
    let server = Server::start(move |request: Request| {
        let mut seen = to_see.lock().expect("nobody panics with the lock");
        if request.method() == "POST" {
            let kind = target(&request).rsplit('/').next().unwrap_or_default();
            seen.answer = format!("{kind} {}", request.body());
            return Reply::new(202, "{}");
        }
        seen.used.push(used(of_process.load(Ordering::Relaxed), start).map_err(|error| error.to_string()));
        if seen.used.len() == 2 {
            notify.notify_one();
            return Reply::Fault(Fault::Hang);
        }
        Reply::new(200, "{}")
            .with("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000001")
            .with("lambda-runtime-deadline-ms", (time::wall() + PATIENCE).timestamp_millis().to_string())
            .with("lambda-runtime-invoked-function-arn", "arn:aws:lambda:ap-northeast-2:123456789012:function:f")
    })
    .await?;
    let mut command = Command::new(program);
    command.env_clear().envs(&world.vars).stdin(Stdio::null()).stdout(Stdio::null());
    command
        .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{}", server.url().port().unwrap_or_default()))
        .env("AWS_LAMBDA_FUNCTION_NAME", "f")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    let mut process = command.spawn()?;
    // The server answers on this thread, so not before the next line that waits.
    id.store(process.id(), Ordering::Relaxed);
    let has_asked = timeout(PATIENCE, asked_twice.notified()).await.is_ok();
    let status = read_to_string(format!("/proc/{}/status", process.id()))?;
    process.kill()?;
    process.wait()?;
    world.slack.forget();
    world.teams.forget();

    let seen = seen.lock().expect("nobody panics with the lock");
    // The empty function returns the event.
    let has_run = seen.answer == "response {}" || seen.answer.contains("\"status\":\"alerted\"");
    if !has_asked || !has_run {
        return Err(format!("{} answered: {}", program.display(), seen.answer).into());
    }
    let ([start_cpu, start_wall], [cpu, wall]) = (seen.used[0].clone()?, seen.used[1].clone()?);
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("there is no VmHWM")?;
    let peak = peak.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0;
    let [binary, zip] = sizes(program)?;
    Ok([binary, zip, start_cpu, start_wall, cpu - start_cpu, wall - start_wall, peak])
}

/// The milliseconds of processor time that a process has used so far, and those that have passed:
/// <https://docs.kernel.org/scheduler/sched-stats.html>.
fn used(id: u32, start: Instant) -> Result<[f64; 2], Box<dyn Error>> {
    let wall = start.elapsed().as_secs_f64() * 1e3;
    let mut cpu = 0.0;
    for thread in read_dir(format!("/proc/{id}/task"))? {
        let text = read_to_string(thread?.path().join("schedstat"))?;
        cpu += text.split(' ').next().unwrap_or_default().parse::<f64>()? / 1e6;
    }
    Ok([cpu, wall])
}
