//! The texts that a glob lists one by one: `1.{0,1}` is `1.0` and `1.1`.

use std::iter::Peekable;
use std::str::Chars;

/// What a glob comes to once its braces are expanded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::policy) struct Listed {
    /// Those without wildcards, each as the text that it matches.
    pub(in crate::policy) texts: Vec<String>,
    /// Whether there are others.
    pub(in crate::policy) has_wildcards: bool,
}

/// `None` where there are too many. The glob is a valid one.
pub(in crate::policy) fn listed(glob: &str) -> Option<Listed> {
    let mut listed = Listed::default();
    for Alternative { text, has_wildcard } in alternatives(&mut glob.chars().peekable(), Level::Glob)? {
        if has_wildcard {
            listed.has_wildcards = true;
        } else {
            listed.texts.push(text);
        }
    }
    Some(listed)
}

/// So many alternatives at most, of all braces together.
const LIMIT: usize = 1000;

#[derive(Debug, Clone, Default)]
struct Alternative {
    text: String,
    has_wildcard: bool,
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
            '*' | '?' => open.iter_mut().for_each(|one| one.has_wildcard = true),
            '[' => {
                skip_class(rest);
                open.iter_mut().for_each(|one| one.has_wildcard = true);
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
        has_wildcard: begin.has_wildcard || end.has_wildcard,
    };
    Some(begins.iter().flat_map(|begin| ends.iter().map(move |end| joined(begin, end))).collect())
}

/// Goes on behind the bracket that closes. One right after the bracket that opens is meant as itself.
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
        let table: &[(&str, &[&str], bool)] = &[
            ("1.0", &["1.0"], false),
            (r"a\*b", &["a*b"], false),
            ("1.{0,1}", &["1.0", "1.1"], false),
            ("{a,b{c,}}-{1,2}", &["a-1", "a-2", "bc-1", "bc-2", "b-1", "b-2"], false),
            ("{1.0,2.*}", &["1.0"], true),
            ("a,b", &["a,b"], false),
            ("[]{,}]", &[], true),
            (r"[!\]{]{a,b}", &[], true),
            ("a/**", &[], true),
        ];
        for (glob, texts, has_wildcards) in table {
            let expected =
                Listed { texts: texts.iter().map(|&text| text.to_owned()).collect(), has_wildcards: *has_wildcards };
            assert_eq!(listed(glob), Some(expected), "{glob}");
        }
        assert_eq!(listed(&"{0,1,2,3,4,5,6,7,8,9}".repeat(4)), None);
    }
}
