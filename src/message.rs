//! A view of a report as a message: what it says, in which order and words, and how it is split when it is long.
//!
//! Pure, and the same for every channel. What is in a [`Document`] is plain text of one line, fit to be shown.

mod compose;
mod document;
mod entry;
mod notice;
mod split;
pub mod words;

pub use self::compose::compose;
pub(crate) use self::document::{Appendix, Button};
pub use self::document::{Date, Document, Entry, Facts, Missed, Rest, Section, Style};
#[cfg(feature = "cli")]
pub(crate) use self::document::{mark, marked};
pub use self::notice::{Undelivered, undelivered};
#[cfg(feature = "cli")]
pub(crate) use self::split::unnamed;
pub(crate) use self::split::{Budget, Part, heading, split};
