//! Finds what would go wrong on a host, without changing anything on it.

mod codex_doctor;
mod configuration;
mod disk;
mod environment;
mod examine;
mod facts;
mod file_system;
mod finding;
mod login;
mod look;
mod program;
mod span;

pub use examine::{DoctorOptions, examine};
pub use finding::{Finding, Level};

/// The names of the lessons whose problems an examination finds.
pub const LESSONS: &[&str] = &[
    "certificate-file",
    "codex-home-elsewhere",
    "codex-home-missing",
    "codex-not-executable",
    "deploy-makes-directory",
    "env-key-missing",
    "file-modes",
    "forced-login-method",
    "forced-workspace",
    "fresher-remote",
    "git-check",
    "keyring-store",
    "leading-dot",
    "no-login-in-this-account",
    "openai-api-key-variable",
    "path-bash",
    "path-sh",
    "path-zsh",
    "profile-legacy",
    "provider-missing-key",
    "rotation-shared-login",
    "rotation-stale-copy-back",
    "schema-empty",
    "schema-no-json",
    "symbolic-link",
    "trouble-command-not-found",
    "unauthorized-cut-short",
    "unauthorized-expired",
    "wrapper-moves-home",
];
