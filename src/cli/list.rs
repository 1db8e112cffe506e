//! The inventory: every certificate of an account, judged and sorted; and the forms in which it is given.
//!
//! Pure: each form is made of a [`List`] as a text, and someone else writes it.

mod calendar;
mod csv;
mod html;
mod json;
mod rows;
mod table;
mod words;

pub(super) use self::calendar::calendar;
pub(super) use self::csv::csv;
pub(super) use self::html::html;
pub(super) use self::json::{days_left, json, reason, timestamp};
pub(super) use self::rows::List;
pub(super) use self::table::{Table, table};
pub(super) use self::words::Words;
