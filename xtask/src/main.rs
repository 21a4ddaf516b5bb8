//! The program `codex-remote-auth`.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}
