//! Watches the certificates that are provisioned on NAVER Cloud Platform's Global Edge, and tells Slack and Microsoft Teams
//! which of them expire soon or are not running.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod api;
pub mod aws;
pub mod certificate;
pub mod certificate_manager;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
pub mod config;
pub mod digest;
pub mod elsewhere;
pub mod event;
pub mod finding;
pub mod function;
pub mod http;
pub mod language;
pub mod lifetime;
pub mod logging;
pub mod message;
pub mod metrics;
pub mod outcome;
pub mod redact;
pub mod retry;
pub mod run;
pub mod sample;
pub mod secrets;
pub mod signature;
#[cfg(feature = "cli")]
pub mod simulator;
pub mod untrusted;
pub mod webhook;
pub mod zone;
