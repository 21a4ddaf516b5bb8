//! The cases that are open in a terminal, so that a command in another terminal can ask for something.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::case_shell::{CaseShell, Wish};
use crate::target::{Container, Engine, Numbers, RigProblem, Ticket, runtime_dir, write_private};

/// How long a wish may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What another process needs to ask.
#[derive(Debug, Serialize, Deserialize)]
struct OpenCase {
    ticket: Ticket,
    folder: String,
}

/// The record of an open case. Dropping it removes the record.
#[derive(Debug)]
pub struct Published(PathBuf);

impl Drop for Published {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn name(lesson: &str) -> String {
    format!("case-{lesson}.json")
}

/// Records that a case is open, in the private folder of its run.
///
/// # Errors
/// The system's error if it cannot be written.
pub fn publish(run: &Path, lesson: &str, shell: &CaseShell<'_>) -> io::Result<Published> {
    let path = run.join(name(lesson));
    let case = OpenCase { ticket: shell.container().ticket(), folder: shell.folder().to_owned() };
    write_private(&path, &serde_json::to_vec(&case)?)?;
    Ok(Published(path))
}

/// Asks the open case of a lesson for something, and returns its answer. `None` if none is open.
///
/// # Errors
/// [`RigProblem`] if its container does not answer.
pub fn ask(lesson: &str, wish: Wish) -> Result<Option<String>, RigProblem> {
    let Ok(runs) = fs::read_dir(runtime_dir()?) else { return Ok(None) };
    let record = |run: fs::DirEntry| fs::read(run.path().join(name(lesson))).ok();
    let parsed = |bytes: Vec<u8>| serde_json::from_slice::<OpenCase>(&bytes).ok();
    let Some(case) = runs.flatten().filter_map(record).find_map(parsed) else { return Ok(None) };
    let engine = Engine::connect()?;
    // It makes no accounts, so it needs no numbers of its own.
    let container = Container::join(&engine, &case.ticket, Numbers::none())?;
    let shell = CaseShell::at(&container, case.folder);
    shell.ask(wish)?;
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(answer) = shell.answered()? {
            return Ok(Some(answer));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(RigProblem::Unread { what: "the answer of the open case", reason: "it took too long".to_owned() })
}
