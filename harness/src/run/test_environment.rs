//! Everything that must exist before a check can run, and that must be gone afterwards.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::target::{
    Bare, BareSpec, CodexUnderTest, Container, ContainerSpec, Engine, Lifetime, RigProblem, RunId, RunLock,
    Subject, Trust, Warm, cleanup, image, static_programs, write_private,
};

/// How long a warm container waits for the next run.
const WARM: Duration = Duration::from_secs(5 * 60);

/// How a test environment is set up.
#[derive(Debug, Clone, Default)]
pub struct TestEnvironmentOptions {
    /// How to get the image.
    pub image: image::ImageOptions,
    /// Whether the container outlives the run.
    pub keep: bool,
}

/// A running engine, an image, the programs for the image, and the name and folder of a run.
#[derive(Debug)]
pub struct TestEnvironment {
    engine: Engine,
    image: image::ImageRef,
    programs: PathBuf,
    run: RunLock,
    keep: bool,
}

impl TestEnvironment {
    /// Finds or builds everything, and removes what dead runs left.
    ///
    /// # Errors
    /// [`RigProblem::MissingPrerequisite`] with what the machine lacks.
    pub fn open(options: &TestEnvironmentOptions, say: &(dyn Fn(&str) + Sync)) -> Result<Self, RigProblem> {
        let engine = Engine::connect()?;
        let run = RunLock::acquire()?;
        cleanup::sweep(&engine)?;
        // The compiler and the bootstrap mostly wait for different things, so run them in parallel.
        let (programs, image) = std::thread::scope(|scope| {
            let programs = scope.spawn(|| static_programs(say));
            let image = image::ensure(&engine, &options.image, say);
            (programs.join(), image)
        });
        let programs = match programs {
            Ok(programs) => programs?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        Ok(Self { engine, image: image?, programs, run, keep: options.keep })
    }

    /// Starts a container of this run, with the stub.
    ///
    /// # Errors
    /// [`RigProblem`] if it does not start.
    pub fn container(&self) -> Result<Container<'_>, RigProblem> {
        self.container_with(&CodexUnderTest::newest_stub())
    }

    /// Starts a container of this run, with this program in it.
    ///
    /// # Errors
    /// [`RigProblem`] if it does not start.
    pub fn container_with(&self, codex: &CodexUnderTest) -> Result<Container<'_>, RigProblem> {
        self.start(codex, if self.keep { Lifetime::Kept } else { Lifetime::Run })
    }

    /// The container of this name that is up already, or a new one. It ends by itself when nobody has used it for `idle`.
    ///
    /// # Errors
    /// [`RigProblem`] if it does not start.
    pub fn shared_container(
        &self,
        name: &str,
        codex: &CodexUnderTest,
        idle: Duration,
    ) -> Result<Container<'_>, RigProblem> {
        Warm::at(name)?.container(&self.engine, || self.start(codex, Lifetime::Idle(idle)))
    }

    /// The container that stays up between runs with this codex. One with another codex, image or stub is another one.
    ///
    /// # Errors
    /// [`RigProblem`] if it does not start.
    pub fn warm_container(&self, codex: &CodexUnderTest) -> Result<Container<'_>, RigProblem> {
        let mut parts = vec![self.image.to_string(), self.programs.display().to_string()];
        if let CodexUnderTest::Real(real) | CodexUnderTest::Claude(real) = codex {
            let metadata = std::fs::metadata(&real.program).ok();
            parts.push(format!("{} {metadata:?}", real.program.display()));
        }
        let digest = Sha256::digest(parts.join("\n"));
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        self.shared_container(&name, codex, WARM)
    }

    fn start(&self, codex: &CodexUnderTest, lifetime: Lifetime) -> Result<Container<'_>, RigProblem> {
        let stub = self.programs.join("codex");
        if let CodexUnderTest::Real(real) | CodexUnderTest::Claude(real) = codex {
            bring_into_memory(&real.program);
        }
        let under_test = match codex {
            CodexUnderTest::Stub(_) => Subject { codex: stub, claude: None, trust: Trust::Own },
            CodexUnderTest::Real(real) => {
                Subject { codex: real.program.clone(), claude: None, trust: Trust::Foreign }
            }
            CodexUnderTest::Claude(real) => {
                Subject { codex: stub, claude: Some(real.program.clone()), trust: Trust::Foreign }
            }
        };
        let spec = ContainerSpec {
            image: &self.image,
            programs: &self.programs,
            under_test: &under_test,
            folder: self.run.folder(),
            run: self.run.id(),
            lifetime,
        };
        Container::start(&self.engine, spec)
    }

    /// Starts a machine that has nothing of the project. See [`BareSpec`].
    ///
    /// # Errors
    /// [`RigProblem`] if it does not start.
    pub fn bare(&self, spec: &BareSpec<'_>, say: &dyn Fn(&str)) -> Result<Bare<'_>, RigProblem> {
        Bare::start(&self.engine, self.run.id(), spec, say)
    }

    /// The run's folder. It is removed at the end of the run.
    pub fn folder(&self) -> &Path {
        self.run.folder()
    }

    /// Writes what `ssh -F` needs to log in to a container. If the container outlives the run, `clean` removes it.
    ///
    /// # Errors
    /// The system's error if it cannot be written.
    pub fn write_way_in(&self, container: &Container<'_>) -> std::io::Result<PathBuf> {
        let folder = if self.keep { self.run.kept_folder()? } else { self.run.folder().to_owned() };
        let (host, port) = container.address();
        let [config, key, known] = ["config", "key", "known_hosts"].map(|name| folder.join(name));
        write_private(&key, container.client_key().private.expose())?;
        write_private(&known, format!("[{host}]:{port} {}\n", container.host_key_line()).as_bytes())?;
        let text = format!(
            "Host box\n  HostName {host}\n  Port {port}\n  IdentityFile {}\n  UserKnownHostsFile {}\n",
            key.display(),
            known.display()
        );
        write_private(&config, text.as_bytes())?;
        Ok(config)
    }

    /// Ends the run without dropping the test environment: for test programs, which keep it until they exit.
    pub fn end(&self) {
        self.run.end();
    }

    /// The run's name.
    pub fn run(&self) -> &RunId {
        self.run.id()
    }

    /// The image that containers start from.
    pub fn image(&self) -> &image::ImageRef {
        &self.image
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// Reads the program once. Three hundred megabytes from a cold disk take longer than the deadline of the first step,
/// and that would say nothing about the program. If it cannot be read, its first call says why.
fn bring_into_memory(program: &Path) {
    let _ = File::open(program).and_then(|mut file| io::copy(&mut file, &mut io::sink()));
}
