//! How far the reading has come, on a terminal; nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

use super::words;
use crate::message::words::Language;

/// A line that moves while pages are read.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(language: Language) -> Self {
        // indicatif draws on standard error, and only if that is a terminal.
        let template = words::PROGRESS.in_language(language);
        let style = ProgressStyle::with_template(template).expect("a constant template");
        Self(ProgressBar::no_length().with_style(style))
    }

    pub(super) fn show(&self, read: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(read);
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
