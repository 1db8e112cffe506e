//! A soak: random worlds around the real function, and what must hold in each of them.
//!
//! ```sh
//! cargo run --release --example soak            # a minute of new worlds
//! cargo run --release --example soak -- 1800    # half an hour
//! cargo run --release --example soak -- --seed 42
//! ```
//!
//! A world is some accounts with their lists, which page, lie and change as they like; webhooks with levels, routes and mutes;
//! settings and events; and faults at every call. Several invocations of one process run in it, over real sockets on
//! 127.0.0.1, with keys, webhooks and lists that change between them. After each, the invariants compare what was posted,
//! returned and logged with what the servers sent. The same seed gives the same world and the same faults.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

mod chats;
mod faults;
#[expect(unreachable_pub, clippy::unwrap_used, reason = "it belongs to the tests")]
#[path = "../../tests/common/forms.rs"]
mod forms;
mod invariants;
#[expect(unreachable_pub, clippy::unwrap_used, reason = "it belongs to the tests")]
#[path = "../../tests/common/schema.rs"]
#[expect(dead_code, reason = "the soak checks payloads and no results")]
mod schema;
#[path = "../../tests/common/servers/mod.rs"]
mod servers;
mod stage;
mod world;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::Parser;
use ncp_cert_alert::lambda::logging;
use ncp_cert_alert::time;

use crate::faults::{Call, Outcome};
use crate::stage::{Seen, Stage};
use crate::world::World;

/// Random worlds around the function
#[derive(Parser)]
struct Arguments {
    /// For how long new worlds are begun
    #[arg(default_value_t = 60)]
    seconds: u64,
    /// Run this world alone, and print its story
    #[arg(long)]
    seed: Option<u64>,
    /// The first world; without it, one that follows from the time
    #[arg(long, conflicts_with = "seed")]
    from: Option<u64>,
}

/// The most that the memory of the process may grow in the second half of the soak.
const GROWTH: u64 = 48 << 20;

/// A machine that delays a thread this long lets good answers come too late.
const STALL: Duration = Duration::from_millis(400);

/// How many worlds there are at a time.
const AT_ONCE: usize = 6;

/// After how many failing worlds the soak ends.
const FAILURES: usize = 3;

/// What was run; an invocation that the machine delayed too long proves nothing.
const COUNTED: [&str; 6] =
    ["worlds", "invocations", "calls", "faults", "messages", "invocations delayed by the machine"];

#[derive(Default)]
struct Tally {
    counts: [AtomicU64; COUNTED.len()],
    failing: Mutex<Vec<u64>>,
}

impl Tally {
    fn add(&self, counts: [usize; COUNTED.len()]) {
        for (sum, count) in self.counts.iter().zip(counts) {
            sum.fetch_add(count as u64, Ordering::Relaxed);
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let all = |name: &str| Some(if name == "AWS_LAMBDA_LOG_FORMAT" { "JSON" } else { "TRACE" }.to_owned());
    // Its hook would log a panic; here it is shown to whoever is watching.
    let hook = std::panic::take_hook();
    logging::init(logging::Format::from_vars(all), stage::clock, stage::keep);
    std::panic::set_hook(hook);
    if let Some(seed) = arguments.seed {
        let end = run(seed, &Tally::default(), true);
        println!("{}", end.as_ref().err().map_or("all invariants hold", String::as_str));
        return if end.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let from = arguments.from.unwrap_or_else(|| time::wall().timestamp_millis().unsigned_abs());
    println!("worlds from {from} on, for {} s", arguments.seconds);
    let (tally, memory) = soak(&arguments, from);
    let counts =
        COUNTED.iter().zip(&tally.counts).map(|(what, count)| format!("{} {what}", count.load(Ordering::Relaxed)));
    println!("{}", counts.collect::<Vec<_>>().join(", "));
    let failing = tally.failing.into_inner().unwrap_or_else(PoisonError::into_inner);
    let growth = growth(&memory);
    let most = memory.iter().max().unwrap_or(&0) >> 20;
    println!("memory: {most} MB at most; {} MB more in the second half", growth.unwrap_or(0) >> 20);
    println!("failing worlds: {failing:?}");
    let is_sound = failing.is_empty() && growth.is_none_or(|growth| growth <= GROWTH);
    if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs worlds until the time is up or too many have failed; also returns the memory of the process, second by second.
fn soak(arguments: &Arguments, from: u64) -> (Tally, Vec<u64>) {
    let end = time::monotonic() + Duration::from_secs(arguments.seconds);
    let (tally, next) = (Tally::default(), AtomicU64::new(from));
    let failing = || tally.failing.lock().unwrap_or_else(PoisonError::into_inner);
    let worker = || {
        while time::left_until(end) > Duration::ZERO && failing().len() < FAILURES {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if let Err(story) = run(seed, &tally, false) {
                println!("{story}");
                failing().push(seed);
            }
        }
    };
    let mut memory = Vec::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(worker)).collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            std::thread::sleep(Duration::from_secs(1));
            memory.extend(resident());
        }
    });
    (tally, memory)
}

/// Runs a world. The error is the story of the invocation that broke an invariant; if `is_shown`, all invocations are printed.
fn run(seed: u64, tally: &Tally, is_shown: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let mut world = World::new(seed);
        let mut stage = Stage::start(&world).await.expect("the machine has free ports");
        tally.add([1, 0, 0, 0, 0, 0]);
        for number in 0..=seed % 5 {
            let invocation = world.step(number);
            let record = stage.play(&world, invocation).await;
            let count = |is: fn(&Seen) -> bool| record.tape.iter().filter(|seen| is(seen)).count();
            let (faults, posts) =
                (count(|seen| seen.outcome == Outcome::Faulty), count(|seen| seen.call == Call::Post));
            let is_delayed = record.stall > STALL;
            tally.add([0, 1, record.tape.len(), faults, posts, usize::from(is_delayed)]);
            if is_delayed {
                continue;
            }
            let problems = invariants::check(&world, &record);
            if !problems.is_empty() {
                return Err(stage::story(&world, &record, &problems));
            }
            if is_shown {
                println!("{}", stage::story(&world, &record, &problems));
            }
        }
        Ok(())
    })
}

/// The memory of this process, in bytes, where the system reports it.
fn resident() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(pages.split(' ').nth(1)?.parse::<u64>().ok()? << 12)
}

/// By how much the memory of the last quarter exceeds that of the second, in the middle of each: memory that a soak leaks keeps
/// growing, memory that it needs does not. `None` for a short soak.
fn growth(memory: &[u64]) -> Option<u64> {
    let quarter = memory.len() / 4;
    let middle = |part: &[u64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part[part.len() / 2]
    };
    (quarter >= 10).then(|| middle(&memory[3 * quarter..]).saturating_sub(middle(&memory[quarter..2 * quarter])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_seen_and_noise_is_not() {
        let flat: Vec<u64> = (0..100).map(|n| 1000 + n % 7).collect();
        let rising: Vec<u64> = (0..100).map(|n| 1000 + 10 * n).collect();
        assert!(growth(&flat).is_some_and(|growth| growth < 10) && growth(&rising).is_some_and(|growth| growth > 400));
        assert_eq!(growth(&flat[..30]), None);
    }

    #[test]
    fn the_same_seed_is_the_same_world() {
        let world = |seed: u64| format!("{:?}", World::new(seed));
        assert_eq!(world(7), world(7));
        assert_ne!(world(7), world(8));
    }
}
