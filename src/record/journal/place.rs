//! Names the folder of each GitLab below the journal's folder.

use std::fmt::Write as _;

use crate::package::address::Address;
use crate::record::journal::chain::LineHash;

/// The most characters that are taken from a URL. File systems take 255.
const LONGEST: usize = 150;

/// Returns the name of the folder: `gitlab.example.com`, with `~8443` behind it for another port than the usual one,
/// `~http` for plain HTTP, and `+git` for a path prefix. No two addresses share one.
#[must_use]
pub fn folder_name(address: &Address) -> String {
    let url = address.url();
    let mut name = harmless(url.host_str().unwrap_or_default());
    let scheme = if url.scheme() == "https" { None } else { Some(url.scheme().to_owned()) };
    let port = url.port().map(|port| port.to_string());
    for part in scheme.into_iter().chain(port) {
        name.push('~');
        name.push_str(&part);
    }
    for part in url.path().split('/').skip(1).filter(|_| url.path() != "/") {
        name.push('+');
        name.push_str(&harmless(part));
    }
    if name.len() > LONGEST {
        name.truncate(LONGEST);
        // Every character is ASCII, and no other name has `~+` in it.
        let _ = write!(name, "~+{}", LineHash::of(address.as_str().as_bytes()));
    }
    name
}

/// Escapes everything but small letters, digits, `.` and `-`. Some file systems tell no cases apart.
fn harmless(text: &str) -> String {
    text.bytes().fold(String::new(), |mut name, byte| {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => name.push(char::from(byte)),
            _ => {
                let _ = write!(name, "%{byte:02x}");
            }
        }
        name
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn name(url: &str) -> String {
        folder_name(&Address::parse(url).unwrap())
    }

    #[test]
    fn a_folder_tells_host_port_and_path() {
        let table = [
            ("https://gitlab.example.com", "gitlab.example.com"),
            ("https://GitLab.example.com:443/api/v4/", "gitlab.example.com"),
            ("https://gitlab.example.com:8443", "gitlab.example.com~8443"),
            ("http://gitlab.example.com", "gitlab.example.com~http"),
            ("http://127.0.0.1:3000", "127.0.0.1~http~3000"),
            ("https://example.com/Git/lab", "example.com+%47it+lab"),
            ("http://[::1]:80", "%5b%3a%3a1%5d~http"),
        ];
        for (url, expected) in table {
            assert_eq!(name(url), expected, "{url}");
        }
    }

    #[test]
    fn two_urls_share_no_folder() {
        let long = |end: &str| format!("https://example.com/{}{end}", "a/".repeat(300));
        let urls = [
            "https://h".to_owned(),
            "http://h".to_owned(),
            "https://h:80".to_owned(),
            "http://h:443".to_owned(),
            "https://h/80".to_owned(),
            "https://h/~80".to_owned(),
            "https://h/a/b".to_owned(),
            "https://h/a+b".to_owned(),
            "https://h/a//b".to_owned(),
            "https://h/A/b".to_owned(),
            "https://h/a%2fb".to_owned(),
            "https://http".to_owned(),
            "https://h.http".to_owned(),
            long("a"),
            long("b"),
        ];
        let names: BTreeSet<String> = urls.iter().map(|url| name(url).to_lowercase()).collect();
        assert_eq!(names.len(), urls.len(), "{names:#?}");
        assert!(names.iter().all(|name| name.len() < 255));
    }
}
