//! Statuses other than `default`: uploads that failed, are under way, or are on their way out.

use jiff::Timestamp;

use super::Random;
use super::blueprint::PROTECTED;
use super::history::{DAY, before};
use crate::registry::{FileStatus, Package, PackageType, Status};

/// Gives some packages another status. In a registry of 200 packages or more every status is there.
pub(super) fn vary(packages: &mut [Package], random: &mut Random, start: Timestamp) {
    let yesterday = before(start, DAY);
    for package in packages.iter_mut().filter(|package| may_vary(package)) {
        let under_way = package.created_at > yesterday && random.chance(0.1);
        let share = random.within(0..1000);
        let maven = package.package_type == PackageType::Maven;
        let status = match share {
            _ if under_way => Status::Processing,
            // Maven takes files as they come; the others read what was uploaded, and fail.
            0..20 if !maven => Status::Error,
            20..24 => Status::PendingDestruction,
            24..26 => Status::Hidden,
            26..27 => Status::Processing,
            27..37 => Status::Deprecated,
            _ => Status::Default,
        };
        set(package, status);
    }
    if packages.len() < 200 {
        return;
    }
    for status in Status::ALL {
        if packages.iter().any(|package| package.status == status) {
            continue;
        }
        let free = packages.iter_mut().find(|package| package.status == Status::Default && may_vary(package));
        if let Some(package) = free {
            set(package, status);
        }
    }
}

/// Returns whether a package may get another status: not one with a dist-tag, metadata or a protection.
fn may_vary(package: &Package) -> bool {
    package.tags.is_empty() && package.version.is_some() && package.name != PROTECTED
}

fn set(package: &mut Package, status: Status) {
    package.status = status;
    match status {
        Status::Error => package.files.truncate(1),
        Status::PendingDestruction => {
            package.files.iter_mut().for_each(|file| file.status = FileStatus::PendingDestruction);
        }
        _ => {}
    }
}
