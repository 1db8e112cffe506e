//! What Global Edge sends: a page of the list, and the detail of a slot.
#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code, reason = "each target has one of the checks")]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::page(input));
