//! The schema of the mapping under `instance`.

use serde_json::{Value, json};

use super::mapping;
use super::value::{described, form, list, switch, with_default, words};

pub(super) fn parts() -> Vec<(&'static str, Value)> {
    vec![
        ("instance", instance()),
        ("freeze", freeze()),
        ("downloads", downloads()),
        ("journal", journal()),
        ("ceiling", ceiling()),
        ("exception_ceiling", exception_ceiling()),
        ("acceptance", acceptance()),
    ]
}

fn instance() -> Value {
    let keys = json!({
        "url": described("url", "The only GitLab that these policies are for: every command refuses another one."),
        "paused": with_default(false, switch("`true` stops deletions, those under way as well, until it is `false` again.")),
        "freeze": list("freeze", "Times in which nothing is deleted."),
        "clock": with_default("compared", words(&["compared", "trusted"], "What this machine's clock is worth where no answer \
            of GitLab has a `Date`: with `compared` nothing is deleted then.")),
        "downloads": form("downloads"),
        "journal": form("journal"),
        "require": described("names", "Policies and protections that have to be in the folder, so that none gets lost."),
        "ceiling": form("ceiling"),
        "accept_fewer_holds": list("acceptance", "Projects of which GitLab may tell less than before that keeps packages: \
            fewer releases, protection rules, tags or branches."),
    });
    mapping("What holds for the whole GitLab, whatever the policies say.", &keys, &not_empty())
}

fn freeze() -> Value {
    let keys = json!({
        "from": described("moment", "When it begins: a day, in UTC, or an instant with its zone."),
        "to": described("moment", "When it ends: a day, in UTC, which is the last one; or an instant with its zone."),
        "note": described("text", "Why; reports show it."),
    });
    mapping("A time in which nothing is deleted.", &keys, &json!({ "required": ["from", "to"] }))
}

fn downloads() -> Value {
    let keys = json!({
        "tracked_since": described("date", "Default: 2023-01-01. The day, in UTC, from which on this GitLab writes downloads down. Before it, \
            a package without a download date may have been downloaded."),
        "complete": with_default(true, switch("`false` where downloads go past GitLab, as through a Geo secondary or a \
            proxy's cache: then no package is known not to have been downloaded.")),
    });
    mapping("How far this GitLab's download dates can be trusted.", &keys, &not_empty())
}

fn journal() -> Value {
    let keys = json!({
        "keep": described("age", "How long the journal of deletions is kept: months whose last line is older are removed. \
            Without it, it is kept for ever."),
    });
    mapping("The journal of deletions.", &keys, &not_empty())
}

fn ceiling() -> Value {
    let keys = json!({
        "max_deletions": described("count", "The most that a policy's own limit may be."),
        "max_percent": described("percent", "The most that a policy's own limit may be."),
        "min_age": described("age", "The least that a policy's own limit may be."),
        "exception": json!({
            "description": "How far the exceptions of policies may go, or `false` where there may be none. Default: as far as \
                their ordinary limits.",
            "anyOf": [form("only_false"), form("exception_ceiling")],
        }),
        "allow_latest": with_default(true, switch("`false` where no delete rule may say `allow_latest: true`.")),
        "allow_released": with_default(true, switch("`false` where no delete rule may say `allow_released: true`.")),
    });
    mapping("What no policy may go beyond.", &keys, &not_empty())
}

fn exception_ceiling() -> Value {
    let keys = json!({
        "max_deletions": described("count", "The most that an exception may be. Default: the ceiling of the ordinary limit."),
        "max_percent": described("percent", "The most that an exception may be. Default: the ceiling of the ordinary limit."),
    });
    mapping("What no policy's exception may go beyond.", &keys, &not_empty())
}

fn acceptance() -> Value {
    let keys = json!({
        "project": described("project", "The project, by its id or by the full path that it has now."),
        "until": described("date", "The last day on which fewer are accepted, in UTC. What is told by then is the measure \
            afterwards."),
        "note": described("text", "Why fewer are right."),
    });
    let more = json!({ "required": ["project", "until", "note"] });
    mapping("A project of which fewer holds are right.", &keys, &more)
}

fn not_empty() -> Value {
    json!({ "minProperties": 1 })
}
