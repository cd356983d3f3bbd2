//! Small policy sets, as the files that people write.

use crate::case::Command;
use crate::dice::Dice;

/// One file of a policy set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Returns the policy set of a seed: one to three policies, and sometimes a protection.
#[must_use]
pub fn policies(seed: u64, command: Command) -> Vec<PolicyFile> {
    let mut dice = Dice::of(seed, "policies");
    let count = dice.one(&[1, 1, 2, 3]);
    let mut files: Vec<PolicyFile> = (1..=count)
        .map(|number| PolicyFile { name: format!("p{number}.yaml"), text: policy(&mut dice, command) })
        .collect();
    if dice.percent(25) {
        let rule = dice.one(&[
            "name: tool, version: \"1.*\"",
            "type: maven, version: \"1.0\"",
            "younger_than: 30d",
            "tag: latest",
        ]);
        files.push(PolicyFile { name: "hold.yaml".to_owned(), text: format!("version: 1\nprotect: [{{ {rule} }}]\n") });
    }
    files
}

fn policy(dice: &mut Dice, command: Command) -> String {
    let mode = if dice.percent(92) { "delete" } else { "dry-run" };
    let scope =
        dice.one(&["group: acme", "group: acme", "group: acme", "project: acme/app", "group: acme, archived: include"]);
    let about_files = dice.percent(30);
    // Reading a schedule takes a while, and only a daemon goes by it.
    let schedule = if command == Command::Serve { "schedule: \"0 3 * * *\"\n" } else { "" };
    let mut text = format!("version: 1\nmode: {mode}\n{schedule}scope: {{ {scope} }}\n");
    if !about_files || dice.percent(40) {
        let rules: Vec<String> = (0..dice.number(1, 2)).map(|_| delete_rule(dice)).collect();
        text += &list("delete", &rules);
        let rules: Vec<String> = (0..dice.one(&[0, 1, 1, 2])).map(|_| keep_rule(dice)).collect();
        text += &list("keep", &rules);
    }
    if about_files {
        text += &list("files", &[files_rule(dice)]);
    }
    let min_age = dice.one(&["1h", "72h"]);
    text + &format!(
        "limits: {{ max_deletions: 1000, max_percent: 100, max_percent_per_project: 100, min_age: {min_age} }}\n"
    )
}

fn list(key: &str, rules: &[String]) -> String {
    let lines: String = rules.iter().map(|rule| format!("  - {{ {rule} }}\n")).collect();
    if rules.is_empty() { String::new() } else { format!("{key}:\n{lines}") }
}

fn delete_rule(dice: &mut Dice) -> String {
    let age = dice.one(&["7d", "30d", "90d"]);
    let condition = match dice.number(0, 9) {
        0..=3 => format!("older_than: {age}"),
        4 | 5 => format!("not_downloaded_for: {age}"),
        6 => "superseded: true".to_owned(),
        7 => format!("prerelease: true, older_than: {age}"),
        8 => format!("older_than: 7d, not_downloaded_for: {age}"),
        _ => "never_downloaded: true, older_than: 7d".to_owned(),
    };
    let allow_latest = if dice.percent(50) { ", allow_latest: true" } else { "" };
    let allow_released = if dice.percent(10) { ", allow_released: true" } else { "" };
    let other_indexes = if dice.percent(50) { ", other_indexes: true" } else { "" };
    format!("{condition}{allow_latest}{allow_released}{other_indexes}")
}

fn keep_rule(dice: &mut Dice) -> String {
    let count = dice.one(&[1, 2, 2, 3]);
    match dice.number(0, 9) {
        0..=3 => format!("newest: {count}"),
        4 => format!("newest: {count}, by: created"),
        5 | 6 => format!("newest: {count}, by: version"),
        7 => format!("newest: {count}, prerelease: false"),
        8 => "downloaded_within: 30d".to_owned(),
        _ => "version: \"2.*\"".to_owned(),
    }
}

fn files_rule(dice: &mut Dice) -> String {
    let of_type = dice.one(&["type: generic", "type: generic, keep_newest_per: package", "type: maven"]);
    let count = dice.one(&[0, 1, 1, 2]);
    // Keeping none has to say of which files.
    let file = if count == 0 { ", file: \"*\"" } else { "" };
    let age = dice.one(&["", ", older_than: 7d", ", older_than: 30d"]);
    format!("{of_type}, keep_newest: {count}{file}{age}")
}
