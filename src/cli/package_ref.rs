//! The package that an argument names: `PROJECT/ID`, or the address of its page or of itself in the API.

use percent_encoding::percent_decode_str;
use url::Url;

use super::UsageError;
use crate::package::address::Address;
use crate::package::{PAGES, PackageId, Reference};

/// The argument, understood as far as that takes no GitLab.
#[derive(Debug, Clone)]
pub(super) enum PackageRef {
    Named { project: Reference, package: PackageId },
    Link(Url),
}

/// How an address in the API begins. The project's path or id comes after it.
const API: &str = "/api/v4/projects/";

impl PackageRef {
    /// Reads the argument. An address is never repeated in a message, because it may hold a password.
    pub(super) fn parse(text: &str) -> Result<Self, UsageError> {
        let text = text.trim();
        if text.contains("://") {
            let link = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            return link.map(Self::Link).ok_or(UsageError::Link);
        }
        let no_package = || UsageError::Package(text.escape_debug().to_string());
        let (project, package) = text.trim_matches('/').rsplit_once('/').ok_or_else(no_package)?;
        let project = Reference::parse(project).map_err(|_| no_package())?;
        let package = package_id(package).ok_or_else(no_package)?;
        if matches!(&project, Reference::Path(path) if !path.contains('/')) {
            return Err(no_package());
        }
        Ok(Self::Named { project, package })
    }

    /// Returns the host of an address that was given.
    pub(super) fn host(&self) -> Option<String> {
        match self {
            Self::Link(url) => Some(host(url)),
            Self::Named { .. } => None,
        }
    }

    /// Returns the project and the package at the GitLab of this address. An address of another one is refused, because
    /// there the same path is another package. `None` compares nothing: the sandbox stands in for any GitLab.
    pub(super) fn at(self, gitlab: Option<&Address>) -> Result<(Reference, PackageId), UsageError> {
        let url = match self {
            Self::Named { project, package } => return Ok((project, package)),
            Self::Link(url) => url,
        };
        let mut path = url.path();
        if let Some(gitlab) = gitlab {
            let prefix = gitlab.url().path().trim_end_matches('/');
            let below = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
            match below {
                Some(below) if host(&url) == host(gitlab.url()) => path = below,
                _ => return Err(UsageError::LinkElsewhere { link: host(&url), address: gitlab.to_string() }),
            }
        }
        in_path(path).ok_or(UsageError::Link)
    }
}

/// Returns the project and the package in the path of an address.
fn in_path(path: &str) -> Option<(Reference, PackageId)> {
    let (project, rest) = if let Some((_, rest)) = path.split_once(API) {
        rest.split_once("/packages/")?
    } else {
        PAGES.iter().find_map(|page| path.split_once(page))?
    };
    let package = package_id(rest.split('/').next()?)?;
    let project = percent_decode_str(project.trim_matches('/')).decode_utf8().ok()?;
    Some((Reference::parse(&project).ok()?, package))
}

fn package_id(text: &str) -> Option<PackageId> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok().map(PackageId)).flatten()
}

/// Returns the host, with its port where that is not the usual one. It doesn't matter here whether TLS is spoken,
/// because nothing is sent to an address that was given as an argument.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
