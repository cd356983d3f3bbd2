//! The frame of every page: its head, its style, and the few pieces that all pages are made of.
//!
//! A page is one file. It takes nothing from elsewhere and runs no script, and its own policy forbids both.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::report::{CycleStatus, table};

const STYLE: &str = include_str!("style.css");

/// An ear of corn in a tab's corner. Without one the browser would ask the server for it.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cg fill='none' \
                    stroke='%23b07d16' stroke-width='1.6' stroke-linecap='round'%3E%3Cpath d='M8 15V3M8 13c-3 \
                    0-4-1.500-4-3.500M8 13c3 0 4-1.500 4-3.500M8 9C5 9 4 7.500 4 5.500M8 9c3 0 4-1.500 4-3.500M8 5C6.500 \
                    4.500 6.500 2.500 8 1c1.500 1.500 1.500 3.500 0 4'/%3E%3C/g%3E%3C/svg%3E";

/// Makes a whole page. `main` is the content below `header`.
#[must_use]
pub(crate) fn page(title: &str, header: &Markup, main: &Markup, footer: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(content_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (header) }
                main { (main) }
                footer { (footer) }
            }
        }
    };
    page.into_string()
}

/// Returns the policy that lets a page use the one style that it comes with, and nothing else.
#[must_use]
pub(crate) fn content_policy() -> String {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'")
}

/// The colour of a badge or a note. It only repeats what a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing special.
    Plain,
    /// Done.
    Good,
    /// Worth a look.
    Care,
    /// Failed.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Care => "care",
            Self::Bad => "bad",
        }
    }

    /// Returns the tone of a cycle that ended like this.
    #[must_use]
    pub(crate) fn of(status: CycleStatus) -> Self {
        match status {
            CycleStatus::Planned => Self::Plain,
            CycleStatus::Executed => Self::Good,
            CycleStatus::Partial | CycleStatus::Refused => Self::Care,
            CycleStatus::Failed => Self::Bad,
        }
    }
}

/// Makes a word that stands out.
#[must_use]
pub(crate) fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (text) } }
}

/// Makes a paragraph that stands out.
#[must_use]
pub(crate) fn note(tone: Tone, content: &Markup) -> Markup {
    html! { div class={ "note " (tone.class()) } { (content) } }
}

/// Shows a sentence. Text in backticks becomes code.
#[must_use]
pub(crate) fn prose(text: &str) -> Markup {
    let text = table::printable(text);
    html! {
        @for (number, part) in text.split('`').enumerate() {
            @if number % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Shows an instant, for people and for programs.
#[must_use]
pub(crate) fn instant(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%-d %b %Y, %H:%M UTC")) } }
}

/// Shows a number under the name that it has in the JSON report, so that a test can hold the two against each other.
#[must_use]
pub(crate) fn figure(policy: &str, name: &str, value: u64) -> Markup {
    html! { data data-policy=(policy) data-figure=(name) value=(value) { (grouped(value)) } }
}

/// Shows a number of bytes under the name that it has in the JSON report.
#[must_use]
pub(crate) fn size_figure(policy: &str, name: &str, bytes: u64) -> Markup {
    html! { data data-policy=(policy) data-figure=(name) value=(bytes) { (size(bytes)) } }
}

/// Writes a number of bytes for people.
#[must_use]
pub(crate) fn size(bytes: u64) -> String {
    table::bytes(bytes)
}

/// Writes a number with a comma between thousands.
#[must_use]
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes "1 package", "2 packages".
#[must_use]
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        let table = [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")];
        for (number, text) in table {
            assert_eq!(grouped(number), text);
        }
    }
}
