//! What the fuzzers found worth keeping, held to the same checks without a fuzzer.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

#[path = "../fuzz/checks.rs"]
mod checks;

/// Every input of a target; a failure names the file.
fn replay(target: &str, check: fn(&[u8])) {
    let inputs = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(inputs).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 10, "the corpus of `{target}` is there");
    for file in files {
        let input = fs::read(&file).unwrap();
        let held = std::panic::catch_unwind(|| check(&input)).is_ok();
        assert!(held, "{} breaks a promise", file.display());
    }
}

#[test]
fn every_page_and_detail_is_read_as_promised() {
    replay("page", checks::page);
}

#[test]
fn every_secret_is_read_as_promised() {
    replay("secrets", checks::secrets);
}

#[test]
fn every_event_is_read_as_promised() {
    replay("event", checks::event);
}
