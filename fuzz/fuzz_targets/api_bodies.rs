//! Any body is an answer of GitLab or an error that can be told. The first byte says what was asked for, the second the
//! status.

#![no_main]

use std::sync::Arc;

use futures_util::future::BoxFuture;
use gleaner::gitlab::{
    Connection, ConnectionOptions, Credential, Fault, Incoming, Listing, ListingSource, Outgoing, PageNumber, Reader,
    Subgroups, Traffic, TrafficObserver, Transport,
};
use gleaner::package::{PackageId, ProjectId, Reference};
use libfuzzer_sys::fuzz_target;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

/// Answers everything with the same.
struct Parrot {
    status: StatusCode,
    body: Vec<u8>,
}

struct Deaf;

impl TrafficObserver for Deaf {
    fn on(&self, _traffic: &Traffic) {}
}

impl Transport for Parrot {
    fn carry(&self, _outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>> {
        // GitLab says that there is no further page.
        let headers: HeaderMap = [("x-next-page".parse().unwrap(), "".parse().unwrap())].into_iter().collect();
        let (status, body) = (self.status, self.body.clone());
        Box::pin(async move { Ok(Incoming { status, headers, body }) })
    }
}

const STATUSES: [u16; 8] = [200, 201, 204, 401, 403, 404, 429, 500];

fuzz_target!(|data: &[u8]| {
    let [what, status, body @ ..] = data else { return };
    let status = StatusCode::from_u16(STATUSES[usize::from(*status) % STATUSES.len()]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let transport = Arc::new(Parrot { status, body: body.to_vec() });
    let options = ConnectionOptions::new("https://gitlab.test", Credential::None);
    let connection = Connection::over(transport, options, Arc::new(Deaf)).unwrap();
    let reader = Reader::new(&connection);
    let (project, package) = (ProjectId(1), PackageId(2));
    let group = Reference::parse("acme").unwrap();
    runtime.block_on(async {
        let error = match what % 12 {
            0 => {
                let listing = Listing::of(ListingSource::Project(project.into()));
                reader.packages_page(&listing, PageNumber::FIRST).await.err()
            }
            1 => {
                let source = ListingSource::Group { group, subgroups: Subgroups::Included };
                reader.packages_page(&Listing::of(source), PageNumber::FIRST).await.err()
            }
            2 => reader.projects(&group, Subgroups::Included).await.err(),
            3 => reader.project(&project.into()).await.err(),
            4 => reader.group(&group).await.err(),
            5 => reader.top_level_groups().await.err(),
            6 => reader.release_links(project).await.err(),
            7 => reader.protection_rules(project).await.err(),
            8 => reader.package_files(project, package).await.err(),
            9 => reader.built_from(project, package).await.err(),
            10 => reader.branches(project).await.err(),
            _ => reader.token().await.err(),
        };
        if let Some(error) = error {
            assert!(!error.with_causes().is_empty());
            let _ = error.advice();
        }
    });
});
