//! What is written down agrees with the code: READMEs, runbook, templates, workflows, and the drawing of the layers.
//!
//! Everything that has a format is read by a parser: only [`markdown`], [`yaml`], [`rust`] and [`shell`] know one. Each of the
//! other files checks one kind of document against what it describes. A packaged crate has few of the documents, so it has none
//! of these tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod code;
mod markdown;
mod rust;
mod shell;
mod yaml;

mod commands;
mod languages;
mod layers;
mod links;
mod readme;
mod runbook;
mod templates;
mod workflows;

use std::fs;
use std::path::{Path, PathBuf};

/// A path from the root of the repository.
fn path(from_root: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(from_root)
}

fn text(from_root: &str) -> String {
    fs::read_to_string(path(from_root)).unwrap_or_else(|error| panic!("{from_root}: {error}"))
}

fn document(from_root: &str) -> markdown::Document {
    markdown::read(&text(from_root))
}

/// Every document that people read, by its path from the root.
fn documents() -> Vec<String> {
    let of = |folder: &str| {
        let files = fs::read_dir(path(folder)).unwrap().map(|file| file.unwrap().path());
        let documents = files.filter(|file| file.extension().is_some_and(|extension| extension == "md"));
        documents.map(|file| format!("{folder}{}", file.file_name().unwrap().display())).collect::<Vec<_>>()
    };
    let mut documents = [of(""), of("docs/")].concat();
    documents.sort();
    documents
}

fn readme() -> markdown::Document {
    document("README.md")
}

fn runbook() -> markdown::Document {
    document("docs/operations.md")
}

fn template() -> yaml::Node {
    yaml::read(&text("template.yaml"))
}

fn fan_out() -> yaml::Node {
    yaml::read(&text("deploy/fan-out.yaml"))
}
