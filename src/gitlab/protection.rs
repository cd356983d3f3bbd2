//! One row of a listing of protection rules for packages.

use serde_json::Value;

use crate::package::{PackageType, ProtectionRule};

use super::field;

/// Reads a rule that is about deleting; `None` is one that is about publishing alone. It doesn't matter whom the rule
/// lets delete all the same: it says that these packages are not to go in passing.
///
/// Source: `lib/api/entities/projects/packages/protection/rule.rb`. Releases that know no level for deleting have no
/// such key. A null is a rule without that level, or a switched-off feature.
pub(super) fn read(value: &Value) -> Result<Option<ProtectionRule>, &'static str> {
    let rule = value.as_object().ok_or("it is not a JSON object")?;
    Ok(match rule.get("minimum_access_level_for_delete") {
        None | Some(Value::Null) => None,
        Some(_) => Some(ProtectionRule {
            package_type: field::text(rule, "package_type").map(PackageType::parse),
            name: field::text(rule, "package_name_pattern").map(str::to_owned),
        }),
    })
}
