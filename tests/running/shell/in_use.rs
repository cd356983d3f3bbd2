//! In-use files on disk: which can be used, what is told of the others, and that none of it quotes them.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use gleaner::cycle::brake::{Brake, Halt};
use gleaner::cycle::clock::Clock;
use gleaner::cycle::load::load;
use gleaner::policy::PolicySet;
use gleaner_support::NOW;

const POLICY: &str = "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\n";
const SECRET: &str = "glpat-AbCdEfGhIjKlMnOpQrSt";

/// Why the file of a rule can't be used, as the set and the brake have it; `None` where it can be.
fn problem(folder: &Path, from: &str) -> Option<String> {
    fs::write(folder.join("old.yaml"), POLICY).unwrap();
    let rule = format!("version: 1\nprotect: [{{ from: \"{from}\", max_age: 2d }}]\n");
    fs::write(folder.join("in-use.yaml"), rule).unwrap();
    let paths = [folder.to_owned()];
    let loaded = load(&paths).unwrap();
    let (set, lints) = PolicySet::parse_with(&loaded.sources, &loaded.in_use, NOW).unwrap();
    let halt = Brake::new(&paths, None, None, Clock::new(|| NOW)).watching(&set).check().err();
    let unusable = set.unusable_at(NOW).into_iter().next().map(|(file, why)| (file.to_owned(), why.to_string()));
    assert_eq!(lints.as_of(NOW).len(), usize::from(unusable.is_some()), "a lint tells of it");
    match (unusable, halt) {
        (None, None) => None,
        (Some((file, why)), Some(Halt::InUse { file: halted, why: because })) => {
            assert_eq!((file, &why), (halted, &because.to_string()));
            Some(why)
        }
        (unusable, halt) => panic!("{unusable:?} {halt:?}"),
    }
}

#[test]
fn each_kind_of_unusable_file_is_told() {
    type Make = fn(&Path);
    let as_of = |hours: i64| NOW - jiff::SignedDuration::from_hours(hours);
    assert_eq!(as_of(0).to_string(), "2026-05-28T20:26:40Z", "the texts below are of about this time");
    let table: [(Make, Option<&str>); 12] = [
        (|file| fs::write(file, "# as of 2026-05-28T20:00:00Z\npkg:npm/a\n").unwrap(), None),
        (|_| {}, Some("it is not there")),
        (|file| symlink("nowhere", file).unwrap(), Some("it is not there")),
        (|file| fs::create_dir(file).unwrap(), Some("it is no plain file")),
        (|file| assert!(Command::new("mkfifo").arg(file).status().unwrap().success()), Some("it is no plain file")),
        (|file| File::create(file).unwrap().set_len((64 << 20) + 1).unwrap(), Some("it is larger than 64 MiB")),
        (|file| fs::write(file, b"# as of \xff\n").unwrap(), Some("it is not UTF-8 text")),
        (|file| fs::write(file, "").unwrap(), Some("it names no package")),
        (
            |file| fs::write(file, format!("{SECRET}\n")).unwrap(),
            Some("line 1 is no package URL: it does not begin with `pkg:`"),
        ),
        (
            |file| fs::write(file, format!("{{\"token\":\n\"{SECRET}\"}}")).unwrap(),
            Some("it is JSON, and no CycloneDX document: `bomFormat` is not `CycloneDX`"),
        ),
        (
            |file| fs::write(file, format!("{{\"bomFormat\": \"CycloneDX\", \"metadata\":\n\"{SECRET}\"}}")).unwrap(),
            Some("line 2 is not as in a CycloneDX document"),
        ),
        // A mount makes its date a new one. It goes by its own word.
        (
            |file| fs::write(file, "# as of 2026-05-26T20:26:39Z\npkg:npm/a\n").unwrap(),
            Some("it is of 2026-05-26T20:26:39Z, which is more than 2d ago"),
        ),
    ];
    for (make, expected) in table {
        let folder = tempfile::tempdir().unwrap();
        make(&folder.path().join("in-use.txt"));
        assert_eq!(problem(folder.path(), "in-use.txt").as_deref(), expected);
    }
}

#[test]
fn the_file_may_lie_in_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    fs::create_dir(&policies).unwrap();
    let file = folder.path().join("cluster.txt");
    fs::write(&file, "# as of 2026-05-28T20:00:00Z\npkg:npm/a\n").unwrap();
    for from in ["../cluster.txt", file.to_str().unwrap()] {
        assert_eq!(problem(&policies, from), None, "{from}");
    }
    symlink(&file, policies.join("link.txt")).unwrap();
    assert_eq!(problem(&policies, "link.txt"), None, "links are followed");
}
