//! In-use files: lists of package URLs, of which some name packages of the registry.

use gleaner::package::{Package, PackageType};
use gleaner::policy::{InUse, InUseFiles, Unusable};
use gleaner_oracle::in_use::InUseLine;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::spellings::{NAMES, versions};

/// A list, and how old it is.
#[derive(Debug, Clone)]
pub(crate) struct InUseList {
    pub(crate) lines: Vec<InUseLine>,
    /// Rows of the registry that it names as well, with their versions or without.
    rows: Vec<(Index, bool)>,
    hours: i64,
    is_there: bool,
}

/// What package URLs call the types.
const TYPES: [(&str, &str); 16] = [
    ("cargo", "cargo"),
    ("composer", "composer"),
    ("conan", "conan"),
    ("debian", "deb"),
    ("generic", "generic"),
    ("golang", "golang"),
    ("helm", "helm"),
    ("maven", "maven"),
    ("ml_model", "mlflow"),
    ("npm", "npm"),
    ("nuget", "nuget"),
    ("pypi", "pypi"),
    ("rpm", "rpm"),
    ("rubygems", "gem"),
    ("terraform_module", "terraform"),
    ("swift", "swift"),
];

/// A list that says for how long it may be believed, by rules that give it two days.
pub(super) fn in_use() -> impl Strategy<Value = InUseList> {
    let hours = prop_oneof![6 => 0..=48_i64, 1 => 49..100_i64, 1 => -30..-1_i64];
    let rows = vec((any::<Index>(), any::<bool>()), 0..5);
    (vec(in_use_line(), 0..8), rows, hours, prop::bool::weighted(0.95))
        .prop_map(|(lines, rows, hours, is_there)| InUseList { lines, rows, hours, is_there })
}

pub(crate) fn in_use_line() -> impl Strategy<Value = InUseLine> {
    let types = TYPES.map(|(package_type, _)| package_type);
    (select(types.to_vec()), select(NAMES.to_vec()), prop::option::weighted(0.8, any::<Index>())).prop_map(
        |(package_type, name, version)| {
            let own = versions(&PackageType::parse(package_type));
            let version = version.map(|index| (*index.get(own)).to_owned());
            InUseLine { package_type: package_type.to_owned(), name: name.to_owned(), version }
        },
    )
}

impl InUseList {
    /// No file at all, for policies without a rule that goes by one.
    pub(super) fn none() -> Self {
        Self { lines: Vec::new(), rows: Vec::new(), hours: 0, is_there: false }
    }

    /// The same list with the rows of a registry that it names.
    pub(super) fn of(mut self, registry: &[Package]) -> Self {
        for (index, with_version) in std::mem::take(&mut self.rows) {
            let row = index.get(registry);
            let version = row.version.clone().filter(|_| with_version);
            let (package_type, name) = (row.package_type.as_str().to_owned(), row.name.clone());
            self.lines.push(InUseLine { package_type, name, version });
        }
        self
    }

    /// The same list with more lines.
    pub(crate) fn with(&self, more: &[InUseLine]) -> Self {
        Self { lines: [self.lines.as_slice(), more].concat(), ..self.clone() }
    }

    /// The same list, gone.
    pub(crate) fn gone(&self) -> Self {
        Self { is_there: false, ..self.clone() }
    }

    /// Whether it can be used.
    pub(crate) fn is_usable(&self) -> bool {
        // Of Swift GitLab has no packages that are known.
        let names_something = self.lines.iter().any(|line| line.package_type != "swift");
        self.is_there && (0..=48).contains(&self.hours) && names_something
    }

    /// The files as the shell reads them.
    pub(super) fn files(&self, now: Timestamp) -> InUseFiles {
        let reading =
            if self.is_there { InUse::parse(&self.text(now)).map(Into::into) } else { Err(Unusable::Missing) };
        InUseFiles([("in-use.txt".to_owned(), reading)].into())
    }

    fn text(&self, now: Timestamp) -> String {
        let lines = self.lines.iter().map(|line| {
            let purl_type = TYPES.iter().find(|(package_type, _)| *package_type == line.package_type).unwrap().1;
            let version = line.version.as_ref().map(|version| format!("@{}", encoded(version)));
            let version = version.unwrap_or_default();
            format!("pkg:{purl_type}/{}{version}\n", line.name)
        });
        format!("# as of {}\n{}", now - SignedDuration::from_hours(self.hours), lines.collect::<String>())
    }
}

/// A version as package URLs write it.
fn encoded(version: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~');
    let encode = |byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    version.bytes().map(encode).collect()
}
