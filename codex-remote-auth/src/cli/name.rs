//! The name of the program in commands that it tells people to type.

use std::sync::OnceLock;

/// The name of the installed program.
pub(super) const INSTALLED: &str = "codex-remote-auth";

static CHECKOUT: OnceLock<&'static str> = OnceLock::new();

/// From now on, commands are printed with this name, under which a checkout has them too.
pub fn is_run_in_a_checkout(name: &'static str) {
    // A program sets its name only once.
    let _ = CHECKOUT.set(name);
}

/// What people type to run this program.
pub fn program_name() -> &'static str {
    CHECKOUT.get().copied().unwrap_or(INSTALLED)
}
