//! The steps: shown as they come, and kept for the report.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::words::{self, Subject, Text};
use crate::cli::{CliError, terminal};
use crate::message::words::{Advice, Language};
use crate::text;

/// How a step ended.
pub(super) enum Outcome {
    /// With what was seen.
    Ok(String),
    /// With what to do.
    Failed(Advice),
    /// With why.
    Skipped(String),
}

/// The steps so far.
pub(super) struct Steps {
    pub(super) language: Language,
    /// The account that they are about, if it is one: its place among all.
    pub(super) account: Option<usize>,
    /// How many failed.
    pub(super) failed: usize,
    /// For the report; nothing of an account is in them.
    pub(super) kept: Vec<Value>,
}

impl Steps {
    pub(super) fn new(language: Language) -> Self {
        Self { language, account: None, failed: 0, kept: Vec::new() }
    }

    /// A text with these values in it.
    pub(super) fn say(&self, text: &Text, values: &[&dyn ToString]) -> String {
        let text = text.in_language(self.language).to_owned();
        values.iter().fold(text, |text, value| text.replacen("{}", &value.to_string(), 1))
    }

    pub(super) fn ok(&self, text: &Text, values: &[&dyn ToString]) -> Outcome {
        Outcome::Ok(self.say(text, values))
    }

    pub(super) fn skipped(&self, text: &Text) -> Outcome {
        Outcome::Skipped(self.say(text, &[]))
    }

    /// Adds a step.
    pub(super) fn add(&mut self, subject: Subject, outcome: Outcome) -> Result<(), CliError> {
        self.add_of(subject, subject.title(self.language), json!({}), outcome)
    }

    /// Adds a step with a title of its own, and with more for the report.
    pub(super) fn add_of(
        &mut self,
        subject: Subject,
        title: &str,
        more: Value,
        outcome: Outcome,
    ) -> Result<(), CliError> {
        let (name, label, said, fix) = match outcome {
            Outcome::Ok(said) => ("ok", words::OK, said, String::new()),
            Outcome::Skipped(why) => ("skipped", words::SKIPPED, why, String::new()),
            Outcome::Failed(Advice { what, fix }) => ("failed", words::FAILED, what, text::capitalised(&fix)),
        };
        self.failed += usize::from(name == "failed");
        let mut step = more;
        (step["step"], step["status"]) = (subject.name().into(), name.into());
        if let Some(account) = self.account {
            step["account"] = account.into();
        }
        self.kept.push(step);
        let width = |texts: &[&str]| texts.iter().map(|text| text.width()).max().unwrap_or_default();
        let labels = [words::OK, words::FAILED, words::SKIPPED].map(|label| label.in_language(self.language));
        let titles = Subject::ALL.map(|subject| subject.title(self.language));
        let columns = [width(&labels), width(&titles)];
        terminal::print_step(name, [label.in_language(self.language), title], columns, &said, &fix)
    }

    /// Adds steps that are skipped for one reason.
    pub(super) fn skip(&mut self, subjects: &[Subject], why: &Text) -> Result<(), CliError> {
        subjects.iter().try_for_each(|subject| self.add(*subject, self.skipped(why)))
    }
}
