//! The names that a person types: exact ones and globs, and what was probably meant by a wrong one.

use codex_remote_auth::lessons::{is_glob, named};

use crate::status::Refused;

/// The known names that these names and globs select. `kind` is what they name, `list` the command that lists them.
///
/// # Errors
/// [`Refused`] for a name that nothing has, and for a glob that matches nothing.
pub(crate) fn select<'k>(
    kind: &str,
    wanted: &[String],
    known: &[&'k str],
    list: &str,
) -> Result<Vec<&'k str>, Refused> {
    named(wanted, known).map_err(|unknown| {
        let what = match is_glob(&unknown.name) {
            true => format!("no {kind} matches {unknown}"),
            false => format!("unknown {kind} {unknown}"),
        };
        Refused::new(what).hint(format!("{list} lists the names"))
    })
}
