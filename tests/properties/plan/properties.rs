//! What must hold for every registry and every policy set.

mod agreement;
mod caution;
mod explanation;
mod files;
mod limits;
mod listing;
mod monotony;
mod spellings;
mod successors;

use gleaner_support::cases;
use proptest::prelude::ProptestConfig;

/// A failing case is printed whole, and becomes a test of its own once it is understood; no file keeps its seed.
fn many() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::with_cases(cases()) }
}
