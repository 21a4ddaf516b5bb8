//! `cargo xtask`: the commands for working on this checkout.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}
