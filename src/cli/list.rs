//! The inventory: every certificate of an account, judged and sorted, and the forms in which it is given.
//!
//! Pure: each form turns a [`List`] into a text, and the caller writes it.

mod csv;
mod html;
pub(super) mod rows;
mod table;
mod words;

pub(super) use self::csv::csv;
pub(super) use self::html::html;
pub(super) use self::rows::List;
pub(super) use self::table::{Table, table};
pub(super) use self::words::Words;
