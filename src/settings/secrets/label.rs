//! What accounts and webhooks are called.

use std::collections::HashSet;

use crate::secret_store::id;
use crate::text;

/// The longest label of an account or webhook, in graphemes.
const LONGEST: usize = 40;

/// A name as a label that can be shown.
pub(crate) fn shown(name: &str) -> String {
    text::cut(&text::one_line(name), LONGEST)
}

/// The label of an account after the name of its secret or parameter, without the path.
pub(crate) fn of_secret(id: &str) -> String {
    let name = id::name(id);
    shown(name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name))
}

/// The same names, with a number after each that was there before, whatever its letter case.
pub(crate) fn tell_apart(names: Vec<String>) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut unique = Vec::new();
    for name in names {
        let mut free = name.clone();
        let mut number = 2;
        while !taken.insert(free.to_lowercase()) {
            free = format!("{name} ({number})");
            number += 1;
        }
        unique.push(free);
    }
    unique
}
