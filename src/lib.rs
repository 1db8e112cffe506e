//! Watches the certificates provisioned on NAVER Cloud Platform's Global Edge, and tells team chats which of them expire soon
//! or are not running.
//!
//! Two programs are built from this library: the scheduled Lambda function ([`lambda`]) and the command line (`cli`). Both
//! follow [`run`]: list, judge, read details, decide what every webhook gets, post it. The layers from there:
//!
//! 1. [`global_edge`] lists a whole account, or says why it could not; [`certificate_manager`] may add to that.
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
//! use std::time::Duration;
//!
//! use ncp_cert_alert::chat::Kind;
//! use ncp_cert_alert::global_edge::{self, signature::KeyPair};
//! use ncp_cert_alert::message::{compose, words::Reader};
//! use ncp_cert_alert::net::{http, redact::Redactor};
//! use ncp_cert_alert::report::view::{Audience, NotifyPolicy, views};
//! use ncp_cert_alert::run::{self, Rules};
//! use ncp_cert_alert::settings::{Settings, secrets::Label};
//! use ncp_cert_alert::simulator::{Account, GlobalEdge, Server};
//! use ncp_cert_alert::time;
//!
//! let settings = Settings::default();
//! let (now, until) = (time::wall(), time::monotonic() + Duration::from_secs(30));
//! let keys = KeyPair::new("access-key", "secret-key");
//! let edge = GlobalEdge { account: Account::estate(6, now), keys: keys.clone(), max_size: 100 };
//! let server = Server::start(edge, time::wall).await?;
//!
//! // List and judge.
//! let rules = Rules::new(settings.thresholds, now, false, settings.zone);
//! let client = global_edge::Client::new(http::client(), server.url(), keys, time::wall, &Redactor::default());
//! let account = run::check(Label::given("shop"), client, rules, until, |_, _| ()).await;
//! let report = run::report(vec![account], rules, &[], Some(until)).await;
//! assert_eq!(report.checked(), 6);
//!
//! // Render for a webhook that sees everything.
//! let view = views(&report, &[Audience::EVERYBODY], NotifyPolicy::EVERYTHING).remove(0).expect("all clear would be told too");
//! let document = compose(&view, &settings.style(Reader::Operator));
//! for payload in Kind::Slack.payloads(&document, None) {
//!     println!("{}", payload.body);
//! }
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
pub mod global_edge;
pub mod lambda;
pub mod message;
pub mod net;
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
