//! One row of a listing of releases: the links among its assets.

use serde_json::Value;

use super::field;

/// Returns where a release's links lead, and the addresses that GitLab gives them below the release, which may be the
/// only ones that are in use.
///
/// Unlike elsewhere nothing may be unknown here, because the link that can't be read may be the one to a package.
///
/// Source: `lib/api/entities/release.rb`, `lib/api/entities/releases/link.rb`.
pub(super) fn links(value: &Value) -> Result<Vec<String>, &'static str> {
    let release = value.as_object().ok_or("it is not a JSON object")?;
    let links = field::object(release, "assets").and_then(|assets| assets.get("links")?.as_array());
    let mut urls = Vec::new();
    for link in links.ok_or("it has no list of links")? {
        let link = link.as_object().ok_or("a link in it is not a JSON object")?;
        let url = field::text(link, "url").ok_or("a link in it has no url")?;
        let direct = match link.get("direct_asset_url") {
            None | Some(Value::Null) => None,
            Some(direct) => Some(direct.as_str().ok_or("a link in it has an odd direct_asset_url")?),
        };
        urls.push(url.to_owned());
        urls.extend(direct.filter(|direct| *direct != url).map(str::to_owned));
    }
    Ok(urls)
}
