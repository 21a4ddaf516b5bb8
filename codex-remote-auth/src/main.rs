//! The program `codex-remote-auth`.

use std::process::ExitCode;

fn main() -> ExitCode {
    codex_remote_auth::cli::main()
}
