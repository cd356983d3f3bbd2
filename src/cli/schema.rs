//! `gleaner schema`.

use super::terminal::print;
use super::{CommandResult, Exit};
use crate::policy::json_schema;

pub(super) fn schema() -> CommandResult {
    // As `{:#}` prints it: two spaces to a level.
    print(&format!("{:#}\n", json_schema()))?;
    Ok(Exit::Done)
}
