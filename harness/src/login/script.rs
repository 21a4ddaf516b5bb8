//! The one script that runs over there for a login.

use super::LoginOptions;
use crate::deploy::{wrapped, yes_or_no};

const REMOTE_SCRIPT: &str = concat!(
    include_str!("../deploy/remote/begin.sh"),
    include_str!("../deploy/remote/config.sh"),
    include_str!("../deploy/remote/find_codex.sh"),
    include_str!("../deploy/remote/run_codex.sh"),
    include_str!("remote.sh"),
    include_str!("../deploy/remote/close_home.sh"),
    include_str!("facts.sh"),
    include_str!("../deploy/remote/prove.sh"),
);

/// The whole remote command for one login.
pub(super) fn command(mark: &str, options: &LoginOptions) -> String {
    let proof = options.proof.as_ref();
    let assignments = [
        ("mark", mark.to_owned()),
        ("force", yes_or_no(options.force)),
        ("browser", yes_or_no(options.browser)),
        ("issuer", options.issuer.clone().unwrap_or_default()),
        ("dry", yes_or_no(false)),
        ("prove", yes_or_no(proof.is_some())),
        ("program", proof.and_then(|proof| proof.program.clone()).unwrap_or_default()),
        ("prompt", proof.map(|proof| proof.prompt.clone()).unwrap_or_default()),
    ];
    wrapped(REMOTE_SCRIPT, &assignments)
}
