//! The facts about each package type, in one table, each with its place in GitLab's source.
//!
//! A fact that nobody is sure of is the one that keeps more. The paths are those of GitLab's repository.

use super::PackageType;
use crate::package::spelling::NameRule;
use crate::package::version::Ecosystem;

/// The facts about one type.
#[derive(Debug)]
pub struct Facts {
    /// GitLab's name for it.
    pub name: &'static str,
    /// When its rows get their content.
    pub growth: Growth,
    /// The version that its clients take for the latest.
    pub latest: Latest,
    /// The number of indexes that the versions of one name may lie in.
    pub indexes: Indexes,
    /// How its versions are read and compared.
    pub versions: Ecosystem,
    /// How its clients compare names.
    pub names: NameRule,
    /// Which of its names have a `/` in them. Source: `lib/gitlab/regex/packages.rb`.
    pub slash: Slash,
    /// The form of all its names, as a regular expression and in words, where more than the slash is certain. Source:
    /// `lib/gitlab/regex/packages.rb`.
    pub name_form: Option<(&'static str, &'static str)>,
    /// How its names are written elsewhere.
    pub elsewhere: Elsewhere,
    /// A name as such packages have it.
    pub example: &'static str,
    /// The beginning of all its versions, as a regular expression and in words, where one is certain.
    pub version_begin: Option<(&'static str, &'static str)>,
    /// The text before the numbers of a version that has nothing but numbers behind it.
    pub version_prefix: &'static str,
    /// Its packages have tags. Source: `lib/api/entities/package.rb`.
    pub has_tags: bool,
    /// Its name is a recipe with a user and a channel. Source: `app/models/packages/conan/package.rb`.
    pub has_channel: bool,
    /// The dist-tag `latest` names the version that clients install. Source: `app/models/packages/dist_tag.rb`.
    pub has_latest_tag: bool,
    /// A version's files are builds with a time and a number in their names. Source:
    /// `app/services/packages/maven/find_or_create_package_service.rb`.
    pub has_builds: bool,
    /// `files` rules are for it, because its packages pile up files.
    pub has_files_rules: bool,
    /// Its files may lie in folders, which are part of their names. Source: `lib/api/generic_packages.rb`.
    pub has_folders: bool,
    /// Only a delete rule that names the type may delete it.
    pub must_be_named: bool,
    /// How an address of the registry names one of its versions.
    pub links: Links,
    /// What package URLs call it. Source: the types of the purl specification.
    pub purl_type: &'static str,
    /// How package URLs name its packages.
    pub purl_name: PurlName,
    /// A listing shows it only where its type is asked for. Source:
    /// `app/finders/concerns/packages/finder_helper.rb`.
    pub is_listed_alone: bool,
}

/// When a row gets its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// All at once, when it is made: a second publish of the version is refused.
    AtOnce,
    /// Files can come later, and write neither of the row's dates; or the row's date is not that of its files.
    ByFiles,
    /// It has no files. A branch is published in place, and nothing tells when that happened last.
    InPlace,
}

/// The version that clients take for the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latest {
    /// They know none.
    None,
    /// The highest release; where there is none, the newest.
    Highest,
    /// Also the version that was made last and is no snapshot, and the release that was made last.
    HighestAndLastMade,
    /// Also, where nothing carries the tag `latest`, the highest of all, pre-releases included.
    Tagged,
}

/// The number of indexes that the versions of one name may lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexes {
    /// In one, so that a name has one highest version.
    One,
    /// Distributions or channels, which the REST API doesn't show: each has a highest version of its own.
    Several,
}

/// Which of the names of a type have a `/` in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slash {
    /// A group, vendor or host comes first.
    Always,
    /// A scoped name has one.
    Sometimes,
    /// No name has one.
    Never,
    /// Nobody knows.
    Unknown,
}

/// How the names of a type are written where GitLab has no part in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// As in GitLab.
    Alike,
    /// `group:artifact:version`, with dots in the group.
    Coordinates,
    /// A scope may lack its `@`, and a version stands behind another one.
    Scoped,
    /// `host/namespace/name/provider`, or the name alone.
    Module,
    /// `name/version@user/channel`.
    Recipe,
}

/// How an address of the registry names a version. Where the address hides the version, the variant says what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// By name and version.
    ByVersion,
    /// By its name and a hash, so that a link to one version may be to any.
    ByHash(&'static str),
    /// By an id of another registry, so that a link to one package may be to any.
    ByOtherId(&'static [&'static str]),
}

/// How the names of a type are made of a package URL's namespace and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurlName {
    /// The name, with or without the namespace before it.
    Plain,
    /// Maven's: the namespace with `/` for its dots, and the name.
    Coordinates,
    /// npm's: the scope is the namespace, with its `@`.
    Scoped,
    /// The namespace, the name, and for the later major versions of a Go module the subpath.
    Path,
    /// A Terraform module's: the last two parts.
    Module,
    /// A distribution's: the namespace is the distribution, and a qualifier may name the source package.
    Upstream,
}

/// The pages of GitLab's model registry. Source: `config/routes/project.rb`.
pub(in crate::package) const MODELS_PAGE: &str = "/-/ml/models/";

/// The facts that most types have in common.
const USUAL: Facts = Facts {
    name: "",
    growth: Growth::ByFiles,
    latest: Latest::Highest,
    indexes: Indexes::One,
    versions: Ecosystem::Unknown,
    names: NameRule::Exact,
    slash: Slash::Never,
    name_form: None,
    elsewhere: Elsewhere::Alike,
    example: "api",
    version_begin: None,
    version_prefix: "",
    has_tags: false,
    has_channel: false,
    has_latest_tag: false,
    has_builds: false,
    has_files_rules: false,
    has_folders: false,
    must_be_named: false,
    links: Links::ByVersion,
    purl_type: "",
    purl_name: PurlName::Plain,
    is_listed_alone: false,
};

/// A publish of a version that is there is refused, whatever the spelling of its name, its case or its build metadata. The
/// row keeps both as they were published. Source: `app/models/packages/cargo.rb`,
/// `app/services/packages/cargo/update_package_from_metadata_service.rb`.
static CARGO: Facts = Facts {
    name: "cargo",
    growth: Growth::AtOnce,
    versions: Ecosystem::Cargo,
    names: NameRule::Cargo,
    version_begin: Some(("[0-9].*", "with a digit")),
    purl_type: "cargo",
    ..USUAL
};

/// A branch or a moved tag that is posted again replaces the commit in the metadata of the same row; no file, no date and
/// no build info tells. Source: `app/services/packages/composer/create_package_service.rb`.
static COMPOSER: Facts = Facts {
    name: "composer",
    growth: Growth::InPlace,
    versions: Ecosystem::Composer,
    slash: Slash::Always,
    example: "acme/api",
    links: Links::ByHash("/packages/composer/"),
    purl_type: "composer",
    purl_name: PurlName::Path,
    ..USUAL
};

/// Every upload appends: new revisions of recipes and packages.
/// Source: `app/services/packages/conan/create_package_file_service.rb`.
static CONAN: Facts = Facts {
    name: "conan",
    versions: Ecosystem::Conan,
    name_form: Some(("[A-Za-z0-9_.+-]+", "have neither `/` nor `@`")),
    elsewhere: Elsewhere::Recipe,
    has_channel: true,
    purl_type: "conan",
    ..USUAL
};

/// More binaries of one source package join its row; the distribution stands in no entity of the REST API.
/// Source: `app/services/packages/debian/process_package_file_service.rb`.
static DEBIAN: Facts = Facts {
    name: "debian",
    versions: Ecosystem::Debian,
    indexes: Indexes::Several,
    purl_type: "deb",
    purl_name: PurlName::Upstream,
    ..USUAL
};

/// The same name again is a second file, unless duplicates are refused. Source: `lib/api/generic_packages.rb`.
static GENERIC: Facts = Facts {
    name: "generic",
    latest: Latest::None,
    versions: Ecosystem::Plain,
    has_files_rules: true,
    has_folders: true,
    purl_type: "generic",
    ..USUAL
};

/// The row's date is that of the commit, and its two files have the day on which the row was made.
/// Source: `app/services/packages/go/create_package_service.rb`.
static GOLANG: Facts = Facts {
    name: "golang",
    versions: Ecosystem::Go,
    slash: Slash::Always,
    example: "gitlab.example/acme/api",
    version_begin: Some(("v.*", "with `v`")),
    version_prefix: "v",
    purl_type: "golang",
    purl_name: PurlName::Path,
    ..USUAL
};

/// A chart that is pushed again, even to another channel, moves its file into the old row; channels are metadata of files.
/// Source: `app/services/packages/helm/process_file_service.rb`.
static HELM: Facts =
    Facts { name: "helm", versions: Ecosystem::Helm, indexes: Indexes::Several, purl_type: "helm", ..USUAL };

/// Each build of a snapshot and each classifier adds files. After a deletion GitLab writes `latest` and `release` anew, by
/// creation. Source: `app/services/packages/maven/metadata/create_versions_xml_service.rb`.
static MAVEN: Facts = Facts {
    name: "maven",
    latest: Latest::HighestAndLastMade,
    versions: Ecosystem::Maven,
    slash: Slash::Always,
    // Source: `app/models/packages/maven/metadatum.rb`, `app/services/packages/maven/create_package_service.rb`.
    name_form: Some((
        "[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+",
        "are group and artifact, with `/` for the dots of the group and for the colon",
    )),
    elsewhere: Elsewhere::Coordinates,
    example: "com/acme/api",
    has_builds: true,
    has_files_rules: true,
    purl_type: "maven",
    purl_name: PurlName::Coordinates,
    ..USUAL
};

/// It backs GitLab's model registry, whose own numbers are in its addresses. Source: `app/models/packages/ml_model/package.rb`.
static ML_MODEL: Facts = Facts {
    name: "ml_model",
    latest: Latest::None,
    versions: Ecosystem::Model,
    slash: Slash::Unknown,
    has_folders: true,
    must_be_named: true,
    links: Links::ByOtherId(&["/ml-models/", MODELS_PAGE]),
    purl_type: "mlflow",
    ..USUAL
};

/// A second publish is refused. Without the tag `latest` clients are given the highest of all.
/// Source: `app/services/packages/npm/create_package_service.rb`, `app/services/packages/npm/generate_metadata_service.rb`.
static NPM: Facts = Facts {
    name: "npm",
    growth: Growth::AtOnce,
    latest: Latest::Tagged,
    versions: Ecosystem::Npm,
    slash: Slash::Sometimes,
    name_form: Some(("(?:@[^/@]+/)?[^/@]+", "are `@scope/name` or `name`")),
    elsewhere: Elsewhere::Scoped,
    example: "@acme/api",
    version_begin: Some(("[0-9].*", "with a digit")),
    has_tags: true,
    has_latest_tag: true,
    purl_type: "npm",
    purl_name: PurlName::Scoped,
    ..USUAL
};

/// The same package again joins its row, whatever the case of its name; rows of one package may have differently cased
/// names. Source: `app/finders/packages/nuget/package_finder.rb`,
/// `app/services/packages/nuget/create_or_update_package_service.rb`.
static NUGET: Facts = Facts {
    name: "nuget",
    versions: Ecosystem::Nuget,
    names: NameRule::WithoutCase,
    version_begin: Some(("[0-9].*", "with a digit")),
    has_tags: true,
    purl_type: "nuget",
    ..USUAL
};

/// Further wheels join the row. Rows keep the name as it was uploaded, and the simple index matches PEP 503's.
/// Source: `app/models/packages/pypi/package.rb`.
static PYPI: Facts =
    Facts { name: "pypi", versions: Ecosystem::Pep440, names: NameRule::Pep503, purl_type: "pypi", ..USUAL };

/// The upload's route ends in 404, so rows of this type are made by hand, if at all. Source: `lib/api/rpm_project_packages.rb`.
static RPM: Facts =
    Facts { name: "rpm", versions: Ecosystem::Rpm, purl_type: "rpm", purl_name: PurlName::Upstream, ..USUAL };

/// A gem that is pushed again, or for another platform, joins the row.
/// Source: `app/services/packages/rubygems/process_gem_service.rb`.
static RUBYGEMS: Facts = Facts { name: "rubygems", versions: Ecosystem::Gem, purl_type: "gem", ..USUAL };

/// A name at a version is refused within a project, whatever the setting for duplicates.
/// Source: `app/services/packages/terraform_module/create_package_service.rb`.
static TERRAFORM_MODULE: Facts = Facts {
    name: "terraform_module",
    growth: Growth::AtOnce,
    versions: Ecosystem::Terraform,
    slash: Slash::Always,
    name_form: Some(("[a-z0-9-]+/[a-z0-9-]+", "are `name/provider` in lower case")),
    elsewhere: Elsewhere::Module,
    example: "network/aws",
    version_begin: Some(("[0-9].*", "with a digit")),
    is_listed_alone: true,
    purl_type: "terraform",
    purl_name: PurlName::Module,
    ..USUAL
};

/// The facts about a type that this release doesn't know: of each, the one that keeps more.
static OTHER: Facts = Facts { slash: Slash::Unknown, must_be_named: true, ..USUAL };

impl PackageType {
    /// Returns the facts about it.
    #[must_use]
    pub fn facts(&self) -> &'static Facts {
        match self {
            Self::Cargo => &CARGO,
            Self::Composer => &COMPOSER,
            Self::Conan => &CONAN,
            Self::Debian => &DEBIAN,
            Self::Generic => &GENERIC,
            Self::Golang => &GOLANG,
            Self::Helm => &HELM,
            Self::Maven => &MAVEN,
            Self::MlModel => &ML_MODEL,
            Self::Npm => &NPM,
            Self::Nuget => &NUGET,
            Self::Pypi => &PYPI,
            Self::Rpm => &RPM,
            Self::Rubygems => &RUBYGEMS,
            Self::TerraformModule => &TERRAFORM_MODULE,
            Self::Other(_) => &OTHER,
        }
    }
}
