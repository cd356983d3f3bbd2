//! What people write into policy files while gleaner works: holds in a hurry, stricter rules, a stop, a file that is torn.

use gitlab_sandbox::Package;
use gleaner::policy::Instance;
use jiff::Timestamp;

use crate::dice::Dice;
use crate::people::{Kind, told};
use crate::policies::PolicyFile;
use crate::time::seconds;

/// One file that somebody writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file as it is then.
    pub file: PolicyFile,
    /// The file as somebody leaves it when all go home, where it must not stay so.
    pub mended: Option<PolicyFile>,
    /// What was done, in words.
    pub words: String,
}

/// The keys of ages, and what is written after them, the younger first.
const AGES: [(&str, &[&str]); 3] = [
    ("older_than", &["7d", "30d", "90d", "400d"]),
    ("not_downloaded_for", &["7d", "30d", "90d", "400d"]),
    ("min_age", &["1h", "72h", "30d"]),
];

/// The name of the instance file.
const INSTANCE: &str = "instance.yaml";

impl Edit {
    /// Returns what somebody of this kind writes; `None` where there is nothing to write. `target` is a package that they
    /// mean, and `policy` is the name of the one that runs.
    pub fn of(
        kind: Kind,
        dice: &mut Dice,
        files: &[PolicyFile],
        (target, policy): (Option<&Package>, &str),
        now: Timestamp,
    ) -> Option<Self> {
        let among = |files: Vec<&PolicyFile>, dice: &mut Dice| {
            let running = files.iter().find(|file| file.name.strip_suffix(".yaml") == Some(policy)).copied();
            if dice.percent(80) { running.or_else(|| dice.any(&files)) } else { dice.any(&files) }.cloned()
        };
        let with = |part: &str| files.iter().filter(|file| file.text.contains(part)).collect::<Vec<_>>();
        match kind {
            Kind::WriteHold => Some(hold(dice, target?)),
            Kind::WriteKeep => {
                let file = among(with("\ndelete:"), dice)?;
                Some(keep(dice, &file, target))
            }
            Kind::RaiseAge => {
                let file = among(with("\nmode: "), dice)?;
                raise(dice, &file)
            }
            Kind::StopPolicy => {
                let file = among(with("\nmode: delete\n"), dice)?;
                let text = file.text.replace("mode: delete", "mode: dry-run");
                Some(Self::of_file(&file, text, "has it only plan"))
            }
            Kind::Tear => {
                let file = among(files.iter().collect(), dice)?;
                let end = usize::try_from(dice.number(0, file.text.len() as u64)).unwrap_or(0);
                let text = file.text.get(..end)?.to_owned();
                Some(Self { mended: Some(file.clone()), ..Self::of_file(&file, text, "leaves it torn") })
            }
            Kind::Pause => Some(pause(dice, now)),
            _ => None,
        }
    }

    fn of_file(file: &PolicyFile, text: String, words: &str) -> Self {
        let words = format!("writes {}: {words}", file.name);
        Self { file: PolicyFile { name: file.name.clone(), text }, mended: None, words }
    }
}

/// Protects a package, or all of its name.
fn hold(dice: &mut Dice, target: &Package) -> Edit {
    let (of_type, version) = (&target.package_type, target.version.as_deref().unwrap_or_default());
    let version = if dice.percent(60) { format!(", version: \"{version}\"") } else { String::new() };
    let text = format!("version: 1\nprotect: [{{ type: {of_type}, name: \"{}\"{version} }}]\n", target.name);
    let file = PolicyFile { name: format!("late-{}.yaml", dice.number(1, 9)), text };
    let words = format!("writes {}: it protects {}", file.name, told(target));
    Edit { file, mended: None, words }
}

/// Adds a keep rule.
fn keep(dice: &mut Dice, file: &PolicyFile, target: Option<&Package>) -> Edit {
    let version = target.and_then(|package| package.version.as_deref()).unwrap_or("1.*");
    let rule = match dice.number(0, 3) {
        0 | 1 => format!("version: \"{version}\""),
        2 => format!("newest: {}", dice.number(2, 5)),
        _ => "downloaded_within: 90d".to_owned(),
    };
    let lines = format!("keep:\n  - {{ {rule} }}\n");
    let text = match file.text.split_once("keep:\n") {
        Some((before, after)) => format!("{before}{lines}{after}"),
        None => file.text.replace("limits:", &format!("{lines}limits:")),
    };
    Edit::of_file(file, text, &format!("it keeps {rule}"))
}

/// Raises one age.
fn raise(dice: &mut Dice, file: &PolicyFile) -> Option<Edit> {
    let steps = AGES.iter().flat_map(|(key, ages)| ages.windows(2).map(move |step| (key, step)));
    let steps = steps.map(|(key, step)| (format!("{key}: {}", step[0]), format!("{key}: {}", step[1])));
    let possible: Vec<(String, String)> = steps.filter(|(from, _)| file.text.contains(from)).collect();
    let (from, to) = dice.any(&possible)?;
    Some(Edit::of_file(file, file.text.replacen(&from, &to, 1), &format!("it says {to}")))
}

/// Pauses all deletions, or has a freeze begin soon.
fn pause(dice: &mut Dice, now: Timestamp) -> Edit {
    let (text, words) = if dice.percent(50) {
        ("paused: true".to_owned(), "it pauses everything".to_owned())
    } else {
        let from = Timestamp::from_second(now.as_second()).unwrap_or(now) + seconds(dice.one(&[0, 1, 10, 60, 600]));
        let to = from + seconds(dice.one(&[30, 600, 24 * 3600]));
        (format!("freeze: [{{ from: {from}, to: {to} }}]"), format!("nothing goes from {from} to {to}"))
    };
    let of =
        |text: &str| PolicyFile { name: INSTANCE.to_owned(), text: format!("version: 1\ninstance: {{ {text} }}\n") };
    Edit { file: of(&text), mended: Some(of("paused: false")), words: format!("writes {INSTANCE}: {words}") }
}

/// Returns whether an instance file holds everything up.
#[must_use]
pub fn stops(instance: Option<&Instance>, now: Timestamp) -> bool {
    instance.is_some_and(|instance| instance.paused || instance.frozen(now).is_some())
}

#[cfg(test)]
mod tests {
    use gleaner::policy::PolicySet;
    use gleaner::yaml::Source;

    use super::*;
    use crate::case::Command;
    use crate::policies::policies;
    use crate::time::START;
    use crate::world::registry;

    #[test]
    fn what_people_write_can_be_read_unless_it_is_torn() {
        let mut written = 0;
        for seed in 1..=100 {
            let (files, registry) = (policies(seed, Command::Apply), registry(seed));
            for kind in [Kind::WriteHold, Kind::WriteKeep, Kind::RaiseAge, Kind::StopPolicy, Kind::Pause] {
                let mut dice = Dice::of(seed, kind.name());
                let edit = Edit::of(kind, &mut dice, &files, (registry.packages.first(), "p1"), START);
                let Some(Edit { file, .. }) = edit else { continue };
                let rest = files.iter().filter(|other| other.name != file.name).chain([&file]);
                let sources: Vec<Source> = rest.map(|file| Source::new(file.name.clone(), file.text.clone())).collect();
                let problems = PolicySet::read(&sources).err();
                assert!(
                    problems.is_none() && !files.contains(&file),
                    "seed {seed}, {kind:?}: {problems:?}\n{}",
                    file.text
                );
                written += 1;
            }
        }
        assert!(written > 400, "{written}");
    }
}
