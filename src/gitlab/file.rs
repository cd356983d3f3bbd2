//! One row of a listing of package files.

use serde_json::Value;

use crate::package::{FileId, PackageFile};

use super::field;

/// Source: `lib/api/entities/package_file.rb`. Only the id is asked of a file; the rest may be unknown.
pub(super) fn read(value: &Value) -> Result<PackageFile, &'static str> {
    let file = value.as_object().ok_or("it is not a JSON object")?;
    Ok(PackageFile {
        id: FileId(field::number(file, "id").ok_or("it has no id")?),
        name: field::text(file, "file_name").map(str::to_owned),
        size: field::number(file, "size"),
        created_at: file.get("created_at").and_then(field::date),
    })
}
