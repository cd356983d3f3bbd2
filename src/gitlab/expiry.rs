//! The end of a token: until when GitLab takes it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The end of the token that was sent, as GitLab tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenExpiry {
    /// The token has no end.
    Never,
    /// From this instant on it is refused.
    At(Timestamp),
    /// There is no token, it may not ask about itself, or GitLab is too old to tell.
    NotTold,
}

impl TokenExpiry {
    /// Returns the instant, where there is one and it is known.
    #[must_use]
    pub fn instant(self) -> Option<Timestamp> {
        match self {
            Self::At(instant) => Some(instant),
            Self::Never | Self::NotTold => None,
        }
    }

    /// Reads GitLab's answer. The error says what makes it unusable.
    ///
    /// A token is expired from the first moment of the day that is told, in UTC: `app/models/concerns/expirable.rb`.
    pub(super) fn read(value: &Value) -> Result<Self, &'static str> {
        let token = value.as_object().ok_or("it is not a JSON object")?;
        let start = |day: &str| day.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok();
        Ok(match token.get("expires_at") {
            Some(Value::Null) => Self::Never,
            Some(Value::String(day)) => start(day).map_or(Self::NotTold, |start| Self::At(start.timestamp())),
            _ => Self::NotTold,
        })
    }
}
