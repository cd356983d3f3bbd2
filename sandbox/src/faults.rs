//! A script of faults: it says what goes wrong, when and how often. It comes from Rust or from a JSON file.
//!
//! ```json
//! {"seed": 7, "rules": [
//!   {"kind": "group_packages", "page": 7, "when": {"first": 2}, "fault": {"status": {"code": 500}}},
//!   {"method": "DELETE", "when": {"probability": 0.1}, "fault": {"too_many_requests": {"go_duration": 60}}}
//! ]}
//! ```

mod effect;
mod headers;
mod script;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use headers::{Headers, InvalidHeader};

pub(crate) use effect::{HangUp, OfGateway, play};
pub(crate) use script::{Bend, Script};

/// A script of faults. Where several rules fire for a request, the first decides. Rules that shift rows, leave them out, hide
/// a project, answer with what was, or take the `Date` away have their effect besides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// The seed of the probabilities: the same requests in the same order meet the same faults.
    pub seed: u64,
    /// The rules, in the order in which they are asked.
    pub rules: Vec<Rule>,
}

/// One thing that goes wrong. It concerns the requests that fit all of what is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `GET`, `DELETE`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The kind of request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// A pattern for the path and query as they were sent, in which `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// This page alone; a request without the parameter asks for page 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// This page and all after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_page: Option<u64>,
    /// The requests that it fires for, among those that fit.
    #[serde(default)]
    pub when: When,
    /// Count every URL by itself: `first: 2` then means the first two tries of each.
    #[serde(default)]
    pub each_url: bool,
    /// The fault that they meet.
    pub fault: Fault,
}

/// The thing that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The listing of a group's packages.
    GroupPackages,
    /// The listing of a project's packages.
    ProjectPackages,
    /// The GET of a single package.
    Package,
    /// The listing of a package's files.
    PackageFiles,
    /// The listing of a package's pipelines.
    Pipelines,
    /// The GET of a single pipeline.
    Pipeline,
    /// The DELETE of a package.
    DeletePackage,
    /// The DELETE of a package's file.
    DeletePackageFile,
    /// The listing of a group's projects.
    GroupProjects,
    /// The listing of a project's releases.
    Releases,
    /// The listing of a project's protection rules.
    ProtectionRules,
    /// The listing of a project's branches.
    Branches,
    /// The GET of a single branch.
    Branch,
    /// The listing of a project's protected branches.
    ProtectedBranches,
    /// The listing of groups, and the GET of a single one.
    Groups,
    /// Everything else.
    Other,
}

/// The requests that a rule fires for, among those that fit it; they are counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Every request.
    #[default]
    Always,
    /// The first so many requests.
    First(u64),
    /// The request with this number alone.
    Nth(u64),
    /// Each request whose number is a multiple of this one.
    Every(u64),
    /// Every request after so many.
    After(u64),
    /// Each request with this probability, between 0 and 1.
    Probability(f64),
}

/// A way for an answer to go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429, or another answer that means it.
    TooManyRequests(Throttle),
    /// This status, with a body that goes with it, and nothing done.
    Status {
        /// The status.
        code: u16,
        /// The form of the body.
        #[serde(default)]
        body: Body,
    },
    /// 401, as for a token whose time has passed.
    ExpiredToken,
    /// The answer ends in the middle of its body, and the connection with it.
    CutBody,
    /// The connection is closed without a word. A deletion is not carried out.
    HangUp,
    /// The connection is closed without a word after the request was carried out.
    HangUpAfter,
    /// Status 200 and the right length, but the JSON breaks off.
    InvalidJson,
    /// Status 200 and a web page, as a sign-in proxy sends it.
    HtmlPage,
    /// The second half of the body comes so many milliseconds after the first. An answer without a body comes as much
    /// later, and what it tells is done by then.
    SlowBody {
        /// The wait, in milliseconds.
        millis: u64,
    },
    /// A redirect to the same path at another origin, such as `http://127.0.0.1:1234`.
    Redirect {
        /// The scheme, host and port to go to.
        origin: String,
    },
    /// The `Link` header points to another origin.
    LinkElsewhere {
        /// The scheme, host and port that stand in the header.
        origin: String,
    },
    /// 204, and nothing done.
    FalseDelete,
    /// The listing moves back by so many rows, as if somebody had published before the page: its first rows are the
    /// last ones of the page before. Meant for `from_page`.
    RepeatRows(usize),
    /// The listing moves on by so many rows, as if somebody had deleted rows before the page: as many are never seen.
    /// Meant for `from_page`.
    SkipRows(usize),
    /// The listing's page has no rows, while its headers tell of the pages after it as ever.
    EmptyPage,
    /// A project vanishes from view; named by its full path.
    HideProject(String),
    /// An answer of something before GitLab, such as a gateway without a route, and nothing done.
    Gateway {
        /// The status.
        #[serde(default = "not_found")]
        code: u16,
        /// The headers by which it may be told from GitLab's.
        #[serde(default)]
        headers: Headers,
        /// The form of the body.
        #[serde(default)]
        body: Body,
    },
    /// The answer is a replica's, which is so many milliseconds behind. Nothing else is: what is written, is written at
    /// once.
    Replica {
        /// The lag, in milliseconds.
        millis: u32,
    },
    /// The answer to a GET comes from a cache, as GitLab made it so many seconds ago.
    Cached {
        /// Its age, in seconds.
        seconds: u32,
        /// The headers that tell it.
        #[serde(default)]
        tells: CacheTells,
    },
    /// The answer has no `Date`.
    NoDate,
    /// There is no answer, and GitLab deletes all the same, but later: with the state and the rights of then.
    LateDeed {
        /// When it is done, in milliseconds after the request by the sandbox's clock.
        millis: u32,
        /// When the connection is closed, in milliseconds after the request. A client may have given up by then.
        #[serde(default)]
        silence_millis: u32,
    },
}

/// The headers by which a cache tells how old its answer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheTells {
    /// `Age`, and the `Date` of then.
    #[default]
    Both,
    /// `Age`, with a `Date` of now.
    Age,
    /// The `Date` of then alone.
    Date,
}

fn not_found() -> u16 {
    404
}

/// The shapes in which GitLab and the proxies before it say "too many requests".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Throttle {
    /// With all headers of the throttle; to be tried again in so many seconds.
    Full(u32),
    /// Without any header.
    Bare,
    /// `Retry-After` alone, in seconds.
    Seconds(u32),
    /// `Retry-After` as Workhorse's circuit breaker writes it: 60 is `1m0s`.
    GoDuration(u32),
    /// `Retry-After` as a date, so many seconds ahead.
    HttpDate(u32),
    /// The application limiter's JSON (lib/api/helpers/rate_limiter.rb), without any header.
    Application,
}

/// The body of a scripted status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// JSON with the status in words for its `message`.
    #[default]
    Json,
    /// JSON with this `message`.
    Message(String),
    /// JSON with the status in words for its `error`, as of GitLab's own router.
    Error,
    /// JSON as Kong's where it has no route.
    NoRoute,
    /// This text.
    Text(String),
    /// A web page.
    Html,
}

impl Faults {
    /// An empty script with a seed for its probabilities.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, rules: Vec::new() }
    }

    /// Adds a rule.
    #[must_use]
    pub fn with(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Reads a script from JSON.
    ///
    /// # Errors
    /// When the text is no such JSON; unknown keys are an error, because a rule without its condition would do more.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} faults with seed {}", self.rules.len(), self.seed)
    }
}

impl Rule {
    /// A fault for every request; the other methods narrow it.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        let when = When::Always;
        Self { method: None, kind: None, path: None, page: None, from_page: None, when, each_url: false, fault }
    }

    /// Only requests of this method.
    #[must_use]
    pub fn method(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    /// Only requests of this kind.
    #[must_use]
    pub fn kind(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// Only requests whose path and query fit this pattern, in which `*` stands for anything.
    #[must_use]
    pub fn path(self, pattern: &str) -> Self {
        Self { path: Some(pattern.to_owned()), ..self }
    }

    /// Only requests for this page.
    #[must_use]
    pub fn page(self, page: u64) -> Self {
        Self { page: Some(page), ..self }
    }

    /// Only requests for this page and those after it.
    #[must_use]
    pub fn from_page(self, page: u64) -> Self {
        Self { from_page: Some(page), ..self }
    }

    /// Only some of the requests, by their number or by chance.
    #[must_use]
    pub fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    /// Counts every URL by itself.
    #[must_use]
    pub fn each_url(self) -> Self {
        Self { each_url: true, ..self }
    }
}
