//! A machine of a person who has nothing of the project: a minimal Debian to install the program in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use testcontainers::core::{AccessMode, ExecCommand, Mount, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, CopyTargetOptions, GenericImage, ImageExt};

use super::engine::causes;
use super::{Container, Engine, Lifetime, RigProblem, RunId, cleanup, image};

/// What such a machine has.
#[derive(Debug)]
pub struct BareSpec<'a> {
    /// The Debian release: `bookworm`.
    pub suite: &'a str,
    /// The packages beside a minimal Debian.
    pub packages: &'a [&'a str],
    /// The host that it has to reach. It uses that container's network, which leads nowhere else.
    pub host: &'a Container<'a>,
    /// Files of this machine that are copied into it: from where, to where, and the mode.
    pub files: &'a [(PathBuf, String, u32)],
    /// Folders of this machine that it can read, each at this path.
    pub folders: &'a [(PathBuf, String)],
}

/// The result of a command.
#[derive(Debug)]
pub struct Ran {
    /// The exit status.
    pub status: i64,
    /// Both output streams, as they came.
    pub output: Vec<u8>,
}

/// The running machine. Dropping it removes it; so does the next run's sweep.
#[derive(Debug)]
pub struct Bare<'e> {
    engine: &'e Engine,
    inner: Option<ContainerAsync<GenericImage>>,
}

impl<'e> Bare<'e> {
    /// Starts it.
    ///
    /// # Errors
    /// [`RigProblem::MissingPrerequisite`] and [`RigProblem::Start`].
    pub fn start(
        engine: &'e Engine,
        run: &RunId,
        spec: &BareSpec<'_>,
        say: &dyn Fn(&str),
    ) -> Result<Self, RigProblem> {
        let image = image::ensure_bare(engine, spec.suite, spec.packages, say)?;
        let labels = cleanup::labels(run, Lifetime::Run)?;
        let (name, tag) = image.name_and_tag();
        let network = format!("container:{}", spec.host.id());
        let mut request = GenericImage::new(name, tag)
            .with_wait_for(WaitFor::Nothing)
            .with_cmd(["sleep", "infinity"])
            .with_labels(labels)
            .with_host_config_modifier(move |host| {
                host.network_mode = Some(network.clone());
                // It has no ports of its own, and the engine refuses to publish any.
                host.publish_all_ports = Some(false);
                // `sleep` as the first process would not end at a signal, and collects no orphans.
                host.init = Some(true);
            });
        for (here, there, mode) in spec.files {
            request = request.with_copy_to(CopyTargetOptions::new(there).with_mode(*mode), here.clone());
        }
        for (here, there) in spec.folders {
            request = request.with_mount(read_only(here, there));
        }
        let started = engine.block_on(request.start());
        let inner = started.map_err(|error| RigProblem::Start { reason: causes(&error) })?;
        Ok(Self { engine, inner: Some(inner) })
    }

    /// Runs a script as root, with no input and no terminal.
    ///
    /// # Errors
    /// [`RigProblem::Unread`] if the engine does not run it, or if it does not end in time.
    pub fn run(&self, script: &str, limit: Duration) -> Result<Ran, RigProblem> {
        let unread = |reason| RigProblem::Unread { what: "the output of a command in a container", reason };
        let failed = |error: testcontainers::TestcontainersError| unread(causes(&error));
        let command = ExecCommand::new(["sh", "-c", &format!("exec 2>&1\n{script}")]);
        let Some(inner) = &self.inner else { return Err(unread("it is gone".to_owned())) };
        let ran = async {
            let mut called = inner.exec(command).await.map_err(failed)?;
            let output = called.stdout_to_vec().await.map_err(failed)?;
            loop {
                // The engine may know the status a moment after the output has ended.
                if let Some(status) = called.exit_code().await.map_err(failed)? {
                    return Ok(Ran { status, output });
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_time = self.engine.block_on(async { tokio::time::timeout(limit, ran).await });
        in_time.unwrap_or_else(|_| Err(unread(format!("it did not end within {} s", limit.as_secs()))))
    }
}

impl Drop for Bare<'_> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            let _ = self.engine.block_on(inner.rm());
        }
    }
}

fn read_only(here: &Path, there: &str) -> Mount {
    Mount::bind_mount(here.to_string_lossy(), there).with_access_mode(AccessMode::ReadOnly)
}
