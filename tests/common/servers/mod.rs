//! The far sides of a run, on loopback ports: honest ones, and ones that fail and lie as a test tells them to.
//!
//! Correct answers come from the library's simulator, which checks signatures and pages; here is only what departs from it.
//! Examples and benches share this folder.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "every program uses a part of it")]

mod deviations;
mod global_edge;
mod reply;
mod round_trips;
mod server;
pub mod tls;

pub use self::deviations::{Deviations, ManagerResponse, with_rows};
pub use self::global_edge::GlobalEdge;
pub use self::reply::{Fault, Reply};
pub use self::round_trips::RoundTrips;
pub use self::server::{Request, Server, header, parameter, target};
