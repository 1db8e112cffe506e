//! The figures, as tables and against their targets.

use std::error::Error;
use std::fs::read_to_string;
use std::process::Command;

use serde::Serialize;

use crate::programs::Size;
use crate::runtime::Life;

/// The medians of everything that was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) rounds: usize,
    /// How many certificates the usual account has.
    pub(crate) certificates: usize,
    /// How many the large one has.
    pub(crate) many: usize,
    /// How many bytes the pages of the large one take.
    pub(crate) many_bytes: usize,
    pub(crate) empty: Figures,
    pub(crate) functions: Vec<Function>,
    /// What it takes to parse the pages of the large account with `serde_json` alone.
    pub(crate) parse_cpu_ms: f64,
    /// What it takes to make the HTTP client.
    pub(crate) client_cpu_ms: f64,
    /// What its first HTTPS request takes.
    pub(crate) first_request_cpu_ms: f64,
}

#[derive(Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    pub(crate) compiler: String,
}

#[derive(Serialize)]
pub(crate) struct Figures {
    pub(crate) life: Life,
    pub(crate) size: Size,
}

/// A build of the function.
#[derive(Serialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// With the usual account.
    pub(crate) usual: Figures,
    /// With the large account.
    pub(crate) large: Life,
}

/// A figure that should stay below a limit.
pub(crate) struct Target {
    name: String,
    limit: f64,
    value: f64,
    unit: &'static str,
}

impl Target {
    pub(crate) fn is_met(&self) -> bool {
        self.value <= self.limit
    }
}

impl Report {
    /// The function's targets; only those that are the same on every machine if `is_steady`.
    pub(crate) fn targets(&self, is_steady: bool) -> Vec<Target> {
        let function = &self.functions[0];
        let target = |name: String, limit, value, unit| Target { name, limit, value, unit };
        let (usual, empty) = (&function.usual.life, &self.empty.life);
        let many = format!("{} certificates", thousands(self.many));
        let mut targets = vec![
            target("`bootstrap`".to_owned(), 4.8, function.usual.size.binary_mb, "MB"),
            target("zip".to_owned(), 2.4, function.usual.size.zip_mb, "MB"),
            target(format!("{many}: peak memory"), 48.0, function.large.peak_mib, "MiB"),
        ];
        if !is_steady {
            targets.extend([
                target("start-up, CPU: 2 × empty".to_owned(), 2.0 * empty.start_up.cpu_ms, usual.start_up.cpu_ms, "ms"),
                target(
                    "first invocation, CPU: 4 × empty + 10 ms".to_owned(),
                    4.0 * empty.first.cpu_ms + 10.0,
                    usual.first.cpu_ms,
                    "ms",
                ),
                target("first HTTPS request, CPU".to_owned(), 3.0, self.first_request_cpu_ms, "ms"),
                target(
                    format!("{many}, CPU: 2 × `serde_json`"),
                    2.0 * self.parse_cpu_ms,
                    function.large.first.cpu_ms,
                    "ms",
                ),
            ]);
        }
        targets
    }

    /// Everything, in Markdown.
    pub(crate) fn table(&self) -> String {
        let Machine { processor, cores, kernel, compiler } = &self.machine;
        let mut text =
            format!("{processor}, {cores} cores, {kernel}, {compiler}; the median of {} rounds.\n\n", self.rounds);
        let names: Vec<&str> = self.functions.iter().map(|function| function.name.as_str()).collect();
        let row = |name, floor, value: fn(&Function) -> f64| {
            let values = self.functions.iter().map(value).collect();
            Row { name, floor, values }
        };
        let Figures { life: empty, size } = &self.empty;
        let rows = [
            row("binary, MB", Some(size.binary_mb), |one| one.usual.size.binary_mb),
            row("zip, MB", Some(size.zip_mb), |one| one.usual.size.zip_mb),
            row("start-up, CPU ms", Some(empty.start_up.cpu_ms), |one| one.usual.life.start_up.cpu_ms),
            row("start-up, wall ms", Some(empty.start_up.wall_ms), |one| one.usual.life.start_up.wall_ms),
            row("first invocation, CPU ms", Some(empty.first.cpu_ms), |one| one.usual.life.first.cpu_ms),
            row("first invocation, wall ms", Some(empty.first.wall_ms), |one| one.usual.life.first.wall_ms),
            row("second invocation, CPU ms", Some(empty.second.cpu_ms), |one| one.usual.life.second.cpu_ms),
            row("second invocation, wall ms", Some(empty.second.wall_ms), |one| one.usual.life.second.wall_ms),
            row("peak memory, MiB", Some(empty.peak_mib), |one| one.usual.life.peak_mib),
        ];
        text +=
            &rows_of(&format!("{} certificates, Slack and Teams", self.certificates), "empty function", &names, &rows);
        let rows = [
            row("first invocation, CPU ms", Some(self.parse_cpu_ms), |one| one.large.first.cpu_ms),
            row("second invocation, CPU ms", Some(self.parse_cpu_ms), |one| one.large.second.cpu_ms),
            row("peak memory, MiB", None, |one| one.large.peak_mib),
        ];
        let many = format!("{} certificates ({} MB)", thousands(self.many), self.many_bytes / 1_000_000);
        text += &rows_of(&many, "`serde_json` alone", &names, &rows);
        let rows = [
            Row { name: "making the client", floor: None, values: vec![self.client_cpu_ms] },
            Row { name: "first request", floor: None, values: vec![self.first_request_cpu_ms] },
        ];
        text += &rows_of("HTTPS, CPU ms", "", &names[..1], &rows);
        text
    }
}

/// A line of a table: its name, its floor, and its value for each build.
struct Row {
    name: &'static str,
    floor: Option<f64>,
    values: Vec<f64>,
}

/// A table in Markdown.
fn rows_of(title: &str, floor: &str, names: &[&str], rows: &[Row]) -> String {
    let mut lines = vec![
        format!("| {title} | {floor} | {} |", names.join(" | ")),
        format!("|---|{}", "--:|".repeat(names.len() + 1)),
    ];
    for Row { name, floor, values } in rows {
        let value = |value: &f64| match floor {
            Some(floor) => format!("{value:.2} ({:.1} ×)", value / floor),
            None => format!("{value:.2}"),
        };
        let values: Vec<String> = values.iter().map(value).collect();
        let floor = floor.map(|floor| format!("{floor:.2}")).unwrap_or_default();
        lines.push(format!("| {name} | {floor} | {} |", values.join(" | ")));
    }
    lines.join("\n") + "\n\n"
}

/// The targets, in Markdown.
pub(crate) fn table_of(targets: &[Target]) -> String {
    let line = |target: &Target| {
        let Target { name, limit, value, unit } = target;
        let mark = if target.is_met() { "met" } else { "**missed**" };
        format!("| {name} | {limit:.2} {unit} | {value:.2} {unit} | {mark} |\n")
    };
    "| target | at most | measured | |\n|---|--:|--:|---|\n".to_owned() + &targets.iter().map(line).collect::<String>()
}

fn thousands(number: usize) -> String {
    if number < 1000 { number.to_string() } else { format!("{} {:03}", number / 1000, number % 1000) }
}

pub(crate) fn machine() -> Result<Machine, Box<dyn Error>> {
    let cpus = read_to_string("/proc/cpuinfo")?;
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let output = |program: &str, argument: &str| -> Result<String, Box<dyn Error>> {
        Ok(String::from_utf8(Command::new(program).arg(argument).output()?.stdout)?.trim().to_owned())
    };
    Ok(Machine {
        processor: model.trim_matches([' ', '\t', ':']).to_owned(),
        cores: std::thread::available_parallelism()?.get(),
        kernel: format!("Linux {}", output("uname", "-r")?.split('-').next().unwrap_or_default()),
        compiler: output("rustc", "--version")?.split(' ').take(2).collect::<Vec<_>>().join(" "),
    })
}
