//! The company's projects, and the packages that each of them publishes.

use crate::registry::PackageType;

/// The most packages of one tree of projects. A larger registry has several trees.
pub(super) const DIVISION_SIZE: usize = 10_000;

/// A name with a protection rule. It has no pre-releases, so that a clean-up of those doesn't stumble over it.
pub(super) const PROTECTED: &str = "@acme/eslint-config";

/// Projects in which releases are switched off, by the end of their paths.
pub(super) const UNRELEASED: [&str; 2] = ["/mobile/react-native", "/data/features"];

/// A project.
pub(super) struct Place {
    /// Below `acme`, or the full path in `opensource`.
    pub(super) path: &'static str,
    pub(super) archived: bool,
    pub(super) lines: &'static [Line],
}

/// All versions of one name.
pub(super) struct Line {
    pub(super) format: Format,
    pub(super) name: &'static str,
    /// Its share of all packages.
    pub(super) weight: u32,
    /// Nothing was published in the last year.
    pub(super) dormant: bool,
}

/// The kind of packages that a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Releases and snapshots.
    Maven,
    /// Releases and pre-releases.
    Npm,
    /// Releases, release candidates and development releases.
    Pypi,
    /// One build each day.
    Nightly,
    Generic,
    /// Releases alone.
    NpmStable,
    Conan,
    Nuget,
    Composer,
    Golang,
    Debian,
    Rubygems,
    Helm,
    Terraform,
    Rpm,
    Model,
}

impl Format {
    pub(super) fn package_type(self) -> PackageType {
        match self {
            Self::Maven => PackageType::Maven,
            Self::Npm | Self::NpmStable => PackageType::Npm,
            Self::Pypi => PackageType::Pypi,
            Self::Nightly | Self::Generic => PackageType::Generic,
            Self::Conan => PackageType::Conan,
            Self::Nuget => PackageType::Nuget,
            Self::Composer => PackageType::Composer,
            Self::Golang => PackageType::Golang,
            Self::Debian => PackageType::Debian,
            Self::Rubygems => PackageType::Rubygems,
            Self::Helm => PackageType::Helm,
            Self::Terraform => PackageType::TerraformModule,
            Self::Rpm => PackageType::Rpm,
            Self::Model => PackageType::MlModel,
        }
    }

    pub(super) fn is_nightly(self) -> bool {
        self == Self::Nightly
    }
}

const fn place(path: &'static str, lines: &'static [Line]) -> Place {
    Place { path, archived: false, lines }
}

const fn line(format: Format, name: &'static str, weight: u32) -> Line {
    Line { format, name, weight, dormant: false }
}

const fn dormant(format: Format, name: &'static str, weight: u32) -> Line {
    Line { format, name, weight, dormant: true }
}

use Format::{
    Composer, Conan, Debian, Generic, Golang, Helm, Maven, Model, Nightly, Npm, NpmStable, Nuget, Pypi, Rpm, Rubygems,
    Terraform,
};

/// Every project of a division.
pub(super) const PLACES: &[Place] = &[
    place(
        "platform/core",
        &[
            line(Maven, "com/acme/platform/core", 60),
            line(Maven, "com/acme/platform/events", 40),
            line(Maven, "com/acme/platform/http", 30),
        ],
    ),
    place(
        "platform/billing",
        &[
            line(Maven, "com/acme/billing/billing-api", 40),
            line(Maven, "com/acme/billing/billing-model", 25),
            line(Npm, "@acme/billing-client", 15),
        ],
    ),
    place(
        "platform/identity",
        &[
            line(Maven, "com/acme/identity/identity-server", 35),
            line(Maven, "com/acme/identity/identity-client", 20),
            line(Helm, "identity", 10),
        ],
    ),
    place(
        "platform/gateway",
        &[line(Maven, "com/acme/gateway/gateway", 30), line(Helm, "gateway", 12), line(Generic, "gateway-config", 10)],
    ),
    place(
        "platform/search",
        &[line(Maven, "com/acme/search/search-engine", 25), line(Nuget, "Acme.Search.Client", 12)],
    ),
    place(
        "platform/dotnet",
        &[line(Nuget, "Acme.Core", 20), line(Nuget, "Acme.Messaging", 16), line(Nuget, "Acme.Telemetry", 12)],
    ),
    place("platform/ruby-sdk", &[line(Rubygems, "acme-sdk", 14), line(Rubygems, "acme-rails", 8)]),
    place("platform/php-sdk", &[line(Composer, "acme/php-sdk", 12), line(Composer, "acme/http-client", 8)]),
    place("platform/go-kit", &[line(Golang, "gitlab.acme.example/acme/platform/go-kit", 16)]),
    place(
        "platform/legacy/monolith",
        &[dormant(Maven, "com/acme/monolith/monolith-core", 36), dormant(Maven, "com/acme/monolith/monolith-web", 24)],
    ),
    Place {
        path: "platform/legacy/soap-bridge",
        archived: true,
        lines: &[dormant(Maven, "com/acme/soap/soap-bridge", 16)],
    },
    place("platform/legacy/reports", &[dormant(Debian, "acme-reports", 10), dormant(Rpm, "acme-reports", 6)]),
    place(
        "web/design-system",
        &[line(Npm, "@acme/ui", 60), line(Npm, "@acme/icons", 30), line(Npm, "@acme/design-tokens", 25)],
    ),
    place("web/storefront", &[line(Npm, "@acme/storefront", 35)]),
    place("web/checkout", &[line(Npm, "@acme/checkout", 25), line(Npm, "@acme/payment-forms", 20)]),
    place(
        "web/toolchain",
        &[line(NpmStable, PROTECTED, 10), line(Npm, "@acme/build", 20), line(Npm, "@acme/test-kit", 12)],
    ),
    place("web/cms", &[line(Npm, "@acme/cms", 20), line(Composer, "acme/cms-theme", 8)]),
    place(
        "mobile/android-sdk",
        &[line(Maven, "com/acme/mobile/android-sdk", 35), line(Maven, "com/acme/mobile/android-ui", 20)],
    ),
    place("mobile/ios-sdk", &[line(Generic, "AcmeSDK", 12)]),
    place("mobile/react-native", &[line(Npm, "@acme/react-native", 20)]),
    place("mobile/app", &[line(Nightly, "acme-app", 10), line(Generic, "acme-app-release", 8)]),
    place("data/pipelines", &[line(Pypi, "acme-pipelines", 30), line(Pypi, "acme-connectors", 20)]),
    place("data/client", &[line(Pypi, "acme-client", 25)]),
    place("data/features", &[line(Pypi, "acme-features", 15)]),
    place("data/warehouse", &[line(Generic, "warehouse-schema", 12)]),
    place(
        "data/science/forecast",
        &[line(Pypi, "acme-forecast", 12), line(Model, "demand-forecast", 6), line(Model, "churn", 4)],
    ),
    place("data/science/notebooks", &[line(Pypi, "acme-notebooks", 8)]),
    place(
        "infra/terraform-modules",
        &[
            line(Terraform, "vpc/aws", 6),
            line(Terraform, "cluster/aws", 6),
            line(Terraform, "database/aws", 5),
            line(Terraform, "dns/aws", 4),
        ],
    ),
    place(
        "infra/charts",
        &[
            line(Helm, "acme-service", 14),
            line(Helm, "postgres", 6),
            line(Helm, "redis-cache", 6),
            line(Helm, "ingress", 6),
        ],
    ),
    place(
        "infra/agent",
        &[line(Nightly, "acme-agent-nightly", 10), line(Debian, "acme-agent", 10), line(Rpm, "acme-agent", 8)],
    ),
    place("infra/runner-images", &[line(Generic, "runner-image", 8)]),
    place(
        "embedded/firmware",
        &[line(Conan, "acme-hal", 14), line(Conan, "acme-rtos", 12), line(Nightly, "firmware", 10)],
    ),
    place(
        "embedded/libs",
        &[line(Conan, "zlib", 8), line(Conan, "protobuf", 8), line(Conan, "openssl", 8), line(Conan, "acme-codec", 10)],
    ),
    place("embedded/toolchain", &[line(Generic, "arm-toolchain", 12)]),
    place(
        "desktop/studio",
        &[
            line(Nightly, "acme-studio-nightly", 10),
            line(Generic, "acme-studio", 16),
            line(Nuget, "Acme.Studio.Plugins", 10),
        ],
    ),
    place("desktop/updater", &[line(Nightly, "acme-updater", 10)]),
    place("playground/hello", &[]),
    place("opensource/cli", &[line(Npm, "acme-cli", 10), line(Generic, "acme-cli-binaries", 6)]),
    place("opensource/java-utils", &[line(Maven, "io/acme/utils", 12)]),
];
