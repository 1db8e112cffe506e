//! The measured programs, built as they are shipped.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{env, fs, io};

use serde::Serialize;
use serde_json::Value;

/// The release builds.
pub(crate) struct Programs {
    /// The function.
    pub(crate) function: PathBuf,
    /// A function that does nothing.
    pub(crate) empty: PathBuf,
    /// The program that only parses.
    pub(crate) parse: PathBuf,
    /// The program that makes one HTTPS request.
    pub(crate) first_request: PathBuf,
    /// Where results go.
    pub(crate) folder: PathBuf,
}

/// How large a program is, in megabytes (10⁶ bytes).
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Size {
    /// As it is.
    pub(crate) binary_mb: f64,
    /// In the zip file that is uploaded.
    pub(crate) zip_mb: f64,
}

/// What a zip file with one entry named `bootstrap` holds besides the deflated bytes:
/// <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, sections 4.3.7, 4.3.12 and 4.3.16.
const ZIP: usize = 30 + 46 + 22 + 2 * "bootstrap".len();

impl Size {
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let program = fs::read(path)?;
        let deflated = miniz_oxide::deflate::compress_to_vec(&program, 6);
        Ok(Self { binary_mb: program.len() as f64 / 1e6, zip_mb: (deflated.len() + ZIP) as f64 / 1e6 })
    }
}

/// Builds everything. The function is built separately, so that nothing the other programs need gets into it.
pub(crate) fn build() -> Result<Programs, Box<dyn Error>> {
    let [function] = executables(&["--bin", "ncp-cert-alert"], ["ncp-cert-alert"])?;
    let examples = ["bench_empty", "bench_parse", "bench_first_request"];
    let [empty, parse, first_request] = executables(&["--examples"], examples)?;
    let folder = function.parent().and_then(Path::parent).ok_or("the target folder is not known")?.join("bench");
    fs::create_dir_all(&folder)?;
    Ok(Programs { function, empty, parse, first_request, folder })
}

fn executables<const N: usize>(what: &[&str], names: [&str; N]) -> Result<[PathBuf; N], Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO"));
    // The variables by which cargo describes a benchmark's package would make build scripts of other packages run again.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "build",
            "--release",
            "--locked",
            "--no-default-features",
            "--message-format",
            "json-render-diagnostics",
        ])
        .args(what)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the build failed".into());
    }
    let messages: Vec<Value> =
        String::from_utf8(output.stdout)?.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let path = |name: &str| {
        let built = messages.iter().find(|one| one["target"]["name"] == name && one["executable"].is_string());
        built.and_then(|one| one["executable"].as_str()).map(PathBuf::from).ok_or(format!("{name} was not built"))
    };
    let paths = names.into_iter().map(path).collect::<Result<Vec<_>, _>>()?;
    Ok(paths.try_into().map_err(|_| "as many paths as names")?)
}

/// The numbers that a program printed.
pub(crate) fn figures<const N: usize>(output: Output) -> Result<[u64; N], Box<dyn Error>> {
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let printed = String::from_utf8(output.stdout)?;
    let numbers = printed.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    Ok(numbers.try_into().map_err(|_| format!("not {N} figures: {printed}"))?)
}

/// Nanoseconds as milliseconds.
pub(crate) fn millis(nanoseconds: u64) -> f64 {
    Duration::from_nanos(nanoseconds).as_secs_f64() * 1e3
}
