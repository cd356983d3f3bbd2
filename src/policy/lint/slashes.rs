//! Patterns as they are written: globs, and regular expressions between slashes.

/// Returns the expression between slashes; `None` for a glob.
pub(super) fn inner(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

/// Returns the pattern for texts with something before or after what this one matches.
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

/// Returns an expression that can stand beside something else in a larger one.
pub(super) fn grouped(inner: &str) -> String {
    if inner.contains('|') { format!("(?:{inner})") } else { inner.to_owned() }
}
