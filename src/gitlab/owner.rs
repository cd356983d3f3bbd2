//! The user whose token it is, as GitLab tells it to the token itself.

use serde_json::Value;

use super::field;

/// The user whose token it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// `None` where GitLab doesn't tell.
    pub username: Option<String>,
    /// The user is an administrator, whom GitLab's own protection rules don't bind. GitLab tells it to administrators
    /// alone, so anything else counts as a no.
    ///
    /// Source: `lib/api/entities/user_with_admin.rb`.
    pub is_administrator: bool,
}

/// Warns of an administrator's token, and tells the way out.
pub const ADMINISTRATORS_TOKEN: &str = "the token is an administrator's: GitLab's own protection rules don't bind it; use \
                                        the token of a user with the Maintainer role in the groups";

impl Owner {
    /// Reads what GitLab tells of the user, or of the CI job that the user runs.
    ///
    /// Source: `lib/api/users.rb`, `lib/api/entities/ci/job_basic.rb`.
    pub(super) fn read(value: &Value) -> Result<Self, &'static str> {
        let told = value.as_object().ok_or("it is not a JSON object")?;
        let user = field::object(told, "user").unwrap_or(told);
        Ok(Self {
            username: field::text(user, "username").map(str::to_owned),
            is_administrator: field::boolean(user, "is_admin") == Some(true),
        })
    }
}
