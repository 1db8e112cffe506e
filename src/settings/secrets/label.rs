//! What accounts and webhooks are called.

use std::collections::HashSet;

use crate::text;

/// The longest label of an account or webhook, in graphemes.
const LONGEST: usize = 40;

/// A name as a label that can be shown.
pub(super) fn shown(name: &str) -> String {
    text::cut(&text::one_line(name), LONGEST)
}

/// The same names, with a number after each that was there before.
pub(super) fn tell_apart(names: Vec<String>) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut unique = Vec::new();
    for name in names {
        let mut free = name.clone();
        let mut number = 2;
        while !taken.insert(free.clone()) {
            free = format!("{name} ({number})");
            number += 1;
        }
        unique.push(free);
    }
    unique
}
