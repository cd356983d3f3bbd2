//! Properties of the plan, on small registries and policy sets that are as nasty as they can be.
//!
//! `gleaner_oracle` says what the specification expects, `generate` makes the inputs, `properties` has what must hold for all
//! of them.
#![expect(clippy::expect_used, reason = "a test that can't go on has to stop")]

mod generate;
mod properties;
mod small_worlds;
