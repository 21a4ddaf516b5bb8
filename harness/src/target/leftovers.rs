//! Finds what runs left on the engine, and removes what no living run owns.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest, Sha256};
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
};

use super::engine::causes;
use super::run_lock::{self, RunId};
use super::runtime_dir::runtime_dir;
use super::{Engine, Lacks};

const RUN: &str = "codex-remote-auth.run";
const HOST: &str = "codex-remote-auth.host";
const KEEP: &str = "codex-remote-auth.keep";

/// The label of images that this project built.
pub(super) const IMAGE: &str = "codex-remote-auth.image";

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Containers, by the engine's short names.
    pub containers: Vec<String>,
    /// Images, by their tags.
    pub images: Vec<String>,
}

/// The labels of a run's container.
pub(super) fn labels(run: &RunId, keep: bool) -> Result<Vec<(String, String)>, Lacks> {
    let host = host(&runtime_dir()?);
    Ok([(RUN, run.as_str()), (HOST, &host), (KEEP, if keep { "yes" } else { "no" })]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec())
}

/// Who can tell whether a run is alive: an account on a machine, by the folder in which it keeps its locks.
fn host(runtime: &Path) -> String {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let digest = Sha256::digest(format!("{machine}{name}{}", runtime.display()));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Removes what dead runs of this account left, but for what was to be kept.
///
/// # Errors
/// [`Lacks`] where the engine refuses.
pub fn sweep(engine: &Engine) -> Result<Removed, Lacks> {
    let runtime = runtime_dir()?;
    let containers = remove(engine, |labels| {
        labels.get(HOST) == Some(&host(&runtime))
            && labels.get(KEEP).is_none_or(|keep| keep != "yes")
            && labels.get(RUN).is_some_and(|run| run_lock::is_over(&runtime, run))
    })?;
    run_lock::remove_folders(&runtime);
    Ok(Removed { containers, images: Vec::new() })
}

/// As [`sweep`], and also what was kept, and where asked the images; `everybody` takes other accounts' too.
///
/// # Errors
/// [`Lacks`] where the engine refuses.
pub fn clean(engine: &Engine, images: bool, everybody: bool) -> Result<Removed, Lacks> {
    let runtime = runtime_dir()?;
    let containers = remove(engine, |labels| {
        let ours = labels.get(HOST) == Some(&host(&runtime));
        labels.get(RUN).is_some_and(|run| (everybody && !ours) || (ours && run_lock::is_over(&runtime, run)))
    })?;
    run_lock::remove_folders(&runtime);
    let images = if images { remove_images(engine)? } else { Vec::new() };
    Ok(Removed { containers, images })
}

/// Removes what the run of this process has started: for an interruption, after which nothing else runs.
pub fn remove_own() {
    let Some(own) = run_lock::own() else { return };
    if let Ok(engine) = Engine::connect() {
        let _ = remove(&engine, |labels| labels.get(RUN).is_some_and(|run| run == own.as_str()));
    }
    if let Ok(runtime) = runtime_dir() {
        let _ = std::fs::remove_dir_all(runtime.join(format!("run-{}", own.as_str())));
    }
}

fn remove(engine: &Engine, wanted: impl Fn(&HashMap<String, String>) -> bool) -> Result<Vec<String>, Lacks> {
    let filters = HashMap::from([("label", vec![RUN])]);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let found = engine.block_on(engine.docker().list_containers(Some(options)));
    let mut removed = Vec::new();
    for container in found.map_err(|error| refused("list containers", &error))? {
        let (Some(id), Some(labels)) = (container.id, container.labels) else { continue };
        if !wanted(&labels) {
            continue;
        }
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        match engine.block_on(engine.docker().remove_container(&id, Some(options))) {
            Ok(()) => removed.push(id.chars().take(12).collect()),
            // Somebody else was faster.
            Err(EngineError::DockerResponseServerError { status_code: 404 | 409, .. }) => {}
            Err(error) => return Err(refused("remove a container", &error)),
        }
    }
    Ok(removed)
}

fn remove_images(engine: &Engine) -> Result<Vec<String>, Lacks> {
    let filters = HashMap::from([("label", vec![IMAGE])]);
    let options = ListImagesOptionsBuilder::new().filters(&filters).build();
    let found = engine.block_on(engine.docker().list_images(Some(options)));
    let mut removed = Vec::new();
    for image in found.map_err(|error| refused("list images", &error))? {
        let name = image.repo_tags.first().cloned().unwrap_or(image.id);
        let options = RemoveImageOptionsBuilder::new().force(true).build();
        match engine.block_on(engine.docker().remove_image(&name, Some(options), None)) {
            Ok(_) => removed.push(name),
            Err(EngineError::DockerResponseServerError { status_code: 404 | 409, .. }) => {}
            Err(error) => return Err(refused("remove an image", &error)),
        }
    }
    Ok(removed)
}

fn refused(doing: &str, error: &EngineError) -> Lacks {
    Lacks::new(format!("the container engine would not {doing}: {}", causes(error)))
        .remedy("see `docker ps -a` and `docker images`, and remove what carries the label codex-remote-auth by hand")
}
