//! A happening as a script writes it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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

impl<'de> Deserialize<'de> for Happening {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

/// Reads a happening. What is wrong with it is told before its end is passed, and so with its line.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Happening;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a happening")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Happening, A::Error> {
        let written = Written::deserialize(MapAccessDeserializer::new(map))?;
        Happening::try_from(written).map_err(A::Error::custom)
    }
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
