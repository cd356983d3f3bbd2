//! `topic`: a project's topics, in holds and in scopes of protections.

use gleaner::package::{Package, Topics};
use gleaner::yaml::Source;
use gleaner_support::{Answers, package};

const POLICY: &str = "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\n";

/// A package of a project that has these topics, by each answer.
fn with(answers: &[Option<&[&str]>]) -> Package {
    let owned = |topics: &[&str]| topics.iter().map(|topic| (*topic).to_owned()).collect();
    let mut package = package(1);
    package.project.topics = Topics::of(answers.iter().map(|topics| topics.map(owned)));
    package
}

fn reason(hold: &str, package: Package) -> &'static str {
    let sources = [Source::new("p.yaml", POLICY), Source::new("hold.yaml", format!("version: 1\n{hold}\n"))];
    Answers::default().judge(&sources, vec![package])[0].1
}

#[test]
fn a_topic_holds_whatever_its_case() {
    let table: [(&str, &[&str], bool); 9] = [
        ("gleaner-keep", &["gleaner-keep"], true),
        ("gleaner-keep", &["other", "Gleaner-KEEP"], true),
        ("gleaner-keep", &["gleaner-keep-not"], false),
        ("gleaner-keep", &[], false),
        ("\"gleaner-*\"", &["gleaner-keep"], true),
        ("'/keep (for|until) .*/'", &["Keep for ever"], true),
        ("[\"*\", \"!legacy\"]", &["a", "Legacy"], false),
        ("\"!legacy\"", &["a"], true),
        ("\"!legacy\"", &[], true),
    ];
    for (pattern, topics, holds) in table {
        let expected = if holds { "protected" } else { "selected" };
        let package = || with(&[Some(topics)]);
        assert_eq!(reason(&format!("protect: [{{ topic: {pattern} }}]"), package()), expected, "{pattern} {topics:?}");
        let scope = format!("scope: {{ topic: {pattern} }}\nprotect: [{{ name: core }}]");
        assert_eq!(reason(&scope, package()), expected, "scope {pattern} {topics:?}");
    }
}

#[test]
fn what_is_not_told_holds_and_of_several_answers_one_is_enough() {
    let keep: Option<&[&str]> = Some(&["keep"]);
    let other: Option<&[&str]> = Some(&["other"]);
    let table: [(&[Option<&[&str]>], &str); 6] = [
        (&[], "protected"),
        (&[None], "protected"),
        (&[other, None], "protected"),
        (&[other, keep], "protected"),
        (&[other, Some(&[])], "selected"),
        (&[other], "selected"),
    ];
    for (answers, expected) in table {
        assert_eq!(reason("protect: [{ topic: keep }]", with(answers)), expected, "{answers:?}");
        let scope = "scope: { topic: keep }\nprotect: [{ name: core }]";
        assert_eq!(reason(scope, with(answers)), expected, "scope {answers:?}");
    }
    // A topic that some answer doesn't have is not taken away by it.
    assert_eq!(reason("protect: [{ topic: \"!keep\" }]", with(&[keep, other])), "protected");
    assert_eq!(reason("protect: [{ topic: \"!keep\" }]", with(&[keep])), "selected");
}
