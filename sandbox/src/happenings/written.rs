//! A happening as a script writes it.

use serde::{Deserialize, Serialize};

use super::{Act, Happening, Moment};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    act: Act,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    optional: bool,
}

/// It says no time, or two.
#[derive(Debug, thiserror::Error)]
#[error("a happening has either `before` or `after`, the number of a request")]
pub(super) struct NoMoment;

impl TryFrom<Written> for Happening {
    type Error = NoMoment;

    fn try_from(written: Written) -> Result<Self, NoMoment> {
        let Written { before, after, method, path, act, optional } = written;
        let moment = match (before, after) {
            (Some(number), None) => Moment::Before(number),
            (None, Some(number)) => Moment::After(number),
            (None, None) | (Some(_), Some(_)) => return Err(NoMoment),
        };
        Ok(Self { moment, method, path, act, optional })
    }
}

impl From<Happening> for Written {
    fn from(happening: Happening) -> Self {
        let Happening { moment, method, path, act, optional } = happening;
        let (before, after) = match moment {
            Moment::Before(number) => (Some(number), None),
            Moment::After(number) => (None, Some(number)),
        };
        Self { before, after, method, path, act, optional }
    }
}
