//! The program as people run it: what it prints, what it exits with, and what is there afterwards.

mod apply;
mod branches;
mod broken;
mod check;
mod errors;
mod explain;
mod fewer_holds;
mod folders;
mod gate;
mod grace;
mod growing;
mod in_use;
mod instance;
mod journal;
mod lock;
mod output;
mod plan;
pub(crate) mod program;
mod projects;
mod reports;
mod sandbox;
mod schema;
mod serve;
mod serving;
mod stop;
mod terminal;
