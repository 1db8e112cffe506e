//! Reads YAML, with the tags of AWS's templates.

use std::ops::Index;

use saphyr_parser::{Event, Parser, Tag};

/// What YAML says. Everything that is neither a list nor a map is kept as text: the tests do no arithmetic.
#[derive(Debug, PartialEq)]
pub(crate) enum Node {
    Text(String),
    List(Vec<Node>),
    /// In the order of the file.
    Map(Vec<(String, Node)>),
}

impl Node {
    pub(crate) fn text(&self) -> &str {
        let Node::Text(text) = self else { panic!("not a text: {self:?}") };
        text
    }

    pub(crate) fn list(&self) -> &[Node] {
        let Node::List(list) = self else { panic!("not a list: {self:?}") };
        list
    }

    pub(crate) fn entries(&self) -> &[(String, Node)] {
        let Node::Map(entries) = self else { panic!("not a map: {self:?}") };
        entries
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries().iter().map(|(key, _)| key.as_str())
    }

    /// The value of this key in a map. A text or a list has none.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let Node::Map(entries) = self else { return None };
        entries.iter().find(|(one, _)| one == key).map(|(_, node)| node)
    }

    /// This node and all nodes below it.
    pub(crate) fn every(&self) -> Vec<&Node> {
        let below: Vec<&Node> = match self {
            Node::Text(_) => vec![],
            Node::List(list) => list.iter().collect(),
            Node::Map(entries) => entries.iter().map(|(_, node)| node).collect(),
        };
        std::iter::once(self).chain(below.into_iter().flat_map(Node::every)).collect()
    }
}

impl Index<&str> for Node {
    type Output = Node;

    fn index(&self, key: &str) -> &Node {
        self.get(key).unwrap_or_else(|| panic!("no `{key}` among {:?}", self.keys().collect::<Vec<_>>()))
    }
}

/// The only document of a file.
pub(crate) fn read(text: &str) -> Node {
    let mut events = Parser::new_from_str(text).map(|event| event.unwrap_or_else(|error| panic!("{error}")).0);
    let begins = |event: &Event| matches!(event, Event::StreamStart | Event::DocumentStart(_));
    let first = events.find(|event| !begins(event)).expect("a document begins");
    let document = node(first, &mut events);
    assert_eq!(events.collect::<Vec<_>>(), [Event::DocumentEnd, Event::StreamEnd], "one document");
    document
}

fn node<'a>(event: Event<'a>, rest: &mut impl Iterator<Item = Event<'a>>) -> Node {
    match event {
        Event::Scalar(text, _, _, tag) => long_form(tag.as_deref(), Node::Text(text.into_owned())),
        Event::SequenceStart(_, tag) => {
            let mut list = vec![];
            loop {
                match rest.next().expect("a list ends") {
                    Event::SequenceEnd => break long_form(tag.as_deref(), Node::List(list)),
                    event => list.push(node(event, rest)),
                }
            }
        }
        Event::MappingStart(_, tag) => {
            let mut entries: Vec<(String, Node)> = vec![];
            loop {
                let key = match rest.next().expect("a map ends") {
                    Event::MappingEnd => break long_form(tag.as_deref(), Node::Map(entries)),
                    event => node(event, rest).text().to_owned(),
                };
                assert!(entries.iter().all(|(other, _)| *other != key), "`{key}` stands there twice");
                let value = rest.next().expect("a key has a value");
                entries.push((key, node(value, rest)));
            }
        }
        other => panic!("{other:?}: nothing reads this yet"),
    }
}

/// `!Sub text` means `{Fn::Sub: text}`, `!Ref name` means `{Ref: name}`.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
fn long_form(tag: Option<&Tag>, node: Node) -> Node {
    let Some(tag) = tag else { return node };
    assert_eq!(tag.handle, "!", "{tag}: a tag of CloudFormation");
    let function = match tag.suffix.as_str() {
        own @ ("Ref" | "Condition") => own.to_owned(),
        other => format!("Fn::{other}"),
    };
    Node::Map(vec![(function, node)])
}

#[test]
fn short_forms_comments_and_folded_texts_are_read() {
    let read =
        read("# a: comment\na: !Sub\n  - ${B} # c\n  - B: !Ref C\n\"b\": [x, !GetAtt y.Arn]\nc: >-\n  one\n  two\n");
    let text = |text: &str| Node::Text(text.to_owned());
    let map = |key: &str, node: Node| Node::Map(vec![(key.to_owned(), node)]);
    assert_eq!(read["a"], map("Fn::Sub", Node::List(vec![text("${B}"), map("B", map("Ref", text("C")))])));
    assert_eq!(read["b"].list(), [text("x"), map("Fn::GetAtt", text("y.Arn"))]);
    assert_eq!(read["c"].text(), "one two");
    assert_eq!(read.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(read.every().iter().filter(|one| matches!(one, Node::Text(_))).count(), 5);
}

#[test]
#[should_panic(expected = "`a` stands there twice")]
fn a_key_that_stands_there_twice_is_found() {
    read("a: 1\nb: 2\na: 3\n");
}
