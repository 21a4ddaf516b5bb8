//! The network of the containers, where the engine has one that this machine reaches and that leads nowhere else.

use std::collections::HashMap;

use testcontainers::bollard::models::NetworkCreateRequest;
use testcontainers::bollard::query_parameters::ListNetworksOptionsBuilder;

use super::engine::causes;
use super::reach::reaches_containers;
use super::run_lock::shared_lock;
use super::{Engine, MissingPrerequisite, Trust};

/// Marks the network. It belongs to no run, because creating one takes half as long as starting a container.
const LABEL: &str = "codex-remote-auth.closed-network";

/// A name server that does not exist. Otherwise the engine asks the machine's own for every name it does not know.
pub(super) const NO_NAMES: &str = "192.0.2.1";

/// The ID of the network for a container. `None` means the engine's usual network, where only the project's own
/// programs may run.
///
/// # Errors
/// [`MissingPrerequisite`] if the engine refuses, or if it is not on this machine and a foreign program is to run.
pub(super) fn of(engine: &Engine, trust: Trust) -> Result<Option<String>, MissingPrerequisite> {
    if reaches_containers(engine) || engine.is_podman() {
        return ensure(engine).map(Some);
    }
    match trust {
        Trust::Own => Ok(None),
        Trust::Foreign => Err(MissingPrerequisite::new(
            "real programs run in a network that leads nowhere, and an engine that is not on this machine publishes no port of such a network",
        )
        .remedy("run it on a Linux machine with an engine of its own; the stub runs here")),
    }
}

/// The network's ID. Creates the network if it does not exist.
///
/// # Errors
/// [`MissingPrerequisite`] if the engine refuses.
fn ensure(engine: &Engine) -> Result<String, MissingPrerequisite> {
    if let Some(id) = all(engine)?.into_iter().min() {
        return Ok(id);
    }
    let _lock = shared_lock("network.lock", || ())?;
    if let Some(id) = all(engine)?.into_iter().min() {
        return Ok(id);
    }
    let request = NetworkCreateRequest {
        name: name()?,
        // This machine may not reach an internal network of Podman, and no port of it can be published. There, only the
        // entrypoint closes the network: it removes the route before it starts anything.
        internal: Some(!engine.is_podman()),
        // Containers of different runs must not reach each other.
        options: Some(HashMap::from([(
            "com.docker.network.bridge.enable_icc".to_owned(),
            "false".to_owned(),
        )])),
        labels: Some(HashMap::from([(LABEL.to_owned(), "yes".to_owned())])),
        ..NetworkCreateRequest::default()
    };
    // Runs of other users may do this at the same time. Several may succeed. In any case all take the same network.
    let made = engine.block_on(engine.docker().create_network(request));
    match (all(engine)?.into_iter().min(), made) {
        (Some(id), _) => Ok(id),
        (None, Err(error)) => {
            let what = format!("the engine would not make a network that leads nowhere: {}", causes(&error));
            Err(MissingPrerequisite::new(what)
                .remedy("`docker network prune` makes room where all subnets are taken"))
        }
        (None, Ok(_)) => {
            Err(MissingPrerequisite::new("the network that leads nowhere was removed while a run began")
                .remedy("run it again, and no `clean` beside it"))
        }
    }
}

/// A name that no other network has. Docker makes two networks of one name, and then starts no container in either.
///
/// # Errors
/// [`MissingPrerequisite`] if the system has no random numbers.
fn name() -> Result<String, MissingPrerequisite> {
    let random = getrandom::u64()
        .map_err(|error| MissingPrerequisite::new(format!("the system gives no random numbers: {error}")))?;
    Ok(format!("codex-remote-auth-closed-{:08x}", random >> 32))
}

/// The IDs of all such networks.
///
/// # Errors
/// [`MissingPrerequisite`] if the engine refuses.
pub(super) fn all(engine: &Engine) -> Result<Vec<String>, MissingPrerequisite> {
    let filters = HashMap::from([("label", vec![LABEL])]);
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    let networks = engine.block_on(engine.docker().list_networks(Some(options))).map_err(|error| {
        MissingPrerequisite::new(format!("the engine would not list its networks: {}", causes(&error)))
            .remedy("`docker network ls` says more")
    })?;
    let internal = Some(!engine.is_podman());
    let closed = networks.into_iter().filter(|network| network.internal == internal);
    Ok(closed.filter_map(|network| network.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_that_make_it_at_the_same_time_give_it_different_names() {
        assert_ne!(name().unwrap(), name().unwrap());
    }
}
