//! How this machine reaches a container, and the wait until it does.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use testcontainers::bollard::query_parameters::InspectContainerOptions;
use testcontainers::core::IntoContainerPort;
use testcontainers::{ContainerAsync, GenericImage};

use super::Engine;
use super::engine::causes;
use super::keys::KeyPair;
use codex_remote_auth::ssh::{Deadline, Endpoint, HostKeys, Login, Session, SshProblem};

/// The port on which sshd accepts accounts.
pub(super) const SSH_PORT: u16 = 22_222;

/// The port on which the same sshd accepts root. Only the test environment uses it.
pub(super) const RIG_PORT: u16 = 2_200;

/// How long to wait until a container's sshd accepts us.
pub(super) const START: Duration = Duration::from_secs(60);

/// How long the first login may take once something listens.
const FIRST_LOGIN: Duration = Duration::from_secs(10);

/// Whether the engine runs on this system, so that its containers can mount our files and have addresses that we
/// reach. On macOS and Windows it runs in a virtual machine, and without root in a network of its own.
pub(super) fn reaches_containers(engine: &Engine) -> bool {
    engine.is_local() && !engine.is_rootless() && cfg!(target_os = "linux")
}

/// The addresses of the two ports. If possible, they are at the container itself, because the engine's port proxy adds
/// a delayed ACK to every login. Otherwise they are the published ports.
pub(super) async fn addresses(
    engine: &Engine,
    inner: &ContainerAsync<GenericImage>,
) -> Result<[(String, u16); 2], String> {
    if reaches_containers(engine) {
        let address = own_address(engine, inner.id()).await?;
        return Ok([(address.clone(), SSH_PORT), (address, RIG_PORT)]);
    }
    // testcontainers would take an address of the engine's usual network where it thinks that it runs in a container itself.
    let host = match engine.is_local() {
        true => "127.0.0.1".to_owned(),
        false => inner.get_host().await.map_err(|error| causes(&error))?.to_string(),
    };
    let mut found = Vec::with_capacity(2);
    for port in [SSH_PORT, RIG_PORT] {
        let mapped = inner.get_host_port_ipv4(port.tcp()).await.map_err(|error| causes(&error))?;
        found.push((host.clone(), mapped));
    }
    found.try_into().map_err(|_| "the engine published no port".to_owned())
}

/// The container's address. testcontainers finds it only on named networks.
async fn own_address(engine: &Engine, id: &str) -> Result<String, String> {
    let options = None::<InspectContainerOptions>;
    let container = engine.docker().inspect_container(id, options).await.map_err(|error| causes(&error))?;
    let running = container.state.and_then(|state| state.running).unwrap_or_default();
    let networks = container.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let mut addresses = networks.into_values().filter_map(|network| network.ip_address);
    match addresses.find(|address| !address.is_empty()) {
        Some(address) => Ok(address),
        None if running => Err("the engine gave it no address".to_owned()),
        None => Err("it ended at once".to_owned()),
    }
}

pub(super) fn first_session(
    rig: &(String, u16),
    host_keys: &HostKeys,
    client_key: &KeyPair,
    began: Instant,
) -> Result<Session, SshProblem> {
    let endpoint = Endpoint::new("root", &rig.0, rig.1);
    let login = Login::PrivateKey(client_key.private.clone());
    loop {
        let opened = await_listener(&endpoint, began)
            .and_then(|()| Session::open(&endpoint, host_keys, &login, Deadline::after(FIRST_LOGIN)));
        match opened {
            Err(SshProblem::Unreachable { .. } | SshProblem::Handshake { .. }) if began.elapsed() < START => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

/// Waits until something listens. A container's network is ready some time after the container. What is sent earlier is
/// lost, and the kernel would try again only after a second.
fn await_listener(endpoint: &Endpoint, began: Instant) -> Result<(), SshProblem> {
    const PATIENCE: Duration = Duration::from_millis(40);

    let unreachable = |reason: String| SshProblem::Unreachable { endpoint: endpoint.clone(), reason };
    let address = (endpoint.host.as_str(), endpoint.port)
        .to_socket_addrs()
        .map_err(|error| unreachable(error.to_string()))?
        .next()
        .ok_or_else(|| unreachable("no address".to_owned()))?;
    loop {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) if began.elapsed() >= START => return Err(unreachable(error.to_string())),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}
