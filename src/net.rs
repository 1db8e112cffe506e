//! The network: one HTTP client, when a call is made again, and what of an answer may be shown.

pub mod disclosure;
pub mod http;
pub mod retry;
