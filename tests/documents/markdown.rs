//! Reads Markdown: what is below each heading, in order.

use std::mem::take;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A document, section by section. The first one is what precedes any heading.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) sections: Vec<Section>,
}

/// What is between two headings.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// 1 to 6; 0 for what precedes the first heading.
    pub(crate) level: u8,
    pub(crate) heading: Text,
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug)]
pub(crate) enum Part {
    /// A paragraph, or the text of a list item.
    Text(Text),
    /// By rows, the header row first, and by cells.
    Table(Vec<Vec<Text>>),
    /// What is between fences.
    Block { language: String, text: String },
    /// HTML, of which there are only comments.
    Comment(String),
}

/// A piece of prose.
#[derive(Debug, Default)]
pub(crate) struct Text(pub(crate) Vec<Inline>);

#[derive(Debug)]
pub(crate) enum Inline {
    Words(String),
    /// What is between backticks.
    Code(String),
    /// The target of a link or a picture; its words follow.
    Link(String),
}

impl Text {
    fn push_words(&mut self, words: &str) {
        match self.0.last_mut() {
            Some(Inline::Words(last)) => last.push_str(words),
            _ => self.0.push(Inline::Words(words.to_owned())),
        }
    }

    /// The text as it reads, without any markup.
    pub(crate) fn plain(&self) -> String {
        let read = self.0.iter().filter_map(|one| match one {
            Inline::Words(text) | Inline::Code(text) => Some(text.as_str()),
            Inline::Link(_) => None,
        });
        read.collect()
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|one| if let Inline::Words(words) = one { Some(words.as_str()) } else { None })
    }

    pub(crate) fn code(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|one| if let Inline::Code(code) = one { Some(code.as_str()) } else { None })
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|one| if let Inline::Link(to) = one { Some(to.as_str()) } else { None })
    }
}

impl Section {
    /// All prose, with that of tables last.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.prose().chain(self.tables().flatten().flatten())
    }

    /// The prose outside of tables.
    pub(crate) fn prose(&self) -> impl Iterator<Item = &Text> {
        let texts = self.parts.iter().filter_map(|part| if let Part::Text(text) = part { Some(text) } else { None });
        std::iter::once(&self.heading).chain(texts)
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Vec<Vec<Text>>> {
        self.parts.iter().filter_map(|part| if let Part::Table(rows) = part { Some(rows) } else { None })
    }

    /// The language and the text of each block.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Block { language, text } => Some((language.as_str(), text.as_str())),
            _ => None,
        })
    }

    /// GitHub's anchor for the heading: a link's `#…`.
    pub(crate) fn anchor(&self) -> String {
        let kept = self.heading.plain().to_lowercase().replace(' ', "-");
        kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')).collect()
    }
}

impl Document {
    /// The rows of the table whose first column has this heading, without the header row.
    pub(crate) fn table(&self, heading: &str) -> &[Vec<Text>] {
        let mut tables = self.sections.iter().flat_map(Section::tables).filter(|rows| rows[0][0].plain() == heading);
        let table = tables.next().unwrap_or_else(|| panic!("there is no table of `{heading}`"));
        assert!(tables.next().is_none(), "there are two tables of `{heading}`");
        &table[1..]
    }

    /// The texts of the blocks in this language.
    pub(crate) fn blocks(&self, language: &str) -> Vec<&str> {
        let blocks = self.sections.iter().flat_map(Section::blocks);
        blocks.filter(|(of, _)| *of == language).map(|(_, text)| text).collect()
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.sections.iter().flat_map(Section::texts)
    }

    pub(crate) fn code(&self) -> impl Iterator<Item = &str> {
        self.texts().flat_map(Text::code)
    }

    /// Every link and picture, as it is written.
    pub(crate) fn links(&self) -> impl Iterator<Item = &str> {
        self.texts().flat_map(Text::links)
    }

    /// The part that a comment with these words precedes, and the comment.
    pub(crate) fn commented(&self, words: &str) -> (&str, &Part) {
        let parts: Vec<&Part> = self.sections.iter().flat_map(|section| &section.parts).collect();
        let found = parts.windows(2).find_map(|pair| match pair[0] {
            Part::Comment(comment) if comment.contains(words) => Some((comment.as_str(), pair[1])),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no comment says `{words}`"))
    }
}

pub(crate) fn read(text: &str) -> Document {
    let mut sections = vec![Section::default()];
    // What has been read so far of the current prose, block and comment.
    let (mut prose, mut block, mut comment) = (Text::default(), None::<(String, String)>, None::<String>);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        let section = sections.last_mut().unwrap();
        match event {
            Event::Text(text) => match &mut block {
                Some((_, block)) => block.push_str(&text),
                None => prose.push_words(&text),
            },
            Event::Code(code) => prose.0.push(Inline::Code(code.into_string())),
            Event::SoftBreak | Event::HardBreak => prose.push_words(" "),
            Event::Html(text) => comment.get_or_insert_default().push_str(&text),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                prose.0.push(Inline::Link(dest_url.into_string()));
            }
            Event::Start(Tag::Emphasis | Tag::Strong)
            | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image) => {}
            Event::Start(Tag::Heading { level, .. }) => {
                sections.push(Section { level: level as u8, ..Section::default() });
            }
            Event::End(TagEnd::Heading(_)) => section.heading = take(&mut prose),
            Event::Start(Tag::TableHead | Tag::TableRow) => table(section).push(Vec::new()),
            Event::End(TagEnd::TableCell) => table(section).last_mut().unwrap().push(take(&mut prose)),
            Event::End(TagEnd::CodeBlock) => {
                let (language, text) = block.take().unwrap();
                section.parts.push(Part::Block { language, text });
            }
            Event::End(TagEnd::HtmlBlock) => section.parts.extend(comment.take().map(Part::Comment)),
            // All other tags are those of paragraphs, lists and the like.
            Event::Start(tag) => {
                section.end(&mut prose);
                match tag {
                    Tag::Table(_) => section.parts.push(Part::Table(Vec::new())),
                    Tag::CodeBlock(CodeBlockKind::Fenced(language)) => {
                        block = Some((language.into_string(), String::new()));
                    }
                    Tag::CodeBlock(CodeBlockKind::Indented) => panic!("an indented block: {section:?}"),
                    _ => {}
                }
            }
            Event::End(_) => section.end(&mut prose),
            other => panic!("{other:?}: nothing reads this yet"),
        }
    }
    Document { sections }
}

impl Section {
    /// Ends the current paragraph, if there is one.
    fn end(&mut self, prose: &mut Text) {
        if !prose.0.is_empty() {
            self.parts.push(Part::Text(take(prose)));
        }
    }
}

fn table(section: &mut Section) -> &mut Vec<Vec<Text>> {
    let Some(Part::Table(rows)) = section.parts.last_mut() else { panic!("a row stands in a table") };
    rows
}
