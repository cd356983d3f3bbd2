//! The texts that a glob lists one by one: `1.{0,1}` lists `1.0` and `1.1`.

use std::iter::Peekable;
use std::str::Chars;

/// A glob with its braces expanded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::policy) struct Listed {
    /// The alternatives without wildcards, each as the text that it matches.
    pub(in crate::policy) texts: Vec<String>,
    /// Whether there are alternatives with wildcards.
    pub(in crate::policy) has_wildcards: bool,
    /// The text before the first wildcard of each of these.
    pub(in crate::policy) beginnings: Vec<String>,
}

/// Returns the alternatives of a valid glob; `None` where there are too many.
pub(in crate::policy) fn listed(glob: &str) -> Option<Listed> {
    let mut listed = Listed::default();
    for Alternative { mut text, wildcard_at } in alternatives(&mut glob.chars().peekable(), Level::Glob)? {
        if let Some(end) = wildcard_at {
            text.truncate(end);
            listed.has_wildcards = true;
            listed.beginnings.push(text);
        } else {
            listed.texts.push(text);
        }
    }
    Some(listed)
}

/// The most alternatives of all braces together.
const LIMIT: usize = 1000;

#[derive(Debug, Clone, Default)]
struct Alternative {
    text: String,
    /// The place of the first wildcard in the text.
    wildcard_at: Option<usize>,
}

impl Alternative {
    fn meet_wildcard(&mut self) {
        self.wildcard_at.get_or_insert(self.text.len());
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Glob,
    /// Up to the brace that closes.
    Braces,
}

fn alternatives(rest: &mut Peekable<Chars<'_>>, level: Level) -> Option<Vec<Alternative>> {
    let mut done = Vec::new();
    let mut open = vec![Alternative::default()];
    while let Some(c) = rest.next() {
        match c {
            '}' if level == Level::Braces => break,
            ',' if level == Level::Braces => {
                done.append(&mut open);
                open.push(Alternative::default());
            }
            '{' => open = each_with_each(&open, &alternatives(rest, Level::Braces)?)?,
            '*' | '?' => open.iter_mut().for_each(Alternative::meet_wildcard),
            '[' => {
                skip_class(rest);
                open.iter_mut().for_each(Alternative::meet_wildcard);
            }
            '\\' => {
                let escaped = rest.next();
                open.iter_mut().for_each(|one| one.text.extend(escaped));
            }
            c => open.iter_mut().for_each(|one| one.text.push(c)),
        }
    }
    done.append(&mut open);
    (done.len() <= LIMIT).then_some(done)
}

fn each_with_each(begins: &[Alternative], ends: &[Alternative]) -> Option<Vec<Alternative>> {
    if begins.len().saturating_mul(ends.len()) > LIMIT {
        return None;
    }
    let joined = |begin: &Alternative, end: &Alternative| Alternative {
        text: format!("{}{}", begin.text, end.text),
        wildcard_at: begin.wildcard_at.or(end.wildcard_at.map(|at| begin.text.len() + at)),
    };
    Some(begins.iter().flat_map(|begin| ends.iter().map(move |end| joined(begin, end))).collect())
}

/// Goes on behind the closing bracket. A closing bracket right after the opening one is meant as itself.
fn skip_class(rest: &mut Peekable<Chars<'_>>) {
    let _ = rest.next_if(|c| matches!(c, '!' | '^'));
    let _ = rest.next_if_eq(&']');
    while let Some(c) = rest.next() {
        match c {
            ']' => break,
            '\\' => {
                let _ = rest.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_glob_lists() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("1.0", &["1.0"], &[]),
            (r"a\*b", &["a*b"], &[]),
            ("1.{0,1}", &["1.0", "1.1"], &[]),
            ("{a,b{c,}}-{1,2}", &["a-1", "a-2", "bc-1", "bc-2", "b-1", "b-2"], &[]),
            ("{1.0,2.*}", &["1.0"], &["2."]),
            ("a,b", &["a,b"], &[]),
            ("[]{,}]", &[], &[""]),
            (r"[!\]{]{a,b}", &[], &["", ""]),
            ("a/**", &[], &["a/"]),
            ("acme/{a,b*}/{c,d?}", &["acme/a/c"], &["acme/a/d", "acme/b", "acme/b"]),
        ];
        for (glob, texts, beginnings) in table {
            let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
            let expected =
                Listed { texts: owned(texts), has_wildcards: !beginnings.is_empty(), beginnings: owned(beginnings) };
            assert_eq!(listed(glob), Some(expected), "{glob}");
        }
        assert_eq!(listed(&"{0,1,2,3,4,5,6,7,8,9}".repeat(4)), None);
    }
}
