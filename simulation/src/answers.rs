//! Puts together the state that answers tell, as the oracle takes it. It reads the bodies by itself: nothing of the
//! client is used.
//!
//! The rows of all pages count together, each as its page showed it, and what held in either of two readings holds.

use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{
    BuiltFrom, Downloaded, FileId, Lookup, Package, PackageFile, PackageId, PackageType, Permission, Project,
    ProjectId, Status, Topics,
};
use gleaner_oracle::LinkTo;
use gleaner_oracle::protection::Guarded;
use jiff::Timestamp;
use serde_json::Value;

use crate::notes::Exchange;
use crate::truth::{Truth, target};

/// What answers told so far.
#[derive(Debug, Default)]
struct Told {
    projects: BTreeMap<u64, ProjectTold>,
    /// The groups of which an answer told that they are archived, or marked for deletion.
    archived: BTreeSet<String>,
    marked: BTreeSet<String>,
    rows: Vec<(u64, Value)>,
    links: BTreeMap<u64, Vec<LinkTo>>,
    guarded: BTreeMap<u64, Vec<Guarded>>,
    files: BTreeMap<u64, Vec<PackageFile>>,
}

#[derive(Debug, Default)]
struct ProjectTold {
    path: Option<String>,
    archived: bool,
    marked: bool,
}

impl Truth {
    /// Reads the state that these answers tell. `former` are the paths that projects had.
    #[must_use]
    pub fn told<'e>(answers: impl Iterator<Item = &'e Exchange>, former: &BTreeMap<ProjectId, Vec<String>>) -> Self {
        let mut told = Told::default();
        for answer in answers.filter(|answer| answer.method == "GET") {
            match answer.status {
                Some(200) => {
                    if let Ok(body) = serde_json::from_slice(&answer.body) {
                        told.take(&answer.path, &body);
                    }
                }
                // An old GitLab knows no such rules, and answers so.
                Some(404) if answer.path.contains("/packages/protection/rules") => {
                    told.take(&answer.path, &Value::Null);
                }
                _ => {}
            }
        }
        told.state(former)
    }
}

impl Told {
    fn take(&mut self, path: &str, body: &Value) {
        let path = path.trim_start_matches("/api/v4/");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["projects", _] => self.project(body),
            ["groups", _, "projects"] => items(body).for_each(|project| self.project(project)),
            ["groups", _] => {
                let group = text(body, "full_path").to_lowercase();
                if body["archived"] == true {
                    self.archived.insert(group.clone());
                }
                if !body["marked_for_deletion_on"].is_null() {
                    self.marked.insert(group);
                }
            }
            ["groups", _, "packages"] => {
                for row in items(body) {
                    let Some(project) = row["project_id"].as_u64() else { continue };
                    let path = row["project_path"].as_str().map(str::to_owned);
                    let known = self.projects.entry(project).or_default();
                    known.path = path.or(known.path.take());
                    self.rows.push((project, row.clone()));
                }
            }
            ["projects", _, "packages", package, "package_files"] => {
                if let Some(page) = query.split('&').find_map(|pair| pair.strip_prefix("page=")) {
                    self.files_of(package, page, body);
                }
            }
            ["projects", project, rest @ ..] => {
                let Ok(project) = project.parse() else { return };
                self.of_project(project, rest, body);
            }
            _ => {}
        }
    }

    fn of_project(&mut self, project: u64, rest: &[&str], body: &Value) {
        match rest {
            ["packages"] => self.rows.extend(items(body).map(|row| (project, row.clone()))),
            ["releases"] => {
                let links = items(body).flat_map(|release| items(&release["assets"]["links"]));
                let links = links.map(|link| target(text(link, "url")));
                self.links.entry(project).or_default().extend(links);
            }
            ["packages", "protection", "rules"] => {
                let rules = items(body).filter(|rule| !rule["minimum_access_level_for_delete"].is_null());
                let rules = rules.map(|rule| Guarded {
                    package_type: rule["package_type"].as_str().map(str::to_owned),
                    name: rule["package_name_pattern"].as_str().map(str::to_owned),
                });
                self.guarded.entry(project).or_default().extend(rules);
            }
            _ => {}
        }
    }

    /// Takes a page of a package's files. They are read until two readings agree, so each reading stands for the one before.
    fn files_of(&mut self, package: &str, page: &str, body: &Value) {
        let Ok(package) = package.parse() else { return };
        let files = self.files.entry(package).or_default();
        if page == "1" {
            files.clear();
        }
        for file in items(body) {
            let Some(id) = file["id"].as_u64().map(FileId) else { continue };
            files.retain(|other| other.id != id);
            files.push(PackageFile {
                id,
                name: file["file_name"].as_str().map(str::to_owned),
                size: file["size"].as_u64(),
                created_at: date(file, "created_at"),
                sha256: None,
            });
        }
    }

    fn project(&mut self, body: &Value) {
        let Some(id) = body["id"].as_u64() else { return };
        let project = self.projects.entry(id).or_default();
        project.path = Some(text(body, "path_with_namespace").to_owned());
        project.archived |= body["archived"] == true;
        project.marked |= !body["marked_for_deletion_on"].is_null();
    }

    fn state(self, former: &BTreeMap<ProjectId, Vec<String>>) -> Truth {
        let projects: BTreeMap<u64, Project> =
            self.projects.iter().map(|(id, told)| (*id, self.read_project(*id, told, former))).collect();
        let rows: Vec<Package> =
            self.rows.iter().filter_map(|(project, row)| read_row(projects.get(project)?, row)).collect();
        let ids = projects.keys();
        Truth {
            rows,
            former_paths: former.clone(),
            links: ids.clone().map(|id| (ProjectId(*id), self.links.get(id).cloned())).collect(),
            protection: ids.map(|id| (ProjectId(*id), self.guarded.get(id).cloned())).collect(),
            files: self.files.into_iter().map(|(id, files)| (PackageId(id), Lookup::Found(files))).collect(),
        }
    }

    fn read_project(&self, id: u64, told: &ProjectTold, former: &BTreeMap<ProjectId, Vec<String>>) -> Project {
        let path = told.path.clone().unwrap_or_default().to_lowercase();
        let is_below = |group: &String| path.starts_with(&format!("{group}/"));
        Project {
            archived: Some(told.archived || self.archived.iter().any(is_below)),
            marked_for_deletion: told.marked || self.marked.iter().any(is_below),
            has_releases: Some(true),
            topics: Topics::of([Some(Vec::new())]),
            other_paths: former.get(&ProjectId(id)).cloned().unwrap_or_default(),
            ..Project::unread(ProjectId(id), told.path.clone())
        }
    }
}

fn read_row(project: &Project, row: &Value) -> Option<Package> {
    let tags = items(&row["tags"]).filter_map(|tag| Some(tag["name"].as_str()?.to_owned()));
    Some(Package {
        id: PackageId(row["id"].as_u64()?),
        project: project.clone(),
        package_type: PackageType::parse(text(row, "package_type")),
        name: text(row, "name").to_owned(),
        channel: None,
        version: row["version"].as_str().map(str::to_owned),
        status: Status::parse(text(row, "status")),
        created_at: date(row, "created_at"),
        downloaded: date(row, "last_downloaded_at").map_or(Downloaded::Never, Downloaded::At),
        tags: Some(tags.collect()),
        built_from: BuiltFrom::Unknown,
        permission: Permission::Granted,
        unreadable: None,
    })
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn date(value: &Value, key: &str) -> Option<Timestamp> {
    value[key].as_str()?.parse().ok()
}
