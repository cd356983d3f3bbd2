//! Reads package URLs (purl), by which clusters, lock files and SBOMs name what they use.
//!
//! Source: the specification at <https://github.com/package-url/purl-spec>. What tools write is often not quite that, so
//! an unencoded scope (`pkg:npm/@acme/ui`) and an empty version are read as they are meant. Nothing here quotes the text:
//! the file that it comes from may be somebody's secret.

use percent_encoding::percent_decode_str;

use super::kind::{PackageType, PurlName};
use super::spelling::NameRule;

/// A package URL, as far as it tells which packages of GitLab's registry are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purl {
    /// The type of the packages.
    package_type: PackageType,
    /// The names that the package may have in GitLab, in the form that all spellings share. Never empty.
    names: Vec<String>,
    /// The versions that are meant; empty is every version.
    versions: Vec<String>,
}

/// Why a text is no package URL, as the end of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PurlError {
    /// It begins with another word.
    #[error("it does not begin with `pkg:`")]
    Scheme,
    /// It has a character that has to be encoded.
    #[error("it has a space or a control character in it")]
    Space,
    /// It has a quote, a backslash, a comma or a semicolon where they have to be encoded, or another package URL in it.
    #[error("it has more in it than one package URL")]
    More,
    /// Its type is missing, or is no word.
    #[error("its type can't be read")]
    Type,
    /// It has no name.
    #[error("it has no name")]
    Name,
    /// A percent sign is not followed by two hexadecimal digits, or what it stands for is no text.
    #[error("its percent-encoding can't be read")]
    Encoding,
}

/// A package URL in its parts, decoded.
struct Parts {
    package_type: String,
    /// The namespace and the name.
    path: Vec<String>,
    version: Option<String>,
    qualifiers: Vec<(String, String)>,
    subpath: Vec<String>,
}

impl Purl {
    /// Reads a package URL.
    ///
    /// # Errors
    ///
    /// What is wrong with it. The error doesn't quote it.
    pub fn parse(text: &str) -> Result<Self, PurlError> {
        let parts = Parts::parse(text)?;
        let package_type = PackageType::of_purl(&parts.package_type);
        let facts = package_type.facts();
        let mut versions: Vec<String> = parts.version.iter().cloned().collect();
        let mut names = parts.names(facts.purl_name);
        if facts.purl_name == PurlName::Upstream
            && let Some(source) = parts.qualifier("upstream")
        {
            // GitLab names Debian's rows by their source packages.
            let (name, version) = source.split_once('@').map_or((source, None), |(name, own)| (name, Some(own)));
            names.push(name.to_owned());
            if !versions.is_empty() {
                versions.extend(version.map(str::to_owned));
            }
        }
        let mut normal: Vec<String> = names.iter().map(|name| normal_name(&package_type, name)).collect();
        normal.sort_unstable();
        normal.dedup();
        Ok(Self { package_type, names: normal, versions })
    }

    /// Returns the type of the packages.
    #[must_use]
    pub fn package_type(&self) -> &PackageType {
        &self.package_type
    }

    /// Returns the names that the package may have, each in the form that [`normal_name`] gives.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the versions that are meant; none is every version.
    #[must_use]
    pub fn versions(&self) -> &[String] {
        &self.versions
    }
}

/// Returns the form that all spellings of a name have in common, whatever its case: package URLs of some types have none.
#[must_use]
pub fn normal_name(package_type: &PackageType, name: &str) -> String {
    package_type.facts().names.normal(name).to_lowercase()
}

/// Returns the form that all spellings of a name have in common where its type is open: that of the clients who tell the
/// least apart.
#[must_use]
pub fn loosest_name(name: &str) -> String {
    NameRule::Pep503.normal(name).to_lowercase()
}

impl PackageType {
    /// Returns the type that package URLs name so, or GitLab. One that GitLab's registry doesn't have is another one.
    #[must_use]
    pub fn of_purl(name: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|known| known.facts().purl_type == name);
        known.unwrap_or_else(|| Self::parse(name))
    }
}

impl Parts {
    fn parse(text: &str) -> Result<Self, PurlError> {
        let (scheme, rest) = text.split_once(':').ok_or(PurlError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(PurlError::Scheme);
        }
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(PurlError::Space);
        }
        let (rest, subpath) = rest.rsplit_once('#').unwrap_or((rest, ""));
        let (rest, qualifiers) = rest.rsplit_once('?').unwrap_or((rest, ""));
        // Lines that were put together hold only the first of them, so they are no lines.
        let is_foreign = |c: char| matches!(c, '"' | '\'' | '\\');
        if text.contains(is_foreign) || rest.contains([',', ';']) || text[4..].to_ascii_lowercase().contains("pkg:") {
            return Err(PurlError::More);
        }
        let (package_type, rest) = rest.trim_start_matches('/').split_once('/').ok_or(PurlError::Type)?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_');
        if package_type.is_empty() || !package_type.chars().all(is_word) {
            return Err(PurlError::Type);
        }
        let (path, version) = split_version(rest);
        // With nothing between the scope and the version, a name was to be filled in there.
        let is_scope_alone = path.rsplit('/').next().is_some_and(|last| last.starts_with('@'));
        let path = segments(path)?;
        if path.is_empty() || is_scope_alone {
            return Err(PurlError::Name);
        }
        let version = decoded(version)?;
        let pairs = qualifiers.split('&').filter_map(|pair| pair.split_once('='));
        let qualifiers = pairs.map(|(key, value)| Ok((key.to_ascii_lowercase(), decoded(value)?)));
        Ok(Self {
            package_type: package_type.to_ascii_lowercase(),
            path,
            version: Some(version).filter(|version| !version.is_empty()),
            qualifiers: qualifiers.collect::<Result<_, _>>()?,
            subpath: segments(subpath)?,
        })
    }

    fn qualifier(&self, key: &str) -> Option<&str> {
        let found = self.qualifiers.iter().find(|(own, value)| own == key && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the names that the package may have in GitLab.
    fn names(&self, form: PurlName) -> Vec<String> {
        let [namespace @ .., name] = self.path.as_slice() else { return Vec::new() };
        let whole = self.path.join("/");
        match form {
            PurlName::Plain | PurlName::Upstream => vec![name.clone(), whole],
            PurlName::Coordinates => vec![format!("{}/{name}", namespace.join("/").replace('.', "/")), whole],
            PurlName::Scoped if namespace.is_empty() || whole.starts_with('@') => vec![whole],
            PurlName::Scoped => vec![format!("@{whole}"), whole],
            PurlName::Path => {
                let below = (0..=self.subpath.len()).map(|count| &self.subpath[..count]);
                below.map(|below| [self.path.as_slice(), below].concat().join("/")).collect()
            }
            PurlName::Module => vec![self.path[self.path.len().saturating_sub(2)..].join("/"), whole],
        }
    }
}

/// Splits at the `@` before the version. One at the beginning of a part is that of a scope which was not encoded.
fn split_version(rest: &str) -> (&str, &str) {
    let is_inner = |at: &usize| !rest[..*at].is_empty() && !rest[..*at].ends_with('/');
    match rest.match_indices('@').map(|(at, _)| at).find(is_inner) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, ""),
    }
}

fn segments(path: &str) -> Result<Vec<String>, PurlError> {
    path.split('/').filter(|segment| !matches!(*segment, "" | "." | "..")).map(decoded).collect()
}

fn decoded(text: &str) -> Result<String, PurlError> {
    let is_escape = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if !text.split('%').skip(1).all(is_escape) {
        return Err(PurlError::Encoding);
    }
    let text = percent_decode_str(text).decode_utf8().map_err(|_| PurlError::Encoding)?;
    if text.contains(char::is_control) { Err(PurlError::Space) } else { Ok(text.into_owned()) }
}

#[cfg(test)]
mod tests;
