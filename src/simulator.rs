//! A Global Edge of our own, on a loopback port: it checks signatures and pages like the real one, and can be told to fail.
//!
//! The command line's demo and the tests share it. It is not part of the function.

mod account;
mod certificate_manager;
mod edge;
mod server;
mod turns;

pub use self::account::{Account, certificate};
pub use self::certificate_manager::{CertificateManager, Form, held};
pub use self::edge::{GlobalEdge, PATH, Quirks};
pub use self::server::{Fault, Reply, Request, Server};
pub use self::turns::Turns;
