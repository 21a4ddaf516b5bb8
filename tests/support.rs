//! What the test programs share: one container for a whole program, gone at its end.

pub mod accounts;
pub mod page;
pub mod proxy;
pub mod recording_prompt;
pub mod running;
pub mod started;
pub mod subprocess;
pub mod terminal;
pub mod trace;
pub mod trials;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use codex_remote_auth::lessons::{Catalogue, Lesson};
use codex_remote_auth::ssh::End;
use harness::run::{LeakScanner, Runner, RunnerOptions, TestEnvironment, TestEnvironmentOptions, catalogue};
use harness::target::Container;

/// The checkout's root.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// The program as it is installed, built as `cargo install` builds it, with no feature that another package of the checkout asks
/// for; but without its optimizations.
///
/// # Panics
/// Where it does not build.
pub fn program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let target = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
        // target/debug/deps/this
        let target = target
            .ancestors()
            .nth(3)
            .unwrap_or_else(|| panic!("{} is in no target folder", target.display()));
        let built = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--locked", "--package", "codex-remote-auth", "--target-dir"])
            .arg(target)
            .current_dir(root())
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the installed program does not build");
        target.join("debug/codex-remote-auth").display().to_string()
    })
}

/// All lessons.
///
/// # Panics
/// Where a lesson file is refused: then no test can say anything.
pub fn lessons() -> Catalogue {
    catalogue(&root().join("fixtures/lessons")).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Holds a lesson's transcript against its snapshot.
///
/// # Panics
/// Where it is another.
pub fn assert_page(lesson: &Lesson, page: &str) {
    insta::with_settings!({
        snapshot_path => root().join("tests/snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
        description => lesson.title.clone(),
    }, {
        insta::assert_snapshot!(lesson.id.clone(), page);
    });
}

/// A test environment and a container in it, started on first use.
#[derive(Debug, Default)]
pub struct Shared {
    test_environment: OnceLock<&'static TestEnvironment>,
    container: Mutex<Option<&'static Container<'static>>>,
    leak_scanner: LeakScanner,
}

impl Shared {
    /// The test environment.
    ///
    /// # Panics
    /// Where the machine lacks something, with its remedy: a test without an sshd would show nothing.
    pub fn test_environment(&self) -> &'static TestEnvironment {
        self.test_environment.get_or_init(|| {
            let test_environment =
                TestEnvironment::open(&TestEnvironmentOptions::default(), &|what| eprintln!("{what}"));
            Box::leak(Box::new(test_environment.unwrap_or_else(|lacks| panic!("{lacks}"))))
        })
    }

    /// The container.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn container(&self) -> &'static Container<'static> {
        let mut container = self.container.lock().unwrap_or_else(PoisonError::into_inner);
        container.get_or_insert_with(|| {
            let container = self.test_environment().container();
            Box::leak(Box::new(container.unwrap_or_else(|problem| panic!("{problem}"))))
        })
    }

    /// What a shell script says as root in the container.
    ///
    /// # Panics
    /// Where the script fails.
    pub fn root(&self, script: &str) -> String {
        let output = self.container().as_root("sh -s", script.as_bytes());
        let output = output.unwrap_or_else(|problem| panic!("{problem}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.end, End::Exit(0), "as root: {script}\n{said}");
        String::from_utf8(output.stdout).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A runner on the container, with a leak scanner of its own.
    pub fn runner(&self) -> Runner<'static> {
        let folder = self.test_environment().folder().to_owned();
        Runner::new(self.container(), RunnerOptions::new(1, folder))
    }

    /// The leak scanner that looks at everything in the end.
    pub fn leak_scanner(&self) -> &LeakScanner {
        &self.leak_scanner
    }

    /// Learns a runner's canaries, for the look at everything that [`end`](Self::end) takes.
    pub fn remember(&self, runner: &Runner<'_>) {
        self.leak_scanner.plant_all_of(runner.leak_scanner());
    }

    /// Removes the container, and says where in its logs a secret was seen.
    pub fn end(&self) -> Vec<String> {
        let container = self.container.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(container) = container else { return Vec::new() };
        for (place, log) in [
            ("the container's log", container.log()),
            ("a command line or an environment in the container", container.process_log()),
        ] {
            match log {
                Ok(log) => {
                    self.leak_scanner.pass(place, &log);
                }
                Err(problem) => {
                    self.leak_scanner.note(format!("{place}, which could not be read: {problem}"));
                }
            }
        }
        container.remove();
        self.test_environment().end();
        self.leak_scanner.leaks().into_iter().map(|leak| format!("{}, {}", leak.place, leak.form)).collect()
    }
}
