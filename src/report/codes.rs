//! Writes closed sets in JSON, by the codes that every other form has, too.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::{CycleStatus, PolicyStanding};
use crate::plan::{Guard, LimitName, Opening, Outcome, ReasonKind, Verdict};
use crate::policy::{Mode, Truth};

macro_rules! written_by {
    ($($set:ty: $code:ident),+ $(,)?) => {$(
        impl Serialize for $set {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.$code())
            }
        }
    )+};
}

written_by! {
    Guard: code,
    LimitName: as_str,
    Mode: as_str,
    Outcome: code,
    PolicyStanding: code,
    ReasonKind: code,
    CycleStatus: code,
    Truth: code,
    Verdict: code,
}

/// The instant and the sentence are `null` where an opening has none.
impl Serialize for Opening {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (at, because) = match self {
            Self::Now => (None, None),
            Self::From(at) | Self::NotBefore(at) => (Some(at), None),
            Self::Never { because, .. } => (None, Some(because)),
        };
        let mut opening = serializer.serialize_struct("Opening", 3)?;
        opening.serialize_field("when", self.code())?;
        opening.serialize_field("at", &at)?;
        opening.serialize_field("because", &because)?;
        opening.end()
    }
}
