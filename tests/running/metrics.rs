//! The daemon's metrics: what each notice does to them, what they are called, and how many series they come to.

mod budget;
mod cycles;
mod documentation;
mod life;
mod service;
mod traffic;
