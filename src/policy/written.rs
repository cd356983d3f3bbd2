//! Parts of a policy as they are written in YAML, for whoever has to find them there.

use std::fmt::{self, Display};

use super::{By, Condition, FileRule, Newest, Patterns, Per, ProtectionScope, Reach, Reference, Refs};

impl Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(types) => write!(f, "type: {}", one_or_list(types)),
            Self::Name(patterns) => write!(f, "name: {}", Quoted(patterns)),
            Self::Project(patterns) => write!(f, "project: {}", Quoted(patterns)),
            Self::Version(patterns) => write!(f, "version: {}", Quoted(patterns)),
            Self::Tag(patterns) => write!(f, "tag: {}", Quoted(patterns)),
            Self::Channel(patterns) => write!(f, "channel: {}", Quoted(patterns)),
            Self::Status(statuses) => write!(f, "status: {}", one_or_list(statuses)),
            Self::Id(ids) => write!(f, "id: {}", one_or_list(ids)),
            Self::OlderThan(age) => write!(f, "older_than: {age}"),
            Self::YoungerThan(age) => write!(f, "younger_than: {age}"),
            Self::NotDownloadedFor(age) => write!(f, "not_downloaded_for: {age}"),
            Self::DownloadedWithin(age) => write!(f, "downloaded_within: {age}"),
            Self::NeverDownloaded => f.write_str("never_downloaded: true"),
            Self::Prerelease(wanted) => write!(f, "prerelease: {wanted}"),
            Self::BuiltFrom(wanted) => {
                f.write_str("built_from: ")?;
                refs(wanted, f)
            }
            Self::LargerThan(size) => write!(f, "larger_than: {size}"),
            Self::UnknownAge => f.write_str("unknown_age: true"),
        }
    }
}

fn refs(refs: &Refs, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match refs {
        Refs::Plain(patterns) => write!(f, "{}", Quoted(patterns)),
        Refs::OfKinds(kinds) => {
            let kinds = kinds.iter().map(|(kind, patterns)| format!("{}: {}", kind.as_str(), Quoted(patterns)));
            write!(f, "{{ {} }}", kinds.collect::<Vec<_>>().join(", "))
        }
    }
}

impl FileRule {
    /// What it says of files, and not of their packages.
    #[must_use]
    pub fn of_files(&self) -> String {
        let parts = [
            self.file.as_ref().map(|patterns| format!("file: {}", Quoted(patterns))),
            Some(format!("keep_newest: {}", self.keep_newest)),
            self.older_than.as_ref().map(|age| format!("older_than: {age}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Display for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "newest: {}", self.count)?;
        match self.by {
            By::Content => {}
            By::Created => f.write_str(", by: created")?,
            By::Version => f.write_str(", by: version")?,
        }
        match &self.per {
            None => Ok(()),
            Some(Per::Major) => f.write_str(", newest_per: major"),
            Some(Per::Minor) => f.write_str(", newest_per: minor"),
            Some(Per::Patch) => f.write_str(", newest_per: patch"),
            Some(Per::Ref) => f.write_str(", newest_per: ref"),
            Some(Per::Capture(capture)) => write!(f, ", newest_per: {}", quoted(&capture.to_string())),
        }
    }
}

impl Display for ProtectionScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (!self.groups.is_empty()).then(|| format!("group: {}", one_or_list(&self.groups))),
            (!self.subgroups).then(|| "subgroups: false".to_owned()),
            (!self.projects.is_empty()).then(|| format!("project: {}", one_or_list(&self.projects))),
            self.paths.as_ref().map(|paths| format!("paths: {}", Quoted(paths))),
            (!self.types.is_empty()).then(|| format!("types: {}", one_or_list(&self.types))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        write!(f, "scope: {{ {} }}", parts.join(", "))
    }
}

impl Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subgroups = match self {
            Self::Everywhere { subgroups } => {
                f.write_str("group: \"*\"")?;
                *subgroups
            }
            Self::Groups { groups, subgroups } => {
                write!(f, "group: {}", one_or_list(groups))?;
                *subgroups
            }
            Self::Projects(projects) => return write!(f, "project: {}", one_or_list(projects)),
        };
        f.write_str(if subgroups { "" } else { ", subgroups: false" })
    }
}

impl Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Path(path) => path.fmt(f),
        }
    }
}

/// One value by itself, several in brackets.
pub(in crate::policy) fn one_or_list<T: Display>(values: &[T]) -> String {
    match values {
        [value] => value.to_string(),
        values => format!("[{}]", values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

struct Quoted<'p>(&'p Patterns);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_or_list(&self.0.texts().map(quoted).collect::<Vec<_>>()))
    }
}

/// A pattern in the quotes in which YAML takes it for what it is.
fn quoted(text: &str) -> String {
    let is_plain = !text.contains(['\\', '"']) && !text.contains(char::is_control);
    if is_plain { format!("\"{text}\"") } else { format!("'{}'", text.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use crate::policy::PolicySet;
    use crate::yaml::Source;

    /// What is told of a rule reads as the same rule.
    #[test]
    fn what_is_written_reads_as_it_was() {
        let conditions = [
            "type: maven",
            "type: [maven, npm]",
            "name: \"core-*\"",
            "project: [\"acme/**\", \"!acme/legacy/**\"]",
            "version: '/\\d+\\.\\d+/'",
            "version: '/it''s \\w/'",
            "tag: \"it's\"",
            "channel: \"user/*\"",
            "status: [error, default]",
            "id: [7, 8]",
            "older_than: 30d",
            "younger_than: 1d 12h",
            "not_downloaded_for: 18months",
            "downloaded_within: 2y",
            "never_downloaded: true",
            "prerelease: false",
            "built_from: \"!main\"",
            "built_from: { branch: [\"*\", \"!main\"], tag: \"v*\", merge_request: \"*\" }",
            "built_from: { tag: '/v\\d+/' }",
            "larger_than: 50 GiB",
            "unknown_age: true",
        ];
        for written in conditions {
            let set = parse(&format!("keep: [{{ {written} }}]"));
            assert_eq!(set.policies[0].keep[0].hold.conditions[0].to_string(), written);
        }
        let newest = [
            "newest: 3",
            "newest: 3, by: created",
            "newest: 3, by: version",
            "newest: 3, by: version, newest_per: minor",
            "newest: 1, newest_per: '/([0-9]+)\\..*/'",
        ];
        for written in newest {
            let set = parse(&format!("keep: [{{ {written} }}]"));
            assert_eq!(set.policies[0].keep[0].newest.as_ref().unwrap().to_string(), written);
        }
        let of_files = "file: [\"*.jar\", \"*.pom\"], keep_newest: 2, older_than: 14d";
        let set = parse(&format!("files: [{{ type: maven, {of_files} }}]"));
        assert_eq!(set.policies[0].files[0].of_files(), of_files);
        for scope in ["group: [acme, beta], subgroups: false, paths: \"acme/**\"", "project: [7, acme/api], types: npm"]
        {
            let protection = format!("version: 1\nscope: {{ {scope} }}\nprotect: [{{ name: core }}]");
            let sources = [Source::new("hold.yaml", protection), policy("")];
            let (set, _) = PolicySet::parse(&sources).unwrap();
            let told = set.protections[0].scope.as_ref().unwrap().to_string();
            assert_eq!(told, format!("scope: {{ {scope} }}"));
        }
    }

    fn parse(rules: &str) -> PolicySet {
        PolicySet::parse(&[policy(rules)]).unwrap().0
    }

    fn policy(rules: &str) -> Source {
        let text = format!("version: 1\nscope: {{ group: acme }}\ndelete: [{{ status: error }}]\n{rules}\n");
        Source::new("p.yaml", text)
    }
}
