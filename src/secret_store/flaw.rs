//! What is wrong with what a secret holds.

use std::fmt;

use crate::text::json::Doubled;
use crate::text::quote::quoted;

/// Something that is wrong with a secret: in English in full, and as a value that other languages have words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What kind of mistake it is.
    pub mistake: Mistake,
    /// The field or key as it may be shown, in its quotes; empty if it is the whole secret.
    pub field: String,
    /// In English, with what is accepted.
    text: String,
}

/// The mistakes that people make when they write a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// A field that must be there is not.
    Missing,
    /// A key that nothing reads, such as a misspelt one.
    UnknownKey,
    /// There is a field, but nothing in it.
    Empty,
    /// A number where a text should be, a text where a list should be.
    WrongType,
    /// It is given twice.
    Doubled,
    /// A quotation mark or comma is missing, for example.
    NotJson {
        /// From 1.
        line: usize,
        /// From 1; 0 in an empty text.
        column: usize,
    },
    /// JSON, but a list or a text.
    NotAnObject,
    /// JSON inside a JSON string.
    JsonInString,
    /// `file://` and a path: what a command was to read was stored as it stood.
    PathStored,
    /// The value is enclosed in quotation marks.
    InQuotes,
    /// A blank or a line break in a key.
    BadCharacter,
    /// A text that is not the URL of a server that may be asked.
    BadUrl,
    /// A file that is not there, or may not be read.
    UnreadableFile,
    /// An environment variable that is not set.
    UnsetVariable,
    /// Another one: the text says which.
    Other,
}

impl Flaw {
    /// A mistake in a field; `text` is what is said of it.
    pub fn of(mistake: Mistake, field: &str, text: &str) -> Self {
        Self::whole(mistake, format!("{field} {text}")).about(field)
    }

    /// A mistake for which `text` is a whole sentence.
    pub fn whole(mistake: Mistake, text: impl Into<String>) -> Self {
        Self { mistake, field: String::new(), text: text.into() }
    }

    /// That a key stands twice in an object.
    pub(crate) fn doubled(doubled: &Doubled) -> Self {
        Self::whole(Mistake::Doubled, doubled.to_string()).about(&quoted(&doubled.key))
    }

    /// The same, of the object at this place.
    pub(crate) fn doubled_in(place: &str, doubled: &Doubled) -> Self {
        Self::whole(Mistake::Doubled, format!("`{place}`: {doubled}")).about(&quoted(&doubled.key))
    }

    /// The same, about this field.
    pub fn about(self, field: &str) -> Self {
        Self { field: field.to_owned(), ..self }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// All of them, in English.
pub fn sentences(flaws: &[Flaw]) -> Vec<String> {
    flaws.iter().map(Flaw::to_string).collect()
}
