//! What `gleaner serve` does: schedules, batches, rehearsals, reloads.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

#[path = "service/batches.rs"]
mod batches;
#[path = "service/calendar.rs"]
mod calendar;
#[path = "service/pause.rs"]
mod pause;
#[path = "service/rehearsal.rs"]
mod rehearsal;
#[path = "service/reload.rs"]
mod reload;
#[path = "service/seen.rs"]
mod seen;
#[path = "service/stop.rs"]
mod stop;
#[path = "service/time.rs"]
mod time;
#[path = "service/timetable.rs"]
mod timetable;
#[path = "service/told.rs"]
mod told;
#[path = "service/trouble.rs"]
mod trouble;
#[path = "service/turns.rs"]
mod turns;
#[path = "service/world.rs"]
mod world;
