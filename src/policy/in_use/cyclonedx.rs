//! CycloneDX documents in JSON, as SBOM tools write them.

use serde::Deserialize;
use serde_json::error::Category;

use super::naming::{InUse, Spot};
use super::unusable::Unusable;
use crate::package::Purl;

/// The parts of a document that matter here.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "bomFormat")]
    bom_format: Option<String>,
    #[serde(rename = "spdxVersion")]
    spdx_version: Option<String>,
    metadata: Option<Metadata>,
    components: Option<Vec<BomComponent>>,
}

#[derive(Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    component: Option<BomComponent>,
}

#[derive(Deserialize)]
struct BomComponent {
    purl: Option<String>,
    group: Option<String>,
    name: Option<String>,
    version: Option<String>,
    components: Option<Vec<BomComponent>>,
}

/// Reads a document: every component of every level, and the one that it is about.
pub(super) fn read(text: &str) -> Result<InUse, Unusable> {
    let document: Document = serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => Unusable::Form { line: error.line() },
        Category::Io | Category::Syntax | Category::Eof => Unusable::Json { line: error.line() },
    })?;
    if document.spdx_version.is_some() {
        return Err(Unusable::Spdx);
    }
    if document.bom_format.as_deref() != Some("CycloneDX") {
        return Err(Unusable::NoCycloneDx);
    }
    let metadata = document.metadata.ok_or(Unusable::NoTimestamp)?;
    let timestamp = metadata.timestamp.ok_or(Unusable::NoTimestamp)?;
    let as_of = timestamp.parse().map_err(|_| Unusable::Time { place: "`metadata.timestamp`".to_owned() })?;
    let mut reader = BomReader { read: InUse::nothing(as_of), count: 0 };
    reader.all(&document.components.unwrap_or_default())?;
    // The component that it is about is there even where nothing was found in it.
    if reader.read.is_empty() {
        return Err(Unusable::Empty);
    }
    if let Some(subject) = &metadata.component {
        reader.one(Spot::Subject, subject)?;
    }
    Ok(reader.read)
}

struct BomReader {
    read: InUse,
    /// How many components were read.
    count: usize,
}

impl BomReader {
    fn all(&mut self, components: &[BomComponent]) -> Result<(), Unusable> {
        for component in components {
            self.count += 1;
            self.one(Spot::Component(self.count), component)?;
        }
        Ok(())
    }

    fn one(&mut self, spot: Spot, component: &BomComponent) -> Result<(), Unusable> {
        let BomComponent { purl, group, name, version, components } = component;
        fn written(text: &Option<String>) -> Option<&str> {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty())
        }
        match (written(purl), written(name)) {
            (Some(purl), _) => {
                self.read.add(spot, &Purl::parse(purl).map_err(|problem| Unusable::Purl { spot, problem })?);
            }
            (None, Some(name)) => self.read.add_untyped(spot, &names(written(group), name), written(version)),
            (None, None) => return Err(Unusable::Nameless { spot }),
        }
        self.all(components.as_deref().unwrap_or_default())
    }
}

/// Returns the names that a component without a package URL may have in GitLab.
fn names(group: Option<&str>, name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    if let Some(group) = group {
        names.extend([format!("{group}/{name}"), format!("{}/{name}", group.replace('.', "/"))]);
        if !group.starts_with('@') {
            names.push(format!("@{group}/{name}"));
        }
    }
    names
}
