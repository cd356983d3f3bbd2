//! Small worlds: a few packages each, in which one meaning of the policy language decides. Whoever changes one of these
//! meanings has a world here that says what was promised.

mod below;
mod composer;
mod growth;
mod indexes;
mod judgement;
mod latest;
mod newest;
mod patterns;
mod releases;
mod series;
mod spellings;
mod superseded;
