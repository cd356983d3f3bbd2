//! One package, rendered once and sent many times.
//!
//! A few parts of the text depend on who asks, and by which route. They are left out when it is rendered.

use std::collections::HashMap;
use std::fmt::Write;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

use crate::directory::Directory;
use crate::edition::Edition;
use crate::registry::{Conan, Package, PackageType, Pipeline, Registry};

/// A package with its JSON (lib/api/entities/package.rb).
pub(crate) struct Row {
    pub(crate) package: Package,
    /// Its project's place in the directory.
    pub(crate) project: usize,
    /// The object without its closing brace.
    json: Box<str>,
    /// The places in `json` of the link for deleting, of the time of the last download, and of the project.
    delete_link: Part,
    downloaded: Part,
    of_group: Part,
}

type Part = (u32, u32);

/// The parts of a row that depend on who asks, and by which route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    pub(crate) may_delete: bool,
    pub(crate) downloaded: bool,
    pub(crate) of_group: bool,
}

/// Everything that a row's JSON takes from beside the package.
pub(crate) struct Context {
    /// The origin that clients are told, without a slash at the end.
    pub(crate) external_url: String,
    pub(crate) edition: Edition,
    /// The full path of each project.
    pub(super) paths: Vec<String>,
    pipelines: Vec<Pipeline>,
    rendered: HashMap<u64, Ran>,
}

/// A pipeline, as packages have it, and what it alone tells where it is asked for by itself.
pub(crate) struct Ran {
    json: Box<str>,
    pub(crate) project_id: u64,
    is_for_tag: bool,
}

impl Row {
    pub(crate) fn new(package: Package, project: usize, context: &Context) -> Self {
        let (json, none) = (Box::default(), (0, 0));
        let mut row = Self { package, project, json, delete_link: none, downloaded: none, of_group: none };
        row.render(context);
        row
    }

    /// Renders the row anew, after its package changed.
    pub(crate) fn render(&mut self, context: &Context) {
        let package = &self.package;
        let path = &context.paths[self.project];
        let mut json = String::with_capacity(448);
        let name = text(&package.displayed_name());
        let _ = write!(json, r#"{{"id":{},"name":{name}"#, package.id);
        if package.package_type == PackageType::Conan {
            let _ = write!(json, r#","conan_package_name":{}"#, text(&package.name));
        }
        let version = package.version.as_deref().map_or_else(|| "null".to_owned(), text);
        let kind = text(package.package_type.name());
        let status = package.status.name();
        let _ = write!(json, r#","version":{version},"package_type":{kind},"status":"{status}","_links":{{"#);
        if package.status.has_details() {
            let page = if package.package_type == PackageType::TerraformModule {
                "terraform_module_registry"
            } else {
                "packages"
            };
            let _ = write!(json, r#""web_path":"/{path}/-/{page}/{}""#, package.id);
        }
        let comma = if package.status.has_details() { "," } else { "" };
        self.delete_link = part(&mut json, |json| {
            let (url, project, id) = (&context.external_url, package.project_id, package.id);
            let _ = write!(json, r#"{comma}"delete_api_path":"{url}/api/v4/projects/{project}/packages/{id}""#);
        });
        let _ = write!(json, r#"}},"created_at":{}"#, instant(Some(package.created_at)));
        self.downloaded = part(&mut json, |json| {
            let _ = write!(json, r#","last_downloaded_at":{}"#, instant(package.last_downloaded_at));
        });
        self.of_group = part(&mut json, |json| {
            if context.edition > Edition::V15_11 {
                let _ = write!(json, r#","project_id":{}"#, package.project_id);
            }
            let _ = write!(json, r#","project_path":{}"#, text(path));
        });
        let _ = write!(json, r#","tags":{}"#, package.tags_json());
        if let Some(last) = package.pipeline_ids.last() {
            let _ = write!(json, r#","pipeline":{}"#, context.pipeline(*last).unwrap_or("null"));
            // Since 16.0 the list is there and empty; before, it held them all.
            let all = if context.edition > Edition::V15_11 { &[][..] } else { &package.pipeline_ids };
            let _ = write!(json, r#","pipelines":{}"#, context.pipelines(all));
        }
        self.json = json.into_boxed_str();
    }

    /// Writes the row as the reader gets to see it, without the brace at its end.
    pub(crate) fn write_open(&self, view: View, out: &mut String) {
        let mut at = 0;
        let parts =
            [(self.delete_link, view.may_delete), (self.downloaded, view.downloaded), (self.of_group, view.of_group)];
        for ((from, to), shown) in parts {
            if !shown {
                out.push_str(&self.json[at..from as usize]);
                at = to as usize;
            }
        }
        out.push_str(&self.json[at..]);
    }

    /// Writes the row as the reader gets to see it.
    pub(crate) fn write(&self, view: View, out: &mut String) {
        self.write_open(view, out);
        out.push('}');
    }
}

impl Context {
    pub(crate) fn new(registry: &mut Registry, directory: &Directory, external_url: String, edition: Edition) -> Self {
        let pipelines = std::mem::take(&mut registry.pipelines);
        let (paths, rendered) = (Vec::new(), HashMap::new());
        let mut context = Self { external_url, edition, paths, pipelines, rendered };
        context.follow(directory);
        context
    }

    /// Takes the projects' paths from the directory, and returns whether that changes anything.
    pub(super) fn follow(&mut self, directory: &Directory) -> bool {
        let paths: Vec<_> = directory.projects.iter().map(|project| project.path.clone()).collect();
        if self.paths == paths {
            return false;
        }
        let rendered = self.pipelines.iter().filter_map(|pipeline| {
            let project = directory.project_by_id(pipeline.project_id)?;
            let json = pipeline_json(pipeline, &paths[project], directory, &self.external_url);
            let (project_id, is_for_tag) = (pipeline.project_id, pipeline.is_for_tag());
            Some((pipeline.id, Ran { json: json.into_boxed_str(), project_id, is_for_tag }))
        });
        self.rendered = rendered.collect();
        self.paths = paths;
        true
    }

    pub(crate) fn pipeline(&self, id: u64) -> Option<&str> {
        self.rendered.get(&id).map(|ran| &*ran.json)
    }

    /// The pipelines of the projects that are there.
    pub(crate) fn pipelines_in<'a>(&'a self, directory: &'a Directory) -> impl Iterator<Item = &'a Pipeline> {
        self.pipelines.iter().filter(|pipeline| directory.project_by_id(pipeline.project_id).is_some())
    }

    pub(crate) fn ran(&self, id: u64) -> Option<&Ran> {
        self.rendered.get(&id)
    }

    /// The JSON list of these pipelines, without those that are gone.
    pub(crate) fn pipelines(&self, ids: &[u64]) -> String {
        let all: Vec<_> = ids.iter().filter_map(|id| self.pipeline(*id)).collect();
        format!("[{}]", all.join(","))
    }
}

impl Ran {
    /// The pipeline by itself (lib/api/entities/ci/pipeline.rb).
    pub(crate) fn single_json(&self) -> String {
        let open = self.json.strip_suffix('}').unwrap_or(&self.json);
        format!(r#"{open},"tag":{},"yaml_errors":null,"coverage":null}}"#, self.is_for_tag)
    }
}

impl Package {
    /// The name that the API shows: for Conan the whole recipe, which has a user and a channel even where the client
    /// gave none (app/models/packages/conan/metadatum.rb).
    fn displayed_name(&self) -> String {
        if self.package_type != PackageType::Conan {
            return self.name.clone();
        }
        let part = |part: fn(&Conan) -> &str| self.conan.as_ref().map(part).filter(|part| !part.is_empty());
        let username = part(|conan| &conan.username).unwrap_or("_");
        let channel = part(|conan| &conan.channel).unwrap_or("_");
        format!("{}/{}@{username}/{channel}", self.name, self.version.as_deref().unwrap_or_default())
    }

    pub(crate) fn tags_json(&self) -> String {
        let tags: Vec<_> = self
            .tags
            .iter()
            .map(|tag| {
                format!(
                    r#"{{"id":{},"package_id":{},"name":{},"created_at":{},"updated_at":{},"project_id":{}}}"#,
                    tag.id,
                    self.id,
                    text(&tag.name),
                    instant(Some(tag.created_at)),
                    instant(Some(tag.updated_at)),
                    self.project_id
                )
            })
            .collect();
        format!("[{}]", tags.join(","))
    }
}

/// A pipeline's JSON (lib/api/entities/package/pipeline.rb).
fn pipeline_json(pipeline: &Pipeline, project: &str, directory: &Directory, external_url: &str) -> String {
    let user = pipeline.user.as_deref().and_then(|name| directory.user(name)).map(|at| &directory.users[at]);
    let user = user.map_or_else(
        || "null".to_owned(),
        |user| {
            let (id, state) = (user.id, text(&user.state));
            let (username, name) = (text(&user.username), text(&user.name));
            let url = text(&format!("{external_url}/{}", user.username));
            format!(r#"{{"id":{id},"username":{username},"public_email":"","name":{name},"state":{state},"#)
                + &format!(r#""locked":false,"avatar_url":null,"web_url":{url}}}"#)
        },
    );
    let Pipeline { id, iid, project_id, .. } = pipeline;
    let (sha, ref_) = (text(&pipeline.sha), text(&pipeline.ref_));
    let (status, source) = (text(&pipeline.status), text(&pipeline.source));
    let (created, updated) = (instant(Some(pipeline.created_at)), instant(Some(pipeline.updated_at)));
    let url = text(&format!("{external_url}/{project}/-/pipelines/{id}"));
    format!(r#"{{"id":{id},"iid":{iid},"project_id":{project_id},"sha":{sha},"ref":{ref_},"status":{status},"#)
        + &format!(r#""source":{source},"created_at":{created},"updated_at":{updated},"web_url":{url},"user":{user}}}"#)
}

/// A JSON string.
pub(crate) fn text(text: &str) -> String {
    // Text always has a form in JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// A time as the API shows it: UTC with milliseconds, what lies below them cut off.
pub(crate) fn instant(time: Option<Timestamp>) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    time.map_or_else(|| "null".to_owned(), |time| format!("\"{}\"", PRINTER.timestamp_to_string(&time)))
}

/// Appends something and returns where it stands.
fn part(json: &mut String, write: impl FnOnce(&mut String)) -> Part {
    let place = |json: &String| u32::try_from(json.len()).unwrap_or(u32::MAX);
    let from = place(json);
    write(json);
    (from, place(json))
}
