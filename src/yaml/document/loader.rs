//! From the events of the YAML parser to the tree, and what is told on the way.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError};

use super::{Content, Entry, Node, Span, Style};
use crate::yaml::findings::Findings;
use crate::yaml::syntax;
use crate::yaml::text::shown;

/// A policy is five levels deep.
const NESTING_LIMIT: usize = 16;

/// Reads the file that the findings are about. `None` means that there is no tree to look at, and that the reason has
/// been reported.
pub(crate) fn load(findings: &mut Findings<'_>) -> Option<Node> {
    let text = findings.text;
    match Loader::read(text, findings) {
        Ok(root) => root,
        Err(error) => {
            syntax::report(&error, text, findings);
            None
        }
    }
}

pub(super) struct Loader<'t, 's, 'f> {
    /// That of the findings, or with blanks in it.
    text: &'t str,
    events: Parser<'t, granit_parser::StrInput<'t>>,
    findings: &'f mut Findings<'s>,
}

/// An event of the parser with its place.
type Spanned<'t> = (Event<'t>, granit_parser::Span);

impl<'t, 's, 'f> Loader<'t, 's, 'f> {
    /// Reads the text, of the same length as that of the findings. Everything is reported but what stops the parser.
    pub(super) fn read(text: &'t str, findings: &'f mut Findings<'s>) -> Result<Option<Node>, ScanError> {
        let options = granit_parser::options! {
            disallow_directives: true,
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            emit_comments: false,
            flow_nesting_limit: NESTING_LIMIT,
            block_nesting_limit: NESTING_LIMIT,
        };
        Self { text, events: Parser::new_from_str_with_options(text, options), findings }.document()
    }

    /// Reads the one document that a file may hold.
    fn document(&mut self) -> Result<Option<Node>, ScanError> {
        let mut root = None;
        while let Some((event, place)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_some() => {
                    self.findings
                        .problem(span_of(&place), "a second document begins here")
                        .hint("write one policy or protection to a file");
                    return Ok(None);
                }
                Event::DocumentStart(..) => {}
                event if is_null(&event, &place) => {}
                event => root = Some(self.node(String::new(), event, place)?),
            }
        }
        if root.is_none() {
            self.findings.problem(Span::FILE_START, "the file is empty").hint("it begins with `version: 1`");
        }
        Ok(root)
    }

    /// The next event, anchors aside: those are reported here, and what is anchored is read like anything else.
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

    /// The node that begins with `event`. The depth of the recursion is bounded by the parser's nesting limits.
    fn node(&mut self, key: String, event: Event<'t>, place: granit_parser::Span) -> Result<Node, ScanError> {
        let span = span_of(&place);
        let tag = tag_of(&place);
        let node = match event {
            // The caller has reported a null, because it knows what has no value.
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
            if is_null(&event, &place) && !self.is_blanked(span_of(&place)) {
                self.findings
                    .problem(self.null_span(span_of(&place)), "an entry of this list is empty")
                    .hint("take it out, or write its value; a text needs quotes to be `\"null\"` or `\"~\"`");
            }
            items.push(self.node(key.clone(), event, place)?);
        }
        Ok(Node { key, span: start.until(end), content: Content::List(items) })
    }

    fn mapping(&mut self, key: String, start: Span) -> Result<Node, ScanError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut nulls = Vec::new();
        let mut end = start;
        while let Some((event, place)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                end = span_of(&place);
                break;
            }
            let (name, key_span) = self.key(event, place)?;
            let Some((event, place)) = self.next()? else { break };
            if let Some(name) = &name
                && is_null(&event, &place)
                && !self.is_blanked(span_of(&place))
            {
                nulls.push((name.clone(), key_span, span_of(&place)));
            }
            let value = self.node(name.clone().unwrap_or_default(), event, place)?;
            entries.extend(name.map(|name| Entry { key: name, key_span, value }));
        }
        let span = start.until(end);
        if nulls.len() == entries.len() && self.slice(start) == "{" && !entries.is_empty() {
            self.report_missing_quotes(&key, span, span, "mapping");
            return Ok(broken(key, span));
        }
        for (name, key_span, value_span) in nulls {
            self.report_null(&name, key_span, value_span);
        }
        Ok(Node { key, span, content: Content::Mapping(self.without_duplicates(entries)) })
    }

    /// A key of a mapping; `None` where it is none, which has been reported then.
    fn key(&mut self, event: Event<'t>, place: granit_parser::Span) -> Result<(Option<String>, Span), ScanError> {
        let is_null = is_null(&event, &place);
        let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
        let node = self.node(String::new(), event, place)?;
        let name = match node.content {
            Content::Scalar { .. } if is_merge => {
                self.findings.problem(node.span, "merge keys (`<<`) are not read here").hint("write the keys out");
                None
            }
            Content::Scalar { text, .. } => Some(text),
            Content::Broken if !is_null => None,
            Content::Broken | Content::List(_) | Content::Mapping(_) => {
                self.findings
                    .problem(node.span, "a key has to be a plain word")
                    .hint("keys are written as `key: value`");
                None
            }
        };
        Ok((name, node.span))
    }

    /// Reports keys that stand there again, and leaves each first one.
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

    fn report_null(&mut self, key: &str, key_span: Span, span: Span) {
        let key = shown(key);
        if span.is_empty() {
            self.findings
                .problem(key_span, format!("`{key}` has no value"))
                .hint(format!("write `{key}: …`, or take the key out"));
        } else {
            let text = shown(self.slice(span)).into_owned();
            self.findings
                .problem(span, format!("`{text}` is YAML's null: `{key}` has no value"))
                .hint(format!("take the key out, or write the text in quotes: `{key}: \"{text}\"`"));
        }
    }

    /// An unquoted `!app` is a tag to YAML, and the value would be empty.
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
            Content::Mapping(_) | Content::List(_) => tag,
            Content::Scalar { .. } | Content::Broken => tag.until(node.span),
        };
        self.report_missing_quotes(&node.key, tag, whole, "tag");
    }

    /// Reports what YAML takes a text for that lacks its quotes, and how the `whole` text is written with them.
    fn report_missing_quotes(&mut self, key: &str, span: Span, whole: Span, taken_for: &str) {
        let whole = self.slice(whole).trim_end();
        let quoted = shown(&whole.replace('\\', r"\\").replace('"', "\\\"")).into_owned();
        // Behind a colon stands the whole value of the key, elsewhere an item of a list.
        let is_value = self.text.get(..span.start).is_some_and(|before| before.trim_end().ends_with(':'));
        let hint =
            if is_value { format!("write `{}: \"{quoted}\"`", shown(key)) } else { format!("write `\"{quoted}\"`") };
        let text = shown(self.slice(span)).into_owned();
        self.findings.problem(span, format!("`{text}` without quotes is a YAML {taken_for}")).hint(hint);
    }

    /// An empty entry has no text to point at, so point at the dash before it.
    fn null_span(&self, span: Span) -> Span {
        if !span.is_empty() {
            return span;
        }
        let before = self.slice(Span { start: 0, end: span.start }).trim_end();
        Span { start: before.len().saturating_sub(1), end: before.len() }
    }

    /// Whether an empty value had something in its place before it was blanked out.
    fn is_blanked(&self, span: Span) -> bool {
        // Nothing has a place before or behind its blanks, so look from the sign before it to the next key.
        let rest = self.text.get(span.start..).unwrap_or_default();
        let behind = rest.strip_prefix([':', '-']).unwrap_or(rest).trim_start();
        let end = self.text.len() - behind.len();
        let begin = self.text.get(..span.start).unwrap_or_default().trim_end().len();
        self.text.get(begin..end) != self.findings.text.get(begin..end)
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
    Node { key, span, content: Content::Scalar { text, style } }
}

fn broken(key: String, span: Span) -> Node {
    Node { key, span, content: Content::Broken }
}

/// An untagged plain scalar that YAML takes for nothing.
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
