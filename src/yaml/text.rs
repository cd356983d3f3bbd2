//! The user's own words in a message: shown safely, and compared with words that may have been meant.

use std::borrow::Cow;

/// Longer texts are cut in messages; the line itself is shown beneath.
const SHOWN_LENGTH: usize = 60;

/// Returns the text as a message may show it: on one line, without control characters, not too long.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let is_long = text.chars().nth(SHOWN_LENGTH).is_some();
    if !is_long && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown: String = text
        .chars()
        .take(SHOWN_LENGTH)
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect();
    if is_long {
        shown.push('…');
    }
    Cow::Owned(shown)
}

/// Returns the candidate that was probably meant, if one is close enough.
pub(crate) fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let given = fold(given);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&given, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns `; did you mean …?`, or nothing where no candidate is close.
pub(crate) fn did_you_mean<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(given, candidates).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

/// Returns the words as `` `a`, `b` or `c` ``.
pub(crate) fn any_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    joined(words, "or")
}

/// Returns the words as `` `a`, `b` and `c` ``.
pub(crate) fn all_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    joined(words, "and")
}

fn joined<'a>(words: impl IntoIterator<Item = &'a str>, last_word: &str) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.pop() {
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} {last_word} {last}", words.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant() {
        let keys = ["older_than", "type", "id", "name", "by", "never_downloaded"];
        let table = [
            ("older_then", Some("older_than")),
            ("older-than", Some("older_than")),
            ("OlderThan", Some("older_than")),
            ("types", Some("type")),
            ("nmae", Some("name")),
            ("ids", Some("id")),
            ("colour", None),
            ("", None),
        ];
        for (given, meant) in table {
            assert_eq!(closest(given, keys), meant, "{given}");
        }
    }

    #[test]
    fn texts_are_shown_on_one_short_line() {
        assert_eq!(shown("größe *"), "größe *");
        assert_eq!(shown("a\n\u{1b}[31m"), "a\\n\\u{1b}[31m");
        assert_eq!(shown(&"é".repeat(100)), format!("{}…", "é".repeat(60)));
    }

    #[test]
    fn words_are_joined() {
        assert_eq!(any_of(["a"]), "`a`");
        assert_eq!(any_of(["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(all_of([]), "");
    }
}
