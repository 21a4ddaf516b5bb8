//! What the program is called in what it tells people to type.

use std::sync::OnceLock;

/// Where it is installed.
pub(super) const INSTALLED: &str = "codex-remote-auth";

static CHECKOUT: OnceLock<&'static str> = OnceLock::new();

/// From now on the commands are told by this name, by which a checkout has them beside its own.
pub fn is_run_in_a_checkout(name: &'static str) {
    // A program has one name.
    let _ = CHECKOUT.set(name);
}

/// What people type to run this program.
pub fn program_name() -> &'static str {
    in_a_checkout().unwrap_or(INSTALLED)
}

/// The same in a checkout alone, where the lessons can be run.
pub(super) fn in_a_checkout() -> Option<&'static str> {
    CHECKOUT.get().copied()
}
