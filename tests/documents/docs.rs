//! What the documentation says is what the program does.

use std::fs;
use std::path::Path;

use gleaner::plan::{Opening, Outcome, ReasonKind};
use gleaner::policy::{LINTS, PolicySet, Truth};
use gleaner::report::PolicyStanding;
use gleaner::yaml::Source;

/// Those of `docs/policy.md` have a test of their own, which runs them.
#[test]
fn every_policy_in_the_readme_is_valid() {
    let minimal = Source::new("minimal.yaml", "version: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n");
    let text = read("README.md");
    let mut count = 0;
    for block in text.split("```yaml\n").skip(1) {
        let yaml = block.split("```").next().unwrap();
        // A protection alone is no set.
        if let Err(errors) = PolicySet::parse(&[Source::new("example.yaml", yaml), minimal.clone()]) {
            panic!("{errors}");
        }
        count += 1;
    }
    assert_eq!(count, 2);
}

#[test]
fn every_reason_and_outcome_is_documented() {
    let page = read("docs/report.md");
    for code in ReasonKind::of_packages().chain([ReasonKind::NotNamed]).map(ReasonKind::code) {
        assert!(page.contains(&format!(" | `{code}` | ")), "reason {code}");
    }
    for reason in ReasonKind::of_files().chain([ReasonKind::NotNamed]) {
        let (verdict, code) = (reason.verdict().code(), reason.code());
        assert!(page.contains(&format!("\n| `{verdict}` | `{code}` | ")), "reason {code} of a file");
    }
    for outcome in Outcome::ALL {
        assert!(page.contains(&format!("\n| `{}` | ", outcome.code())), "outcome {}", outcome.code());
    }
}

#[test]
fn every_word_of_an_explanation_is_documented() {
    let page = read("docs/report.md");
    let standings = PolicyStanding::ALL.into_iter().map(PolicyStanding::code);
    let openings = Opening::CODES.into_iter();
    for code in standings.chain(openings) {
        assert!(page.contains(&format!("\n| `{code}` | ")), "{code}");
    }
    for truth in Truth::ALL {
        let is_in_a_row = |line: &str| line.starts_with("| ") && line.contains(&format!("`{}`", truth.code()));
        assert!(page.lines().any(is_in_a_row), "{}", truth.code());
    }
}

#[test]
fn every_lint_is_documented_as_check_explains_it() {
    let sections: String = LINTS.iter().map(|lint| format!("\n## {}\n\n{}\n", lint.name, lint.explanation)).collect();
    let page = read("docs/lints.md");
    let (introduction, told) = page.split_at(page.find("\n## ").unwrap());
    if told != sections {
        let renewed = format!("{}/lints.md", env!("CARGO_TARGET_TMPDIR"));
        fs::write(&renewed, format!("{introduction}{sections}")).unwrap();
        panic!("docs/lints.md is not what the lints say: compare with {renewed}, and copy it");
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut count = 0;
    for page in PAGES {
        let folder = Path::new(page).parent().unwrap();
        let text = read(page);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for target in targets.filter(|target| !target.is_empty() && !target.contains("://")) {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
            assert!(path.exists(), "{page} links to {target}");
            count += 1;
        }
    }
    assert!(count > 10, "only {count} links");
}

const PAGES: [&str; 16] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "deploy/README.md",
    "docs/decisions.md",
    "docs/in-use.md",
    "docs/journal.md",
    "docs/lints.md",
    "docs/log.md",
    "docs/metrics.md",
    "docs/policy.md",
    "docs/report.md",
    "docs/runbook.md",
    "docs/saved-plans.md",
    "sandbox/README.md",
];

fn read(page: &str) -> String {
    fs::read_to_string(format!("{}/{page}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_first_command_prints_what_the_readme_shows() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .args(["plan", "--sandbox"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    let readme = read("README.md");
    let shown = readme.split("## Try it").nth(1).unwrap().split("Run the tests").next().unwrap();
    // Ages grow from day to day; the figures are those of the seed.
    let is_figure = |line: &&str| [" planned ", "kept: ", " would go"].iter().any(|word| line.contains(word));
    let figures: Vec<&str> = shown.lines().map(str::trim).filter(is_figure).collect();
    assert_eq!(figures.len(), 9, "{figures:?}");
    for figure in figures {
        assert!(printed.lines().any(|line| line.trim() == figure), "{figure:?} is not in\n{printed}");
    }
}
