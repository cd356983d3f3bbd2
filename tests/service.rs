//! What `gleaner serve` does: schedules, batches, rehearsals, reloads.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

#[path = "service/calendar.rs"]
mod calendar;
#[path = "service/timetable.rs"]
mod timetable;
#[path = "service/turns.rs"]
mod turns;
