//! What can be read of a file that is no YAML, so that one bracket doesn't hide every other mistake.
//!
//! Where the parser stops, the least that lets it go on is blanked out: a word, a value, a line, some lines. Blanks keep
//! everything else in its place. Nothing is made of what is read this way: the file has a problem, and the set is refused.

use std::ops::Range;

use super::loader::Loader;
use super::{Content, Node, Span};
use crate::yaml::Problem;
use crate::yaml::Source;
use crate::yaml::findings::Findings;
use crate::yaml::syntax;

/// The tree of what can be read of the file that the findings are about, beside everything that is wrong with it as
/// YAML. `None` where too much is wrong.
pub(crate) fn salvage(findings: &mut Findings<'_>) -> Option<Node> {
    if findings.text.len() > SIZE_LIMIT {
        return None;
    }
    let before = std::mem::take(&mut findings.problems);
    let mut text = findings.text.to_owned();
    let mut told: Vec<Problem> = Vec::new();
    let mut root = None;
    for _ in 0..STOPS {
        let stop = match read(&text, findings) {
            Ok(whole) => {
                root = Some(whole);
                break;
            }
            Err(stop) => stop,
        };
        let Some(blank) = least(&text, &stop) else { break };
        told.append(&mut about(&stop, &blank, findings));
        findings.hidden.push_str(&text[blank.clone()]);
        text = blanked(&text, blank);
    }
    let root = root.or_else(|| read_to_the_stop(&text, findings));
    if root.is_none() {
        findings.problems = if told.is_empty() { before } else { Vec::new() };
    }
    findings.problems.append(&mut told);
    root
}

/// What is to be told of a stop, out of what was found on the way there.
fn about(stop: &Stop, blank: &Range<usize>, findings: &mut Findings<'_>) -> Vec<Problem> {
    let mut found = std::mem::take(&mut findings.problems);
    match stop.opening {
        Some(Opening { at, sign }) if at == blank.start => {
            let (message, hint) = syntax::unclosed(sign);
            findings.problem(Span { start: at, end: at + 1 }, message).hint(hint);
            std::mem::take(&mut findings.problems)
        }
        _ => {
            found.retain(|problem| line_of(problem) == Some(stop.line));
            found
        }
    }
}

/// What stands before the place where too much is wrong to read on.
fn read_to_the_stop(text: &str, findings: &mut Findings<'_>) -> Option<Node> {
    findings.problems.clear();
    let rest = read(text, findings).err().and_then(|stop| rest(text, &stop))?;
    findings.problems.clear();
    findings.hidden.push_str(&text[rest.clone()]);
    read(&blanked(text, rest), findings).ok()
}

/// So many places may stop the parser.
const STOPS: usize = 20;
/// A policy has some lines. What is far longer is none, and would be read again and again.
const SIZE_LIMIT: usize = 1 << 16;
/// What was not closed is looked for in so many lines.
const LINES_BACK: usize = 8;
/// A try is given up after so many more stops.
const PATIENCE: usize = 10;

/// Where the parser stops.
struct Stop {
    /// Counted from 1.
    line: usize,
    /// The word that stopped it, in bytes of the text.
    word: Range<usize>,
    cause: Cause,
    /// The last bracket or quote in the lines before that nothing has closed until here.
    opening: Option<Opening>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The word itself.
    Word,
    /// Something about the word, or before it.
    Unclear,
    /// A second document begins with the word.
    Document,
}

#[derive(Debug, Clone, Copy)]
struct Opening {
    at: usize,
    sign: char,
}

/// Reads the text, and reports what stops the reading.
fn read(text: &str, findings: &mut Findings<'_>) -> Result<Node, Stop> {
    match Loader::read(text, findings) {
        Ok(Some(root)) => Ok(root),
        // A second document begins here, which was reported last.
        Ok(None) => {
            let line = findings.problems.last().and_then(line_of).unwrap_or(1);
            let start = lines(text).get(line - 1).map_or(0, |line| line.start);
            Err(Stop { line, word: start..text.len(), cause: Cause::Document, opening: None })
        }
        Err(error) => {
            syntax::report(&error, text, findings);
            let word = syntax::word(&error, text);
            let line = lines(text).partition_point(|line| line.start <= word.start);
            let cause = if syntax::is_one_word(&error) { Cause::Word } else { Cause::Unclear };
            let before = lines(text).get(line - 1).and_then(|line| text.get(..line.start));
            Err(Stop { line, word, cause, opening: before.and_then(still_open) })
        }
    }
}

/// What to blank out so that the parser is stopped as seldom as can be, and of that the least.
fn least(text: &str, stop: &Stop) -> Option<Range<usize>> {
    if stop.cause == Cause::Document {
        return Some(stop.word.clone()).filter(|word| !text[word.clone()].trim().is_empty());
    }
    let mut best: Option<(usize, Range<usize>)> = None;
    for blank in candidates(text, stop) {
        if text.get(blank.clone()).is_none_or(|blank| blank.trim().is_empty()) {
            continue;
        }
        let Some(stops) = stops_behind(blanked(text, blank.clone()), stop.word.start) else { continue };
        // A line that goes without need is as bad as one more stop.
        let cost = stops + text[blank.clone()].matches('\n').count();
        if cost == 0 {
            return Some(blank);
        }
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, blank));
        }
    }
    best.map(|(_, blank)| blank).or_else(|| rest(text, stop))
}

/// What may be wrong where the parser stops, the likeliest first: the word there, its value, the line, something that began
/// some lines before.
fn candidates(text: &str, stop: &Stop) -> Vec<Range<usize>> {
    let lines = lines(text);
    let index = stop.line.saturating_sub(1).min(lines.len() - 1);
    let first = index.saturating_sub(LINES_BACK);
    let here = lines[index].clone();
    let mut candidates = likely(text, stop);
    if index > 0 {
        candidates.extend((first..index).rev().map(|line| value_in(text, &lines[line]).start..lines[index - 1].end));
        candidates.extend((first..index).rev().map(|line| item_in(text, &lines[line]).start..lines[index - 1].end));
    }
    candidates.extend((first..index).rev().map(|line| value_in(text, &lines[line]).start..here.end));
    candidates.extend((first..index).rev().map(|line| lines[line].start..here.end));
    candidates
}

/// The word where the parser stops, what began in a line before and goes on, the value, the item, the line.
fn likely(text: &str, stop: &Stop) -> Vec<Range<usize>> {
    let lines = lines(text);
    let index = stop.line.saturating_sub(1).min(lines.len() - 1);
    let here = lines[index].clone();
    let mut likely = Vec::new();
    likely.extend((stop.cause != Cause::Unclear).then(|| stop.word.clone()));
    if let Some(Opening { at, .. }) = stop.opening {
        let own = lines.iter().find(|line| line.end >= at).map_or(at, |line| line.end);
        likely.extend([at..own, at..lines[index.saturating_sub(1)].end]);
    }
    likely.extend([value_in(text, &here), item_in(text, &here), here]);
    likely.retain(|part| text.get(part.clone()).is_some_and(|part| !part.trim().is_empty()));
    likely
}

/// Everything from the place on where the parser stops, or from some lines before.
fn rest(text: &str, stop: &Stop) -> Option<Range<usize>> {
    let lines = lines(text);
    let from = |line: &usize| lines.get(*line - 1).map(|line| line.start..text.len());
    let tries = (stop.line.saturating_sub(LINES_BACK).max(2)..=stop.line).rev();
    tries.filter_map(|line| from(&line)).find(|rest| stops_behind(blanked(text, rest.clone()), 0) == Some(0))
}

/// How often the parser is stopped once this is blanked out, where each time the likeliest is: [`PATIENCE`]
/// where it never comes to the end. `None` where it comes no further than to this place, or what it reads is no file of keys.
fn stops_behind(mut text: String, place: usize) -> Option<usize> {
    for stops in 0..PATIENCE {
        let scratch = Source::new("", text);
        let stop = match read(&scratch.text, &mut Findings::new(&scratch)) {
            Ok(root) => return matches!(root.content, Content::Mapping(_)).then_some(stops),
            Err(stop) => stop,
        };
        if stops == 0 && stop.word.start <= place {
            return None;
        }
        let Some(part) = likely(&scratch.text, &stop).into_iter().next() else { break };
        text = blanked(&scratch.text, part);
    }
    Some(PATIENCE)
}

/// What stands behind the dash of a line, or all of it.
fn item_in(text: &str, line: &Range<usize>) -> Range<usize> {
    let item = text[line.clone()].trim_start().strip_prefix("- ").map(str::len);
    item.map_or_else(|| line.clone(), |item| line.end - item..line.end)
}

/// What stands behind the first colon of a line, or all of it.
fn value_in(text: &str, line: &Range<usize>) -> Range<usize> {
    match text[line.clone()].split_once(": ") {
        Some((key, _)) => line.start + key.len() + 1..line.end,
        None => line.clone(),
    }
}

/// The last bracket or quote that nothing closes to the end of the text. Policies have no texts of several lines in quotes,
/// so a quote that its own line doesn't close is the one; elsewhere than at the start of a text it is a sign like others.
fn still_open(text: &str) -> Option<Opening> {
    let mut brackets: Vec<Opening> = Vec::new();
    let mut quote: Option<Opening> = None;
    let mut is_comment = false;
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        let is_start = before.is_whitespace() || matches!(before, '[' | '{' | ',');
        is_comment = sign != '\n' && (is_comment || sign == '#' && is_start && quote.is_none());
        match (quote, sign) {
            _ if is_comment => {}
            (Some(_), '\n') => return quote,
            (Some(open), _) if open.sign == sign && before != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if is_start => quote = Some(Opening { at, sign }),
            (None, '[' | '{') if is_start => brackets.push(Opening { at, sign }),
            (None, ']' | '}') => {
                brackets.pop();
            }
            (None, _) => {}
        }
        before = sign;
    }
    brackets.pop()
}

/// The same text with blanks in place of the range, line ends aside: nothing else moves.
fn blanked(text: &str, range: Range<usize>) -> String {
    let blanks: String = text[range.clone()]
        .bytes()
        .map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' })
        .collect();
    format!("{}{blanks}{}", &text[..range.start], &text[range.end..])
}

/// Each line of the text, its end aside. The last one is there even if it is empty.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let line = |line: &str| {
        let range = start..start + line.len();
        start = range.end + 1;
        range
    };
    text.split('\n').map(line).collect()
}

fn line_of(problem: &Problem) -> Option<usize> {
    problem.place.as_ref().map(|place| place.line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::policy::PolicySet;
    use crate::yaml::Source;

    /// Each problem as `line:column message`.
    fn told(text: &str) -> Vec<String> {
        let errors = PolicySet::parse(&[Source::new("p.yaml", text)]).map(|_| ()).unwrap_err();
        let told = |problem: &crate::yaml::Problem| {
            let place = problem.place.as_ref().unwrap();
            format!("{}:{} {}", place.line, place.column, problem.message)
        };
        errors.problems.iter().map(told).collect()
    }

    #[test]
    fn what_stands_before_and_behind_is_told() {
        let before = "version: 1\nshedule: \"@daily\"\nscope:\n  group: /acme\n";
        let behind = "  - status: eror\n    older_than: 6m\n";
        let expected = |stop: &str| {
            vec![
                "2:1 unknown key `shedule`; did you mean `schedule`?".to_owned(),
                "4:10 `/acme` begins or ends with a slash".to_owned(),
                stop.to_owned(),
                "7:13 unknown status `eror`; did you mean `error`?".to_owned(),
                "8:17 `6m`: minutes or months?".to_owned(),
            ]
        };
        for (line, stop) in [
            ("  - version: *", "6:14 a text that begins with `*` or `&` needs quotes"),
            ("  - name: @acme/*", "6:11 a text that begins with `@` needs quotes"),
            ("  - { version: *, older_than: 30d }", "6:16 a text that begins with `*` or `&` needs quotes"),
            ("  - version: [0-9]*", "6:19 a text that begins with `[` or `{` needs quotes"),
            ("\t- status: error", "6:2 a tab in the indentation"),
            ("  - version: \"/1\\.\\d+/\"", "6:14 `\\` has a meaning of its own in double quotes"),
        ] {
            assert_eq!(told(&format!("{before}delete:\n{line}\n{behind}")), expected(stop), "{line}");
        }
        for (line, stop) in [
            ("  - version: [\"*-rc\", \"*-dev\"", "6:14 `[` is not closed"),
            ("  - version: [\n      \"*-rc\",\n      \"*-dev\",", "6:14 `[` is not closed"),
            ("  - { version: \"*-rc\", older_than: 90d", "6:5 `{` is not closed"),
            ("  - version: \"*-rc", "6:14 `\"` is not closed"),
            ("  - version: [\"*-rc, \"*-dev\"]", "6:23 the quotes end before this"),
        ] {
            let more = line.matches('\n').count();
            let mut expected = expected(stop);
            expected[3] = format!("{}:13 unknown status `eror`; did you mean `error`?", 7 + more);
            expected[4] = format!("{}:17 `6m`: minutes or months?", 8 + more);
            assert_eq!(told(&format!("{before}delete:\n{line}\n{behind}")), expected, "{line}");
        }
    }

    #[test]
    fn several_stops_are_told_at_once() {
        let text = "version: 1\nscope:\n  group: @acme\n  types: [maven\ndelete:\n  - version: *\n    older_than: 30\n";
        let expected = [
            "3:10 a text that begins with `@` needs quotes",
            "4:10 `[` is not closed",
            "6:14 a text that begins with `*` or `&` needs quotes",
            "7:17 `30` has no unit",
        ];
        assert_eq!(told(text), expected);
    }

    #[test]
    fn nothing_is_missed_that_may_be_hidden() {
        let told = told("version: 1\nscope: [\n  group: acme\ndelete:\n  - status: error\n    older_than: 7d\n");
        assert_eq!(told, ["2:8 `[` is not closed"]);
        let told = self::told("version: 1\nname: ok\nprotect: [{ name: core }\n");
        assert_eq!(told, ["3:10 `[` is not closed"]);
    }

    #[test]
    fn a_second_document_is_left_out() {
        let told = told("version: 1\nscope: { group: acme }\ndelete: [{ status: eror }]\n---\nversion: 2\n");
        assert_eq!(told, ["3:20 unknown status `eror`; did you mean `error`?", "4:1 a second document begins here"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(
            parts in proptest::collection::vec(
                "version: 1\n|scope: |group: é\n|delete:\n|  - |status: |\"|'|\\[|\\{|\\]|\\}|\\*|&a |!x |: |, |\t|\n|---\n|ü|#|\\||>",
                0..25,
            ),
        ) {
            let _ = PolicySet::parse(&[Source::new("p.yaml", parts.concat())]);
        }
    }
}
