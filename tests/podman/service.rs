//! A Podman of a test's own. It has its own storage, network and processes, so that nothing of it is left when it ends.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use harness::target::Engine;
use harness::target::image::{self, ImageOptions};
use tempfile::TempDir;
use testcontainers::bollard::models::ContainerCreateBody;
use testcontainers::bollard::query_parameters::{CreateContainerOptions, RemoveContainerOptions};
use tests::started;

/// The account that runs Podman without root. It exists only where the service runs.
const SOMEBODY: u32 = 28_431;

/// The settings for machines with low limits and without systemd. They change nothing else.
const SETTINGS: &str = "[engine]\nevents_logger = \"file\"\ncgroup_manager = \"cgroupfs\"\n\
                        [containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1000:1000\"]\n";

/// Where the service of root listens as well. Nothing else is in its network.
pub(crate) const TCP: &str = "tcp://127.0.0.1:2375";

/// Starts the service as root in namespaces of its own. `$1` is its folder, `$2` what it listens on, `$4` what else.
const AS_ROOT: &str = r#"set -eu
ip link set lo up
mkdir -p /var/lib/cni
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib/cni
podman --root "$1/storage" --runroot /run/containers system service --time=0 "$4" &
exec podman --root "$1/storage" --runroot /run/containers system service --time=0 "$2""#;

/// The same as somebody. Some machines let only root open these devices; elsewhere this changes nothing.
const AS_SOMEBODY: &str = r#"set -eu
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /mnt
for device in tun:200:/dev/net/tun fuse:229:/dev/fuse; do
  IFS=: read -r name minor path <<EOF
$device
EOF
  [ -e "$path" ] || continue
  mknod -m 666 "/mnt/$name" c 10 "$minor"
  mount --bind "/mnt/$name" "$path"
done
for file in passwd group subuid subgid; do
  cat "/etc/$file" "$1/$file" >"/mnt/$file"
  mount --bind "/mnt/$file" "/etc/$file"
done
mkdir -p "/run/user/$3"
chown "$3" "/run/user/$3" "$1"
chmod 700 "/run/user/$3"
export HOME="$1" XDG_RUNTIME_DIR="/run/user/$3"
cd /
exec setpriv --pdeathsig KILL --reuid "$3" --regid "$3" --clear-groups \
  podman --root "$1/storage" --runroot "/run/user/$3/containers" system service --time=0 "$2""#;

/// How Podman runs, and how it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As root, over a socket and over TCP.
    Root,
    /// As an account without rights, over a socket.
    Rootless,
}

/// A running service. Dropping it ends it, and deletes all that it has stored.
pub(crate) struct Service {
    child: Child,
    address: String,
    folder: TempDir,
}

impl Service {
    /// Starts one. Without Podman or without root, it says so and returns `None`; where CI is root, that is a failure.
    pub(crate) fn start(way: Way) -> Option<Self> {
        let lacks = if !started::is_on_path("podman") {
            Some("podman is not installed: apt-get install podman slirp4netns uidmap")
        } else if !rustix::process::geteuid().is_root() {
            Some("only root can give a service namespaces of its own: run the tests as root")
        } else {
            None
        };
        if let Some(lacks) = lacks {
            let must = std::env::var_os("CI").is_some() && rustix::process::geteuid().is_root();
            assert!(!must, "{lacks}");
            // Written directly, because the test runner hides what a passing test prints.
            let _ = writeln!(std::io::stderr(), "NOT TESTED: Podman: {lacks}");
            return None;
        }
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["networks", "temporary"] {
            fs::create_dir(at(name)).unwrap();
            chown(at(name), (way == Way::Rootless).then_some(SOMEBODY), None).unwrap();
        }
        let settings =
            format!("{SETTINGS}[network]\nnetwork_config_dir = \"{}\"\n", at("networks").display());
        fs::write(at("containers.conf"), settings).unwrap();
        for (file, line) in [
            ("passwd", format!("somebody:x:{SOMEBODY}:{SOMEBODY}::/:/bin/sh\n")),
            ("group", format!("somebody:x:{SOMEBODY}:\n")),
            ("subuid", "somebody:2000000:65536\n".to_owned()),
            ("subgid", "somebody:2000000:65536\n".to_owned()),
        ] {
            fs::write(at(file), line).unwrap();
        }
        let address = format!("unix://{}", at("podman.sock").display());
        let script = if way == Way::Rootless { AS_SOMEBODY } else { AS_ROOT };
        let mut command = Command::new("unshare");
        command.args([
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "sh",
            "-c",
            script,
            "sh",
        ]);
        command.arg(folder.path()).arg(&address).arg(SOMEBODY.to_string()).arg(TCP);
        // Podman 4 leaves a copy of each import in the folder for temporary files.
        command
            .env("CONTAINERS_CONF", at("containers.conf"))
            .env("TMPDIR", at("temporary"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let log = fs::File::create(at("log")).unwrap();
        let child = command.stderr(log).spawn().unwrap();
        let mut service = Self { child, address, folder };
        service.await_answer();
        Some(service)
    }

    fn await_answer(&mut self) {
        let began = Instant::now();
        while !self.ask("/_ping").status.success() {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && began.elapsed() < Duration::from_secs(30), "{ended:?}: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lets a command use this service and no other: in its network, and with the base at hand as if bootstrapped.
    pub(crate) fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = started::command("nsenter");
        // The child is unshare itself, which has these namespaces too, except that of processes.
        command.arg(format!("--net=/proc/{}/ns/net", self.child.id())).arg("--").arg(program).args(arguments);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", bootstrapped().display()));
        command.env("DOCKER_HOST", &self.address).env("CODEX_REMOTE_AUTH_PULL_IMAGE", "127.0.0.1:9/none:1");
        command.env_remove("CODEX_REMOTE_AUTH_BASE_IMAGE").stdin(Stdio::null());
        command
    }

    /// The IDs of its containers, running or not.
    pub(crate) fn containers(&self) -> Vec<String> {
        self.list("/containers/json?all=true", |container| vec![container["Id"].clone()])
    }

    /// The names of its images.
    pub(crate) fn images(&self) -> Vec<String> {
        self.list("/images/json", |image| image["RepoTags"].as_array().cloned().unwrap_or_default())
    }

    fn list(&self, path: &str, names: impl Fn(&serde_json::Value) -> Vec<serde_json::Value>) -> Vec<String> {
        let answer = self.ask(path);
        assert!(answer.status.success(), "{answer:?}");
        let found: Vec<serde_json::Value> = serde_json::from_slice(&answer.stdout).unwrap();
        found.iter().flat_map(names).filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    fn ask(&self, path: &str) -> Output {
        let socket = self.address.trim_start_matches("unix://");
        let url = format!("http://podman{path}");
        let arguments = ["--silent", "--fail", "--max-time", "10", "--unix-socket", socket, &url];
        started::output(&mut self.command(Path::new("curl"), &arguments))
    }

    /// Ends it, and with it every process in its namespaces.
    pub(crate) fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.end();
    }
}

/// A folder with an `mmdebstrap` that prints the base of this machine's own engine: to make it anew would take half a minute.
fn bootstrapped() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // Kept as long as the image is: a static would not be dropped, and a temporary folder would be left.
        let engine = Engine::connect().unwrap_or_else(|lacks| panic!("{lacks}"));
        let base = image::ensure_base(&engine, &ImageOptions::default(), &|_| {});
        let base = base.unwrap_or_else(|lacks| panic!("{lacks}"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("podman-base");
        fs::create_dir_all(&folder).unwrap();
        let archive = folder.join(format!("{}.tar", base.replace(['/', ':'], "_")));
        if !archive.exists() {
            let fresh = tempfile::NamedTempFile::new_in(&folder).unwrap();
            engine.block_on(export(&engine, &base, fresh.as_file()));
            fresh.persist(&archive).unwrap();
        }
        let program = folder.join("mmdebstrap");
        fs::write(&program, format!("#!/bin/sh\nexec cat '{}'\n", archive.display())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    })
}

async fn export(engine: &Engine, image: &str, mut into: &fs::File) {
    let docker = engine.docker();
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(vec!["true".to_owned()]),
        ..ContainerCreateBody::default()
    };
    let id = docker.create_container(None::<CreateContainerOptions>, body).await.unwrap().id;
    let mut chunks = std::pin::pin!(docker.export_container(&id));
    while let Some(chunk) = chunks.next().await {
        into.write_all(&chunk.unwrap()).unwrap();
    }
    docker.remove_container(&id, None::<RemoveContainerOptions>).await.unwrap();
}
