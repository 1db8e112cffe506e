//! What happened in a failing world, for whoever fixes it.

use std::fmt::Write as _;

use crate::stage::{Outcome, Record};
use crate::world::World;

/// The longest text that is shown in full.
const LONG: usize = 3000;

fn short(text: &str) -> String {
    if text.chars().count() <= LONG {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(LONG).collect::<String>())
    }
}

/// The story of one invocation, and what is wrong with it.
pub(crate) fn tell(world: &World, record: &Record, problems: &[String]) -> String {
    let mut story = String::new();
    let invocation = &record.invocation;
    let mut line = |text: String| {
        let _ = writeln!(story, "{text}");
    };
    line(format!(
        "== world {}, invocation {} at {}, {} % of calls fail",
        world.seed, invocation.number, invocation.now, world.percent
    ));
    line(format!("settings: {:?}", world.settings));
    line(format!(
        "event: {}; deadline {:?}, clock ticks: {}",
        invocation.event.json(&world.secrets),
        invocation.deadline,
        invocation.clock_ticks
    ));
    for secret in &world.secrets {
        line(format!("secret {}: accounts {:?}, broken: {}", secret.id, secret.accounts, secret.is_broken));
    }
    for account in &world.accounts {
        let keys = if account.keys == account.taken_keys { "" } else { ", keys that NCP does not take" };
        line(format!(
            "account {}: {} slots, pages of {}, {:?}, total off by {}, bad: {}{keys}",
            account.label,
            account.slots.len(),
            account.cap,
            account.deviations,
            account.total_is_off_by,
            account.is_bad
        ));
        for slot in account.slots.iter().filter(|_| account.slots.len() <= 12) {
            line(format!("  {}", short(&format!("{slot:?}"))));
        }
        for (when, change) in &account.changes {
            line(format!("  before list request {when}: {}", short(&format!("{change:?}"))));
        }
    }
    for hook in &world.hooks {
        line(format!("{hook:?}"));
    }
    for mute in &world.mutes {
        line(format!("mute {} until {}, critical: {}", mute.what(), mute.until, mute.critical));
    }
    for seen in &record.tape {
        let outcome = match &seen.outcome {
            Outcome::Flawed(flaw) => format!("{flaw:?}, that is {:?}", seen.meaning(world)),
            other => format!("{other:?}"),
        };
        let page = seen.page.as_ref().map(|page| format!(", {} rows of {}", page.tokens.len(), page.total));
        let body = if seen.body.is_null() { String::new() } else { format!("\n    {}", short(&seen.body.to_string())) };
        let when = if seen.is_early { "init: " } else { "" };
        line(format!(
            "  {when}{:?} {} {}: {outcome}{}{body}",
            seen.call,
            seen.server,
            seen.key,
            page.unwrap_or_default()
        ));
    }
    for text in &record.lines {
        line(format!("  > {}", short(text)));
    }
    line(format!("ended after {:?}: {}", record.took, short(&format!("{:?}", record.ended))));
    for problem in problems {
        line(format!("!! {}", short(problem)));
    }
    for problem in problems.iter().filter(|problem| problem.contains(['c', 'e'])) {
        for slot in
            world.accounts.iter().flat_map(|account| &account.slots).filter(|slot| problem.contains(&slot.token))
        {
            line(format!("   {}", short(&format!("{slot:?}"))));
        }
    }
    line(format!("again: just soak --seed {}", world.seed));
    story
}
