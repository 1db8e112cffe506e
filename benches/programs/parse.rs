//! The floor for reading an account: pages, one per line of a file, parsed into plain structs with `serde_json` alone.
//!
//! Prints how many rows there were, and the nanoseconds of processor time that parsing them took.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

#[path = "used.rs"]
mod used;

use std::error::Error;
use std::fs::read_to_string;
use std::hint::black_box;

use serde::Deserialize;

use crate::used::used;

#[derive(Deserialize)]
struct Page {
    result: PageResult,
}

#[derive(Deserialize)]
struct PageResult {
    content: Vec<Row>,
}

/// The documented fields of a row.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what it costs to read them is the question")]
struct Row {
    slot_id: i64,
    common_name: String,
    service_region: String,
    tls_version: String,
    cipher_profile: String,
    certificate_name: String,
    expiration_date: String,
    provision_status: String,
    provision_date: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("the path of a file with pages is missing")?;
    let pages = read_to_string(path)?;
    let start = used();
    let mut rows = 0;
    for page in pages.lines() {
        let page: Page = serde_json::from_str(page)?;
        rows += black_box(page).result.content.len();
    }
    println!("{rows} {}", used() - start);
    Ok(())
}
