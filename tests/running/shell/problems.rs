//! Why a deletion failed, in every place that tells of it.

use gitlab_sandbox::faults::{Body, Fault, Rule};
use gitlab_sandbox::{Faults, Package, PackageType};
use gleaner::report::{FORMAT, Report, csv, html, markdown, table};
use gleaner_support::NOW;

use crate::log::paper::{during, json_lines};
use crate::shell::faults::some;
use crate::shell::files::snapshot;
use crate::shell::world::World;

const POLICY: &str = "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ type: generic, older_than: 30d }]\n\
                      files: [{ type: maven, keep_newest: 1 }]\n";

const WORDS: &str = "GitLab Maintenance: system is in read-only mode";

/// A GitLab that answers every deletion so.
fn refusing(code: u16, words: &str) -> Faults {
    let fault = Fault::Status { code, body: Body::Message(words.to_owned()) };
    Faults::new(0).with(Rule::new(fault).method("DELETE"))
}

/// GitLab in maintenance mode.
async fn world() -> World {
    world_of(refusing(503, WORDS)).await
}

/// Package 1 goes as a whole; of package 2 three files go.
async fn world_of(faults: Faults) -> World {
    let mut registry = some(1);
    registry.packages.push(Package { package_type: PackageType::Maven, ..snapshot(2, 2) });
    let world = World::new(registry, &[POLICY]).await;
    world.server.set_faults(faults);
    world
}

#[tokio::test(start_paused = true)]
async fn a_report_tells_why_a_deletion_failed() {
    let policies = world().await.run().await;
    let problem = format!("the deletion was sent, and GitLab still has it: GitLab answered 503: \"{WORDS}\"");
    let (generator, instance) = ("gleaner X.Y.Z".to_owned(), "https://gitlab.acme.example".to_owned());
    let report = Report { format: FORMAT, generator, instance, as_of: NOW, quick: false, policies };
    let json = serde_json::to_value(&report).unwrap();
    let package = &json["policies"][0]["decisions"][0];
    assert_eq!(
        (&package["outcome"], &package["problem"]),
        (&"unconfirmed".into(), &problem.clone().into()),
        "{package}"
    );
    let files = json["policies"][0]["file_decisions"].as_array().unwrap();
    let file = files.iter().find(|file| file["outcome"] == "unconfirmed").unwrap();
    assert_eq!(file["problem"], problem, "{file}");
    let kept = files.iter().find(|file| file["verdict"] == "keep").unwrap();
    assert!(kept["problem"].is_null() && kept["outcome"].is_null(), "{kept}");
    let escaped = problem.replace('"', "&quot;");
    let quoted = problem.replace('"', "\"\"");
    let csv = csv(&report).unwrap();
    let forms = [
        (table(&report, None), problem.clone()),
        (markdown(&report), problem),
        (html(&report), escaped),
        (csv, quoted),
    ];
    for (form, problem) in forms {
        // The checksum goes before its jar, which then stays with it.
        assert_eq!(form.matches(&problem).count(), 3, "{form}");
    }
}

#[tokio::test(start_paused = true)]
async fn words_that_would_turn_a_line_around_are_escaped() {
    let policies = world_of(refusing(403, "no\u{202e}pe")).await.run().await;
    let (generator, instance) = ("gleaner X.Y.Z".to_owned(), "https://gitlab.acme.example".to_owned());
    let report = Report { format: FORMAT, generator, instance, as_of: NOW, quick: false, policies };
    let package = &serde_json::to_value(&report).unwrap()["policies"][0]["decisions"][0];
    assert_eq!(package["outcome"], "forbidden");
    assert_eq!(package["problem"], "GitLab answered 403: \"no\u{202e}pe\"", "JSON has what GitLab said");
    for form in [csv(&report).unwrap(), table(&report, None)] {
        assert!(form.contains(r"no\u{202e}pe") && !form.contains('\u{202e}'), "{form}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_why_a_deletion_failed() {
    let world = world().await;
    world.run().await;
    let events = world.deletions.lock().unwrap();
    let lines = json_lines(&events.iter().map(during).collect::<Vec<_>>());
    for event in ["deletion", "file_deletion"] {
        let line = lines.iter().find(|line| line["event"] == event).unwrap();
        let problem = format!("the deletion was sent, and GitLab still has it: GitLab answered 503: \"{WORDS}\"");
        assert_eq!((&line["level"], &line["problem"]), (&"WARN".into(), &problem.into()), "{line}");
    }
}
