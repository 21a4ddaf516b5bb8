//! A real registry on loopback, which engines trust without TLS, and a tiny image to put into it.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use harness::target::Engine;
use tempfile::TempDir;
use testcontainers::bollard::body_full;
use testcontainers::bollard::query_parameters::{
    CreateImageOptionsBuilder, PushImageOptionsBuilder, RemoveImageOptionsBuilder,
};

/// A running registry. Dropping it stops it and deletes its content.
pub(crate) struct Registry {
    child: Child,
    port: u16,
    _storage: TempDir,
}

impl Registry {
    /// Starts a registry. If the program is not installed, it says so and returns `None`; in CI that is a failure.
    pub(crate) fn start() -> Option<Self> {
        let storage = tempfile::tempdir().unwrap();
        let port = closed_port();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n\
             storage: {{filesystem: {{rootdirectory: '{}'}}}}\n",
            storage.path().display()
        );
        let file = storage.path().join("config.yml");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(child) = command.spawn() else {
            let remedy =
                "docker-registry is not installed, so no pull is tested; apt-get install docker-registry";
            assert!(std::env::var_os("CI").is_none(), "{remedy}");
            // Written directly, because the test runner hides what a passing test prints.
            let _ = writeln!(std::io::stderr(), "NOT TESTED: {remedy}");
            return None;
        };
        let registry = Self { child, port, _storage: storage };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "the registry does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(registry)
    }

    /// Puts a tiny image into the registry, and returns its name.
    pub(crate) fn push_tiny(&self, engine: &Engine) -> String {
        let repository = format!("127.0.0.1:{}/tiny", self.port);
        let reference = format!("{repository}:bookworm-slim");
        import_tiny(engine, &reference);
        let options = PushImageOptionsBuilder::new().tag("bookworm-slim").build();
        let pushed = engine.docker().push_image(&repository, Some(options), None).try_collect::<Vec<_>>();
        engine.block_on(pushed).unwrap();
        reference
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes an image of one file.
pub(crate) fn import_tiny(engine: &Engine, reference: &str) {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o644);
    // The process number makes the content unique: no other image on the engine shares a layer with it.
    let content = format!("{:05}", std::process::id() % 100_000);
    archive.append_data(&mut header, "tiny", content.as_bytes()).unwrap();
    let (repository, tag) = reference.rsplit_once(':').unwrap();
    let options = CreateImageOptionsBuilder::new().from_src("-").repo(repository).tag(tag).build();
    let body = body_full(archive.into_inner().unwrap().into());
    engine
        .block_on(engine.docker().create_image(Some(options), Some(body), None).try_collect::<Vec<_>>())
        .unwrap();
}

/// Removes an image's name from the engine if it exists, and the image too if that was its only name.
pub(crate) fn remove(engine: &Engine, reference: &str) {
    let options = RemoveImageOptionsBuilder::new().force(true).build();
    let _ = engine.block_on(engine.docker().remove_image(reference, Some(options), None));
}

/// A port on loopback on which nothing listens.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
