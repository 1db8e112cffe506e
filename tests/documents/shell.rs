//! Reads the commands that documents give.

use crate::markdown::Document;

/// A command with its arguments, over as many lines as it takes.
#[derive(Debug)]
pub(crate) struct Command {
    /// As it is written.
    pub(crate) text: String,
    /// As the shell splits it, without quotes.
    pub(crate) words: Vec<String>,
}

impl Command {
    /// The value of this option.
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.options(name).next()
    }

    /// The values of this option, each time it is given.
    pub(crate) fn options(&self, name: &str) -> impl Iterator<Item = &str> {
        self.words.windows(2).filter(move |pair| pair[0] == name).map(|pair| pair[1].as_str())
    }

    /// All values of this option, up to the next one.
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
        // An open quote, or a backslash, continues on the next line.
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
