//! What documents and templates say against what the code does: settings, events and errors, JSON, commands, links, the layers;
//! and both languages against each other. A packaged crate has few of the documents, so it has none of these tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod layers;
mod markdown;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use ncp_cert_alert::event;
use ncp_cert_alert::response::ErrorType;
use ncp_cert_alert::settings::{Config, secrets};
use serde_json::{Value, json};

use crate::markdown::{Document, Part};

/// A path from the root of the repository.
fn path(from_root: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(from_root)
}

fn text(from_root: &str) -> String {
    fs::read_to_string(path(from_root)).unwrap_or_else(|error| panic!("{from_root}: {error}"))
}

fn document(from_root: &str) -> Document {
    markdown::read(&text(from_root))
}

/// Every document that people read, by its path from the root.
fn documents() -> BTreeMap<String, Document> {
    let mut documents = BTreeMap::new();
    for folder in ["", "docs/"] {
        for file in fs::read_dir(path(folder)).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "md") {
                let path = format!("{folder}{}", file.file_name().unwrap().display());
                documents.insert(path.clone(), document(&path));
            }
        }
    }
    documents
}

/// The first two columns of the only English table whose first column has this heading, wherever it stands.
fn columns(heading: &str) -> Vec<[String; 2]> {
    let documents = documents();
    let found: Vec<_> = documents.values().filter_map(|document| document.table(heading)).collect();
    let [rows] = found[..] else { panic!("{} documents have a table of `{heading}`", found.len()) };
    rows.iter().map(|row| [row[0].clone(), row[1].clone()]).collect()
}

/// The environment variables that the code reads.
fn variables() -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let _ = Config::from_vars(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    asked.into_inner()
}

#[test]
fn the_table_of_settings_has_those_of_the_code_with_their_defaults() {
    let rows = columns("variable");
    // A row may have several settings with one default.
    let defaults: BTreeMap<&str, String> = rows
        .iter()
        .flat_map(|[names, default]| markdown::code(names).map(|name| (name, markdown::plain(default))))
        .collect();
    let variables = variables();
    assert_eq!(defaults.keys().copied().collect::<Vec<_>>(), variables.iter().map(String::as_str).collect::<Vec<_>>());

    // With every default spelt out, the settings are those of an environment that has nothing but what is required.
    let least = |name: &str| defaults.get(name).filter(|default| *default == "required").map(|_| "x".to_owned());
    let spelt_out = |name: &str| least(name).or_else(|| defaults.get(name).filter(|one| *one != "none").cloned());
    let settings = Config::from_vars(least).expect("what is required is enough");
    assert_eq!(Config::from_vars(spelt_out), Ok(settings));
    for (missing, _) in defaults.iter().filter(|(_, default)| *default == "required") {
        assert!(Config::from_vars(|name| least(name).filter(|_| name != *missing)).is_err(), "{missing} is required");
    }
}

#[test]
fn the_template_sets_nothing_that_the_code_does_not_read() {
    let (template, variables) = (text("template.yaml"), variables());
    let below: Vec<&str> = template.lines().skip_while(|line| line.trim() != "Variables:").collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let entries: Vec<&str> = below[1..].iter().copied().take_while(|line| indent(line) > indent(below[0])).collect();
    let names = entries.iter().filter(|line| indent(line) == indent(entries[0]));
    let set: Vec<&str> = names.filter_map(|line| Some(line.trim().split_once(':')?.0)).collect();
    assert!(set.len() > 3, "{set:?}");
    for name in set {
        assert!(variables.contains(name), "{name}");
    }
}

#[test]
fn the_table_of_parameters_has_those_of_the_template_with_their_defaults() {
    let template = text("template.yaml");
    let (_, below) = template.split_once("\nParameters:\n").unwrap();
    let (parameters, _) = below.split_once("\nRules:\n").unwrap();
    let mut expected: Vec<[String; 2]> = vec![];
    for line in parameters.lines() {
        if let Some(name) = line.strip_prefix("  ").filter(|name| name.starts_with(char::is_alphabetic)) {
            expected.push([name.trim_end_matches(':').to_owned(), String::new()]);
        } else if let Some((_, default)) = line.split_once("Default: ") {
            // In quotation marks, or up to the next comma.
            let value =
                default.strip_prefix('"').map_or_else(|| default.split(',').next(), |rest| rest.split('"').next());
            let value = value.unwrap();
            expected.last_mut().unwrap()[1] = if value.is_empty() { "none" } else { value }.to_owned();
        }
    }
    // Not `plain`: a schedule has asterisks.
    let rows: Vec<[String; 2]> =
        columns("parameter").into_iter().map(|row| row.map(|cell| cell.replace('`', ""))).collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_tables_of_options_and_of_errors_are_those_of_the_code() {
    // The error for an unknown option lists the known ones.
    let refusal = event::read(&json!({"?": 1})).unwrap_err().remove(0);
    let (_, accepted) = refusal.split_once("accepted: ").expect("the error says what is accepted");
    let rows = columns("option");
    let documented: BTreeSet<&str> = rows.iter().flat_map(|[names, _]| markdown::code(names)).collect();
    assert_eq!(documented, accepted.split(", ").collect());

    let of_the_code = ErrorType::ALL.map(|kind| format!("{kind:?}"));
    for (path, document) in documents() {
        if let Some(rows) = document.table("error type") {
            let named: Vec<String> = rows.iter().map(|row| markdown::plain(&row[0])).collect();
            assert_eq!(named, of_the_code, "{path}");
        }
    }
}

/// The messages of the log lines in the code of `folder`: the last text of each call.
fn logged(folder: &str) -> BTreeSet<String> {
    let mut messages = BTreeSet::new();
    for entry in fs::read_dir(path(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().display());
        if entry.file_type().unwrap().is_dir() {
            messages.extend(logged(&name));
        } else {
            let text = text(&name);
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let calls = code.split("tracing::").skip(1).filter_map(|call| call.split_once("!("));
            let calls = calls.filter(|(level, _)| ["info", "warn", "error"].contains(level));
            let last = |call: &str| call.split(");").next().and_then(|call| call.rsplit('"').nth(1)).map(str::to_owned);
            messages.extend(calls.filter_map(|(_, call)| last(call)));
        }
    }
    messages
}

#[test]
fn the_table_of_log_lines_has_those_of_the_code() {
    let mut tables = 0;
    for (path, document) in documents() {
        let Some(rows) = document.table("`message`") else { continue };
        let documented: BTreeSet<String> = rows.iter().map(|row| row[0].replace('`', "")).collect();
        assert_eq!(documented, logged("src"), "{path}");
        tables += 1;
    }
    assert_eq!(tables, 2, "one in each language");
}

#[test]
fn every_secret_and_event_in_the_documents_is_accepted() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let mut read = 0;
    for (path, document) in documents() {
        for block in document.blocks("json") {
            let value: Value = serde_json::from_str(block).unwrap_or_else(|error| panic!("{path}: {error}: {block}"));
            let has = |key| value.get(key).is_some();
            if has("access_key") || has("accounts") {
                let entries = secrets::accounts("ncp/prod", &block.replace("…", "KEY").into()).unwrap();
                assert!(entries.iter().all(|(_, read)| read.is_ok()), "{path}: {block}");
            } else if has("webhooks") {
                secrets::hooks(&block.into(), today).unwrap_or_else(|problems| panic!("{path}: {problems:?}"));
            } else if has("dry_run") {
                event::read(&value).unwrap();
            } else {
                continue;
            }
            read += 1;
        }
    }
    assert!(read >= 8, "{read}");
}

#[test]
fn every_link_leads_to_a_file_and_to_a_heading_in_it() {
    let documents = documents();
    for (from, document) in &documents {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let texts = document.texts();
        // What begins with `../../` is another part of the repository's site, as GitHub serves a README.
        let is_elsewhere = |link: &&str| link.starts_with("http") || link.starts_with("../../");
        for link in texts.iter().flat_map(|text| markdown::links(text)).filter(|link| !is_elsewhere(link)) {
            let (to, heading) = link.split_once('#').unwrap_or((link, ""));
            let to = match to.strip_prefix("../") {
                _ if to.is_empty() => from.clone(),
                Some(above) => above.to_owned(),
                None => format!("{folder}/{to}").trim_start_matches('/').to_owned(),
            };
            assert!(path(&to).exists(), "{from}: {link}");
            let is_there = || documents[&to].headings().any(|(_, text)| markdown::anchor(text) == heading);
            assert!(heading.is_empty() || is_there(), "{from}: {link}");
        }
    }
}

/// The most lines of a README: what it leads to says the rest.
const README_LINES: usize = 170;

#[test]
fn no_page_has_a_heading_twice_and_a_readme_is_short() {
    // The parts of every release have the same headings.
    for (file, document) in documents().iter().filter(|(file, _)| *file != "CHANGELOG.md") {
        let mut seen = BTreeSet::new();
        for heading in document.headings() {
            assert!(seen.insert(heading), "{file}: {heading:?} is there twice");
        }
    }
    for readme in ["README.md", "README.ko.md"] {
        assert!(text(readme).lines().count() <= README_LINES, "{readme}");
    }
}

/// A command without the words that choose a language: each README shows its own.
fn without_language(command: &str) -> String {
    let words = [
        " --language ko",
        " MessageLanguage=en",
        " MessageLanguage=ko",
        " MESSAGE_LANGUAGE=en",
        " MESSAGE_LANGUAGE=ko",
    ];
    words.iter().fold(command.to_owned(), |command, word| command.replace(word, ""))
}

/// What must be the same in both languages: the levels of headings; tables by their rows and what is code in their cells; and
/// the lines of commands and JSON, without comments and without the language that a command asks for.
fn outline(document: &Document) -> Vec<String> {
    let mut outline = vec![];
    for part in &document.0 {
        match part {
            Part::Heading(level, _) => outline.push("#".repeat(*level)),
            Part::Table(rows) => {
                let cell = |cell: &String| format!("{:?}", markdown::code(cell).collect::<BTreeSet<_>>());
                outline.extend(rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" | ")));
            }
            Part::Block { language, text } if language == "sh" || language == "json" => {
                let code = text.lines().map(|line| line.split("# ").next().unwrap());
                let lines = code.map(|line| without_language(line).trim_end().to_owned());
                outline.extend(lines.filter(|line| !line.is_empty()));
            }
            Part::Block { .. } | Part::Text(_) => {}
        }
    }
    outline
}

#[test]
fn both_languages_have_the_same_headings_tables_and_commands() {
    let documents = documents();
    let korean: Vec<&String> = documents.keys().filter(|path| path.ends_with(".ko.md")).collect();
    assert!(korean.len() >= 2, "{korean:?}");
    for path in korean {
        let english = outline(&documents[&path.replace(".ko.md", ".md")]);
        let korean = outline(&documents[path]);
        for (number, (ours, theirs)) in english.iter().zip(&korean).enumerate() {
            assert_eq!(ours, theirs, "{path}, after {:#?}", &korean[number.saturating_sub(3)..number]);
        }
        assert_eq!(english.len(), korean.len(), "{path}");
    }
}

/// The commands of the documents run: `cert-alert` as it is built.
#[cfg(feature = "cli")]
mod commands {
    use std::process::Command;

    use crate::markdown::{self, Part};

    /// The standard output of `cert-alert`, its standard error, and its exit status.
    fn cert_alert(arguments: &[&str]) -> (String, String, Option<i32>) {
        let output = Command::new(env!("CARGO_BIN_EXE_cert-alert")).args(arguments).env_clear().output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.code())
    }

    #[test]
    fn the_digests_of_the_documents_are_what_the_demo_prints() {
        for (path, is_whole) in
            [("README.md", false), ("README.ko.md", false), ("docs/cli.md", true), ("docs/cli.ko.md", true)]
        {
            let parts = crate::document(path).0;
            // A comment before the block names the command.
            let shown = parts.windows(2).find_map(|pair| match pair {
                [Part::Text(comment), Part::Block { text, .. }] if comment.starts_with("<!--") => Some((comment, text)),
                _ => None,
            });
            let (comment, text) = shown.unwrap_or_else(|| panic!("{path} shows a digest"));
            let command = markdown::code(comment).next().unwrap();
            let arguments: Vec<&str> = command.split(' ').skip(1).collect();
            let (printed, _, status) = cert_alert(&arguments);
            assert_eq!(status, Some(0), "{path}: {command}");
            let lines = if is_whole { printed.lines().count() } else { 6 };
            let expected: Vec<&str> = printed.lines().take(lines).collect();
            assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{path}: {command}");
        }
    }

    #[test]
    fn what_is_run_first_works() {
        // `cargo run`, and `cargo run -- check` without keys.
        assert_eq!(cert_alert(&[]).2, Some(0));
        let (_, complaint, status) = cert_alert(&["check"]);
        assert_eq!(status, Some(3));
        for name in ["NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_KEY"] {
            assert!(complaint.contains(&format!("{name} is not set")), "{complaint}");
        }
    }

    #[test]
    fn every_command_and_option_that_is_named_is_known() {
        let mut seen = 0;
        for (path, document) in crate::documents() {
            // Beside a command in a table, its options.
            let rows = document.tables().flatten().map(|row| row.join(" "));
            let paragraphs = document.texts().into_iter().flat_map(markdown::code).map(str::to_owned);
            let blocks = document.blocks("sh").flat_map(str::lines).map(str::to_owned);
            for text in rows.chain(paragraphs).chain(blocks) {
                let plain = markdown::plain(&text);
                let Some((_, rest)) = plain.split_once("cert-alert ").filter(|(before, _)| !before.ends_with("ncp-"))
                else {
                    continue;
                };
                let mut words = rest.split_whitespace();
                let command = words.next().unwrap_or_default();
                let (help, _, status) = cert_alert(&[command, "--help"]);
                assert_eq!(status, Some(0), "{path}: {text}");
                for option in words.filter(|word| word.starts_with("--")) {
                    let option = option.trim_end_matches(|letter: char| !letter.is_ascii_lowercase());
                    assert!(help.contains(option), "{path}: `{command}` has no {option}");
                    seen += 1;
                }
            }
        }
        assert!(seen >= 10, "{seen}");
    }
}
