//! One row of a listing of package files.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::package::{FileId, PackageFile, Sha256};

use super::field;

/// Reads a file. Only the id is required; the rest may be unknown.
///
/// Source: `lib/api/entities/package_file.rb`.
pub(super) fn read(value: &Value) -> Result<PackageFile, &'static str> {
    let file = value.as_object().ok_or("it is not a JSON object")?;
    Ok(PackageFile {
        id: FileId(field::number(file, "id").ok_or("it has no id")?),
        name: field::text(file, "file_name").map(name),
        size: field::number(file, "size"),
        created_at: file.get("created_at").and_then(field::date),
        sha256: field::text(file, "file_sha256").and_then(Sha256::parse),
    })
}

/// Decodes the name of a file in a folder, which GitLab stores percent-encoded as a whole: `debug%2Fa%2Bb.zip` is
/// `debug/a+b.zip`. Without a folder nothing is encoded, and `a%2Bb.zip` is a name as it is.
///
/// Source: `lib/api/generic_packages.rb`.
fn name(stored: &str) -> String {
    if !stored.contains("%2F") && !stored.contains("%2f") {
        return stored.to_owned();
    }
    percent_decode_str(stored).decode_utf8().map_or_else(|_| stored.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_folders_are_decoded_and_no_others() {
        let table = [
            ("release%2Fapp.tgz", "release/app.tgz"),
            ("debug%2Fa%2Bb.zip", "debug/a+b.zip"),
            ("debug%2fx%2fa%20b.zip", "debug/x/a b.zip"),
            ("caf%C3%A9%2Fapp.tgz", "café/app.tgz"),
            ("a%252Fb%2Fc", "a%2Fb/c"),
            // Without a folder.
            ("a%2Bb.zip", "a%2Bb.zip"),
            ("100%.txt", "100%.txt"),
            ("a+b.zip", "a+b.zip"),
            ("@acme/ui-1.0.0.tgz", "@acme/ui-1.0.0.tgz"),
            // No text.
            ("a%2F%FF.zip", "a%2F%FF.zip"),
        ];
        for (stored, expected) in table {
            let row = serde_json::json!({ "id": 1, "file_name": stored });
            assert_eq!(read(&row).unwrap().name.as_deref(), Some(expected), "{stored}");
        }
    }
}
