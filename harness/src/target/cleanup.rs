//! Finds what runs left on the engine, and removes what belongs to no living run.

use std::collections::HashMap;
use std::path::Path;

use futures_util::future;
use sha2::{Digest, Sha256};
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
};

use super::closed_network;
use super::engine::causes;
use super::image_options::NAMESPACE;
use super::lifetime::Lifetime;
use super::run_lock::{self, RunId};
use super::runtime_dir::runtime_dir;
use super::{Engine, MissingPrerequisite};

const RUN: &str = "codex-remote-auth.run";
const HOST: &str = "codex-remote-auth.host";
const KEEP: &str = "codex-remote-auth.keep";

/// The label's value for a container that ends by itself, and may be in use by other runs until then.
const WARM: &str = "until-idle";

/// What Podman puts before the name of every image without a registry.
const PODMANS: &str = "docker.io/";

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Containers, by the engine's short names.
    pub containers: Vec<String>,
    /// Networks, by name.
    pub networks: Vec<String>,
    /// Images, by their tags.
    pub images: Vec<String>,
}

/// The labels of a run's container.
///
/// # Errors
/// [`MissingPrerequisite`] if there is no usable runtime folder.
pub fn labels(run: &RunId, lifetime: Lifetime) -> Result<Vec<(String, String)>, MissingPrerequisite> {
    let host = host(&runtime_dir()?);
    let keep = match lifetime {
        Lifetime::Run => "no",
        Lifetime::Kept => "yes",
        Lifetime::Idle(_) => WARM,
    };
    Ok([(RUN, run.as_str()), (HOST, &host), (KEEP, keep)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec())
}

/// Identifies who can tell whether a run is alive: an account on a machine, and the folder with its locks.
fn host(runtime: &Path) -> String {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let digest = Sha256::digest(format!("{machine}{name}{}", runtime.display()));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Removes what dead runs of this account left, except what a person asked to keep, and what ends by itself.
///
/// # Errors
/// [`MissingPrerequisite`] if the engine refuses.
pub fn sweep(engine: &Engine) -> Result<Removed, MissingPrerequisite> {
    let runtime = runtime_dir()?;
    let host = host(&runtime);
    let removed = remove(engine, |labels| {
        labels.get(HOST) == Some(&host)
            && labels.get(KEEP).is_none_or(|keep| keep == "no")
            && labels.get(RUN).is_some_and(|run| run_lock::is_over(&runtime, run))
    })?;
    run_lock::remove_folders(&runtime, false);
    Ok(removed)
}

/// Like [`sweep`], but also removes what was kept and, with `images`, the images and the closed network. `everybody`
/// includes the containers of other accounts, even of their living runs.
///
/// # Errors
/// [`MissingPrerequisite`] if the engine refuses.
pub fn clean(engine: &Engine, images: bool, everybody: bool) -> Result<Removed, MissingPrerequisite> {
    let runtime = runtime_dir()?;
    let host = host(&runtime);
    let mut removed = remove(engine, |labels| {
        let ours = labels.get(HOST) == Some(&host);
        labels.get(RUN).is_some_and(|run| (everybody && !ours) || (ours && run_lock::is_over(&runtime, run)))
    })?;
    run_lock::remove_folders(&runtime, true);
    if images {
        // Every run uses this network, like the images. A run that begins now may already have found it.
        for network in closed_network::all(engine)? {
            if gone("remove a network", engine.block_on(engine.docker().remove_network(&network)))? {
                removed.networks.push(network.chars().take(12).collect());
            }
        }
        removed.images = remove_images(engine, NAMESPACE)?;
    }
    Ok(removed)
}

/// Removes everything that the run of this process started, except what other runs may use and what ends by itself. For an
/// interruption: nothing else runs after it.
pub fn remove_own() {
    let Some(own) = run_lock::own() else { return };
    if let Ok(engine) = Engine::connect() {
        let _ = remove(&engine, |labels| {
            labels.get(RUN).is_some_and(|run| run == own.as_str())
                && labels.get(KEEP).is_none_or(|keep| keep != WARM)
        });
    }
    if let Ok(runtime) = runtime_dir() {
        let _ = std::fs::remove_dir_all(runtime.join(format!("run-{}", own.as_str())));
    }
}

fn remove(
    engine: &Engine,
    wanted: impl Fn(&HashMap<String, String>) -> bool,
) -> Result<Removed, MissingPrerequisite> {
    let docker = engine.docker();
    let filters = HashMap::from([("label", vec![RUN])]);
    let containers = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
    let (containers, networks) = engine.block_on(future::join(
        docker.list_containers(Some(containers)),
        docker.list_networks(Some(networks)),
    ));

    let mut removed = Removed::default();
    for container in containers.map_err(|error| refused("list containers", &error))? {
        let (Some(id), Some(labels)) = (container.id, container.labels) else { continue };
        if !wanted(&labels) {
            continue;
        }
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        if gone("remove a container", engine.block_on(docker.remove_container(&id, Some(options))))? {
            removed.containers.push(id.chars().take(12).collect());
        }
    }
    // After the containers, because a network in use cannot be removed.
    for network in networks.map_err(|error| refused("list networks", &error))? {
        let (Some(name), Some(labels)) = (network.name, network.labels) else { continue };
        if wanted(&labels) && gone("remove a network", engine.block_on(docker.remove_network(&name)))? {
            removed.networks.push(name);
        }
    }
    Ok(removed)
}

/// Removes the images whose names begin with this namespace, and the volume of programs of each. Returns
/// the names of the images.
///
/// # Errors
/// [`MissingPrerequisite`] if the engine refuses.
pub fn remove_images(engine: &Engine, namespace: &str) -> Result<Vec<String>, MissingPrerequisite> {
    // Podman finds its longer names by this too.
    let filters = HashMap::from([("reference", vec![format!("{namespace}/*")])]);
    let options = ListImagesOptionsBuilder::new().filters(&filters).build();
    let found = engine.block_on(engine.docker().list_images(Some(options)));
    let mut removed = Vec::new();
    for image in found.map_err(|error| refused("list images", &error))? {
        // The same image may also have somebody else's names. Those stay.
        let prefix = format!("{namespace}/");
        let ours = |tag: &String| tag.strip_prefix(PODMANS).unwrap_or(tag).starts_with(&prefix);
        for name in image.repo_tags.into_iter().filter(ours) {
            let options = RemoveImageOptionsBuilder::new().force(true).build();
            if gone(
                "remove an image",
                engine.block_on(engine.docker().remove_image(&name, Some(options), None)),
            )? {
                removed.push(name);
            }
        }
    }
    Ok(removed)
}

/// Whether we removed it. Somebody else may have been faster, or it is in use again and must stay.
fn gone<T>(doing: &str, outcome: Result<T, EngineError>) -> Result<bool, MissingPrerequisite> {
    match outcome {
        Ok(_) => Ok(true),
        Err(EngineError::DockerResponseServerError { status_code: 403 | 404 | 409, .. }) => Ok(false),
        Err(error) => Err(refused(doing, &error)),
    }
}

fn refused(doing: &str, error: &EngineError) -> MissingPrerequisite {
    MissingPrerequisite::new(format!("the container engine would not {doing}: {}", causes(error)))
        .remedy("see `docker ps -a` and `docker images`, and remove by hand what carries the label codex-remote-auth.run")
}
