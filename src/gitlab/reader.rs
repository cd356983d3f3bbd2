//! Reads from GitLab: groups and projects, their packages and releases. Nothing here can change anything.

mod branches;
mod evidence;

use std::collections::HashSet;

use jiff::Timestamp;
use reqwest::Url;
use serde_json::Value;

use crate::package::{PackageId, ProjectId, ProjectRow, Reference};

use super::answer::Answer;
use super::connection::Connection;
use super::directory::{self, GroupRow};
use super::error::{Error, TokenRejection};
use super::expiry::TokenExpiry;
use super::field;
use super::freshness::LookRecord;
use super::listing::{Listing, ListingSource, Subgroups};
use super::owner::Owner;
use super::page::{Page, PageNumber, is_told, next_page};
use super::row::Row;
use super::subject::Subject;
use super::traffic::Endpoint;
use super::traffic::clock::GitlabClock;

/// Lists and gets. It has nothing that deletes.
#[derive(Debug, Clone)]
pub struct Reader {
    connection: Connection,
}

/// A listing, read once from the first page to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingReading<T> {
    /// Everything that was listed, in GitLab's order.
    pub rows: Vec<T>,
    /// How many pages it took. With more than one a row may have slipped through between two of them.
    pub pages: u32,
}

/// The most rows that GitLab puts on a page: `lib/api/pagination_params.rb`.
const PER_PAGE: (&str, &str) = ("per_page", "100");
const ROWS: usize = 100;

/// `id` settles every tie, unlike the dates. Releases before 18.4 ignore it for files, and order by id anyway.
const BY_ID: [(&str, &str); 2] = [("order_by", "id"), ("sort", "asc")];

impl Reader {
    /// Makes a reader that asks over this connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Begins a look at `now`, by this machine's clock, and returns the reader that looks and the record of it. An answer
    /// that is not fresh is an error to that reader: one with an `Age` above 0, or with a `Date` of more than a minute
    /// before its request was sent, as far as the difference of the clocks is known.
    #[must_use]
    pub fn looking(&self, now: Timestamp, theirs: &GitlabClock) -> (Self, LookRecord) {
        let look = LookRecord::begin(now, theirs);
        (Self { connection: self.connection.within(look.clone()) }, look)
    }

    /// Asks for one page of a listing of packages.
    ///
    /// Source: `lib/api/group_packages.rb` and `lib/api/project_packages.rb`.
    ///
    /// # Errors
    /// When GitLab gives no whole and sensible page. The walk that it belongs to can't be finished then.
    pub async fn packages_page(&self, listing: &Listing, page: PageNumber) -> Result<Page<Row>, Error> {
        if let ListingSource::Group { .. } = &listing.source {
            self.refuse_job_token(&listing.subject())?;
        }
        let url = self.connection.api(&listing.path().each_ref().map(String::as_str), &listing.query());
        let prefix = self.connection.prefix();
        let read = |value: &Value| Row::read(value, listing, prefix).map(|row| (Some(row.id.0), row));
        self.page(listing.endpoint(), listing.subject(), url, page, read).await
    }

    /// Lists the groups that lie in no other: those that the token's owner belongs to, themselves or by something in
    /// them, and all there are for an administrator.
    ///
    /// Source: `lib/api/groups.rb`, `app/finders/groups_finder.rb`.
    ///
    /// # Errors
    /// When the listing can't be read to its end.
    pub async fn top_level_groups(&self) -> Result<Vec<GroupRow>, Error> {
        self.refuse_job_token(&Subject::TopLevelGroups)?;
        let url = self.connection.api(&["groups"], &[("top_level_only", "true"), BY_ID[0], BY_ID[1]]);
        let read = |value: &Value| GroupRow::read(value).map(|row| (Some(row.id), row));
        Ok(self.all_pages(Endpoint::Groups, &Subject::TopLevelGroups, &url, read).await?.rows)
    }

    /// Asks for one group.
    ///
    /// Source: `lib/api/groups.rb`.
    ///
    /// # Errors
    /// When it isn't there, can't be seen, or has no id or path.
    pub async fn group(&self, group: &Reference) -> Result<GroupRow, Error> {
        let subject = Subject::Group(group.clone());
        self.refuse_job_token(&subject)?;
        // Without this the answer holds the group's projects, too.
        let url = self.connection.api(&["groups", &group.to_string()], &[("with_projects", "false")]);
        self.single(Endpoint::Group, subject, url, GroupRow::read).await
    }

    /// Asks for one group; `None` where GitLab doesn't show it to this token.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or says something else.
    pub async fn group_if_shown(&self, group: &Reference) -> Result<Option<GroupRow>, Error> {
        self.if_shown(self.group(group).await)
    }

    /// Lists the projects of a group: archived ones too, but not those that are shared with it.
    ///
    /// Source: `lib/api/groups.rb`.
    ///
    /// # Errors
    /// When the listing can't be read to its end.
    pub async fn projects(&self, group: &Reference, subgroups: Subgroups) -> Result<Vec<ProjectRow>, Error> {
        let subject = Subject::Group(group.clone());
        self.refuse_job_token(&subject)?;
        let include_subgroups = match subgroups {
            Subgroups::Included => "true",
            Subgroups::Excluded => "false",
        };
        let query = [("include_subgroups", include_subgroups), ("with_shared", "false"), BY_ID[0], BY_ID[1]];
        let url = self.connection.api(&["groups", &group.to_string(), "projects"], &query);
        let read = |value: &Value| directory::project(value).map(|row| (Some(row.id.0), row));
        Ok(self.all_pages(Endpoint::GroupProjects, &subject, &url, read).await?.rows)
    }

    /// Asks for one project.
    ///
    /// Source: `lib/api/projects.rb`.
    ///
    /// # Errors
    /// When it isn't there, can't be seen, or has no id or path.
    pub async fn project(&self, project: &Reference) -> Result<ProjectRow, Error> {
        let url = self.connection.api(&["projects", &project.to_string()], &[]);
        self.single(Endpoint::Project, Subject::Project(project.clone()), url, directory::project).await
    }

    /// Asks for one project; `None` where GitLab doesn't show it to this token.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or says something else.
    pub async fn project_if_shown(&self, project: &Reference) -> Result<Option<ProjectRow>, Error> {
        self.if_shown(self.project(project).await)
    }

    /// Asks for the project that the token's CI job runs in; `None` where the token is no CI job's, or GitLab doesn't
    /// tell.
    ///
    /// Source: `lib/api/ci/jobs.rb`.
    ///
    /// # Errors
    /// When GitLab doesn't answer.
    pub async fn own_project(&self) -> Result<Option<ProjectId>, Error> {
        if !self.connection.inner().credential.is_job_token() {
            return Ok(None);
        }
        let url = self.connection.api(&["job"], &[]);
        let read = |value: &Value| {
            let pipeline = value.as_object().and_then(|job| field::object(job, "pipeline"));
            Ok(pipeline.and_then(|pipeline| field::number(pipeline, "project_id")).map(ProjectId))
        };
        Ok(self.if_shown(self.single(Endpoint::Job, Subject::Token, url, read).await)?.flatten())
    }

    /// Asks until when GitLab takes the token. That is also the cheapest way to find out whether it does.
    ///
    /// A 403 or 404 only says that GitLab doesn't tell this, and nothing of what else the token is good for. The same
    /// goes for a 401 where no token is sent, or a CI job's, which GitLab doesn't look at here.
    ///
    /// Source: `lib/api/personal_access_tokens/self_information.rb`.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or doesn't take the token.
    pub async fn token(&self) -> Result<TokenExpiry, Error> {
        let url = self.connection.api(&["personal_access_tokens", "self"], &[]);
        let answer = match self.connection.get(Endpoint::Token, Subject::Token, url).await {
            Ok(answer) => answer,
            Err(error) if self.is_hidden_by(&error) => return Ok(TokenExpiry::NotTold),
            Err(error) => return Err(error),
        };
        let expiry = answer.json.as_ref().map_err(|_| "it is not JSON").and_then(TokenExpiry::read);
        expiry.map_err(|problem| Error::BadAnswer { what: Subject::Token, problem: problem.to_owned() })
    }

    fn if_shown<T>(&self, answer: Result<T, Error>) -> Result<Option<T>, Error> {
        match answer {
            Ok(row) => Ok(Some(row)),
            Err(error) if self.is_hidden_by(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether the error only says that the token may not see this. To a CI job's token, a 401 says no more
    /// either.
    fn is_hidden_by(&self, error: &Error) -> bool {
        match error {
            Error::InsufficientScope { .. }
            | Error::Forbidden { .. }
            | Error::NotFound { .. }
            | Error::Unseen { .. }
            | Error::JobToken { .. } => true,
            Error::Unauthorized(rejection) => {
                self.connection.inner().credential.is_job_token() || *rejection == TokenRejection::Missing
            }
            _ => false,
        }
    }

    /// Asks whose token it is. A CI job's token has the user who runs the job, and GitLab tells no more of that one.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or doesn't take the token.
    pub async fn owner(&self) -> Result<Owner, Error> {
        let (endpoint, path) = if self.connection.inner().credential.is_job_token() {
            (Endpoint::Job, "job")
        } else {
            (Endpoint::User, "user")
        };
        let url = self.connection.api(&[path], &[]);
        let told = self.if_shown(self.single(endpoint, Subject::Token, url, Owner::read).await)?;
        Ok(told.unwrap_or_default())
    }

    /// Refuses a CI job's token. GitLab would answer 404, and leave it to guess why.
    fn refuse_job_token(&self, what: &Subject) -> Result<(), Error> {
        if self.connection.inner().credential.is_job_token() {
            return Err(Error::JobToken { what: what.clone() });
        }
        Ok(())
    }

    fn files_url(&self, project: ProjectId, package: PackageId, query: &[(&str, &str)]) -> Url {
        let (project, package) = (project.to_string(), package.to_string());
        self.connection.api(&["projects", &project, "packages", &package, "package_files"], query)
    }

    /// Asks for one thing that is no listing.
    async fn single<T>(
        &self,
        endpoint: Endpoint,
        subject: Subject,
        url: Url,
        read: impl Fn(&Value) -> Result<T, &'static str>,
    ) -> Result<T, Error> {
        let answer = self.connection.get(endpoint, subject.clone(), url).await?;
        let row = answer.json.as_ref().map_err(|_| "it is not JSON").and_then(read);
        row.map_err(|problem| Error::BadAnswer { what: subject, problem: problem.to_owned() })
    }

    /// Reads a listing from the first page to the last.
    async fn all_pages<T>(
        &self,
        endpoint: Endpoint,
        subject: &Subject,
        url: &Url,
        read: impl Fn(&Value) -> Result<(Option<u64>, T), &'static str>,
    ) -> Result<ListingReading<T>, Error> {
        let mut rows = Vec::new();
        let mut pages = 0;
        let mut next = Some(PageNumber::FIRST);
        while let Some(number) = next {
            let page = self.page(endpoint, subject.clone(), url.clone(), number, &read).await?;
            rows.extend(page.rows);
            pages += 1;
            next = page.next;
        }
        Ok(ListingReading { rows, pages })
    }

    /// Asks for one page of a listing. `read` makes a row of each element, and tells its id if it has one.
    async fn page<T>(
        &self,
        endpoint: Endpoint,
        subject: Subject,
        mut url: Url,
        number: PageNumber,
        read: impl Fn(&Value) -> Result<(Option<u64>, T), &'static str>,
    ) -> Result<Page<T>, Error> {
        url.query_pairs_mut().append_pair(PER_PAGE.0, PER_PAGE.1).append_pair("page", &number.to_string());
        let answer = self.connection.get(endpoint, subject.clone(), url).await?;
        let bad_answer = |problem| Error::BadAnswer { what: subject.clone(), problem };
        let values = array(&answer).ok_or_else(|| bad_answer(format!("page {number} is not a JSON array")))?;
        let mut ids = HashSet::new();
        let mut rows = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let bad_row = |problem| Error::BadRow { what: subject.clone(), page: number, row: index + 1, problem };
            let (id, row) = read(value).map_err(bad_row)?;
            if id.is_some_and(|id| !ids.insert(id)) {
                return Err(bad_row("its id stands on the page twice"));
            }
            rows.push(row);
        }
        let next = next_page(number, rows.len(), &answer.headers).map_err(bad_answer)?;
        Ok(Page { number, rows, next, is_told: is_told(&answer.headers) })
    }
}

fn array(answer: &Answer) -> Option<&Vec<Value>> {
    answer.json.as_ref().ok()?.as_array()
}
