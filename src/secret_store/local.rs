//! The machine's own secrets, for the command line: files, such as mounted secrets, and environment variables, as CI sets them.

use std::fs::File;
use std::io::Read as _;

use super::settings::ANSWER_LIMIT;
use super::{Flaw, Mistake, Problem, Secret, id};

/// Gives the value of an environment variable.
pub type Var = Box<dyn Fn(&str) -> Option<String>>;

/// Reads the secret with this id; `None` if it is of another store.
pub(super) fn read(id: &str, var: &Var) -> Option<Result<Secret, Problem>> {
    let text = match (id.strip_prefix(id::FILE), id.strip_prefix(id::VARIABLE)) {
        (Some(path), _) => read_file(path),
        (None, Some(name)) => {
            let unset = || Flaw::whole(Mistake::UnsetVariable, "the variable is not set");
            var(name).filter(|text| !text.is_empty()).ok_or_else(unset)
        }
        (None, None) => return None,
    };
    let invalid = |flaw| Problem::Invalid(vec![flaw]);
    Some(text.map(|text| Secret { name: id.to_owned(), text: text.into() }).map_err(invalid))
}

fn read_file(path: &str) -> Result<String, Flaw> {
    let mut text = String::new();
    let limit = u64::try_from(ANSWER_LIMIT).unwrap_or(u64::MAX);
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(Flaw::whole(Mistake::UnreadableFile, format!("the file cannot be read: {error}"))),
        Ok(length) if length > ANSWER_LIMIT => {
            Err(Flaw::whole(Mistake::Other, format!("the file is longer than {} KB", ANSWER_LIMIT / 1024)))
        }
        Ok(_) => Ok(text),
    }
}
