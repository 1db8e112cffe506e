//! Reads the commands that documents give.

use crate::markdown::Document;

/// A command with what it is given, over as many lines as it takes.
#[derive(Debug)]
pub(crate) struct Command {
    /// As it is written.
    pub(crate) text: String,
    /// As the shell splits it, without its quotes.
    pub(crate) words: Vec<String>,
}

impl Command {
    /// What stands behind this option.
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.options(name).next()
    }

    /// What stands behind this option, each time that it is given.
    pub(crate) fn options(&self, name: &str) -> impl Iterator<Item = &str> {
        self.words.windows(2).filter(move |pair| pair[0] == name).map(|pair| pair[1].as_str())
    }

    /// All that stands behind this option, up to the next one.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        let from = self.words.iter().skip_while(move |word| *word != name).skip(1);
        from.map(String::as_str).take_while(|word| !word.starts_with("--"))
    }

    pub(crate) fn begins(&self, with: &str) -> bool {
        self.text.starts_with(with)
    }
}

/// The commands of a script.
pub(crate) fn commands(script: &str) -> Vec<Command> {
    let (mut commands, mut text) = (vec![], String::new());
    for line in script.lines() {
        text.push_str(line);
        // A quote that is open, or a backslash, goes on in the next line.
        match shlex::split(&text).filter(|_| !line.ends_with('\\')) {
            Some(words) => {
                commands.push(Command { text: std::mem::take(&mut text), words });
            }
            None => text.push('\n'),
        }
    }
    assert_eq!(text, "", "a command ends");
    commands.retain(|command| !command.words.is_empty());
    commands
}

/// The commands of a document's shell blocks.
pub(crate) fn of(document: &Document) -> Vec<Command> {
    document.blocks("sh").into_iter().flat_map(commands).collect()
}

#[test]
fn commands_end_where_the_shell_ends_them() {
    let read = commands("one --a b --a 'c\n d' # e\n\ntwo \\\n  --list f=1 g --h\n# a comment\n");
    assert_eq!(read.iter().map(|one| one.words[0].as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(read[0].options("--a").collect::<Vec<_>>(), ["b", "c\n d"]);
    assert_eq!(read[1].list("--list").collect::<Vec<_>>(), ["f=1", "g"]);
}
