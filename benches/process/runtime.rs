//! A Runtime API that measures the process that calls it.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{read_dir, read_to_string};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ncp_cert_alert::time;
use serde::Serialize;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::common::servers::{Fault, Reply, Request, Server, target};
use crate::programs::millis;

/// The longest that two invocations may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// What a part of a process's life costs, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Cost {
    /// Elapsed time.
    pub(crate) wall_ms: f64,
    /// Processor time, over all threads.
    pub(crate) cpu_ms: f64,
}

/// A process from its start to the end of its second invocation.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Life {
    /// From exec to the first request for an event.
    pub(crate) start_up: Cost,
    /// The first event, up to the request for the next one.
    pub(crate) first: Cost,
    /// The second event.
    pub(crate) second: Cost,
    /// The most memory that it used, in MiB.
    pub(crate) peak_mib: f64,
}

/// A process that is killed when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Default)]
struct State {
    /// The process, once it has started.
    id: u32,
    /// What it had used each time it asked for an event.
    asked: Vec<Cost>,
    /// How it answered: the last part of the path, and the body.
    answers: Vec<(String, String)>,
    /// What went wrong here.
    problem: Option<String>,
}

/// Starts `bootstrap` with these variables, and has it handle two empty events. `accepts` checks its answers.
pub(crate) async fn live(
    bootstrap: &Path,
    vars: &BTreeMap<String, String>,
    accepts: impl Fn(&str) -> bool,
) -> Result<Life, Box<dyn Error>> {
    let state = Arc::new(Mutex::new(State::default()));
    let (asked_thrice, shared) = (Arc::new(Notify::new()), Arc::clone(&state));
    let (notify, start) = (Arc::clone(&asked_thrice), time::monotonic());
    let server = Server::start(move |request: Request| {
        let mut state = shared.lock().expect("nobody panics with the lock");
        if request.method() == "POST" {
            let kind = target(&request).rsplit('/').next().unwrap_or_default().to_owned();
            state.answers.push((kind, request.into_body()));
            return Reply::new(202, "{}");
        }
        match used(state.id, start) {
            Ok(cost) => state.asked.push(cost),
            Err(error) => state.problem = Some(error.to_string()),
        }
        if state.asked.len() < 3 && state.problem.is_none() {
            let deadline = time::wall() + PATIENCE;
            return Reply::new(200, "{}")
                .with("lambda-runtime-aws-request-id", format!("00000000-0000-4000-8000-{:012}", state.asked.len()))
                .with("lambda-runtime-deadline-ms", deadline.timestamp_millis().to_string())
                .with("lambda-runtime-invoked-function-arn", "arn:aws:lambda:ap-northeast-2:123456789012:function:f");
        }
        notify.notify_one();
        Reply::Fault(Fault::Hang)
    })
    .await?;
    let address = server.url();
    let mut command = Command::new(bootstrap);
    command.env_clear().envs(vars).stdin(Stdio::null()).stdout(Stdio::null());
    command
        .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{}", address.port().unwrap_or_default()))
        .env("AWS_LAMBDA_FUNCTION_NAME", "f")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    let process = {
        // Nothing is measured until the process is known.
        let mut state = state.lock().expect("nobody panics with the lock");
        let process = Process(command.spawn()?);
        state.id = process.0.id();
        process
    };
    timeout(PATIENCE, asked_thrice.notified()).await.map_err(|_| "the function took too long")?;
    let peak_mib = peak(process.0.id())?;
    let state = state.lock().expect("nobody panics with the lock");
    if let Some(problem) = &state.problem {
        return Err(problem.clone().into());
    }
    for (kind, body) in &state.answers {
        if kind != "response" || !accepts(body) {
            return Err(format!("the function answered with {kind}: {body}").into());
        }
    }
    let since = |later: usize| {
        let (a, b) = (state.asked[later - 1], state.asked[later]);
        Cost { wall_ms: b.wall_ms - a.wall_ms, cpu_ms: b.cpu_ms - a.cpu_ms }
    };
    Ok(Life { start_up: state.asked[0], first: since(1), second: since(2), peak_mib })
}

/// What a process has used so far: <https://docs.kernel.org/scheduler/sched-stats.html>.
fn used(id: u32, start: Instant) -> Result<Cost, Box<dyn Error>> {
    let wall_ms = start.elapsed().as_secs_f64() * 1e3;
    let mut cpu_ms = 0.0;
    for thread in read_dir(format!("/proc/{id}/task"))? {
        let text = read_to_string(thread?.path().join("schedstat"))?;
        cpu_ms += millis(text.split(' ').next().unwrap_or_default().parse()?);
    }
    Ok(Cost { wall_ms, cpu_ms })
}

/// The most memory that a process has used, in MiB.
fn peak(id: u32) -> Result<f64, Box<dyn Error>> {
    let status = read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("there is no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}
