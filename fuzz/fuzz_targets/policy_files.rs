//! Any text is a policy set or has problems that can be told, each at its place.

#![no_main]

use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // Files of one set are parted by a line that no YAML needs.
    let texts = text.split("\n%%%\n");
    let sources: Vec<Source> =
        (0..).zip(texts).map(|(number, text): (u32, &str)| Source::new(format!("p{number}.yaml"), text)).collect();
    match PolicySet::parse(&sources) {
        Ok((set, _)) => {
            let now = jiff::Timestamp::constant(1_780_000_000, 0);
            for in_force in set.policies_at(now) {
                assert_eq!(in_force.fingerprint().len(), 64);
            }
        }
        Err(problems) => assert!(!problems.to_string().is_empty()),
    }
});
