//! Asks GitLab now and then whether it answers, and until when it takes the token.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::cycle::paragraph;
use crate::event::{Event, Observer};
use crate::gitlab::{Connection, Reader};
use crate::notice::{Listeners, Notice};

/// How long it waits after an answer, and after none.
const EVERY: Duration = Duration::from_secs(15 * 60);
const AGAIN: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct Probe {
    reader: Reader,
    listeners: Listeners,
    asked: Arc<Notify>,
}

/// The probe's requests are nobody's cycle.
struct Hearing(Listeners);

impl Observer for Hearing {
    fn on(&self, event: &Event) {
        self.0.tell(&Notice::During { policy: None, event });
    }
}

impl Probe {
    pub(super) fn new(connection: &Connection, listeners: &Listeners) -> Self {
        let reader = Reader::new(&connection.heard_by(Arc::new(Hearing(listeners.clone()))));
        Self { reader, listeners: listeners.clone(), asked: Arc::default() }
    }

    /// Has it ask now.
    pub(super) fn ask(&self) {
        self.asked.notify_one();
    }

    pub(super) async fn run(self, stop: CancellationToken) {
        loop {
            let answer = tokio::select! {
                () = stop.cancelled() => return,
                answer = self.reader.token() => answer,
            };
            let wait = match answer {
                Ok(expiry) => {
                    self.listeners.tell(&Notice::Connected { token_expires: expiry.instant() });
                    EVERY
                }
                Err(error) => {
                    self.listeners.tell(&Notice::NotConnected { problem: &paragraph(&error) });
                    AGAIN
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.asked.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}
