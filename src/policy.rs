//! A policy set: the user's rules, read from YAML and valid by construction.
//!
//! Nothing here looks at a registry. A value of these types has passed every check that needs no registry, so the plan
//! has no half-valid policy to think about.

mod age;
mod condition;
mod downloads;
mod file_rule;
mod fingerprint;
mod glob;
mod in_force;
mod in_use;
mod instance;
mod keys;
mod known;
mod limits;
mod lint;
mod model;
mod moment;
mod name;
mod named;
mod newest;
mod pattern;
mod places;
mod quote;
mod refs;
mod rule;
mod schedule;
mod schema;
mod scope;
mod set;
mod size;
mod supersession;
mod truth;
mod version_bound;
pub(crate) mod words;
mod written;

pub use age::Age;
pub use condition::Condition;
pub(crate) use condition::status::parse_status;
pub use downloads::Downloads;
pub use file_rule::{FileRule, Together};
pub use in_force::{InForce, Present};
pub use in_use::{FromFile, InUse, InUseFiles, InUseReading, Spot, Unusable};
pub use instance::{Acceptance, Ceiling, ClockTrust, ExceptionCeiling, Freeze, Instance};
pub(crate) use keys::LANGUAGE;
pub(crate) use known::{Known, Successor, SuccessorPair, Successors};
pub use limits::{Exception, Limits};
pub use lint::{LINTS, Lints, lint_named};
pub use model::{Mode, Policy, PolicySet, Protection};
pub(crate) use moment::Moment;
pub use named::{Named, NamedPath};
pub use newest::{BuiltBy, By, Newest, Per};
pub(crate) use pattern::Reading;
pub use pattern::{Capture, PatternKind, Patterns, Shown};
pub use refs::Refs;
pub use rule::{DeleteRule, Hold, KeepRule};
pub use schedule::Schedule;
pub use schema::json_schema;
pub use scope::{Archived, GroupPaths, Outside, ProtectionScope, Reach, Scope, is_below};
pub(crate) use set::language_version;
pub use size::Size;
pub use supersession::{SupersededBy, SupersededSince, Supersession};
pub use truth::Truth;
pub use version_bound::VersionBound;
