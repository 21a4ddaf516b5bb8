//! Which images a run uses, and how their names begin.

use testcontainers::bollard::errors::Error as EngineError;

use super::engine::causes;
use super::refusal::refused;
use super::{Engine, Flavour, MissingPrerequisite};

/// What the names of images begin with by default. They are found by it, and not by a label: in the
/// builder a label is a step of its own, and costs seconds.
pub(super) const NAMESPACE: &str = "codex-remote-auth";

/// How an image may be had. What is not said here is taken from the environment, and then from the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageOptions {
    /// The server that the image is.
    pub flavour: Flavour,
    /// The image to build on, and no other; `CODEX_REMOTE_AUTH_BASE_IMAGE` in the environment.
    pub base: Option<String>,
    /// The Debian image to look for and to pull: by default `debian:bookworm-slim`, or that of the flavour's release. For the
    /// flavours of that release also `CODEX_REMOTE_AUTH_PULL_IMAGE` in the environment.
    pub pull: Option<String>,
    /// What the names of the images made here begin with: `codex-remote-auth` by default.
    pub namespace: Option<String>,
}

impl ImageOptions {
    pub(super) fn base(&self) -> Option<String> {
        self.base.clone().or_else(|| variable("CODEX_REMOTE_AUTH_BASE_IMAGE"))
    }

    pub(super) fn pull(&self) -> String {
        // It names one release of Debian, which is that of the default flavour.
        let named = || {
            variable("CODEX_REMOTE_AUTH_PULL_IMAGE")
                .filter(|_| self.flavour.suite() == Flavour::default().suite())
        };
        let given = self.pull.clone().or_else(named);
        given.unwrap_or_else(|| format!("debian:{}-slim", self.flavour.suite()))
    }

    pub(super) fn namespace(&self) -> String {
        let given = self.namespace.clone().or_else(|| variable("CODEX_REMOTE_AUTH_NAMESPACE"));
        given.unwrap_or_else(|| NAMESPACE.to_owned())
    }
}

pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The engine's own name for an image, if it has it.
pub(super) fn id_of(engine: &Engine, reference: &str) -> Result<Option<String>, MissingPrerequisite> {
    match engine.block_on(engine.docker().inspect_image(reference)) {
        Ok(found) => Ok(Some(found.id.unwrap_or_else(|| reference.to_owned()))),
        Err(EngineError::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        // An unusable name is answered with 400; that is the name's fault, and no image has it.
        Err(EngineError::DockerResponseServerError { status_code: 400, .. }) => Ok(None),
        Err(error) => Err(refused("look for an image", &causes(&error))),
    }
}
