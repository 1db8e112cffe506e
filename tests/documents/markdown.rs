//! Reads Markdown as these documents use it: headings, tables, fenced blocks and paragraphs, line by line.

/// What stands between two blank lines, in order.
#[derive(Debug)]
pub(crate) enum Part {
    /// Its level, 1 to 6, and its text.
    Heading(usize, String),
    /// By rows, the header row first, and by cells.
    Table(Vec<Vec<String>>),
    /// What is between fences, and the words behind the opening one.
    Block { language: String, text: String },
    /// A paragraph, a list or a comment, on one line.
    Text(String),
}

pub(crate) struct Document(pub(crate) Vec<Part>);

pub(crate) fn read(text: &str) -> Document {
    let mut parts: Vec<Part> = vec![];
    let mut lines = text.lines();
    // Whether the next line goes on with the last part.
    let mut goes_on = false;
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        if let Some(language) = trimmed.strip_prefix("```") {
            // A block in a list is indented.
            let indent = &line[..line.len() - trimmed.len()];
            let mut text = String::new();
            for line in lines.by_ref().take_while(|line| line.trim_start() != "```") {
                text += line.strip_prefix(indent).unwrap_or(line);
                text.push('\n');
            }
            parts.push(Part::Block { language: language.to_owned(), text });
            goes_on = false;
            continue;
        }
        let level = trimmed.chars().take_while(|letter| *letter == '#').count();
        match parts.last_mut().filter(|_| goes_on) {
            _ if trimmed.is_empty() => {}
            _ if level > 0 && trimmed[level..].starts_with(' ') => {
                parts.push(Part::Heading(level, trimmed[level..].trim().to_owned()));
            }
            Some(Part::Table(_)) if trimmed.starts_with("|--") || trimmed.starts_with("|:-") => {}
            Some(Part::Table(rows)) if trimmed.starts_with('|') => rows.push(cells(trimmed)),
            _ if trimmed.starts_with('|') => parts.push(Part::Table(vec![cells(trimmed)])),
            Some(Part::Text(text)) => {
                text.push(' ');
                text.push_str(trimmed);
            }
            _ => parts.push(Part::Text(trimmed.to_owned())),
        }
        goes_on = !trimmed.is_empty();
    }
    Document(parts)
}

/// The cells of a row. A bar within one is written `\|`.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_matches('|').replace("\\|", "\0");
    row.split('|').map(|cell| cell.trim().replace('\0', "|")).collect()
}

/// A text without the marks of code and emphasis.
pub(crate) fn plain(text: &str) -> String {
    text.replace(['`', '*'], "")
}

/// What is between backticks.
pub(crate) fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The target of each link and picture.
pub(crate) fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default())
}

/// GitHub's anchor for a heading.
pub(crate) fn anchor(heading: &str) -> String {
    let kept = plain(heading).to_lowercase().replace(' ', "-");
    kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')).collect()
}

impl Document {
    pub(crate) fn headings(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().filter_map(|part| match part {
            Part::Heading(level, text) => Some((*level, text.as_str())),
            _ => None,
        })
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Vec<Vec<String>>> {
        self.0.iter().filter_map(|part| if let Part::Table(rows) = part { Some(rows) } else { None })
    }

    /// The rows below the header row of the table whose first column has this heading.
    pub(crate) fn table(&self, heading: &str) -> Option<&[Vec<String>]> {
        self.tables().find(|rows| rows[0][0] == heading).map(|rows| &rows[1..])
    }

    /// The texts of the blocks in this language.
    pub(crate) fn blocks<'a>(&'a self, language: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(move |part| match part {
            Part::Block { language: of, text } if of == language => Some(text.as_str()),
            _ => None,
        })
    }

    /// Everything that is prose: headings, paragraphs, and the cells of tables.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let mut texts = vec![];
        for part in &self.0 {
            match part {
                Part::Heading(_, text) | Part::Text(text) => texts.push(text.as_str()),
                Part::Table(rows) => texts.extend(rows.iter().flatten().map(String::as_str)),
                Part::Block { .. } => {}
            }
        }
        texts
    }
}
