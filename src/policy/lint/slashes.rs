//! Patterns as they are written: globs, and regular expressions between slashes.

/// What stands between the slashes of a regular expression.
pub(super) fn inner(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

/// The pattern for what has something before or after it.
pub(super) fn wider(text: &str, before: bool, after: bool) -> String {
    let (inner, any) = match inner(text) {
        Some(inner) => (Some(grouped(inner)), ".*"),
        None => (None, "*"),
    };
    let (before, after) = (if before { any } else { "" }, if after { any } else { "" });
    match inner {
        Some(inner) => format!("/{before}{inner}{after}/"),
        None => format!("{before}{text}{after}"),
    }
}

/// What can stand beside something else in an expression.
pub(super) fn grouped(inner: &str) -> String {
    if inner.contains('|') { format!("(?:{inner})") } else { inner.to_owned() }
}
