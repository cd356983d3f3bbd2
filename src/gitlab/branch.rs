//! One row of a listing of branches, or of protected branches.

use serde_json::Value;

use super::field::{self, Object};

/// A branch in the list of its project.
pub(super) struct BranchRow {
    pub(super) name: String,
    pub(super) is_default: bool,
}

/// Reads a branch. One whose name can't be read may be any.
///
/// Source: `lib/api/entities/branch.rb`.
pub(super) fn read(value: &Value) -> Result<BranchRow, &'static str> {
    let branch = object(value)?;
    let is_default = field::boolean(branch, "default") == Some(true);
    Ok(BranchRow { name: name(branch)?, is_default })
}

/// Reads the name of a protected branch, in which `*` stands for anything.
///
/// Source: `lib/api/entities/protected_branch.rb`.
pub(super) fn protected(value: &Value) -> Result<String, &'static str> {
    name(object(value)?)
}

fn object(value: &Value) -> Result<&Object, &'static str> {
    value.as_object().ok_or("it is not a JSON object")
}

fn name(branch: &Object) -> Result<String, &'static str> {
    field::text(branch, "name").map(str::to_owned).ok_or("it has no name")
}
