//! What is reported and why: the table of rules, the thresholds, and what is kept of a list.

pub mod elsewhere;
mod finding;
mod inventory;
pub mod lifetime;
pub mod served;
mod severity;

pub use self::finding::{Dated, Finding, HeldUse, Impact, Reason, Reasons, Replacement};
pub use self::inventory::{DEPLOYED_WITHIN, Healthy, Judgement, Next, judge_all, judge_slots, sum_up};
pub use self::lifetime::Thresholds;
pub use self::severity::{Counts, Severity};
