//! A policy file as a tree that can be changed and written again.

use granit_parser::{Event, Parser, ScalarStyle};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Scalar { text: String, is_plain: bool },
    List(Vec<Tree>),
    Mapping(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn parse(text: &str) -> Self {
        let mut events = Parser::new_from_str(text).map(|event| event.unwrap().0);
        let first = events.by_ref().find(|event| is_node(event)).unwrap();
        node(first, &mut events)
    }

    /// On one line, so that no indentation matters. Only what the language reads without quotes has none.
    pub(crate) fn write(&self) -> String {
        match self {
            Self::Scalar { text, is_plain: true } if text.bytes().all(|b| b.is_ascii_alphanumeric()) => text.clone(),
            Self::Scalar { text, .. } => serde_json::to_string(text).unwrap(),
            Self::List(items) => {
                format!("[{}]", items.iter().map(Self::write).collect::<Vec<_>>().join(", "))
            }
            Self::Mapping(entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{key}: {}", value.write()));
                format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn is_node(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..))
}

fn node<'t>(event: Event<'t>, events: &mut impl Iterator<Item = Event<'t>>) -> Tree {
    match event {
        Event::Scalar(text, style, ..) => {
            Tree::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain }
        }
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match events.next().unwrap() {
                    Event::SequenceEnd => return Tree::List(items),
                    event if is_node(&event) => items.push(node(event, events)),
                    _ => {}
                }
            }
        }
        Event::MappingStart(..) => {
            let mut entries = Vec::new();
            loop {
                match events.next().unwrap() {
                    Event::MappingEnd => return Tree::Mapping(entries),
                    Event::Scalar(key, ..) => {
                        let value = events.by_ref().find(is_node).unwrap();
                        entries.push((key.into_owned(), node(value, events)));
                    }
                    _ => {}
                }
            }
        }
        other => panic!("no node: {other:?}"),
    }
}
