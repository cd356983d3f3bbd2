//! Makes the tree from the events of the YAML parser, and reports on the way what a strict reader refuses.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError};

use super::{Entry, Fragment, Node, NodeContent, Style};
use crate::yaml::findings::Findings;
use crate::yaml::span::Span;
use crate::yaml::syntax;
use crate::yaml::text::shown;

/// The deepest nesting. Files that people write are a few levels deep.
const NESTING_LIMIT: usize = 16;

/// Reads the file that the findings are about.
///
/// # Errors
///
/// The part before the place where the file stops being a single YAML document. That place has been reported.
pub(crate) fn load(findings: &mut Findings<'_>) -> Result<Node, Fragment> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
        flow_nesting_limit: NESTING_LIMIT,
        block_nesting_limit: NESTING_LIMIT,
    };
    let text = findings.text;
    let events = Parser::new_from_str_with_options(text, options);
    let mut loader = Loader { text, events, findings, root: None };
    let outcome = loader.document();
    let root = loader.root.unwrap_or_else(|| Node {
        key: String::new(),
        span: Span::FILE_START,
        content: NodeContent::Mapping(Vec::new()),
    });
    match outcome {
        Ok(()) => Ok(root),
        Err(stop) => {
            stop.report(findings);
            Err(Fragment(root))
        }
    }
}

struct Loader<'t, 's, 'f> {
    text: &'t str,
    events: Parser<'t, granit_parser::StrInput<'t>>,
    findings: &'f mut Findings<'s>,
    /// The root of the document, or as much of it as could be read.
    root: Option<Node>,
}

/// Why a file is not a single YAML document.
enum Stop {
    Syntax(ScanError),
    /// The place where it begins.
    SecondDocument(Span),
    Empty,
}

/// An event of the parser with its place.
type Spanned<'t> = (Event<'t>, granit_parser::Span);

impl Stop {
    fn report(&self, findings: &mut Findings<'_>) {
        match self {
            Self::Syntax(error) => syntax::report(error, findings),
            Self::SecondDocument(span) => {
                findings.problem(*span, "a second document begins here").hint("write it to a file of its own");
            }
            Self::Empty => {
                let first_line = findings.language.first_line;
                findings.problem(Span::FILE_START, "the file is empty").hint(format!("it begins with `{first_line}`"));
            }
        }
    }
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Self {
        Self::Syntax(error)
    }
}

impl<'t> Loader<'t, '_, '_> {
    /// Reads the one document that a file may hold, into `root`.
    fn document(&mut self) -> Result<(), Stop> {
        while let Some((event, place)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if self.root.is_some() => {
                    return Err(Stop::SecondDocument(span_of(&place)));
                }
                Event::DocumentStart(..) => {}
                event if is_null(&event, &place) => {}
                event => {
                    let is_mapping = matches!(event, Event::MappingStart(..));
                    let root = self.node(String::new(), event, place);
                    if root.is_err() && !is_mapping {
                        self.root = None;
                    }
                    self.root = Some(root?);
                }
            }
        }
        if self.root.is_some() { Ok(()) } else { Err(Stop::Empty) }
    }

    /// Returns the next event. Reports its anchor, if it has one; an anchored value is read like any other.
    fn next(&mut self) -> Result<Option<Spanned<'t>>, ScanError> {
        for event in self.events.by_ref() {
            match event? {
                (Event::Anchor(_, name), place) => {
                    self.findings
                        .problem(span_of(&place), format!("`&{}` is a YAML anchor", shown(&name)))
                        .hint("anchors and aliases are not read here; a text that begins with `&` needs quotes");
                }
                other => return Ok(Some(other)),
            }
        }
        Ok(None)
    }

    /// Reads the node that begins with `event`. The depth of the recursion is bounded by the parser's nesting limits.
    fn node(&mut self, key: String, event: Event<'t>, place: granit_parser::Span) -> Result<Node, ScanError> {
        let span = span_of(&place);
        let tag = tag_of(&place);
        let node = match event {
            // The caller has reported a null, because it knows which key or item has no value.
            ref event if is_null(event, &place) => broken(key, span),
            Event::Scalar(text, style, ..) => scalar(key, span, text.into_owned(), style),
            Event::SequenceStart(..) => self.list(key, span)?,
            Event::MappingStart(..) => self.mapping(key, span)?,
            Event::UnresolvedAlias(_) => {
                self.report_missing_quotes(&key, span, span, "alias");
                broken(key, span)
            }
            Event::Alias(_) => {
                let name = shown(self.slice(span)).into_owned();
                self.findings
                    .problem(span, format!("`{name}` is a YAML alias"))
                    .hint("anchors and aliases are not read here: write out what it stands for");
                broken(key, span)
            }
            // No other event begins a node.
            _ => broken(key, span),
        };
        match tag {
            Some(tag) => {
                self.report_tag(&node, tag);
                Ok(broken(node.key, node.span))
            }
            None => Ok(node),
        }
    }

    fn list(&mut self, key: String, start: Span) -> Result<Node, ScanError> {
        let mut items = Vec::new();
        let mut end = start;
        while let Some((event, place)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                end = span_of(&place);
                break;
            }
            if is_null(&event, &place) {
                self.findings
                    .problem(self.null_span(span_of(&place)), "an entry of this list is empty")
                    .hint("take it out, or write its value; a text needs quotes to be `\"null\"` or `\"~\"`");
            }
            items.push(self.node(key.clone(), event, place)?);
        }
        Ok(Node { key, span: start.until(end), content: NodeContent::List(items) })
    }

    fn mapping(&mut self, key: String, start: Span) -> Result<Node, ScanError> {
        let mut entries = Vec::new();
        let mut nulls = Vec::new();
        let whole = self.entries(start, &mut entries, &mut nulls);
        let span = *whole.as_ref().unwrap_or(&start);
        if whole.is_ok() && nulls.len() == entries.len() && self.slice(start) == "{" && !entries.is_empty() {
            self.report_missing_quotes(&key, span, span, "mapping");
            return Ok(broken(key, span));
        }
        for index in nulls {
            self.report_null(&entries[index]);
        }
        let mapping = Node { key, span, content: NodeContent::Mapping(self.without_duplicates(entries)) };
        match whole {
            Ok(_) => Ok(mapping),
            Err(error) => {
                // The mapping around this one is stored after it, so that the root remains.
                self.root = Some(mapping);
                Err(error)
            }
        }
    }

    /// Reads the entries of the mapping that begins at `start`, and returns its whole place. `nulls` gets the numbers
    /// of the entries without a value. After an error `entries` has the whole ones.
    fn entries(&mut self, start: Span, entries: &mut Vec<Entry>, nulls: &mut Vec<usize>) -> Result<Span, ScanError> {
        while let Some((event, place)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                return Ok(start.until(span_of(&place)));
            }
            let (name, key_span) = self.key(event, place)?;
            let Some((event, place)) = self.next()? else { break };
            let is_null = is_null(&event, &place);
            let value = self.node(name.clone().unwrap_or_default(), event, place)?;
            if let Some(key) = name {
                nulls.extend(is_null.then_some(entries.len()));
                entries.push(Entry { key, key_span, value });
            }
        }
        Ok(start)
    }

    /// Reads a key of a mapping; `None` where it is no valid key, which has been reported then.
    fn key(&mut self, event: Event<'t>, place: granit_parser::Span) -> Result<(Option<String>, Span), ScanError> {
        let is_null = is_null(&event, &place);
        let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
        let node = self.node(String::new(), event, place)?;
        let name = match node.content {
            NodeContent::Scalar { .. } if is_merge => {
                self.findings.problem(node.span, "merge keys (`<<`) are not read here").hint("write the keys out");
                None
            }
            NodeContent::Scalar { text, .. } => Some(text),
            NodeContent::Broken if !is_null => None,
            NodeContent::Broken | NodeContent::List(_) | NodeContent::Mapping(_) => {
                self.findings
                    .problem(node.span, "a key has to be a plain word")
                    .hint("keys are written as `key: value`");
                None
            }
        };
        Ok((name, node.span))
    }

    /// Reports keys that stand there again, and returns the first entry of each.
    fn without_duplicates(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut seen = BTreeMap::new();
        let mut unique = Vec::new();
        for entry in entries {
            if let Some(first) = seen.get(&entry.key) {
                let line = self.findings.line_of(*first);
                self.findings
                    .problem(entry.key_span, format!("the key `{}` stands here twice", shown(&entry.key)))
                    .hint(format!("the first one is in line {line}; for several values write a list"));
            } else {
                seen.insert(entry.key.clone(), entry.key_span);
                unique.push(entry);
            }
        }
        unique
    }

    fn report_null(&mut self, entry: &Entry) {
        let key = shown(&entry.key);
        let span = entry.value.span;
        if span.is_empty() {
            self.findings
                .problem(entry.key_span, format!("`{key}` has no value"))
                .hint(format!("write `{key}: …`, or take the key out"));
        } else {
            let text = shown(self.slice(span)).into_owned();
            self.findings
                .problem(span, format!("`{text}` is YAML's null: `{key}` has no value"))
                .hint(format!("take the key out, or write the text in quotes: `{key}: \"{text}\"`"));
        }
    }

    /// Reports an unquoted `!app`: it is a tag to YAML, and the value would be empty.
    fn report_tag(&mut self, node: &Node, tag: Span) {
        let text = self.slice(tag);
        if text.starts_with("!!") || text.starts_with("!<") {
            let text = shown(text).into_owned();
            self.findings
                .problem(tag, format!("`{text}` is a YAML tag"))
                .hint("tags are not read here: every value is the text that is written");
            return;
        }
        let whole = match node.content {
            NodeContent::Mapping(_) | NodeContent::List(_) => tag,
            NodeContent::Scalar { .. } | NodeContent::Broken => tag.until(node.span),
        };
        self.report_missing_quotes(&node.key, tag, whole, "tag");
    }

    /// Reports a text without its quotes, which YAML takes for something else, and how to write the `whole` text with
    /// them.
    fn report_missing_quotes(&mut self, key: &str, span: Span, whole: Span, taken_for: &str) {
        let whole = self.slice(whole).trim_end();
        let quoted = shown(&whole.replace('\\', r"\\").replace('"', "\\\"")).into_owned();
        // Behind a colon the text is the value of the key, elsewhere an item of a list.
        let is_value = self.text.get(..span.start).is_some_and(|before| before.trim_end().ends_with(':'));
        let hint =
            if is_value { format!("write `{}: \"{quoted}\"`", shown(key)) } else { format!("write `\"{quoted}\"`") };
        let text = shown(self.slice(span)).into_owned();
        self.findings.problem(span, format!("`{text}` without quotes is a YAML {taken_for}")).hint(hint);
    }

    /// Returns the place of a null. An empty entry has no text to point at, so its place is the dash before it.
    fn null_span(&self, span: Span) -> Span {
        if !span.is_empty() {
            return span;
        }
        let before = self.slice(Span { start: 0, end: span.start }).trim_end();
        Span { start: before.len().saturating_sub(1), end: before.len() }
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }
}

fn scalar(key: String, span: Span, text: String, style: ScalarStyle) -> Node {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        _ => Style::Quoted,
    };
    Node { key, span, content: NodeContent::Scalar { text, style } }
}

fn broken(key: String, span: Span) -> Node {
    Node { key, span, content: NodeContent::Broken }
}

/// Returns whether this is an untagged plain scalar that YAML takes for a null.
fn is_null(event: &Event<'_>, place: &granit_parser::Span) -> bool {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => {
            place.tag_start().is_none() && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
        }
        _ => false,
    }
}

fn span_of(place: &granit_parser::Span) -> Span {
    // Byte offsets are always there for a parser that reads from a `&str`.
    let start = place.start.byte_offset().unwrap_or_default();
    Span { start, end: place.end.byte_offset().unwrap_or(start).max(start) }
}

fn tag_of(place: &granit_parser::Span) -> Option<Span> {
    place.tag_span().map(|tag| span_of(&tag))
}
