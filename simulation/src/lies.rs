//! Answers that lie, or never come, while GitLab does something else.

use axum::body::Bytes;
use axum::http::{Response, StatusCode, header};

use crate::dice::Dice;
use crate::people::Kind;

/// A way in which answers are spoiled from some moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// So many requests for single packages are answered 404 by something that is no GitLab, and not carried out.
    Gateway {
        /// How many are left.
        left: u64,
        /// The form of its body.
        body: Body,
    },
    /// So many deletions are answered 204, and not carried out.
    FalseDelete {
        /// How many are left.
        left: u64,
    },
    /// So many deletions are carried out, and their answers are lost.
    LostAnswer {
        /// How many are left.
        left: u64,
    },
    /// One deletion's answer is lost, and it is carried out so many seconds later.
    LateDeed {
        /// The seconds until then.
        after: u64,
    },
    /// Reads are answered with what there was some seconds ago.
    Replica {
        /// So many seconds behind.
        lag: u64,
        /// So many reads are left.
        left: u64,
    },
    /// So many requests of any kind are refused for a while.
    Trouble {
        /// How many are left.
        left: u64,
        /// The status that they meet.
        status: u16,
        /// The seconds to wait that it asks for.
        wait: Option<u64>,
    },
}

/// The form of a gateway's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// `{"message":"no Route matched with those values"}`.
    Kong,
    /// `{"error":"404 Not Found"}`, the way GitLab itself says that there is no such route.
    LikeGitlab,
    /// `{"message":"404 Package Not Found"}`, word for word GitLab's.
    Gitlab,
    /// A web page.
    Page,
}

impl Lie {
    /// Returns the lie of a kind, and tells it; `None` where the kind is no lie.
    pub fn of(kind: Kind, dice: &mut Dice) -> Option<(Self, String)> {
        let (left, short) = (dice.number(1, 10), dice.number(1, 3));
        let lie = match kind {
            Kind::Gateway => {
                let body = dice.one(&[Body::Kong, Body::LikeGitlab, Body::Gitlab, Body::Page]);
                let left = left * 5;
                let words = format!("a gateway answers 404 to the next {left} requests for packages ({body:?})");
                (Self::Gateway { left, body }, words)
            }
            Kind::FalseDelete => {
                (Self::FalseDelete { left: short }, format!("the next {short} deletions are answered 204 and not done"))
            }
            Kind::LostAnswer => {
                (Self::LostAnswer { left: short }, format!("the answers of the next {short} deletions are lost"))
            }
            Kind::LateDeed => {
                // With the most that a replica is behind, it can be seen within two minutes.
                let after = dice.one(&[2, 10, 30, 70]);
                (Self::LateDeed { after }, format!("the next deletion gets no answer, and is done {after} s later"))
            }
            Kind::Replica => {
                let (lag, left) = (dice.one(&[2, 10, 20, 45]), dice.number(3, 60));
                (
                    Self::Replica { lag, left },
                    format!("the next {left} reads come from a replica that is {lag} s behind"),
                )
            }
            Kind::Trouble => {
                let (status, wait) =
                    dice.one(&[(502, None), (500, None), (429, Some(5)), (429, Some(40)), (429, Some(55))]);
                (
                    Self::Trouble { left: short, status, wait },
                    format!("the next {short} requests are answered {status}"),
                )
            }
            _ => return None,
        };
        Some(lie)
    }

    /// Returns whether it spoils this request.
    #[must_use]
    pub fn meets(self, path: &str, is_deletion: bool) -> bool {
        match self {
            Self::Trouble { .. } => true,
            Self::Gateway { .. } => path.contains("/packages/"),
            Self::Replica { .. } => !is_deletion,
            _ => is_deletion,
        }
    }

    /// Returns how many seconds behind it answers.
    #[must_use]
    pub fn lag(self) -> u64 {
        if let Self::Replica { lag, .. } = self { lag } else { 0 }
    }

    /// Returns what is left of it after one more request; `None` where it is over.
    #[must_use]
    pub fn used(self) -> Option<Self> {
        match self {
            Self::LateDeed { .. } => None,
            Self::Gateway { left, body } => (left > 1).then(|| Self::Gateway { left: left - 1, body }),
            Self::FalseDelete { left } => (left > 1).then(|| Self::FalseDelete { left: left - 1 }),
            Self::LostAnswer { left } => (left > 1).then(|| Self::LostAnswer { left: left - 1 }),
            Self::Replica { lag, left } => (left > 1).then(|| Self::Replica { lag, left: left - 1 }),
            Self::Trouble { left, status, wait } => (left > 1).then(|| Self::Trouble { left: left - 1, status, wait }),
        }
    }
}

impl Body {
    /// Returns a gateway's 404.
    #[must_use]
    pub fn answer(self) -> Response<Bytes> {
        let (kind, text) = match self {
            Self::Kong => ("application/json; charset=utf-8", r#"{"message":"no Route matched with those values"}"#),
            Self::LikeGitlab => ("application/json", r#"{"error":"404 Not Found"}"#),
            Self::Gitlab => ("application/json", r#"{"message":"404 Package Not Found"}"#),
            Self::Page => ("text/html", "<html><body><h1>404 Not Found</h1></body></html>"),
        };
        answer(StatusCode::NOT_FOUND, kind, text)
    }
}

/// Returns an answer with this status and body.
#[must_use]
pub fn answer(status: StatusCode, kind: &'static str, text: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(text.as_bytes()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    answer
}
