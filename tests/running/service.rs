//! What `gleaner serve` does: schedules, batches, rehearsals, reloads.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

mod batches;
mod branches;
mod calendar;
mod fewer_holds;
mod grace;
mod in_use;
mod journal;
mod pause;
mod rehearsal;
mod reload;
mod reports;
mod seen;
mod stale;
mod stop;
mod time;
mod timetable;
mod told;
mod topics;
mod trouble;
mod turns;
mod world;
