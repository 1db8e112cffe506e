//! Calls over the network: one HTTP client for everything, when a call is made again, and what of an answer may be shown.

pub mod http;
pub mod redact;
pub mod retry;
