//! The function as a whole process, measured from outside: started as Lambda starts it, between a Runtime API that reads its
//! meters and the simulators; alongside it, in the same rounds, a function that does nothing and a program that only parses.
//!
//! ```sh
//! cargo bench --bench process                           # tables, and target/bench/process.json
//! cargo bench --bench process -- --budgets              # what cannot flake; fails when a budget is exceeded
//! cargo bench --bench process -- --also z=path/to/it    # other builds of the function, side by side
//! ```
//!
//! Linux only: processor time and memory are read from `/proc`.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

#[path = "../../tests/common/mod.rs"]
#[expect(clippy::unwrap_used, reason = "shared with the tests")]
mod common;
mod programs;
mod runtime;
mod tables;
mod tls;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use ncp_cert_alert::global_edge::signature::{KeyPair, sign};
use ncp_cert_alert::simulator::{Account, PATH};
use ncp_cert_alert::{net::http, time};
use serde_json::Value;

use crate::common::{ACCESS_KEY, SECRET_KEY, World};
use crate::programs::{Programs, Size};
use crate::runtime::{Cost, Life};
use crate::tables::{Figures, Function, Report, Target};

/// An account of the usual size.
const USUAL: usize = 37;

/// An account larger than any known one.
const LARGE: usize = 100_000;

/// How many rows a page holds: as many as requested.
const PAGE: usize = 1000;

/// The function as a whole process
#[derive(Parser)]
struct Arguments {
    /// How often everything is measured; the median is shown
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// Measure only what is the same on every machine, and fail when it is over its budget
    #[arg(long)]
    budgets: bool,
    /// Another build of the function, to be measured too
    #[arg(long, value_name = "NAME=PATH", value_parser = named)]
    also: Vec<(String, PathBuf)>,
    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("it takes NAME=PATH")?;
    Ok((name.to_owned(), path.into()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    let programs = programs::build()?;
    let rounds = if arguments.budgets { 1 } else { arguments.rounds };

    let usual = world(USUAL).await;
    let mut empty = Vec::new();
    let builds: Vec<(String, PathBuf)> =
        [("ncp-cert-alert".to_owned(), programs.function.clone())].into_iter().chain(arguments.also).collect();
    let mut lives = vec![Vec::new(); builds.len()];
    for _ in 0..rounds {
        empty.push(runtime::live(&programs.empty, &BTreeMap::new(), |answer| answer == "{}").await?);
        for ((_, path), lives) in builds.iter().zip(&mut lives) {
            lives.push(alert(path, &usual).await?);
        }
    }

    let large = world(LARGE).await;
    let pages = programs.folder.join("pages.json");
    let bytes = fetch_pages(&large, &pages).await?;
    let mut parsed = Vec::new();
    let mut large_lives = vec![Vec::new(); builds.len()];
    for _ in 0..rounds {
        parsed.push(parse(&programs, &pages)?);
        for ((_, path), lives) in builds.iter().zip(&mut large_lives) {
            lives.push(alert(path, &large).await?);
        }
    }

    let server = tls::Server::start(&programs.folder).await?;
    let mut first_requests = Vec::new();
    for _ in 0..rounds {
        first_requests.push(server.call(&programs.first_request).await?);
    }

    let functions = builds.iter().zip(lives).zip(large_lives);
    let report = Report {
        machine: tables::machine()?,
        rounds,
        certificates: USUAL,
        many: LARGE,
        many_bytes: bytes,
        empty: Figures { life: median_life(&empty), size: Size::of(&programs.empty)? },
        functions: functions
            .map(|(((name, path), usual), large)| {
                let figures = Figures { life: median_life(&usual), size: Size::of(path)? };
                Ok(Function { name: name.clone(), usual: figures, large: median_life(&large) })
            })
            .collect::<Result<_, Box<dyn Error>>>()?,
        parse_cpu_ms: median(parsed),
        client_cpu_ms: median(first_requests.iter().map(|(client, _)| *client)),
        first_request_cpu_ms: median(first_requests.iter().map(|(_, request)| *request)),
    };
    let targets = report.targets(arguments.budgets);
    if !arguments.budgets {
        println!("{}", report.table());
        let path = programs.folder.join("process.json");
        fs::write(&path, serde_json::to_string_pretty(&report)?)?;
        println!("The same as JSON: {}\n", path.display());
    }
    println!("{}", tables::table_of(&targets));
    let is_met = targets.iter().all(Target::is_met);
    Ok(if arguments.budgets && !is_met { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Everything that the function calls, with an account of this many certificates.
async fn world(certificates: usize) -> World {
    World::with(Account::demo(certificates, time::wall()), PAGE).await
}

/// Two invocations of a build of the function, each of which must have found and posted something.
async fn alert(path: &Path, world: &World) -> Result<Life, Box<dyn Error>> {
    let accepts = |answer: &str| {
        let answer: Value = serde_json::from_str(answer).unwrap_or_default();
        answer["status"] == "alerted" && answer["deliveries"].as_array().is_some_and(|all| all.len() == 2)
    };
    let life = runtime::live(path, &world.vars, accepts).await?;
    world.slack.forget();
    world.teams.forget();
    Ok(life)
}

/// Reads every page of the world's account into a file, one per line, and returns their size in bytes.
async fn fetch_pages(world: &World, path: &Path) -> Result<usize, Box<dyn Error>> {
    let (http, keys) = (http::client(), KeyPair::new(ACCESS_KEY, SECRET_KEY));
    let mut pages = Vec::new();
    for page in 1..=LARGE / PAGE {
        let target = format!("{PATH}?pageNo={page}&offset={PAGE}");
        let request = http.get(world.edge.url().join(&target)?);
        let headers = sign("GET", &target, time::wall(), &keys);
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        pages.extend_from_slice(&request.send().await?.error_for_status()?.bytes().await?);
        pages.push(b'\n');
    }
    fs::write(path, &pages)?;
    Ok(pages.len() - LARGE / PAGE)
}

/// The milliseconds of processor time that parsing alone takes.
fn parse(programs: &Programs, pages: &Path) -> Result<f64, Box<dyn Error>> {
    let [rows, cpu] = programs::figures(Command::new(&programs.parse).arg(pages).output()?)?;
    let is_whole = usize::try_from(rows)? == LARGE;
    if is_whole { Ok(programs::millis(cpu)) } else { Err(format!("{rows} rows were parsed").into()) }
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn median_life(lives: &[Life]) -> Life {
    let cost = |of: fn(&Life) -> Cost| Cost {
        wall_ms: median(lives.iter().map(|life| of(life).wall_ms)),
        cpu_ms: median(lives.iter().map(|life| of(life).cpu_ms)),
    };
    Life {
        start_up: cost(|life| life.start_up),
        first: cost(|life| life.first),
        second: cost(|life| life.second),
        peak_mib: median(lives.iter().map(|life| life.peak_mib)),
    }
}
