//! What may be linked into the function. Its size and memory are held by `benches/process.rs`.

use std::collections::BTreeSet;
use std::process::Command;

/// How many crates the function may consist of; adding one is a deliberate decision.
const CRATES: usize = 180;

/// Crates that must not be in the function, though the command line or the tests may have them, and what would bring them. What
/// nothing may link is in `deny.toml`.
const BANNED: [(&str, &str); 4] = [
    ("h2 v", "HTTP/2, for a handful of requests"),
    ("regex v", "tracing-subscriber's EnvFilter, or lambda_runtime's feature `tracing`"),
    ("aws-sdk-sso v", "aws-config's default features: credentials come from the environment"),
    ("clap v", "the command line, which is behind the feature `cli`"),
];

/// The crates of the function as it is deployed, with their versions.
fn crates() -> BTreeSet<String> {
    let tree = ["tree", "--locked", "--no-default-features", "--edges", "normal", "--prefix", "none"];
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(tree)
        .args(["--format", "{p}", "--target", "x86_64-unknown-linux-gnu"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").lines().map(|line| line.replace(" (*)", "")).collect()
}

#[test]
fn the_function_is_made_of_few_crates_and_of_none_that_is_banned() {
    let crates = crates();
    assert!(crates.iter().any(|one| one.starts_with("reqwest v")), "{crates:?}");
    assert!(crates.len() <= CRATES, "{} crates; {CRATES} are allowed", crates.len());
    for (banned, why) in BANNED {
        let found: Vec<_> = crates.iter().filter(|one| one.starts_with(banned)).collect();
        assert!(found.is_empty(), "{found:?}: {why}");
    }
}
