//! Channels of Conan packages without their user.

use super::Advice;
use super::looked::Looked;
use super::slashes::{grouped, inner};
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "channel-without-user",
    explanation: "\
A pattern under `channel` matches no `user/channel`. GitLab shows the channel of a Conan package with its user, as in
`acme/stable`, and the pattern is held against both. So it matches nothing.

Write both: `*/stable` for the channel of every user, `acme/*` for all channels of a user.

```yaml
delete:
- { channel: stable, older_than: 30d }
```",
};

/// A Conan package's user and channel, as GitLab shows them.
/// Source: `app/models/packages/conan/metadatum.rb`, `lib/gitlab/regex/packages.rb`.
const CHANNEL: &str = "[A-Za-z0-9_.+-]+/[A-Za-z0-9_.+-]+";

/// Tells of a channel without its user, or a user without a channel.
pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    if looked.key != "channel" || !looked.misses(CHANNEL) {
        return None;
    }
    let text = looked.text();
    let message = format!("a channel is `user/channel`, as in `acme/stable`, {}", looked.vain());
    let advice = Advice::new(&LINT, message, "write user and channel as GitLab shows them");
    if let Some(inner) = inner(text) {
        return Some(advice.or("", [format!("/[^/]*/{}/", grouped(inner))], " for the channel of every user"));
    }
    // In a whole recipe they stand behind its `@`.
    let behind = text.rsplit_once('@').map_or(text, |(_, behind)| behind);
    if behind.contains('/') {
        return Some(advice.or("", [behind.to_owned()], ""));
    }
    let (channel, user) = (format!("*/{behind}"), format!("{behind}/*"));
    Some(advice.or("", [channel], " for the channel of every user").or("", [user], " for all of that user"))
}
