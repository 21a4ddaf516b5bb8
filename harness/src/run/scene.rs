//! Where a step of a lesson runs, and its result.

use semver::Version;

use super::failure::Failure;
use super::leak_scanner::LeakScanner;
use super::options::RunnerOptions;
use super::plan::Plan;
use super::redactor::Redactor;
use crate::target::Container;
use codex_remote_auth::codex::{Diagnosis, Outcome};
use codex_remote_auth::remote::RemoteError;
use codex_remote_auth::ssh::Session;

/// Where a step runs, and what it needs.
pub(super) struct Scene<'a> {
    /// The check's name, for the place of a leak.
    pub(super) check: &'a str,
    pub(super) plan: &'a Plan,
    pub(super) remote: &'a Session,
    pub(super) local: Option<&'a Session>,
    pub(super) container: &'a Container<'a>,
    pub(super) options: &'a RunnerOptions,
    pub(super) release: &'a Version,
    pub(super) leak_scanner: &'a LeakScanner,
    pub(super) redactor: &'a Redactor,
}

/// A step that was run, in a form that may be shown.
pub(super) struct Played {
    /// What failed.
    pub(super) failures: Vec<Failure>,
    pub(super) command: String,
    pub(super) end: String,
    pub(super) diagnosis: &'static str,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// What it showed, in a few words.
    pub(super) in_short: String,
}

/// The result of a step.
pub(super) struct Seen {
    pub(super) outcome: Outcome,
    pub(super) diagnosis: Diagnosis,
    pub(super) error: Option<RemoteError>,
    /// Whether an output shows a secret.
    pub(super) leaked: bool,
}
