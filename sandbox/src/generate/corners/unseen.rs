//! Rows of which the API of packages doesn't show all: branches that moved, channels and distributions.

use jiff::Timestamp;

use super::draft::Draft;
use super::{DAY, OLD};
use crate::registry::PackageType;

/// Composer's rows never have a file. That of a branch was made when the branch was first published, and each further
/// publication replaces the commit in another table: nothing over REST tells when the last one was
/// (app/services/packages/composer/create_package_service.rb, version_parser_service.rb for the names of branches).
pub(super) fn branches(_: Timestamp) -> Vec<Draft> {
    let row = |version, age| Draft::new(PackageType::Composer, "acme/corner-theme", version, age);
    vec![
        row("dev-main", OLD + 70 * DAY).downloaded(DAY),
        row("1.0.0", OLD),
        row("2.x-dev", 700 * DAY),
        row("1.1.0", 60 * DAY),
        row("dev-fix-login", 20 * DAY),
    ]
}

/// Charts lie in channels, which belong to their files (app/models/packages/helm/file_metadatum.rb), and Debian
/// packages in distributions (app/models/packages/debian/publication.rb): say, the pre-releases in `edge`, and the
/// second version of the daemon in `sid`. The rows tell none of it. Build metadata is part of a chart's version, so
/// that two rows have one rank.
pub(super) fn channels(_: Timestamp) -> Vec<Draft> {
    let chart = |version: &str, age| {
        Draft::new(PackageType::Helm, "corner-proxy", version, age).file(format!("corner-proxy-{version}.tgz"), age)
    };
    let daemon = |version: &str, age| {
        Draft::new(PackageType::Debian, "corner-daemon", version, age)
            .file(format!("corner-daemon_{version}.dsc"), age)
            .file(format!("corner-daemon_{version}_amd64.deb"), age)
    };
    vec![
        chart("1.0.0", OLD).downloaded(DAY),
        chart("1.1.0+build.1", 400 * DAY),
        chart("1.1.0+build.2", 399 * DAY),
        chart("2.0.0-edge.1", 60 * DAY),
        chart("2.0.0-edge.2", 30 * DAY),
        daemon("1.3.0-1", OLD).downloaded(DAY),
        daemon("1.5.0-1", 30 * DAY),
    ]
}
