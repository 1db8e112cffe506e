//! A soak: random worlds around the real function, and an oracle that knows from the world alone what must be told to whom.
//!
//! ```sh
//! cargo run --release --example soak            # a minute of new worlds
//! cargo run --release --example soak -- 1800    # half an hour
//! cargo run --release --example soak -- --seed 42
//! ```
//!
//! A world is some accounts with their lists, which page, lie and change as they like; webhooks with levels, routes and mutes;
//! settings and events; and faults at any call. Several invocations of one process run in it, over real sockets on 127.0.0.1,
//! with keys, webhooks and lists that change between them. After each, the oracle holds what every webhook was told, the result,
//! the logs and the metrics against what was served. The same seed gives the same world and the same faults.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

mod chats;
mod faults;
mod oracle;
#[path = "../../tests/common/servers/mod.rs"]
mod servers;
mod stage;
mod story;
mod world;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use clap::Parser;
use ncp_cert_alert::lambda::logging;
use ncp_cert_alert::time;

use crate::stage::Stage;
use crate::world::World;

/// Random worlds around the function, and an oracle
#[derive(Parser)]
struct Arguments {
    /// For how long new worlds are begun
    #[arg(default_value_t = 60)]
    seconds: u64,
    /// Run this world alone, and tell its story
    #[arg(long)]
    seed: Option<u64>,
    /// The first world; without it, one that follows from the time
    #[arg(long, conflicts_with = "seed")]
    from: Option<u64>,
    /// How many worlds there are at a time
    #[arg(long, default_value_t = 6)]
    at_once: u64,
    /// How many failing worlds are told before the rest is left
    #[arg(long, default_value_t = 3)]
    failures: usize,
}

/// The most that the memory of the process may grow in the second half of the soak.
const GROWTH: u64 = 48 << 20;

/// How often it is measured.
const LOOK: Duration = Duration::from_secs(1);

/// What was run.
#[derive(Default)]
struct Tally {
    worlds: AtomicU64,
    invocations: AtomicU64,
    calls: AtomicU64,
    /// The calls that something went wrong with.
    flaws: AtomicU64,
    /// Messages, whether taken or not.
    posts: AtomicU64,
    /// Invocations that the machine delayed so long that they prove nothing.
    stalled: AtomicU64,
    failing: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

/// A machine that delays a thread this long lets good answers come too late.
const STALL: Duration = Duration::from_millis(400);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let format = logging::Format::from_vars(|name| match name {
        "AWS_LAMBDA_LOG_FORMAT" => Some("JSON".to_owned()),
        "AWS_LAMBDA_LOG_LEVEL" => Some("TRACE".to_owned()),
        _ => None,
    });
    let loud = std::panic::take_hook();
    logging::init(format, stage::clock, stage::keep);
    // The function's own hook writes to the log; here a panic is also shown to whoever is watching.
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        loud(panic);
        quiet(panic);
    }));
    if let Some(seed) = arguments.seed {
        if let Some(story) = run(seed, &Tally::default(), true) {
            println!("{story}");
            return ExitCode::FAILURE;
        }
        println!("world {seed}: nothing missed, nothing false, nothing leaked");
        return ExitCode::SUCCESS;
    }
    let from = arguments.from.unwrap_or_else(|| time::wall().timestamp_millis().unsigned_abs());
    println!("worlds from {from} on, for {} s", arguments.seconds);
    let end = time::monotonic() + Duration::from_secs(arguments.seconds);
    let (tally, next) = (&Tally::default(), &AtomicU64::new(from));
    let (tell, most) = (&arguments, arguments.failures);
    let memory = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..arguments.at_once)
            .map(|_| {
                scope.spawn(move || {
                    while time::left_until(end) > Duration::ZERO && !tally.is_over.load(Ordering::Relaxed) {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if let Some(story) = run(seed, tally, false) {
                            let mut failing = tally.failing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                            println!("{story}");
                            failing.push(seed.to_string());
                            tally.is_over.fetch_or(failing.len() >= tell.failures, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        let mut memory = Vec::new();
        while workers.iter().any(|worker| !worker.is_finished()) {
            std::thread::sleep(LOOK);
            memory.extend(resident());
        }
        memory
    });
    let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
    println!(
        "{} worlds, {} invocations, {} calls, of which {} failed; {} messages posted; {} invocations held up by the machine",
        count(&tally.worlds),
        count(&tally.invocations),
        count(&tally.calls),
        count(&tally.flaws),
        count(&tally.posts),
        count(&tally.stalled),
    );
    let failing = tally.failing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let grown = grown(&memory);
    if let Some(grown) = grown {
        println!(
            "memory: {} MB at most; {} MB more in the second half",
            memory.iter().max().unwrap_or(&0) >> 20,
            grown >> 20
        );
    }
    if !failing.is_empty() {
        let more = if failing.len() >= most { " or more" } else { "" };
        println!("{}{more} worlds failed: {}", failing.len(), failing.join(", "));
        return ExitCode::FAILURE;
    }
    if grown.is_some_and(|grown| grown > GROWTH) {
        println!("memory grows: {:?} MB", memory.iter().map(|bytes| bytes >> 20).collect::<Vec<_>>());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Runs a world; returns its story if the oracle objects to anything, or if `always`.
fn run(seed: u64, tally: &Tally, always: bool) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let mut world = World::new(seed);
        let mut stage = Stage::start(&world).await.expect("the machine gives ports");
        tally.worlds.fetch_add(1, Ordering::Relaxed);
        let mut story = String::new();
        for number in 0..world.invocations() {
            let invocation = world.step(number);
            let record = stage.play(&world, invocation).await;
            tally.invocations.fetch_add(1, Ordering::Relaxed);
            tally.calls.fetch_add(record.tape.len() as u64, Ordering::Relaxed);
            let count = |is: fn(&stage::Seen) -> bool| record.tape.iter().filter(|seen| is(seen)).count() as u64;
            tally.flaws.fetch_add(count(|seen| matches!(seen.outcome, stage::Outcome::Flawed(_))), Ordering::Relaxed);
            tally.posts.fetch_add(count(|seen| seen.call == faults::Call::Post), Ordering::Relaxed);
            if record.stall > STALL {
                tally.stalled.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let problems = oracle::check(&world, &record);
            if always {
                story.push_str(&story::tell(&world, &record, &problems));
            }
            if !problems.is_empty() {
                return Some(if always { story } else { story::tell(&world, &record, &problems) });
            }
        }
        if always {
            println!("{story}");
        }
        None
    })
}

/// The memory of this process, in bytes, where the system reports it.
fn resident() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(pages.split(' ').nth(1)?.parse::<u64>().ok()? << 12)
}

/// By how much the memory of the last quarter exceeds that of the second, in the middle of each: memory that a soak leaks keeps
/// growing, memory that it needs does not.
fn grown(memory: &[u64]) -> Option<u64> {
    let quarter = memory.len() / 4;
    let middle = |part: &[u64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part.get(part.len() / 2).copied()
    };
    (quarter >= 10).then_some(())?;
    Some(middle(&memory[3 * quarter..])?.saturating_sub(middle(&memory[quarter..2 * quarter])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_seen_and_noise_is_not() {
        let flat: Vec<u64> = (0..100).map(|n| 1000 + n % 7).collect();
        let rising: Vec<u64> = (0..100).map(|n| 1000 + 10 * n).collect();
        assert!(grown(&flat).unwrap() < 10 && grown(&rising).unwrap() > 400);
        assert_eq!(grown(&flat[..30]), None);
    }

    #[test]
    fn the_same_seed_is_the_same_world() {
        let told = |seed: u64| format!("{:?}", World::new(seed));
        assert_eq!(told(7), told(7));
        assert_ne!(told(7), told(8));
    }
}
