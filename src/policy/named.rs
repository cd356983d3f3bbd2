//! The projects and groups that rules and scopes name by their paths.
//!
//! A project or group may move to another path. A rule that keeps it by its old path would then keep nothing, so GitLab
//! is asked what became of each path.

use std::collections::BTreeMap;

use super::condition::meaning::PatternsOn;
use super::glob;
use super::pattern::Effect;
use super::{Condition, Patterns, Policy, PolicySet, Reach};
use crate::package::Reference;

/// A project or group that a rule or a scope names, and has to keep under whatever path it has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its path as it is written.
    pub path: NamedPath,
    /// The rules and scopes that name it, as they are called in reports.
    pub by: Vec<String>,
}

/// A project or a group, by its full path as it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedPath {
    /// A project.
    Project(String),
    /// A group.
    Group(String),
}

impl NamedPath {
    /// Returns the path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Project(path) | Self::Group(path) => path,
        }
    }

    /// Returns `project` or `group`.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::Group(_) => "group",
        }
    }
}

impl PolicySet {
    /// Returns the projects and groups that the protections keep, and those that `policies` keep: in keep rules, after
    /// a `!` in delete and files rules and in scopes, and as a scope's projects. Other patterns of a delete rule
    /// needn't be found in GitLab: they match the path that a project has.
    #[must_use]
    pub fn named(&self, policies: &[&Policy]) -> Vec<Named> {
        let mut named = Collected::default();
        for protection in &self.protections {
            if let Some(scope) = &protection.scope {
                let by = format!("{}.scope", protection.name);
                scope.groups.iter().for_each(|group| named.add(NamedPath::Group(group.clone()), &by));
                named.projects(&scope.projects, &by);
                scope.paths.iter().for_each(|paths| named.patterns(paths, Effect::Include, &by));
            }
            for (number, rule) in protection.rules.iter().enumerate() {
                let by = format!("{}.protect[{number}]", protection.name);
                named.conditions(&rule.conditions, Effect::Include, &by);
            }
        }
        for policy in policies {
            let by = |rest: String| format!("{}.{rest}", policy.name);
            if let Reach::Projects(projects) = &policy.scope.reach {
                named.projects(projects, &by("scope".to_owned()));
            }
            let paths = policy.scope.paths.iter();
            paths.for_each(|paths| named.patterns(paths, Effect::TakeAway, &by("scope".to_owned())));
            for (number, rule) in policy.keep.iter().enumerate() {
                named.conditions(&rule.hold.conditions, Effect::Include, &by(format!("keep[{number}]")));
            }
            for (number, rule) in policy.delete.iter().enumerate() {
                named.conditions(&rule.conditions, Effect::TakeAway, &by(format!("delete[{number}]")));
            }
            for (number, rule) in policy.files.iter().enumerate() {
                named.conditions(&rule.conditions, Effect::TakeAway, &by(format!("files[{number}]")));
            }
        }
        named.into_named()
    }
}

/// The projects and groups so far, each once.
#[derive(Default)]
struct Collected(BTreeMap<NamedPath, Vec<String>>);

impl Collected {
    fn add(&mut self, place: NamedPath, by: &str) {
        let names = self.0.entry(place).or_default();
        if !names.iter().any(|name| name == by) {
            names.push(by.to_owned());
        }
    }

    fn projects(&mut self, projects: &[Reference], by: &str) {
        for project in projects {
            if let Reference::Path(path) = project {
                self.add(NamedPath::Project(path.to_string()), by);
            }
        }
    }

    fn conditions(&mut self, conditions: &[Condition], effect: Effect, by: &str) {
        for condition in conditions {
            match condition.patterns() {
                PatternsOn::Project(patterns) => self.patterns(patterns, effect, by),
                PatternsOn::Nothing
                | PatternsOn::Name(_)
                | PatternsOn::Version(_)
                | PatternsOn::Tag(_)
                | PatternsOn::Topic(_)
                | PatternsOn::Channel(_)
                | PatternsOn::Refs(_) => {}
            }
        }
    }

    /// Adds the projects that the patterns of this effect name, and the groups that they begin with.
    fn patterns(&mut self, patterns: &Patterns, effect: Effect, by: &str) {
        for text in patterns.texts_of(effect).filter(|text| !text.starts_with('/')) {
            let Some(listed) = glob::listed(text) else { continue };
            // An id is no path, and a path of one part is no project's.
            for project in listed.texts.into_iter().filter(|text| text.contains('/')) {
                self.add(NamedPath::Project(project), by);
            }
            for beginning in listed.beginnings {
                if let Some((group, _)) = beginning.rsplit_once('/').filter(|(group, _)| !group.is_empty()) {
                    self.add(NamedPath::Group(group.to_owned()), by);
                }
            }
        }
    }

    fn into_named(self) -> Vec<Named> {
        self.0.into_iter().map(|(path, by)| Named { path, by }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Source;

    #[test]
    fn what_is_cared_for_is_named() {
        let policy = r#"
version: 1
name: nightly
scope: { group: acme, paths: ["acme/in/**", "!acme/out/{x,y}"] }
delete:
  - project: ["acme/gone", "!acme/stays", "!acme/team-*/api", "!/acme.x/"]
    older_than: 9d
keep:
  - project: [acme/kept, "!acme/not-kept", 12]
"#;
        let one = "version: 1\nname: one\nscope: { project: [acme/solo, 7] }\ndelete: [{ status: error }]\n";
        let hold = r#"
version: 1
name: hold
scope: { group: legal, paths: "legal/**" }
protect:
  - project: [legal/held, "acme/legacy/**", "**/api"]
"#;
        let sources = [Source::new("p.yaml", policy), Source::new("q.yaml", one), Source::new("h.yaml", hold)];
        let (set, _) = PolicySet::parse(&sources).unwrap();
        let told = |names: &[&str]| -> Vec<String> {
            let policies: Vec<&Policy> = names.iter().map(|name| set.policy(name).unwrap()).collect();
            let named = set.named(&policies);
            let line =
                |named: &Named| format!("{} {} by {}", named.path.noun(), named.path.as_str(), named.by.join(", "));
            named.iter().map(line).collect()
        };
        let held = [
            "project legal/held by hold.protect[0]",
            "group acme/legacy by hold.protect[0]",
            "group legal by hold.scope",
        ];
        assert_eq!(told(&[]), held);
        assert_eq!(
            told(&["nightly", "one"]),
            [
                "project acme/kept by nightly.keep[0]",
                "project acme/out/x by nightly.scope",
                "project acme/out/y by nightly.scope",
                "project acme/solo by one.scope",
                "project acme/stays by nightly.delete[0]",
                "project legal/held by hold.protect[0]",
                "group acme by nightly.delete[0]",
                "group acme/legacy by hold.protect[0]",
                "group legal by hold.scope",
            ]
        );
    }
}
