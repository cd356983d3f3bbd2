//! Plays gleaner against a GitLab in which people act between any two requests, and holds it to its promises.
//!
//! One thread, a clock that jumps ahead whenever everybody waits, and everything random from one seed: the same seed
//! tells the same story twice. `case` is what a run is made from, `world`, `policies` and `people` its parts, `edits`
//! what people write into policy files, `workers` those who stay to the end, and `outages` what meets the machine; `wire`
//! stands between gleaner and the sandbox, `process` is one of its ends, and `notes` what is noted there; `shelf` holds the
//! policy files, `run` plays `apply` or `serve`, `truth` reads what there really was, `answers` what GitLab told of it,
//! `look` finds the second look of a deletion, `check`, `deeds`, `brake`, `record`, `exit` and `metrics` hold the promises,
//! `shrink` makes what breaks one smaller, and `story` tells it.

mod answers;
mod apply;
mod brake;
pub mod case;
pub mod check;
mod deeds;
pub mod dice;
pub mod edits;
pub mod exit;
pub mod lies;
pub mod look;
pub mod metrics;
pub mod notes;
pub mod outages;
pub mod people;
pub mod policies;
mod process;
pub mod promise;
pub mod record;
pub mod run;
mod serve;
pub mod shelf;
pub mod shrink;
pub mod story;
pub mod time;
pub mod truth;
pub mod wire;
pub mod workers;
pub mod world;
