//! Alerts team chats before a certificate on NAVER Cloud Platform's Global Edge expires, or when its deployment is stuck.
//!
//! Two programs are built from this library: the scheduled Lambda function ([`lambda`]) and the command line (`cli`). Both call
//! [`run`], which is the whole story: secrets, lists, judgement, details, messages, posts. The layers from there:
//!
//! 1. [`global_edge`] lists a whole account, or says why it could not; [`certificate_manager`] may add to that. Both ask through
//!    [`ncp`].
//! 2. [`rules`] judge each [`certificate`], and the [`report`] puts the accounts together. Both are values.
//! 3. A [`message`] says what a [`report::view`] of it shows, in one of its languages.
//! 4. A [`channel`] gives the message the form of a [`chat`], and a [`webhook`] posts it.
//!
//! Below them are [`net`], [`time`] and [`text`]; next to them [`settings`] with [`secret_store`], and [`response`]. Only the
//! programs are kept stable; the library serves them, and changes with them.
//!
//! # Example
//!
//! Here a simulated Global Edge stands in for NAVER's:
//!
//! ```
//! # #[cfg(feature = "cli")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ncp_cert_alert::event::Options;
//! use ncp_cert_alert::ncp::signature::KeyPair;
//! use ncp_cert_alert::net::{http, retry::Timing};
//! use ncp_cert_alert::run::{self, RunSecrets, Task};
//! use ncp_cert_alert::settings::Settings;
//! use ncp_cert_alert::simulator::{Account, GlobalEdge, Server};
//! use ncp_cert_alert::time;
//!
//! let keys = KeyPair::new("access-key", "secret-key");
//! let account = Account::estate(6, time::wall());
//! let server = Server::start(GlobalEdge { account, keys: keys.clone(), max_size: 100 }, time::wall).await?;
//!
//! let settings = Settings { api_url: server.url(), ..Settings::default() };
//! let task = Task::new(&settings, Options::default(), time::wall())?;
//! let secrets = RunSecrets::of("shop", keys, Vec::new());
//! let http = http::Client::new(Timing::DEFAULT, time::wall);
//! let deadlines = run::deadlines(time::monotonic(), None);
//!
//! let ended = run::run(&task, secrets, &http, None, deadlines, |_, _| ()).await;
//! assert_eq!(ended.report.checked(), 6);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "cli"))]
//! # fn main() {}
//! ```
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod certificate;
pub mod certificate_manager;
pub mod channel;
pub mod chat;
#[cfg(feature = "cli")]
pub mod cli;
pub mod event;
pub mod global_edge;
pub mod lambda;
pub mod message;
pub mod ncp;
pub mod net;
pub mod probe;
pub mod report;
pub mod response;
pub mod rules;
pub mod run;
pub mod secret_store;
pub mod settings;
#[cfg(feature = "cli")]
pub mod simulator;
pub mod text;
pub mod time;
pub mod webhook;
