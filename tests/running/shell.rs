//! The shell against the sandbox: what is there afterwards, not which calls were made.

mod apply;
mod brake;
mod branches;
mod content;
mod downloads;
mod evidence;
mod explain;
mod faults;
mod fewer_holds;
mod files;
mod grace;
mod in_use;
mod journal;
mod look;
mod problems;
mod protection;
mod requests;
mod scope;
mod slow;
mod superseded;
mod transport;
mod world;
