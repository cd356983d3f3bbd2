//! Reads what a plan rests on beside the listing: releases, protection rules, pipelines, downloads and files.

use std::collections::HashSet;

use serde_json::Value;

use super::{BY_ID, ListingReading, ROWS, Reader, array};
use crate::gitlab::error::Error;
use crate::gitlab::page::PageNumber;
use crate::gitlab::subject::Subject;
use crate::gitlab::traffic::Endpoint;
use crate::gitlab::{field, file, pipeline, protection, release, row};
use crate::package::{Downloaded, PackageFile, PackageId, Pipeline, PipelineId, ProjectId, ProtectionRule, RefKind};

impl Reader {
    /// Reads all links of all releases of a project once, in the order in which the releases were made.
    ///
    /// Source: `lib/api/releases.rb`.
    ///
    /// # Errors
    /// When the listing can't be read to its end, or a release's links can't be told: a link that is missed could cost
    /// the package that it names.
    pub async fn release_links(&self, project: ProjectId) -> Result<ListingReading<String>, Error> {
        let path = ["projects", &project.to_string(), "releases"];
        let url = self.connection.api(&path, &[("order_by", "created_at"), ("sort", "asc")]);
        // A release has a tag for a name, which isn't told to everybody who sees the release.
        let read = |value: &Value| release::links(value).map(|links| (None, links));
        let reading = self.all_pages(Endpoint::Releases, &Subject::Project(project.into()), &url, read).await?;
        Ok(ListingReading { rows: reading.rows.into_iter().flatten().collect(), pages: reading.pages })
    }

    /// Reads a project's own rules that protect packages from being deleted, once. There are none for a token that may
    /// not read them, and for a CI job's, which the route doesn't take: GitLab enforces its rules by itself, except
    /// against administrators.
    ///
    /// Source: `lib/api/project_packages_protection_rules.rb`. It isn't paged, and whoever may delete packages may read it.
    ///
    /// # Errors
    /// When the listing can't be read to its end, or holds something that is no rule.
    pub async fn protection_rules(&self, project: ProjectId) -> Result<ListingReading<ProtectionRule>, Error> {
        let mut reading = ListingReading { rows: Vec::new(), pages: 0 };
        if self.connection.inner().credential.is_job_token() {
            return Ok(reading);
        }
        let url = self.connection.api(&["projects", &project.to_string(), "packages", "protection", "rules"], &[]);
        let read = |value: &Value| protection::read(value).map(|rule| (None, rule));
        let mut before = Vec::new();
        let mut next = Some(PageNumber::FIRST);
        while let Some(number) = next {
            let page =
                self.page(Endpoint::ProtectionRules, Subject::Project(project.into()), url.clone(), number, read);
            let page = match page.await {
                Ok(page) => page,
                Err(error) if number == PageNumber::FIRST && self.is_hidden_by(&error) => return Ok(reading),
                Err(error) => return Err(error),
            };
            // A full page without a header may be one of several, or the whole: then the next one is the same again.
            let may_go_on = page.is_told || (page.rows.len() == ROWS && page.rows != before);
            next = page.next.filter(|_| may_go_on);
            reading.rows.extend(page.rows.iter().flatten().cloned());
            reading.pages += 1;
            before = page.rows;
        }
        Ok(reading)
    }

    /// Asks for the last pipeline that published to a package, with its ref. `None` is unknown: there is no pipeline,
    /// or none any more, or the token may not see them. Releases before 16.1 answer 404.
    ///
    /// Source: `lib/api/project_packages.rb`. The listing is paged by a cursor alone, newest first.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or says something else. A project that is out of view says nothing about its
    /// packages.
    pub async fn built_from(&self, project: ProjectId, package: PackageId) -> Result<Option<Pipeline>, Error> {
        let path = ["projects", &project.to_string(), "packages", &package.to_string(), "pipelines"];
        let url = self.connection.api(&path, &[("per_page", "1")]);
        let subject = Subject::Package { project, package };
        let answer = match self.connection.get(Endpoint::Pipelines, subject.clone(), url).await {
            Ok(answer) => answer,
            Err(Error::Forbidden { .. } | Error::InsufficientScope { .. }) => return Ok(None),
            Err(Error::NotFound { what } | Error::Unseen { what }) if what == subject => return Ok(None),
            Err(error) => return Err(error),
        };
        let pipelines = array(&answer)
            .ok_or_else(|| Error::BadAnswer { what: subject, problem: "it is not a JSON array".to_owned() })?;
        Ok(pipelines.first().and_then(pipeline::listed))
    }

    /// Asks what kind of ref a pipeline ran for. `None` is unknown: the pipeline or its project is gone or out of view,
    /// or it doesn't say.
    ///
    /// Source: `lib/api/ci/pipelines.rb`.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or says something else.
    pub async fn ref_kind(&self, pipeline: PipelineId) -> Result<Option<RefKind>, Error> {
        let path = ["projects", &pipeline.project.to_string(), "pipelines", &pipeline.id.to_string()];
        let url = self.connection.api(&path, &[]);
        let read = |value: &Value| value.is_object().then(|| pipeline::kind(value)).ok_or("it is not a JSON object");
        match self.single(Endpoint::Pipeline, Subject::Pipeline(pipeline), url, read).await {
            Err(
                Error::Forbidden { .. }
                | Error::InsufficientScope { .. }
                | Error::NotFound { .. }
                | Error::Unseen { .. },
            ) => Ok(None),
            answer => answer,
        }
    }

    /// Asks a single package for its last download, where a listing doesn't tell it. `NotListed` is a GitLab that
    /// doesn't tell it here either. `Unknown` is a package that may not be asked for, or is not there.
    ///
    /// Source: `lib/api/project_packages.rb`.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or says something else. A project that is out of view says nothing about its
    /// packages.
    pub async fn downloaded(&self, project: ProjectId, package: PackageId) -> Result<Downloaded, Error> {
        let url = self.connection.api(&["projects", &project.to_string(), "packages", &package.to_string()], &[]);
        let subject = Subject::Package { project, package };
        let read = |value: &Value| {
            let row = value.as_object().ok_or("it is not a JSON object")?;
            match field::number(row, "id") == Some(package.0) {
                true => Ok(row::downloaded(row)),
                false => Err("it is about another package"),
            }
        };
        match self.single(Endpoint::Package, subject.clone(), url, read).await {
            Err(Error::Forbidden { .. } | Error::InsufficientScope { .. }) => Ok(Downloaded::Unknown),
            Err(Error::NotFound { what } | Error::Unseen { what }) if what == subject => Ok(Downloaded::Unknown),
            answer => answer,
        }
    }

    /// Reads the list of a package's files once. GitLab lists those of status default only.
    ///
    /// Source: `lib/api/package_files.rb`.
    ///
    /// # Errors
    /// When the listing can't be read to its end, or a file has no id, or is listed twice.
    pub async fn package_files(
        &self,
        project: ProjectId,
        package: PackageId,
    ) -> Result<ListingReading<PackageFile>, Error> {
        let url = self.files_url(project, package, &BY_ID);
        let subject = Subject::Package { project, package };
        let read = |value: &Value| file::read(value).map(|file| (Some(file.id.0), file));
        let reading = self.all_pages(Endpoint::PackageFiles, &subject, &url, read).await?;
        let mut seen = HashSet::new();
        if let Some(twice) = reading.rows.iter().find(|file| !seen.insert(file.id)) {
            return Err(Error::BadAnswer {
                what: subject,
                problem: format!("file {} is listed on two pages", twice.id),
            });
        }
        Ok(reading)
    }

    /// Asks whether a package is still there, to confirm a deletion. A no is no proof by itself, whoever said it: what
    /// stands in front of GitLab can answer 404 in the same words. It asks for the files, because GitLab hides a
    /// package of status error where it is asked for by itself: `lib/api/project_packages.rb`.
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
}
