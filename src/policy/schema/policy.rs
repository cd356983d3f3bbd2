//! The keys of a policy and of a protection, their scopes and the limits.

use serde_json::{Value, json};

use super::value::{described, form, list, switch, with_default, words};
use super::{PROTECT, has_any, mapping, more_than};
use crate::policy::Limits;

pub(super) fn keys() -> Value {
    json!({
        "schedule": described("schedule", "When `gleaner serve` runs it. Without it, only one-shot commands do."),
        "timezone": described("timezone", "The zone of `schedule`, by its name in the IANA database. Default: UTC."),
        "mode": with_default(
            "dry-run",
            words(&["dry-run", "delete"], "Whether it may ever delete. `delete` still takes `gleaner apply` or \
                `gleaner serve --execute`."),
        ),
        "scope": form("scope"),
        "delete": list("delete_rule", "What goes: a package is selected when any of these rules holds. In a rule, every \
            condition has to hold."),
        "keep": list("keep_rule", "What stays all the same: a package is saved, within this policy, when any of these \
            rules holds. They beat every delete rule."),
        "files": list("files_rule", "Which files go of packages that stay."),
        "limits": form("limits"),
        "grace": described("age", "How long a package or file has to have been marked before it goes: named by every \
            finished run without a break. Default: it goes at once."),
    })
}

pub(super) fn protection_keys() -> Value {
    json!({ "scope": form("protection_scope"), "protect": list("protect_rule", PROTECT) })
}

pub(super) fn parts() -> Vec<(&'static str, Value)> {
    vec![("scope", scope()), ("protection_scope", protection_scope()), ("limits", limits()), ("exception", exception())]
}

fn scope() -> Value {
    let groups =
        "All packages of these groups, by full path or id. `\"*\"` is every top-level group that the token sees.";
    let mut keys = scope_keys("groups", groups, "package_types");
    keys["archived"] = with_default(
        "exclude",
        words(
            &["exclude", "include", "only"],
            "What is looked at of archived projects, which are kept for the record.",
        ),
    );
    let more = json!({ "oneOf": has_any(&["group", "project"]) });
    mapping("What the policy looks at: groups or projects. Elsewhere it deletes nothing.", &keys, &more)
}

fn protection_scope() -> Value {
    let groups = "All packages of these groups, by full path: of its group's id, a package's row says nothing.";
    let why = "Name groups, projects, paths or types, or take `scope` out.";
    let description = "Where the protection holds; without it, everywhere. It never widens what a policy looks at.";
    mapping(description, &scope_keys("group_paths", groups, "held_types"), &more_than(&["subgroups"], "group", why))
}

fn scope_keys(groups: &str, groups_are: &str, types: &str) -> Value {
    json!({
        "group": described(groups, groups_are),
        "project": described("projects", "All packages of these projects, by full path or id."),
        "subgroups": with_default(true, switch("Whether the groups within a group are meant, too.")),
        "paths": described("path_patterns", "Only projects whose full path matches."),
        "types": described(types, "Only packages of these types. Default: every type."),
        "topic": described("text_patterns", "Only projects with a topic that matches, whatever its case."),
    })
}

fn limits() -> Value {
    let Limits { max_deletions, max_percent, max_percent_per_project, min_age, .. } = Limits::default();
    let keys = json!({
        "max_deletions": with_default(max_deletions, described("count", "Packages and files.")),
        "max_percent": with_default(
            max_percent,
            described("percent", "Of the packages in scope; 20 deletions are always within it."),
        ),
        "max_percent_per_project": with_default(
            max_percent_per_project,
            described("percent", "Of a project's packages, where it has 50 or more."),
        ),
        "max_percent_per_group": described(
            "percent",
            "Of the packages of a group and of those beneath it; 20 deletions of a group are always within it. Default: none.",
        ),
        "max_bytes": described("size", "Of all that goes. Where it is set, an unknown size refuses. Default: none."),
        "max_per_cycle": described(
            "positive",
            "The most packages and files of an approved plan that one cycle deletes, the oldest first. Default: all.",
        ),
        "min_age": with_default(
            min_age.to_string(),
            described("age", "What is younger, by its newest content, always stays: an upload may be under way."),
        ),
        "exception": form("exception"),
    });
    let description =
        "How much a plan may delete. A plan beyond one of these is refused whole, before the first deletion.";
    mapping(description, &keys, &json!({}))
}

fn exception() -> Value {
    let raised = "In the place of the ordinary limit.";
    let figures = [
        ("max_deletions", "count"),
        ("max_percent", "percent"),
        ("max_percent_per_project", "percent"),
        ("max_percent_per_group", "percent"),
        ("max_bytes", "size"),
    ];
    let mut keys: Value = figures.iter().map(|(key, of)| ((*key).to_owned(), described(of, raised))).collect();
    keys["until"] = described("date", "The last day of the exception, in UTC. Then the ordinary limits hold again.");
    keys["note"] = described("text", "Why there is an exception; reports show it.");
    let any: Vec<&str> = figures.iter().map(|(key, _)| *key).collect();
    let more = json!({ "required": ["until", "note"], "anyOf": has_any(&any) });
    mapping("Higher limits until a day, for a registry that has grown for years.", &keys, &more)
}
