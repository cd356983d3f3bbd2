//! The address of a GitLab. Two that mean the same are equal, however people write them.

use std::fmt;

use url::Url;

/// Without `/api/v4`, without a slash at its end, the host in lower case and the usual port left out. A path prefix is
/// kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it, as the end of a sentence that doesn't quote it: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut url = Url::parse(text.trim()).map_err(|_| "it is not a URL")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("it begins with neither https:// nor http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it holds a user name or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("it has a `?` or a `#` in it");
        }
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/api/v4").unwrap_or(path).trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Returns it as text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Returns it as a URL, to build others upon.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_equal() {
        let same = [
            "https://gitlab.acme.example",
            "https://gitlab.acme.example/",
            " https://GitLab.ACME.example:443 ",
            "HTTPS://gitlab.acme.example/api/v4",
            "https://gitlab.acme.example//api/v4//",
        ];
        for text in same {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.as_str(), same[0], "{text}");
            assert_eq!(address, Address::parse(same[0]).unwrap(), "{text}");
        }
    }

    #[test]
    fn what_differs_is_not() {
        let different = [
            "https://gitlab.acme.example",
            "http://gitlab.acme.example",
            "https://gitlab.acme.example:8443",
            "https://gitlab.acme.example/gitlab",
            "https://gitlab.acme.example/GitLab",
            "https://gitlab-staging.acme.example",
            "https://acme.example",
        ];
        for (index, one) in different.iter().enumerate() {
            for other in &different[index + 1..] {
                assert_ne!(Address::parse(one), Address::parse(other), "{one} {other}");
            }
        }
    }
}
