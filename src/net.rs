//! Network calls: one HTTP client for everything, when a call is retried, and how much of a reply may be shown.

pub mod http;
pub mod redact;
pub mod retry;
