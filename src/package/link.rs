//! What a release links to, and whether that is a package of the registry.
//!
//! A link that names a package keeps it, so whatever is in doubt is taken for the package: a wrong guess here only saves.

use super::{FileId, Package, PackageFile, PackageId};

/// A link of a release to something in a package registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseLink(Target);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// The package's own page or files.
    Package(PackageId),
    /// A file, by an address that does not tell its package.
    File(FileId),
    /// An address of the registry that packages are installed from, its words in lower case and told apart by single
    /// signs.
    Registry(String),
}

impl ReleaseLink {
    /// `None` where the address is none of a package registry.
    ///
    /// Source: `config/routes/project.rb` and `lib/api/*_packages.rb`.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let path = decoded(path);
        let number_after = |marker: &str| -> Option<u64> {
            let (_, rest) = path.rsplit_once(marker)?;
            rest.split('/').next()?.parse().ok()
        };
        let pages = ["/-/packages/", "/-/terraform_module_registry/", "/-/infrastructure_registry/"];
        if let Some(id) = pages.iter().find_map(|page| number_after(page)) {
            return Some(Self(Target::Package(PackageId(id))));
        }
        if let Some(file) = number_after("/package_files/") {
            let package = path.rsplit_once("/package_files/").and_then(|(before, _)| {
                let (before, id) = before.rsplit_once('/')?;
                before.ends_with("/packages").then(|| id.parse().ok()).flatten()
            });
            let target = package.map_or(Target::File(FileId(file)), |id| Target::Package(PackageId(id)));
            return Some(Self(target));
        }
        let is_registry = path.contains("/api/v4/") && path.contains("/packages/");
        is_registry.then(|| Self(Target::Registry(plain(&path))))
    }

    /// Whether it leads to `package`, whose files are `files`; `None` where only the files could tell, and are not known.
    #[must_use]
    pub fn leads_to(&self, package: &Package, files: Option<&[PackageFile]>) -> Option<bool> {
        match &self.0 {
            Target::Package(id) => Some(*id == package.id),
            Target::File(id) => files.map(|files| files.iter().any(|file| file.id == *id)),
            Target::Registry(address) => {
                let version = package.version.as_deref().unwrap_or_default();
                // Composer's archives are told apart by a hash alone, so a link to one may be to any version.
                let is_version = || address.contains("/packages/composer/") || has_version(address, &plain(version));
                Some(has_word(address, &plain(&package.name)) && is_version())
            }
        }
    }

    /// Whether only a package's files tell if it leads there.
    #[must_use]
    pub fn is_by_file(&self) -> bool {
        matches!(self.0, Target::File(_))
    }
}

/// Without percent signs; a slash in a name is often written twice over.
fn decoded(path: &str) -> String {
    let once = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    percent_encoding::percent_decode_str(&once).decode_utf8_lossy().into_owned()
}

/// In lower case, and with one sign for those that `PyPI` takes for the same.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.to_lowercase().chars() {
        let c = if c == '_' { '-' } else { c };
        if c != '-' || !plain.ends_with('-') {
            plain.push(c);
        }
    }
    plain
}

/// Whether the word stands in the text, and not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    // PyPI writes a dot in a name as a hyphen, or the other way round.
    let (text, word) = (text.replace('.', "-"), word.replace('.', "-"));
    occurrences(&text, &word)
        .any(|(before, after)| !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric))
}

/// Whether the version stands in the text, and not as a part of one with more numbers.
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

/// What stands before and after each place of `part` in the text. An empty part stands nowhere.
fn occurrences<'t>(text: &'t str, part: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let places = if part.is_empty() { "" } else { text };
    places.match_indices(part).map(move |(at, _)| (&text[..at], &text[at + part.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{BuiltFrom, Downloaded, PackageType, Permission, Project, ProjectId, Status};

    const API: &str = "https://gitlab.acme.example/api/v4/projects";

    fn package(package_type: PackageType, name: &str, version: &str) -> Package {
        Package {
            id: PackageId(12),
            project: Project { id: ProjectId(2), path: None, archived: None, has_releases: None },
            package_type,
            name: name.to_owned(),
            channel: None,
            version: Some(version.to_owned()),
            status: Status::Default,
            created_at: None,
            downloaded: Downloaded::Never,
            tags: Some(Vec::new()),
            built_from: BuiltFrom::NotListed,
            permission: Permission::Unknown,
            unreadable: None,
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
        let file = |id| PackageFile { id: FileId(id), name: None, size: None, created_at: None };
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
    fn other_addresses_are_none_of_a_registry() {
        for url in
            ["https://acme.example/notes/1.0", "", "/acme/app/-/jobs/12/artifacts/download", "mailto:a@acme.example"]
        {
            assert_eq!(ReleaseLink::parse(url), None, "{url}");
        }
    }
}
