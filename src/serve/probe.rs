//! Asks GitLab now and then whether it answers, and until when it takes the token. At first, and when it is told to, it
//! also asks whether the token is an administrator's.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::cycle::paragraph;
use crate::cycle::progress::Event;
use crate::gitlab::{ADMINISTRATORS_TOKEN, Connection, Reader, Traffic, TrafficObserver};
use crate::serve::notice::{Listeners, Notice};

/// How long it waits after an answer, and after none.
const EVERY: Duration = Duration::from_secs(15 * 60);
const AGAIN: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct Probe {
    reader: Reader,
    listeners: Listeners,
    asked: Arc<Notify>,
}

/// Passes on the probe's requests, which belong to no cycle.
struct ProbeObserver(Listeners);

impl TrafficObserver for ProbeObserver {
    fn on(&self, traffic: &Traffic) {
        self.0.tell(&Notice::During { policy: None, event: &Event::Traffic(traffic.clone()) });
    }
}

impl Probe {
    pub(super) fn new(connection: &Connection, listeners: &Listeners) -> Self {
        let reader = Reader::new(&connection.heard_by(Arc::new(ProbeObserver(listeners.clone()))));
        Self { reader, listeners: listeners.clone(), asked: Arc::default() }
    }

    /// Has it ask now.
    pub(super) fn ask(&self) {
        self.asked.notify_one();
    }

    pub(super) async fn run(self, stop: CancellationToken) {
        let mut asks_for_owner = true;
        loop {
            let answer = tokio::select! {
                () = stop.cancelled() => return,
                answer = self.reader.token() => answer,
            };
            let wait = match answer {
                Ok(expiry) => {
                    self.listeners.tell(&Notice::Connected { token_expires: expiry.instant() });
                    if asks_for_owner {
                        // Where it can't be asked, the next time will do.
                        asks_for_owner = !self.has_asked_for_owner(&stop).await;
                    }
                    EVERY
                }
                Err(error) => {
                    self.listeners.tell(&Notice::NotConnected { problem: &paragraph(&error) });
                    AGAIN
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.asked.notified() => asks_for_owner = true,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Complains of an administrator's token, and returns whether GitLab could be asked for it.
    async fn has_asked_for_owner(&self, stop: &CancellationToken) -> bool {
        let owner = tokio::select! {
            () = stop.cancelled() => return false,
            answer = self.reader.owner() => answer,
        };
        if owner.as_ref().is_ok_and(|owner| owner.is_administrator) {
            self.listeners.tell(&Notice::Complaint { problem: ADMINISTRATORS_TOKEN });
        }
        owner.is_ok()
    }
}
