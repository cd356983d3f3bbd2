//! Reads from GitLab: packages, their files, and projects. Nothing here can change anything.

use std::collections::HashSet;

use reqwest::Url;
use serde_json::Value;

use crate::event::Endpoint;
use crate::package::{FileId, PackageFile, PackageId, ProjectId};

use super::answer::Answer;
use super::connection::Connection;
use super::directory::ProjectRow;
use super::error::{Error, TokenRejection};
use super::expiry::TokenExpiry;
use super::field;
use super::listing::{Listing, Source, Subgroups};
use super::page::{Page, PageNumber, next_page};
use super::row::Row;
use super::subject::{GroupRef, ProjectRef, Subject};

/// Lists and gets. It has nothing that deletes.
#[derive(Debug, Clone)]
pub struct Reader {
    connection: Connection,
}

/// The files of a package, read once from the first page to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReading {
    pub files: Vec<PackageFile>,
    /// How many pages it took. With more than one a file may have slipped through between two of them.
    pub pages: u32,
}

/// The most rows that GitLab puts on a page: `lib/api/pagination_params.rb`.
const PER_PAGE: (&str, &str) = ("per_page", "100");

/// `id` settles every tie, unlike the dates. Releases before 18.4 ignore it for files, and order by id anyway.
const BY_ID: [(&str, &str); 2] = [("order_by", "id"), ("sort", "asc")];

impl Reader {
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
        if let Source::Group { group, .. } = &listing.source {
            self.refuse_job_token(group)?;
        }
        let url = self.connection.api(&listing.path(), &listing.query());
        let prefix = self.connection.prefix();
        let read = |value: &Value| Row::read(value, listing, prefix).map(|row| (row.id.0, row));
        self.page(listing.endpoint(), listing.subject(), url, page, read).await
    }

    /// The projects of a group, those that are archived among them, but not those that are shared with it.
    ///
    /// Source: `lib/api/groups.rb`.
    ///
    /// # Errors
    /// When the listing can't be read to its end.
    pub async fn projects(&self, group: &GroupRef, subgroups: Subgroups) -> Result<Vec<ProjectRow>, Error> {
        self.refuse_job_token(group)?;
        let include_subgroups = match subgroups {
            Subgroups::Included => "true",
            Subgroups::Excluded => "false",
        };
        let query = [("include_subgroups", include_subgroups), ("with_shared", "false"), BY_ID[0], BY_ID[1]];
        let url = self.connection.api(&["groups", group.as_str(), "projects"], &query);
        let subject = Subject::Group(group.clone());
        let read = |value: &Value| ProjectRow::read(value).map(|row| (row.id.0, row));
        let (projects, _) = self.all_pages(Endpoint::GroupProjects, &subject, &url, read).await?;
        Ok(projects)
    }

    /// One project.
    ///
    /// Source: `lib/api/projects.rb`.
    ///
    /// # Errors
    /// When it isn't there, can't be seen, or has no id or path.
    pub async fn project(&self, project: &ProjectRef) -> Result<ProjectRow, Error> {
        let url = self.connection.api(&["projects", project.as_str()], &[]);
        let subject = Subject::Project(project.clone());
        let answer = self.connection.get(Endpoint::Project, subject.clone(), url).await?;
        let row = answer.json.as_ref().map_err(|_| "it is not JSON").and_then(ProjectRow::read);
        row.map_err(|problem| Error::BadAnswer { what: subject, problem: problem.to_owned() })
    }

    /// One reading of all of a package's files. GitLab lists those of status default only.
    ///
    /// Source: `lib/api/package_files.rb`.
    ///
    /// # Errors
    /// When the listing can't be read to its end, or a file has no id, or is listed twice.
    pub async fn package_files(&self, project: ProjectId, package: PackageId) -> Result<FileReading, Error> {
        let url = self.files_url(project, package, &BY_ID);
        let subject = Subject::Package { project, package };
        let read = |value: &Value| read_file(value).map(|file| (file.id.0, file));
        let (files, pages) = self.all_pages(Endpoint::PackageFiles, &subject, &url, read).await?;
        let mut seen = HashSet::new();
        if let Some(twice) = files.iter().find(|file| !seen.insert(file.id)) {
            return Err(Error::BadAnswer {
                what: subject,
                problem: format!("file {} is listed on two pages", twice.id),
            });
        }
        Ok(FileReading { files, pages })
    }

    /// Whether a package is still there, to confirm a deletion. The files are asked for because GitLab hides a package
    /// of status error where it is asked for by itself: `lib/api/project_packages.rb`.
    ///
    /// # Errors
    /// When GitLab says neither. A project that is out of view says nothing about its packages.
    pub async fn package_exists(&self, project: ProjectId, package: PackageId) -> Result<bool, Error> {
        let url = self.files_url(project, package, &[("per_page", "1")]);
        let subject = Subject::Package { project, package };
        match self.connection.get(Endpoint::PackageFiles, subject.clone(), url).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { what }) if what == subject => Ok(false),
            Err(error) => Err(error),
        }
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
            Err(
                Error::InsufficientScope { .. }
                | Error::Forbidden { .. }
                | Error::NotFound { .. }
                | Error::Unseen { .. }
                | Error::Unauthorized(TokenRejection::Missing),
            ) => return Ok(TokenExpiry::NotTold),
            Err(Error::Unauthorized(_)) if self.connection.inner().credential.is_job_token() => {
                return Ok(TokenExpiry::NotTold);
            }
            Err(error) => return Err(error),
        };
        let expiry = answer.json.as_ref().map_err(|_| "it is not JSON").and_then(TokenExpiry::read);
        expiry.map_err(|problem| Error::BadAnswer { what: Subject::Token, problem: problem.to_owned() })
    }

    /// GitLab would answer 404, and leave it to guess why.
    fn refuse_job_token(&self, group: &GroupRef) -> Result<(), Error> {
        if self.connection.inner().credential.is_job_token() {
            return Err(Error::JobToken { what: Subject::Group(group.clone()) });
        }
        Ok(())
    }

    fn files_url(&self, project: ProjectId, package: PackageId, query: &[(&str, &str)]) -> Url {
        let (project, package) = (project.to_string(), package.to_string());
        self.connection.api(&["projects", &project, "packages", &package, "package_files"], query)
    }

    /// All pages of a listing, and how many there were.
    async fn all_pages<T>(
        &self,
        endpoint: Endpoint,
        subject: &Subject,
        url: &Url,
        read: impl Fn(&Value) -> Result<(u64, T), &'static str>,
    ) -> Result<(Vec<T>, u32), Error> {
        let mut rows = Vec::new();
        let mut pages = 0;
        let mut next = Some(PageNumber::FIRST);
        while let Some(number) = next {
            let page = self.page(endpoint, subject.clone(), url.clone(), number, &read).await?;
            rows.extend(page.rows);
            pages += 1;
            next = page.next;
        }
        Ok((rows, pages))
    }

    /// One page of a listing, its rows read by `read`, which tells the id of each.
    async fn page<T>(
        &self,
        endpoint: Endpoint,
        subject: Subject,
        mut url: Url,
        number: PageNumber,
        read: impl Fn(&Value) -> Result<(u64, T), &'static str>,
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
            if !ids.insert(id) {
                return Err(bad_row("its id stands on the page twice"));
            }
            rows.push(row);
        }
        let next = next_page(number, rows.len(), &answer.headers).map_err(bad_answer)?;
        Ok(Page { number, rows, next })
    }
}

fn array(answer: &Answer) -> Option<&Vec<Value>> {
    answer.json.as_ref().ok()?.as_array()
}

/// Source: `lib/api/entities/package_file.rb`. Only the id is asked of a file; the rest may be unknown.
fn read_file(value: &Value) -> Result<PackageFile, &'static str> {
    let file = value.as_object().ok_or("it is not a JSON object")?;
    Ok(PackageFile {
        id: FileId(field::number(file, "id").ok_or("it has no id")?),
        name: field::text(file, "file_name").map(str::to_owned),
        size: field::number(file, "size"),
        created_at: file.get("created_at").and_then(field::date),
    })
}
