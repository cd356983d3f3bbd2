//! Makes no connection for a request that may no longer leave.

use std::error::Error;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::task_local;
use tokio::time::{Instant, timeout_at};
use tower_service::Service;

task_local! {
    /// The instant from which on the request must not leave that this task is about to send. A connector is given an
    /// address alone, and is called in the task of the request that needs it.
    pub(super) static LEAVES_BEFORE: Option<Instant>;
}

/// A connector that gives up when the request must not leave any more.
#[derive(Debug, Clone)]
pub(super) struct Punctual<C>(pub(super) C);

impl<A, C> Service<A> for Punctual<C>
where
    C: Service<A, Error = Box<dyn Error + Send + Sync>>,
    C::Response: Send + 'static,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = C::Error;
    type Future = BoxFuture<'static, Result<C::Response, C::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, address: A) -> Self::Future {
        let connecting = self.0.call(address);
        let leaves_before = LEAVES_BEFORE.try_with(|instant| *instant).ok().flatten();
        Box::pin(async move {
            let Some(instant) = leaves_before else { return connecting.await };
            match timeout_at(instant, connecting).await {
                Ok(connected) if Instant::now() < instant => connected,
                Ok(_) | Err(_) => Err("it took longer than what was read before is fresh".into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Connects in ten seconds.
    struct Slow;

    impl Service<()> for Slow {
        type Response = ();
        type Error = Box<dyn Error + Send + Sync>;
        type Future = BoxFuture<'static, Result<(), Self::Error>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(10)).await;
                Ok(())
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_comes_too_late_is_none() {
        for (seconds, comes, took) in
            [(None, true, 10), (Some(11), true, 10), (Some(10), false, 10), (Some(3), false, 3)]
        {
            let begun = Instant::now();
            let leaves_before = seconds.map(|seconds| begun + Duration::from_secs(seconds));
            let connected = LEAVES_BEFORE.scope(leaves_before, async { Punctual(Slow).call(()).await }).await;
            assert_eq!((connected.is_ok(), begun.elapsed().as_secs()), (comes, took), "{seconds:?}");
        }
        assert!(Punctual(Slow).call(()).await.is_ok(), "nobody set an end");
    }
}
