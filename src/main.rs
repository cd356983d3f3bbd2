//! The `gleaner` program. Everything is in the library; see `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gleaner::cli::main()
}
