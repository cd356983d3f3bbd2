//! Reads from GitLab: groups and projects, their packages and releases. Nothing here can change anything.

mod evidence;

use std::collections::HashSet;

use reqwest::Url;
use serde_json::Value;

use crate::package::{PackageId, ProjectId, ProjectRow, Reference};

use super::answer::Answer;
use super::connection::Connection;
use super::directory::{self, GroupRow};
use super::error::{Error, TokenRejection};
use super::expiry::TokenExpiry;
use super::field;
use super::listing::{Listing, Source, Subgroups};
use super::page::{Page, PageNumber, is_told, next_page};
use super::row::Row;
use super::subject::Subject;
use super::traffic::Endpoint;

/// Lists and gets. It has nothing that deletes.
#[derive(Debug, Clone)]
pub struct Reader {
    connection: Connection,
}

/// A listing, read once from the first page to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<T> {
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

/// What is wrong with the token of an administrator, and the way out.
pub const ADMINISTRATORS_TOKEN: &str = "the token is an administrator's: GitLab's own protection rules don't bind it; use \
                                        the token of a user with the Maintainer role in the groups";

impl Reader {
    /// Makes a reader that asks over this connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// One page of a listing of packages.
    ///
    /// Source: `lib/api/group_packages.rb` and `lib/api/project_packages.rb`.
    ///
    /// # Errors
    /// When there is no whole and sensible page to be had; the walk it belongs to can't be finished then.
    pub async fn packages_page(&self, listing: &Listing, page: PageNumber) -> Result<Page<Row>, Error> {
        if let Source::Group { .. } = &listing.source {
            self.refuse_job_token(&listing.subject())?;
        }
        let url = self.connection.api(&listing.path().each_ref().map(String::as_str), &listing.query());
        let prefix = self.connection.prefix();
        let read = |value: &Value| Row::read(value, listing, prefix).map(|row| (Some(row.id.0), row));
        self.page(listing.endpoint(), listing.subject(), url, page, read).await
    }

    /// The groups that lie in no other: those that the token's owner belongs to, themselves or by something in them,
    /// and for an administrator all there are.
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

    /// One group.
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

    /// The same; `None` where GitLab doesn't show it to this token.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or says something else.
    pub async fn group_if_shown(&self, group: &Reference) -> Result<Option<GroupRow>, Error> {
        self.if_shown(self.group(group).await)
    }

    /// The projects of a group, those that are archived among them, but not those that are shared with it.
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

    /// One project.
    ///
    /// Source: `lib/api/projects.rb`.
    ///
    /// # Errors
    /// When it isn't there, can't be seen, or has no id or path.
    pub async fn project(&self, project: &Reference) -> Result<ProjectRow, Error> {
        let url = self.connection.api(&["projects", &project.to_string()], &[]);
        self.single(Endpoint::Project, Subject::Project(project.clone()), url, directory::project).await
    }

    /// The same; `None` where GitLab doesn't show it to this token.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or says something else.
    pub async fn project_if_shown(&self, project: &Reference) -> Result<Option<ProjectRow>, Error> {
        self.if_shown(self.project(project).await)
    }

    /// The project that the token's CI job runs in; `None` where the token is no CI job's, or GitLab doesn't tell.
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

    /// Until when GitLab takes the token. Asking is also the cheapest way to find out whether it does.
    ///
    /// A 403 or 404 only says that this can't be told: what else the token is good for is another question. So does a
    /// 401 where no token is sent; a CI job's is not looked at here.
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

    /// Whether the error only says that this is not for this token to see. To a CI job's, a 401 says no more.
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

    /// Whether the token is known to be an administrator's, whom GitLab's own protection rules don't bind. GitLab tells it
    /// to administrators alone; whatever it answers else says nothing, and a CI job's token isn't taken.
    ///
    /// Source: `lib/api/users.rb`, `lib/api/entities/user_with_admin.rb`.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or doesn't take the token.
    pub async fn is_administrator(&self) -> Result<bool, Error> {
        if self.connection.inner().credential.is_job_token() {
            return Ok(false);
        }
        let url = self.connection.api(&["user"], &[]);
        let read = |value: &Value| {
            let user = value.as_object().ok_or("it is not a JSON object")?;
            Ok(field::boolean(user, "is_admin") == Some(true))
        };
        let told = self.if_shown(self.single(Endpoint::User, Subject::Token, url, read).await)?;
        Ok(told == Some(true))
    }

    /// GitLab would answer 404, and leave it to guess why.
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

    /// One thing that is no listing.
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

    /// All pages of a listing.
    async fn all_pages<T>(
        &self,
        endpoint: Endpoint,
        subject: &Subject,
        url: &Url,
        read: impl Fn(&Value) -> Result<(Option<u64>, T), &'static str>,
    ) -> Result<Reading<T>, Error> {
        let mut rows = Vec::new();
        let mut pages = 0;
        let mut next = Some(PageNumber::FIRST);
        while let Some(number) = next {
            let page = self.page(endpoint, subject.clone(), url.clone(), number, &read).await?;
            rows.extend(page.rows);
            pages += 1;
            next = page.next;
        }
        Ok(Reading { rows, pages })
    }

    /// One page of a listing, its rows read by `read`, which tells the id of each that has one.
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
