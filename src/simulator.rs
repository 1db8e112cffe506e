//! A Global Edge of our own, on a loopback port, for the command line's demo: it checks signatures, pages, and answers details and
//! Certificate Manager's list, as documented.
//!
//! It never fails and never lies. The tests put their faults around its answers (`tests/common/servers`). It is not part of the
//! function.

mod account;
mod certificate_manager;
mod global_edge;
mod server;

pub use self::account::{Account, certificate};
pub use self::certificate_manager::{PATH as CERTIFICATE_MANAGER_PATH, held};
pub use self::global_edge::{GlobalEdge, PATH};
pub use self::server::Server;
