//! How a container is started: its files, its network, its ports and its limits.

use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;
use testcontainers::bollard::models::{HostConfig, PortBinding, PortMap};
use testcontainers::core::{AccessMode, IntoContainerPort, Mount, WaitFor};
use testcontainers::{CopyTargetOptions, GenericImage, ImageExt};

use super::closed_network;
use super::image::ImageRef;
use super::keys::KeyPair;
use super::lifetime::Lifetime;
use super::reach::{RIG_PORT, SSH_PORT, START, reaches_containers};
use super::{Engine, RunId, Subject};

/// What a container needs to start.
#[derive(Debug, Clone, Copy)]
pub struct ContainerSpec<'a> {
    /// The image, from [`image::ensure`](super::image::ensure).
    pub image: &'a ImageRef,
    /// The folder with the static programs, from [`static_programs`](super::static_programs).
    pub programs: &'a Path,
    /// The codex under test, and where one is, the claude.
    pub under_test: &'a Subject,
    /// A folder on this machine for the container's keys.
    pub folder: &'a Path,
    /// The run it belongs to.
    pub run: &'a RunId,
    /// When it ends.
    pub lifetime: Lifetime,
}

/// What the engine is asked to start.
pub(super) fn request(
    engine: &Engine,
    spec: ContainerSpec<'_>,
    keys: &Keys,
    network: Option<String>,
) -> testcontainers::ContainerRequest<GenericImage> {
    let (name, tag) = spec.image.name_and_tag();
    let direct = reaches_containers(engine);
    let idle = match spec.lifetime {
        Lifetime::Idle(idle) => Some(idle),
        Lifetime::Run | Lifetime::Kept => None,
    };
    let only_here = engine.is_local();
    let image = GenericImage::new(name, tag)
        .with_exposed_port(SSH_PORT.tcp())
        .with_exposed_port(RIG_PORT.tcp())
        // Readiness is a login, which the rig needs anyway; to wait for a log line first would only add to it.
        .with_wait_for(WaitFor::Nothing);
    let mut request = image
        // For the watch over processes alone: without it, root in a container sees nobody else's environment.
        .with_cap_add("SYS_PTRACE")
        .with_env_var("RIG_CLOSED", if network.is_some() { "yes" } else { "no" })
        .with_env_var("RIG_IDLE", idle.map(|idle| idle.as_secs().to_string()).unwrap_or_default())
        .with_host_config_modifier(move |host| {
            // The engine removes it when its first process ends.
            host.auto_remove = Some(idle.is_some());
            quick_files(host);
            if network.is_some() {
                // For the entrypoint alone, which takes the way to everywhere away; accounts are not given it.
                host.cap_add.get_or_insert_default().push("NET_ADMIN".to_owned());
                host.network_mode = network.clone();
                host.dns = Some(vec![closed_network::NO_NAMES.to_owned()]);
            }
            // A published port costs a proxy process and firewall rules, and nobody would use it.
            host.publish_all_ports = Some(false);
            if !direct {
                host.port_bindings = Some(published(only_here));
            }
        });
    let claude =
        spec.under_test.claude.iter().map(|path| (path.clone(), "/opt/codex-under-test/claude", 0o755));
    let files = [
        (spec.under_test.codex.clone(), "/opt/codex-under-test/codex", 0o755),
        (spec.programs.join("fake-cloud"), "/opt/rig/fake-cloud", 0o755),
        (spec.programs.join("procwatch"), "/opt/rig/procwatch", 0o755),
        (keys.host.path().to_owned(), "/opt/rig/ssh_host_ed25519_key", 0o600),
        (keys.rig.path().to_owned(), "/opt/rig/rig_authorized_keys", 0o600),
    ];
    for (here, path, mode) in files.into_iter().chain(claude) {
        request = if direct {
            let mount =
                Mount::bind_mount(here.to_string_lossy(), path).with_access_mode(AccessMode::ReadOnly);
            request.with_mount(mount)
        } else {
            request.with_copy_to(CopyTargetOptions::new(path).with_mode(mode), here)
        };
    }
    request.with_startup_timeout(START)
}

/// The keys that a container needs when it starts, as files that go once it has.
pub(super) struct Keys {
    host: NamedTempFile,
    rig: NamedTempFile,
}

impl Keys {
    pub(super) fn of(folder: &Path, host_key: &KeyPair, client_key: &KeyPair) -> io::Result<Self> {
        // Temporary files are 0600 from their first moment on.
        let (mut host, mut rig) = (NamedTempFile::new_in(folder)?, NamedTempFile::new_in(folder)?);
        host.write_all(host_key.private.expose())?;
        writeln!(rig, "{}", client_key.public)?;
        Ok(Self { host, rig })
    }
}

/// Both ports, each at a port that the engine picks. Podman publishes none where all are asked for.
fn published(only_here: bool) -> PortMap {
    // Podman reports no address where none was asked for.
    let host_ip = if only_here { "127.0.0.1" } else { "0.0.0.0" };
    let binding = PortBinding { host_ip: Some(host_ip.to_owned()), host_port: Some(String::new()) };
    [SSH_PORT, RIG_PORT].map(|port| (port.tcp().to_string(), Some(vec![binding.clone()]))).into()
}

/// What is written goes to memory: an engine whose file system runs in user space pays for each look at a home.
fn quick_files(host: &mut HostConfig) {
    let options = "rw,exec,nosuid,mode=0755,size=256m".to_owned();
    let folders = ["/home", "/run", "/tmp"].map(str::to_owned);
    host.tmpfs = Some(folders.into_iter().map(|folder| (folder, options.clone())).collect());
}
