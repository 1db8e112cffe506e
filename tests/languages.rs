//! README and runbook say the same in English and in Korean: neither can fall behind.
//!
//! What is not prose must agree, section by section: headings, the rows of tables and what stands in code spans there, blocks of
//! commands and JSON, names in code spans, prices, and where links lead. Sentences are left to people.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A document in English, and the same in Korean; paths from the root.
const PAIRS: [[&str; 2]; 2] = [["README.md", "README.ko.md"], ["docs/operations.md", "docs/operations.ko.md"]];

/// What stands between two headings, without its prose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Section {
    /// 1 to 6; 0 for what stands before the first heading.
    level: u8,
    /// Each table by its rows, the heading's first.
    tables: Vec<Vec<Row>>,
    /// Each block by its language and its lines.
    blocks: Vec<(String, Vec<String>)>,
    /// Outside of tables.
    marks: Marks,
}

/// A row of a table by its cells.
type Row = Vec<Marks>;

/// What a piece of prose has that is no prose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Marks {
    /// What stands in code spans, such as settings and options.
    code: BTreeSet<String>,
    /// Prices in dollars.
    prices: BTreeSet<String>,
    /// Where links and pictures lead. Within the documents: the English file and the number of the heading.
    links: BTreeSet<String>,
}

/// A document in one language.
struct Document {
    /// The text of each heading.
    headings: Vec<String>,
    sections: Vec<Section>,
    /// Every link and picture, as it is written.
    links: Vec<String>,
}

/// What GitHub makes of a heading: a link's `#…`.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')).collect()
}

/// `$0.40`, without what a sentence puts behind it.
fn prices(text: &str) -> impl Iterator<Item = String> {
    text.split('$').skip(1).filter_map(|rest| {
        let end =
            rest.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ',')).unwrap_or(rest.len());
        let price = rest[..end].trim_end_matches(['.', ',']);
        (!price.is_empty()).then(|| format!("${price}"))
    })
}

/// The lines of a block that mean something to a program: without comments and empty lines.
fn lines(language: &str, text: &str) -> Vec<String> {
    let is_korean = |letter: char| matches!(letter, '가'..='힣');
    // A message as it looks in the terminal is in the reader's language.
    if language == "text"
        && text.lines().any(|line| line.contains(['🔴', '🟠', '🔵', '✅']) || line.contains(is_korean))
    {
        return vec!["a message".to_owned()];
    }
    let has_comments = matches!(language, "sh" | "text");
    let lines = text.lines().map(|line| {
        let comment = if line.starts_with("# ") { Some(0) } else { line.find(" # ") };
        comment.filter(|_| has_comments).map_or(line, |start| &line[..start]).trim_end().to_owned()
    });
    lines.filter(|line| !line.is_empty()).collect()
}

/// Reads a document. `resolve` says where a link leads.
fn read(text: &str, resolve: &dyn Fn(&str) -> String) -> Document {
    let mut document = Document { headings: Vec::new(), sections: vec![Section::default()], links: Vec::new() };
    let (mut heading, mut cell, mut block) = (None::<String>, None::<Marks>, None::<(String, String)>);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        let section = document.sections.last_mut().unwrap();
        match event {
            Event::Start(Tag::Heading { level: depth, .. }) => {
                document.sections.push(Section { level: depth as u8, ..Section::default() });
                heading = Some(String::new());
            }
            Event::End(TagEnd::Heading(_)) => document.headings.extend(heading.take()),
            Event::Start(Tag::Table(_)) => section.tables.push(Vec::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => section.tables.last_mut().unwrap().push(Row::new()),
            Event::Start(Tag::TableCell) => cell = Some(Marks::default()),
            Event::End(TagEnd::TableCell) => {
                let row = section.tables.last_mut().unwrap().last_mut().unwrap();
                row.push(cell.take().unwrap());
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let CodeBlockKind::Fenced(language) = kind else { panic!("an indented block: {section:?}") };
                block = Some((language.into_string(), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => {
                let (language, text) = block.take().unwrap();
                section.blocks.push((language.clone(), lines(&language, &text)));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                cell.as_mut().unwrap_or(&mut section.marks).links.insert(resolve(&dest_url));
                document.links.push(dest_url.into_string());
            }
            Event::Text(text) => {
                if let Some((_, block)) = &mut block {
                    block.push_str(&text);
                    continue;
                }
                cell.as_mut().unwrap_or(&mut section.marks).prices.extend(prices(&text));
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Code(code) => {
                cell.as_mut().unwrap_or(&mut section.marks).code.insert(code.to_string());
                if let Some(heading) = &mut heading {
                    heading.push_str(&code);
                }
            }
            _ => {}
        }
    }
    document
}

/// The file that a link of `from` means, from the root, in English; and what stands behind `#`.
fn target<'a>(from: &str, link: &'a str) -> (String, &'a str) {
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = match path.strip_prefix("../") {
        Some(path) => path.to_owned(),
        None if path.is_empty() => from.to_owned(),
        None if folder.is_empty() => path.to_owned(),
        None => format!("{folder}/{path}"),
    };
    let english = PAIRS.iter().find(|pair| pair.contains(&path.as_str())).map(|pair| pair[0].to_owned());
    (english.unwrap_or(path), fragment)
}

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The document at `path`, which is in the language of this place in [`PAIRS`].
fn document(path: &str, language: usize) -> Document {
    let resolve = |link: &str| {
        if link.starts_with("https://") {
            return link.to_owned();
        }
        let (file, fragment) = target(path, link);
        let Some(pair) = PAIRS.iter().find(|pair| pair[0] == file) else { return format!("{file}#{fragment}") };
        // The way to the other language is no link into it.
        if path == pair[0] && link.contains(".ko.") || path == pair[1] && fragment.is_empty() && !link.is_empty() {
            return "the other language".to_owned();
        }
        if fragment.is_empty() {
            return file;
        }
        let headings = read(&text(pair[language]), &str::to_owned).headings;
        let number = headings.iter().position(|heading| anchor(heading) == fragment);
        format!("{file}, heading {}", number.unwrap_or_else(|| panic!("{path}: {link} leads nowhere")))
    };
    read(&text(path), &resolve)
}

/// What differs first between the two, in words.
fn difference(english: &Document, korean: &Document) -> Option<String> {
    let levels = |document: &Document| document.sections.iter().map(|section| section.level).collect::<Vec<_>>();
    let names = |number: usize| -> String {
        let heading = |document: &Document| {
            number.checked_sub(1).and_then(|number| document.headings.get(number)).cloned().unwrap_or_default()
        };
        format!("“{}” and “{}”", heading(english), heading(korean))
    };
    let pairs = english.sections.iter().zip(&korean.sections).enumerate();
    for (number, (ours, theirs)) in pairs.clone() {
        if ours.level != theirs.level {
            return Some(format!("headings of other levels: {}", names(number)));
        }
    }
    if levels(english) != levels(korean) {
        return Some(format!("{} headings and {}", english.headings.len(), korean.headings.len()));
    }
    for (number, (ours, theirs)) in pairs {
        let place = names(number);
        for (what, ours, theirs) in
            [("tables", ours.tables.len(), theirs.tables.len()), ("blocks", ours.blocks.len(), theirs.blocks.len())]
        {
            if ours != theirs {
                return Some(format!("{place}: {ours} {what} and {theirs}"));
            }
        }
        for (ours, theirs) in ours.tables.iter().zip(&theirs.tables) {
            if ours.len() != theirs.len() {
                return Some(format!("{place}: a table of {} rows and of {}", ours.len(), theirs.len()));
            }
            if let Some((ours, theirs)) = ours.iter().zip(theirs).find(|(ours, theirs)| ours != theirs) {
                return Some(format!("{place}: the row {ours:?}\nand {theirs:?}"));
            }
        }
        if let Some((ours, theirs)) = ours.blocks.iter().zip(&theirs.blocks).find(|(ours, theirs)| ours != theirs) {
            return Some(format!("{place}: the block {ours:#?}\nand {theirs:#?}"));
        }
        if ours.marks != theirs.marks {
            let missing = |of: &Marks, other: &Marks| {
                let all = |marks: &Marks| -> BTreeSet<String> {
                    [&marks.code, &marks.prices, &marks.links].into_iter().flatten().cloned().collect()
                };
                all(of).difference(&all(other)).cloned().collect::<Vec<_>>()
            };
            let (only_ours, only_theirs) = (missing(&ours.marks, &theirs.marks), missing(&theirs.marks, &ours.marks));
            return Some(format!("{place}: only the first has {only_ours:?}, only the second {only_theirs:?}"));
        }
    }
    None
}

#[test]
fn both_languages_say_the_same() {
    for [english, korean] in PAIRS {
        if let Some(found) = difference(&document(english, 0), &document(korean, 1)) {
            panic!("{english} and {korean}: {found}");
        }
    }
}

#[test]
fn each_language_leads_to_the_other_on_its_first_line() {
    for [english, korean] in PAIRS {
        for (from, to) in [(english, korean), (korean, english)] {
            let file = to.rsplit('/').next().unwrap();
            let text = text(from);
            let first = text.lines().next().unwrap();
            assert!(first.contains(&format!("]({file})")), "{from}: {first}");
        }
        // From there on a reader stays in the language.
        let links = document(korean, 1).links.split_off(1);
        let strays = links.iter().filter(|link| {
            let path = link.split('#').next().unwrap();
            PAIRS.iter().any(|pair| path.ends_with(pair[0].rsplit('/').next().unwrap()))
        });
        assert_eq!(strays.collect::<Vec<_>>(), Vec::<&String>::new(), "{korean}");
    }
}

#[test]
fn links_lead_to_files_that_exist() {
    for [english, korean] in PAIRS {
        for (path, language) in [(english, 0), (korean, 1)] {
            for link in document(path, language).links.iter().filter(|link| !link.starts_with("https://")) {
                let (file, fragment) = target(path, link);
                let there = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
                assert!(there.exists(), "{path}: {link}");
                // The headings of the documents in two languages are looked up with every link.
                if !fragment.is_empty() && PAIRS.iter().all(|pair| pair[0] != file) {
                    let headings = read(&text(&file), &str::to_owned).headings;
                    assert!(headings.iter().any(|heading| anchor(heading) == fragment), "{path}: {link}");
                }
            }
        }
    }
}

#[test]
fn what_differs_is_found() {
    let english = "# One\n\nSet `WARN_DAYS`, for $0.40.\n\n| a | b |\n|---|---|\n| `x` | one |\n\n```sh\nrun it   # now\n```\n\n\
                   ## Two\n\n[more](https://example.kr/)\n\n```text\n🔴 expired\n```\n";
    let korean = "# 하나\n\n$0.40, `WARN_DAYS` 설정.\n\n| 가 | 나 |\n|---|---|\n| `x` | 하나 |\n\n```sh\nrun it   # 지금\n```\n\n\
                  ## 둘\n\n[더 보기](https://example.kr/)\n\n```text\n🔴 [만료]\n```\n";
    let compared = |korean: &str| difference(&read(english, &str::to_owned), &read(korean, &str::to_owned));
    assert_eq!(compared(korean), None);
    for (of, instead, finding) in [
        ("## 둘", "### 둘", "headings of other levels"),
        ("## 둘", "둘", "2 headings and 1"),
        ("`WARN_DAYS`", "`CRITICAL_DAYS`", "only the first has [\"WARN_DAYS\"]"),
        ("$0.40", "$0.50", "only the second [\"$0.50\"]"),
        ("| `x` |", "| `y` |", "the row"),
        ("| `x` | 하나 |", "| `x` | 하나 |\n| `y` | 둘 |", "a table of 2 rows and of 3"),
        ("run it", "run that", "the block"),
        ("```sh\nrun it   # 지금\n```", "", "1 blocks and 0"),
        ("example.kr/", "example.com/", "only the first has [\"https://example.kr/\"]"),
    ] {
        assert!(korean.contains(of));
        let found = compared(&korean.replacen(of, instead, 1)).unwrap_or_default();
        assert!(found.contains(finding), "{of} → {instead}: {found}");
    }
}

#[cfg(feature = "cli")]
#[test]
fn the_korean_readmes_digest_is_what_the_demo_prints() {
    let arguments = ["demo", "--count", "8", "--language", "ko", "--now", "2026-11-23T09:00:00+09:00"];
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_cert-alert")).args(arguments).env_clear().output().unwrap();
    let readme = text("README.ko.md");
    assert!(readme.contains(&format!("`cert-alert {}`", arguments.join(" "))));
    let shown = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(shown.trim(), String::from_utf8(output.stdout).unwrap().trim());
}
