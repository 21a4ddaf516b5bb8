//! Every documented way to get the image works, and if none does, the message names each of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "registry.rs"]
mod registry;

use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;

use futures_util::TryStreamExt;
use harness::run::{TestEnvironment, TestEnvironmentOptions};
use harness::target::image::{self, ImageOptions};
use harness::target::{Engine, MissingPrerequisite, cleanup};
use registry::Registry;
use testcontainers::bollard::models::ContainerCreateBody;
use testcontainers::bollard::query_parameters::{
    CreateContainerOptions, LogsOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions,
};
use tests::subprocess;

/// A separate name space for a test's own images, so that it disturbs no other test. They are removed when the test ends.
struct Corner {
    engine: Engine,
    name: String,
    said: Mutex<Vec<String>>,
    /// Other images of the test, whose names begin differently.
    also: Mutex<Vec<String>>,
}

impl Corner {
    fn new(name: &str) -> Self {
        let engine = Engine::connect().unwrap_or_else(|lacks| panic!("{lacks}"));
        let name = format!("codex-remote-auth-test-{name}-{}", std::process::id());
        Self { engine, name, said: Mutex::default(), also: Mutex::default() }
    }

    fn options(&self) -> ImageOptions {
        ImageOptions { namespace: Some(self.name.clone()), ..ImageOptions::default() }
    }

    /// Options to build on the image that all other tests use. It already has every package, so a build is short.
    fn on_the_usual_image(&self) -> ImageOptions {
        let usual = image::ensure(&self.engine, &ImageOptions::default(), &|_| {}).unwrap();
        ImageOptions { base: Some(usual.to_string()), ..self.options() }
    }

    fn ensure(&self, options: &ImageOptions) -> Result<image::ImageRef, MissingPrerequisite> {
        image::ensure(&self.engine, options, &|what| self.said.lock().unwrap().push(what.to_owned()))
    }

    fn said(&self, word: &str) -> usize {
        self.said.lock().unwrap().iter().filter(|line| line.contains(word)).count()
    }
}

impl Drop for Corner {
    fn drop(&mut self) {
        let _ = cleanup::remove_images(&self.engine, &self.name);
        for reference in self.also.lock().unwrap().iter() {
            registry::remove(&self.engine, reference);
        }
    }
}

#[test]
fn two_at_once_build_once_and_a_call_after_them_builds_nothing() {
    let corner = Corner::new("once");
    let options = corner.on_the_usual_image();
    let images = std::thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(|| corner.ensure(&options).unwrap()));
        runs.map(|run| run.join().unwrap())
    });
    assert_eq!(images[0], images[1]);
    assert_eq!(corner.said("building the image codex"), 1, "{:?}", corner.said);

    let said = corner.said("");
    assert_eq!(corner.ensure(&options).unwrap(), images[0]);
    assert_eq!(corner.said(""), said, "{:?}", corner.said);
}

#[test]
fn a_named_base_that_is_not_to_be_had_is_an_error_and_no_other_is_taken() {
    let corner = Corner::new("named");
    let missing = format!("127.0.0.1:{}/missing:1", registry::closed_port());
    let lacks = corner.ensure(&ImageOptions { base: Some(missing.clone()), ..corner.options() }).unwrap_err();
    assert!(lacks.what.contains(&missing), "{lacks}");
    assert!(lacks.tried.iter().any(|tried| tried.contains("refused")), "{lacks}");
    assert!(!lacks.remedies.is_empty(), "{lacks}");
    assert_eq!(corner.said("building"), 0);
}

#[test]
fn a_base_without_dpkg_is_told_from_one_that_is_missing() {
    let corner = Corner::new("bare");
    let bare = format!("{}/bare:1", corner.name);
    registry::import_tiny(&corner.engine, &bare);
    let lacks = corner.ensure(&ImageOptions { base: Some(bare.clone()), ..corner.options() }).unwrap_err();
    assert!(lacks.what.contains(&format!("cannot be built on {bare}")), "{lacks}");
    assert!(lacks.remedies.iter().any(|remedy| remedy.contains("Debian")), "{lacks}");
}

#[test]
fn a_base_is_pulled_from_a_registry() {
    let Some(registry) = Registry::start() else { return };
    let corner = Corner::new("pull");
    let reference = registry.push_tiny(&corner.engine);
    registry::remove(&corner.engine, &reference);
    corner.also.lock().unwrap().push(reference.clone());

    let options = ImageOptions { pull: Some(reference.clone()), ..corner.options() };
    let say = |what: &str| corner.said.lock().unwrap().push(what.to_owned());
    let base = image::ensure_base(&corner.engine, &options, &say).unwrap();
    assert_eq!(base, reference);
    assert_eq!(corner.said("pulling"), 1);

    // The image is local now, so the registry is not asked again.
    drop(registry);
    assert_eq!(image::ensure_base(&corner.engine, &options, &say).unwrap(), reference);
    assert_eq!(corner.said("pulling"), 1);
}

/// Runs the test with nothing to pull from, and with only these scripts on the PATH.
fn with_only(name: &str, programs: &[(&str, &str)], body: impl FnOnce(Corner)) {
    let folder = tempfile::tempdir().unwrap();
    for (program, script) in programs {
        let path = folder.path().join(program);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let pull = format!("127.0.0.1:{}/debian:bookworm-slim", registry::closed_port());
    let variables = [("PATH", path), ("CODEX_REMOTE_AUTH_PULL_IMAGE", &*pull)];
    subprocess::run(name, &variables, || body(Corner::new("only")));
}

#[test]
fn where_no_way_leads_to_a_base_every_one_is_told_with_its_remedy() {
    with_only("where_no_way_leads_to_a_base_every_one_is_told_with_its_remedy", &[], |corner| {
        let lacks = corner.ensure(&corner.options()).unwrap_err();
        let wanted = std::env::var("CODEX_REMOTE_AUTH_PULL_IMAGE").unwrap();
        let places =
            [format!("a local image {wanted}"), format!("to pull {wanted}"), "mmdebstrap".to_owned()];
        assert_eq!(lacks.tried.len(), places.len(), "{lacks}");
        for (tried, place) in lacks.tried.iter().zip(&places) {
            assert!(tried.contains(place.as_str()), "{lacks}");
        }
        for remedy in ["apt-get install mmdebstrap", "_PULL_IMAGE", "_BASE_IMAGE"] {
            assert!(lacks.remedies.iter().any(|given| given.contains(remedy)), "{remedy}: {lacks}");
        }
    });
}

#[test]
fn a_bootstrap_that_fails_is_told_with_what_it_said() {
    let fails = ("mmdebstrap", "echo 'E: no mirror answers' >&2; exit 25");
    with_only("a_bootstrap_that_fails_is_told_with_what_it_said", &[fails], |corner| {
        let lacks = corner.ensure(&corner.options()).unwrap_err();
        let said = "mmdebstrap ended with exit status: 25: E: no mirror answers";
        assert!(lacks.tried[2].contains(said), "{lacks}");
        assert!(lacks.remedies[0].contains("package servers"), "{lacks}");
    });
}

#[test]
fn a_bootstrap_that_is_cut_short_leaves_no_image() {
    let cut = ("mmdebstrap", "printf 'no archive'");
    with_only("a_bootstrap_that_is_cut_short_leaves_no_image", &[cut], |corner| {
        corner.ensure(&corner.options()).unwrap_err();
        assert_eq!(cleanup::remove_images(&corner.engine, &corner.name).unwrap(), [""; 0]);
    });
}

#[test]
fn a_full_disk_is_said_as_one() {
    let full = ("mmdebstrap", "echo 'tar: write error: No space left on device' >&2; exit 1");
    with_only("a_full_disk_is_said_as_one", &[full], |corner| {
        let lacks = corner.ensure(&corner.options()).unwrap_err();
        assert!(lacks.what.contains("no space left"), "{lacks}");
    });
}

#[test]
fn mmdebstrap_is_installed_where_that_is_for_root_to_do_and_said_first() {
    // An apt-get that installs an mmdebstrap which reports that it was run.
    let apt_get = (
        "apt-get",
        "[ \"$1\" = install ] || exit 0\n\
         mmdebstrap=${0%/*}/mmdebstrap\n\
         printf '#!/bin/sh\\necho installed and run >&2; exit 25\\n' >\"$mmdebstrap\"\n\
         /bin/chmod 755 \"$mmdebstrap\"",
    );
    with_only("mmdebstrap_is_installed_where_that_is_for_root_to_do_and_said_first", &[apt_get], |corner| {
        let lacks = corner.ensure(&corner.options()).unwrap_err();
        let installed = lacks.tried[2].contains("installed and run");
        assert_eq!(installed, rustix::process::geteuid().is_root(), "{lacks}");
        assert_eq!(corner.said("apt-get update && apt-get install mmdebstrap"), usize::from(installed));
    });
}

#[test]
fn a_container_without_its_host_key_ends_and_says_so() {
    let corner = Corner::new("keyless");
    let image = image::ensure(&corner.engine, &ImageOptions::default(), &|_| {}).unwrap();
    let (docker, engine) = (corner.engine.docker(), &corner.engine);
    let config = ContainerCreateBody { image: Some(image.to_string()), ..ContainerCreateBody::default() };
    let log = engine.block_on(async {
        let id = docker.create_container(None::<CreateContainerOptions>, config).await.unwrap().id;
        docker.start_container(&id, None::<StartContainerOptions>).await.unwrap();
        let options = LogsOptionsBuilder::new().follow(true).stderr(true).build();
        let log =
            docker.logs(&id, Some(options)).map_ok(|line| line.to_string()).try_collect::<String>().await;
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        docker.remove_container(&id, Some(options)).await.unwrap();
        log.unwrap()
    });
    assert!(log.contains("/etc/ssh/ssh_host_ed25519_key is missing"), "{log}");
}

/// No tricks of this project: `/` is unchanged, so are the packages' files, there are no volumes, and sshd starts as on Debian.
#[test]
fn the_server_is_as_debian_installs_it() {
    let test_environment = TestEnvironment::open(&TestEnvironmentOptions::default(), &|_| {}).unwrap();
    let container = test_environment.container().unwrap();
    let run = |command: &str| {
        let output = container.as_root(command, b"").unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{command}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(run("stat -c %A /"), "drwxr-xr-x\n");
    assert_eq!(run("cut -d' ' -f2 /proc/mounts | grep -e ^/usr -e ^/lib"), "");
    // A changed file of a package is a line with a `5`. This one is explained in docs/design.md.
    assert_eq!(run("dpkg --verify openssh-server libc6 | grep '^..5'"), "??5?????? c /etc/pam.d/sshd\n");
    assert_eq!(run("ls -l /lib64/ld-linux* /etc/ld.so.cache | grep -e '-> /usr'"), "");
    let sshd = run("tr '\\0' ' ' </proc/1/cmdline");
    assert!(sshd.starts_with("sshd: /usr/sbin/sshd -D -E "), "{sshd}");
    let settings = run("/usr/sbin/sshd -T -C user=root,host=here,addr=127.0.0.1,lport=22222");
    for setting in ["usepam yes", "subsystem sftp /usr/lib/openssh/sftp-server"] {
        assert!(settings.lines().any(|line| line == setting), "{setting}: {settings}");
    }
    container.stop().unwrap();
}
