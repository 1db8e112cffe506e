//! README, runbook and the pages on chats and attention say the same in English and in Korean: neither can fall behind.
//!
//! Everything but prose must agree, section by section: headings, the rows of tables and the code spans in them, blocks of
//! commands and JSON, names in code spans, prices, and the targets of links. Sentences are left to people.
use std::collections::BTreeSet;

use crate::markdown::{self, Text};
use crate::text;

/// A document in English, and the same in Korean; paths from the root.
const PAIRS: [[&str; 2]; 4] = [
    ["README.md", "README.ko.md"],
    ["docs/operations.md", "docs/operations.ko.md"],
    ["docs/chats.md", "docs/chats.ko.md"],
    ["docs/attention.md", "docs/attention.ko.md"],
];

/// What is between two headings, without its prose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Section {
    /// 1 to 6; 0 for what precedes the first heading.
    level: u8,
    /// Each table by its rows, the header row first.
    tables: Vec<Vec<Row>>,
    /// Each block by its language and its lines.
    blocks: Vec<(String, Vec<String>)>,
    /// Outside of tables.
    marks: Marks,
}

/// A row of a table, by its cells.
type Row = Vec<Marks>;

/// The parts of a piece of prose that are not prose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Marks {
    /// What is in code spans, such as settings and options.
    code: BTreeSet<String>,
    /// Prices in dollars.
    prices: BTreeSet<String>,
    /// The targets of links and pictures. Within the documents: the English file and the number of the heading.
    links: BTreeSet<String>,
}

/// A document in one language.
struct Document {
    /// The text of each heading.
    headings: Vec<String>,
    sections: Vec<Section>,
}

/// `$0.40`, without the punctuation after it.
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

/// The parts of these texts that are not prose. `resolve` gives the target of a link.
fn marks<'a>(texts: impl Iterator<Item = &'a Text>, resolve: &dyn Fn(&str) -> String) -> Marks {
    let mut marks = Marks::default();
    for text in texts {
        marks.code.extend(text.code().map(str::to_owned));
        marks.prices.extend(text.words().flat_map(prices));
        marks.links.extend(text.links().map(resolve));
    }
    marks
}

/// Reads a document. `resolve` gives the target of a link.
fn read(text: &str, resolve: &dyn Fn(&str) -> String) -> Document {
    let document = markdown::read(text);
    let sections = document.sections.iter().map(|section| Section {
        level: section.level,
        tables: section
            .tables()
            .map(|rows| rows.iter().map(|row| row.iter().map(|cell| marks([cell].into_iter(), resolve)).collect()))
            .map(Iterator::collect)
            .collect(),
        blocks: section.blocks().map(|(language, text)| (language.to_owned(), lines(language, text))).collect(),
        marks: marks(section.prose(), resolve),
    });
    Document {
        headings: document.sections.iter().skip(1).map(|section| section.heading.plain()).collect(),
        sections: sections.collect(),
    }
}

/// The file that a link in `from` points to, from the root, in English; and what follows `#`.
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

/// The document at `path`, whose language has this position in [`PAIRS`].
fn document(path: &str, language: usize) -> Document {
    let resolve = |link: &str| {
        if link.starts_with("https://") {
            return link.to_owned();
        }
        let (file, fragment) = target(path, link);
        let Some(pair) = PAIRS.iter().find(|pair| pair[0] == file) else { return format!("{file}#{fragment}") };
        // The link to the other language is not a link into it.
        if path == pair[0] && link.contains(".ko.") || path == pair[1] && fragment.is_empty() && !link.is_empty() {
            return "the other language".to_owned();
        }
        if fragment.is_empty() {
            return file;
        }
        let sections = crate::document(pair[language]).sections;
        let number = sections.iter().position(|section| section.anchor() == fragment);
        format!("{file}, heading {}", number.unwrap_or_else(|| panic!("{path}: {link} leads nowhere")))
    };
    read(&text(path), &resolve)
}

/// The first difference between the two, in words.
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
            let document = crate::document(from);
            let Some(markdown::Part::Text(first)) = document.sections[0].parts.first() else { panic!("{from}") };
            assert_eq!(first.links().collect::<Vec<_>>(), [file], "{from}");
        }
        // From there on a reader stays in that language.
        let document = crate::document(korean);
        let strays = document.links().skip(1).filter(|link| {
            let path = link.split('#').next().unwrap();
            PAIRS.iter().any(|pair| path.ends_with(pair[0].rsplit('/').next().unwrap()))
        });
        assert_eq!(strays.collect::<Vec<_>>(), [""; 0], "{korean}");
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
