//! What is reported and why: the table of rules, the thresholds, and what is kept of a list.

pub mod elsewhere;
mod finding;
mod inventory;
pub mod lifetime;
mod severity;

pub use self::finding::{Dated, Finding, Impact, Reason, Reasons, Replacement, judge};
pub use self::inventory::{DEPLOYED_WITHIN, Healthy, Inventory, Judgement, Next};
pub use self::lifetime::Thresholds;
pub use self::severity::{Counts, Severity};
