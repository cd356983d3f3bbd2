//! How a simulated GitLab is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::clock::Clock;
use crate::edition::{DownloadsTold, Edition};
use crate::faults::Faults;
use crate::happenings::Happening;
use crate::rate_limit::RateLimit;

/// How a server is set up. By default it listens on a free port of the loopback interface, is as fast as it can be,
/// gives every total and is a GitLab 18.5.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; port 0 is any that is free.
    pub listen: SocketAddr,
    /// The URL that GitLab believes to have, which stands in its `Link` headers and links; `None` is the real one.
    /// If it has a path, the routes are found below that as well.
    pub external_url: Option<String>,
    /// Above so many rows a listing has no totals; GitLab's own limit, where it is on, is 10,000.
    pub count_limit: Option<usize>,
    /// The most rows on a page, whatever is asked for. GitLab's own number is 100; with fewer, a few rows make a listing
    /// of many pages.
    pub largest_page: usize,
    /// The wait before every answer.
    pub latency: Duration,
    /// The number of requests that a caller may send in a time; `None` is as many as it likes.
    pub rate_limit: Option<RateLimit>,
    /// The faults, and when they come.
    pub faults: Faults,
    /// The acts of people meanwhile. Where several are due before one request, they are done in the order of the script.
    pub happenings: Vec<Happening>,
    /// The release to play.
    pub gitlab: Edition,
    /// The answers that tell when a package was last downloaded.
    pub downloads: DownloadsTold,
    /// Answers tell the time in a `Date` header; some proxies take it out.
    pub tells_time: bool,
    /// How far behind the replicas are that answer what is read. What is written is there at once, for those alone who
    /// don't read from a replica.
    pub lag: Duration,
    /// The time for which a listing of branches is answered from a cache, for each caller and URL. GitLab's own is 30
    /// seconds.
    pub branches_cached: Duration,
    /// The time that it goes by.
    pub clock: Clock,
    /// The server remembers the requests for [`Server::requests`](crate::Server::requests). A server that runs for days
    /// had better not.
    pub keep_requests: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            external_url: None,
            count_limit: None,
            largest_page: 100,
            latency: Duration::ZERO,
            rate_limit: None,
            faults: Faults::default(),
            happenings: Vec::new(),
            gitlab: Edition::default(),
            downloads: DownloadsTold::default(),
            tells_time: true,
            lag: Duration::ZERO,
            branches_cached: Duration::ZERO,
            clock: Clock::default(),
            keep_requests: true,
        }
    }
}
