//! A simulated Global Edge on a loopback port, for the command line's demo: it checks signatures, serves pages and details,
//! and answers with Certificate Manager's list, as documented.
//!
//! It never fails and never lies. The tests add their faults around its answers (`tests/common/servers`). It is not part of
//! the function.

mod account;
mod certificate_manager;
mod global_edge;
mod server;

pub use self::account::{Account, certificate};
pub use self::certificate_manager::{PATH as CERTIFICATE_MANAGER_PATH, held};
pub use self::global_edge::{GlobalEdge, PATH};
pub use self::server::Server;
