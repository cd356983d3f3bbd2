//! What people do to the rules that protect packages.

use super::Directory;
use crate::happenings::ActError;
use crate::registry::{PackageType, ProtectionRule};

impl Directory {
    /// Protects packages of a name. A project has one rule for each type and pattern
    /// (app/models/packages/protection/rule.rb).
    pub(crate) fn protect(
        &mut self,
        project_id: u64,
        package_type: PackageType,
        pattern: String,
        level: u8,
    ) -> Result<(), ActError> {
        self.present(project_id)?;
        if self.rule(project_id, &package_type, &pattern).is_some() {
            return Err(ActError::Protected(project_id, package_type, pattern));
        }
        self.rules.push(ProtectionRule {
            project_id,
            package_type,
            package_name_pattern: pattern,
            minimum_access_level_for_delete: Some(level),
        });
        Ok(())
    }

    /// Takes the rule away.
    pub(crate) fn unprotect(
        &mut self,
        project_id: u64,
        package_type: PackageType,
        pattern: String,
    ) -> Result<(), ActError> {
        self.present(project_id)?;
        match self.rule(project_id, &package_type, &pattern) {
            Some(at) => self.rules.remove(at),
            None => return Err(ActError::NoRule(project_id, package_type, pattern)),
        };
        Ok(())
    }

    fn rule(&self, project_id: u64, package_type: &PackageType, pattern: &str) -> Option<usize> {
        self.rules.iter().position(|rule| {
            rule.project_id == project_id && rule.package_type == *package_type && rule.package_name_pattern == pattern
        })
    }
}
