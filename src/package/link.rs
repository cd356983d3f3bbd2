//! The links of a release, and whether one leads to a package of the registry.
//!
//! A link that names a package keeps it, so whatever is in doubt is taken for the package: a wrong guess here only saves.

use super::kind::{Links, MODELS_PAGE};
use super::version::Ecosystem;
use super::{FileId, Package, PackageFile, PackageId};

/// A link of a release to something in a package registry. One address may be read in several ways, and each counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ReleaseLink {
    /// The package's own page, row or files.
    package: Option<PackageId>,
    /// A file, by an address that does not tell its package.
    file: Option<FileId>,
    /// An address of the registry that packages are installed from, its words in lower case and told apart by single
    /// signs.
    registry: Option<String>,
}

/// The text between the path of a project and the id of its package, in an address of GitLab's own pages.
///
/// Source: `config/routes/project.rb`.
pub const PAGES: [&str; 3] = ["/-/packages/", "/-/terraform_module_registry/", "/-/infrastructure_registry/"];

impl ReleaseLink {
    /// Reads an address; `None` where it is none of a package registry.
    ///
    /// Source: `config/routes/project.rb` and `lib/api/*_packages.rb`.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let path = decoded(path);
        let page = PAGES.iter().find_map(|page| number_after(&path, page));
        // The API's own row of a package has its id after that word, and so have its files.
        let row = number_after(&path, "/packages/");
        let file = number_after(&path, "/package_files/").filter(|_| row.is_none());
        let is_api = path.contains("/api/v4/") && path.contains("/packages/");
        let is_registry = page.is_none() && (is_api || path.contains(MODELS_PAGE));
        let link = Self {
            package: page.or(row).map(PackageId),
            file: file.map(FileId),
            registry: is_registry.then(|| plain(&path)),
        };
        (link != Self::default()).then_some(link)
    }

    /// Returns whether it leads to `package`, whose files are `files`; `None` where only the files could tell, and are
    /// not known.
    #[must_use]
    pub fn leads_to(&self, package: &Package, files: Option<&[PackageFile]>) -> Option<bool> {
        if self.package == Some(package.id) || self.registry.as_ref().is_some_and(|address| serves(address, package)) {
            return Some(true);
        }
        match self.file {
            Some(id) => files.map(|files| files.iter().any(|file| file.id == id)),
            None => Some(false),
        }
    }

    /// Returns whether only a package's files can tell if it leads there.
    #[must_use]
    pub fn is_by_file(&self) -> bool {
        self.file.is_some()
    }
}

/// Returns the number between the last `marker` and the next slash, where nothing else stands there.
fn number_after(path: &str, marker: &str) -> Option<u64> {
    let (_, rest) = path.rsplit_once(marker)?;
    rest.split('/').next()?.parse().ok()
}

/// Returns whether the package may be installed from an address of the registry.
fn serves(address: &str, package: &Package) -> bool {
    let facts = package.package_type.facts();
    if let Links::ByOtherId(addresses) = facts.links
        && addresses.iter().any(|part| address.contains(part))
    {
        return true;
    }
    let version = package.version.as_deref().unwrap_or_default();
    let is_version = || {
        matches!(facts.links, Links::ByHash(part) if address.contains(part))
            || written(facts.versions, version).iter().any(|version| has_version(address, &plain(version)))
    };
    has_word(address, &plain(&package.name)) && is_version()
}

/// Returns the ways in which a version may stand in an address. Build metadata names no other version. A number by itself may be
/// anything there.
fn written(versions: Ecosystem, version: &str) -> Vec<String> {
    let without_build = version.split('+').next().unwrap_or_default().to_owned();
    let others = versions.spellings(version).into_iter().filter(|other| other.contains('.'));
    [version.to_owned(), without_build].into_iter().chain(others).collect()
}

/// Decodes percent signs, twice, because a slash in a name is often encoded twice over.
fn decoded(path: &str) -> String {
    let once = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    percent_encoding::percent_decode_str(&once).decode_utf8_lossy().into_owned()
}

/// Writes the text in lower case, and one sign for those that `PyPI` takes for the same. Go writes `!a` for `A`.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.to_lowercase().chars().filter(|c| *c != '!') {
        let c = if c == '_' { '-' } else { c };
        if c != '-' || !plain.ends_with('-') {
            plain.push(c);
        }
    }
    plain
}

/// Returns whether the word stands in the text, and not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    // PyPI writes a dot in a name as a hyphen, or the other way round.
    let (text, word) = (text.replace('.', "-"), word.replace('.', "-"));
    occurrences(&text, &word)
        .any(|(before, after)| !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric))
}

/// Returns whether the version stands in the text, and not as a part of one with more numbers.
fn has_version(text: &str, version: &str) -> bool {
    occurrences(text, version).any(|(before, after)| {
        let goes_on = |mut signs: std::str::Chars<'_>| match signs.next() {
            Some('.') => signs.next().is_some_and(|c| c.is_ascii_digit()),
            Some(sign) => sign.is_ascii_digit(),
            None => false,
        };
        let begins_before = |text: &str| {
            let mut signs = text.chars().rev();
            match signs.next() {
                Some('.') => signs.next().is_some_and(|c| c.is_ascii_digit()),
                Some(sign) => sign.is_ascii_digit(),
                None => false,
            }
        };
        !begins_before(before) && !goes_on(after.chars())
    })
}

/// Returns the texts before and after each place of `part` in the text. An empty part stands nowhere.
fn occurrences<'t>(text: &'t str, part: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let places = if part.is_empty() { "" } else { text };
    places.match_indices(part).map(move |(at, _)| (&text[..at], &text[at + part.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{PackageType, Project, ProjectId};

    const API: &str = "https://gitlab.acme.example/api/v4/projects";

    fn package(package_type: PackageType, name: &str, version: &str) -> Package {
        Package {
            package_type,
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ..Package::plain(12, Project::unread(ProjectId(2), None))
        }
    }

    #[test]
    fn pages_name_a_package_by_its_id() {
        let app = package(PackageType::Generic, "app", "1.0");
        for page in
            ["/acme/app/-/packages/", "/g/acme/app/-/terraform_module_registry/", "/a/b/-/infrastructure_registry/"]
        {
            let link = |tail: &str| ReleaseLink::parse(&format!("https://gitlab.acme.example{page}{tail}")).unwrap();
            for tail in ["12", "12/", "12?tab=files", "12#files", "12/files"] {
                assert_eq!(link(tail).leads_to(&app, None), Some(true), "{page}{tail}");
            }
            for tail in ["1", "123", "212?id=12"] {
                assert_eq!(link(tail).leads_to(&app, None), Some(false), "{page}{tail}");
            }
        }
    }

    #[test]
    fn files_name_their_package_or_have_to_be_looked_up() {
        let app = package(PackageType::Generic, "app", "1.0");
        let file = |id| PackageFile { id: FileId(id), name: None, size: None, created_at: None, sha256: None };
        let of_package = ReleaseLink::parse(&format!("{API}/2/packages/12/package_files/7/download")).unwrap();
        assert_eq!(of_package.leads_to(&app, None), Some(true));
        let of_another = ReleaseLink::parse(&format!("{API}/2/packages/13/package_files/7/download")).unwrap();
        assert_eq!(of_another.leads_to(&app, None), Some(false));
        let by_file = ReleaseLink::parse("https://gitlab.acme.example/acme/app/-/package_files/7/download").unwrap();
        assert!(by_file.is_by_file());
        assert_eq!(by_file.leads_to(&app, None), None);
        assert_eq!(by_file.leads_to(&app, Some(&[file(6), file(7)])), Some(true));
        assert_eq!(by_file.leads_to(&app, Some(&[file(6)])), Some(false));
    }

    #[test]
    fn the_registrys_addresses_name_a_package_and_its_version() {
        let table = [
            (PackageType::Generic, "app", "1.0", "/2/packages/generic/app/1.0/app.tar.gz", true),
            (PackageType::Generic, "app", "1.0", "/acme%2Fapp/packages/generic/app/1.0/app.tar.gz", true),
            (PackageType::Generic, "app", "1.0", "/2/packages/generic/app/1.0.5/app.tar.gz", false),
            (PackageType::Generic, "app", "1.0", "/2/packages/generic/app/21.0/app.tar.gz", false),
            (PackageType::Generic, "app", "1.0", "/2/packages/generic/app/2.1.0/app.tar.gz", false),
            (PackageType::Generic, "app", "1.0", "/2/packages/generic/webapp/1.0/webapp.tar.gz", false),
            (
                PackageType::Generic,
                "app",
                "nightly-2024.06.01",
                "/2/packages/generic/app/nightly-2024.06.01/a.zip",
                true,
            ),
            (PackageType::Maven, "com/acme/api", "1.0", "/2/packages/maven/com/acme/api/1.0/api-1.0-sources.jar", true),
            (PackageType::Maven, "com/acme/api", "1.0", "/2/packages/maven/com/acme/api/1.1/api-1.1.jar", false),
            (PackageType::Npm, "@acme/app", "1.2.3", "/2/packages/npm/@acme/app/-/@acme/app-1.2.3.tgz", true),
            (PackageType::Npm, "@acme/app", "1.2.3", "/2/packages/npm/@acme%2fapp/-/app-1.2.3.tgz", true),
            (PackageType::Npm, "@acme/app", "1.2.3", "/2/packages/npm/%40acme%252Fapp/-/app-1.2.3.tgz", true),
            (PackageType::Npm, "@acme/app", "1.2", "/2/packages/npm/@acme/app/-/@acme/app-1.2.3.tgz", false),
            (PackageType::Pypi, "Acme.Core", "1.0", "/2/packages/pypi/files/0a1b/acme_core-1.0-py3-none-any.whl", true),
            (
                PackageType::Nuget,
                "Acme.Core",
                "1.0.0",
                "/2/packages/nuget/download/acme.core/1.0.0/acme.core.1.0.0.nupkg",
                true,
            ),
            (PackageType::Composer, "acme/app", "1.0", "/2/packages/composer/archives/acme/app.zip?sha=0a1b", true),
            (PackageType::Composer, "acme/lib", "1.0", "/2/packages/composer/archives/acme/app.zip?sha=0a1b", false),
            (PackageType::Conan, "lib", "1.0", "/2/packages/conan/v1/conans/lib/1.0/acme/stable/download_urls", true),
        ];
        for (package_type, name, version, tail, expected) in table {
            let link = ReleaseLink::parse(&format!("{API}{tail}")).unwrap();
            let package = package(package_type, name, version);
            assert_eq!(link.leads_to(&package, None), Some(expected), "{name} {version} {tail}");
        }
    }

    #[test]
    fn the_apis_own_rows_name_a_package_by_its_id() {
        let app = package(PackageType::Generic, "app", "1.0");
        for (tail, expected) in [
            ("/2/packages/12", true),
            ("/acme%2Fapp/packages/12/", true),
            ("/2/packages/12/package_files", true),
            ("/2/packages/12/pipelines?per_page=1", true),
            ("/2/packages/123", false),
            ("/12/packages/13", false),
        ] {
            let link = ReleaseLink::parse(&format!("{API}{tail}")).unwrap();
            assert!(!link.is_by_file(), "{tail}");
            assert_eq!(link.leads_to(&app, None), Some(expected), "{tail}");
        }
        // A name that reads like an id doesn't hide the package that it is of.
        for (name, version) in [("packages", "12"), ("package_files", "7")] {
            let link = ReleaseLink::parse(&format!("{API}/2/packages/generic/{name}/{version}/app.zip")).unwrap();
            let named = Package { id: PackageId(99), ..package(PackageType::Generic, name, version) };
            assert_eq!(link.leads_to(&named, None), Some(true), "{name}");
        }
    }

    #[test]
    fn a_version_may_be_spelled_as_its_ecosystem_does() {
        let table = [
            (PackageType::Nuget, "Acme", "1.0.0+4f2e", "/2/packages/nuget/download/acme/1.0.0/acme.1.0.0.nupkg", true),
            (PackageType::Nuget, "Acme", "1.0", "/2/packages/nuget/download/acme/1.0.0/acme.1.0.0.nupkg", true),
            (PackageType::Nuget, "Acme", "1.2.3.0", "/2/packages/nuget/download/acme/1.2.3/acme.1.2.3.nupkg", true),
            (PackageType::Nuget, "Acme", "1.02-Beta", "/2/packages/nuget/download/acme/1.2.0-beta/a.nupkg", true),
            (PackageType::Nuget, "Acme", "1.0", "/2/packages/nuget/download/acme/1.0.1/acme.1.0.1.nupkg", false),
            (PackageType::Pypi, "acme", "1.0-beta1", "/2/packages/pypi/files/0a1b/acme-1.0b1.tar.gz", true),
            (PackageType::Pypi, "acme", "2024.06.01", "/2/packages/pypi/files/0a1b/acme-2024.6.1.tar.gz", true),
            (PackageType::Pypi, "acme", "2024.06.02", "/2/packages/pypi/files/0a1b/acme-2024.6.1.tar.gz", false),
            (PackageType::Golang, "acme.example/App", "v1.0.0", "/2/packages/go/acme.example/!app/@v/v1.0.0.zip", true),
        ];
        for (package_type, name, version, tail, expected) in table {
            let link = ReleaseLink::parse(&format!("{API}{tail}")).unwrap();
            let package = package(package_type, name, version);
            assert_eq!(link.leads_to(&package, None), Some(expected), "{name} {version} {tail}");
        }
    }

    #[test]
    fn a_link_to_any_model_may_be_to_this_one() {
        let model = package(PackageType::MlModel, "churn", "1.0.0");
        let file = ReleaseLink::parse(&format!("{API}/2/packages/ml_models/7/files/model.onnx")).unwrap();
        let page = ReleaseLink::parse("https://gitlab.acme.example/acme/app/-/ml/models/3/versions/7").unwrap();
        for link in [file, page] {
            assert_eq!(link.leads_to(&model, None), Some(true), "{link:?}");
            assert_eq!(link.leads_to(&package(PackageType::Generic, "churn", "1.0.0"), None), Some(false), "{link:?}");
        }
    }

    #[test]
    fn other_addresses_are_none_of_a_registry() {
        for url in
            ["https://acme.example/notes/1.0", "", "/acme/app/-/jobs/12/artifacts/download", "mailto:a@acme.example"]
        {
            assert_eq!(ReleaseLink::parse(url), None, "{url}");
        }
    }
}
