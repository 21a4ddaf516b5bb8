//! What OpenSSH itself makes of a configuration: `ssh -G`.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::alike::{Kind, Memory, Question};
use super::fields::Fields;
use super::{HostName, SshOptions};

/// OpenSSH's program, and what it has said so far.
#[derive(Debug)]
pub(super) struct OpenSsh {
    program: PathBuf,
    talk: Mutex<Talk>,
    answered: Condvar,
    defaults: OnceLock<Defaults>,
}

/// What was asked, and what is being asked.
#[derive(Debug, Default)]
struct Talk {
    said: Memory,
    /// What is being asked, with the kinds of which each host was known to be.
    open: Vec<(Question, Vec<Kind>)>,
}

/// What it says where nothing is configured.
#[derive(Debug, Clone, Default)]
struct Defaults {
    fields: Fields,
    /// Whether it says which files it reads.
    names_files: bool,
}

/// What `ssh -G` said.
pub(super) struct Asked {
    pub(super) fields: Fields,
    /// What it says where nothing is configured.
    pub(super) defaults: Fields,
}

/// What it said, and which files it read for that.
struct Said {
    fields: Fields,
    /// None where it does not say.
    files: Option<Vec<PathBuf>>,
}

/// How long an answer to another host's question is waited for: `ssh` takes some ten milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);

/// A file without a setting.
const NOTHING: &str = "/dev/null";

impl OpenSsh {
    pub(super) fn at(program: impl Into<PathBuf>) -> Self {
        let (talk, answered, defaults) = Default::default();
        Self { program: program.into(), talk, answered, defaults }
    }

    /// Asks of a host, where no answer that is here already is its too; `None` where there is no OpenSSH.
    pub(super) fn ask(&self, host: &HostName, options: &SshOptions) -> Result<Option<Asked>, String> {
        let question = question(host, options);
        if let Some(fields) = self.remembered_or_begun(&question) {
            return self.beside_defaults(fields).map(Some);
        }
        let asked = self.run_for(&question);
        let mut talk = self.talk();
        if let Some(at) = talk.open.iter().position(|(open, _)| *open == question) {
            talk.open.swap_remove(at);
        }
        self.answered.notify_all();
        let Some(Said { fields, files }) = asked? else { return Ok(None) };
        talk.said.keep(question, fields.clone(), files);
        drop(talk);
        self.beside_defaults(fields).map(Some)
    }

    /// What is remembered of it. Where nothing is, and nobody is asking what may be its answer too, the question is begun.
    fn remembered_or_begun(&self, question: &Question) -> Option<Fields> {
        let mut talk = self.talk();
        let mut waited_in_vain = false;
        loop {
            let kinds = talk.said.kinds(question);
            let remembered = talk.said.of(question, &kinds);
            if remembered.is_some() {
                return remembered;
            }
            // What a configuration has `ssh` run for one host holds up no other.
            if waited_in_vain || !talk.may_answer(question, &kinds) {
                talk.open.push((question.clone(), kinds));
                return None;
            }
            let (woken, over) =
                self.answered.wait_timeout(talk, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            (talk, waited_in_vain) = (woken, over.timed_out());
        }
    }

    fn talk(&self) -> MutexGuard<'_, Talk> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_for(&self, question: &Question) -> Result<Option<Said>, String> {
        let Some(said) = self.run(&question.arguments())? else { return Ok(None) };
        let names_files = self.defaults()?.names_files;
        Ok(Some(Said { files: said.files.filter(|_| names_files), ..said }))
    }

    fn beside_defaults(&self, fields: Fields) -> Result<Asked, String> {
        Ok(Asked { fields, defaults: self.defaults()?.fields.clone() })
    }

    fn defaults(&self) -> Result<&Defaults, String> {
        if let Some(defaults) = self.defaults.get() {
            return Ok(defaults);
        }
        let said = self.run(&["-F", NOTHING, "--", "host"].map(str::to_owned))?;
        let defaults = said.map(|said| Defaults {
            names_files: said.files.is_some_and(|files| files == [PathBuf::from(NOTHING)]),
            fields: said.fields,
        });
        Ok(self.defaults.get_or_init(|| defaults.unwrap_or_default()))
    }

    fn run(&self, arguments: &[String]) -> Result<Option<Said>, String> {
        // -v: it then says which files it reads.
        let output =
            Command::new(&self.program).args(["-v", "-G"]).args(arguments).stdin(Stdio::null()).output();
        let output = match output {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| format!("{}: {error}", self.program.display()))?,
        };
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let said: Vec<&str> = said.lines().map(str::trim).filter(|line| is_for_people(line)).collect();
            return Err(format!("ssh says: {}", said.join("; ")));
        }
        let files = said.lines().filter_map(|line| line.strip_prefix("debug1: Reading configuration data "));
        Ok(Some(Said {
            files: Some(files.map(PathBuf::from).collect()),
            fields: Fields::from_lines(&String::from_utf8_lossy(&output.stdout)),
        }))
    }
}

/// Not what is said only because more was asked for.
fn is_for_people(line: &str) -> bool {
    !line.is_empty() && !["debug", "OpenSSH_", "Pseudo-terminal"].iter().any(|start| line.starts_with(start))
}

impl Talk {
    /// Whether something that is being asked may be this host's answer too, as far as those that there are tell.
    fn may_answer(&self, question: &Question, kinds: &[Kind]) -> bool {
        let is_new = self.said.is_new(question);
        let may = |(open, its): &(Question, Vec<Kind>)| {
            open == question || is_new || its.iter().any(|kind| kinds.contains(kind))
        };
        self.open.iter().any(may)
    }
}

/// The host's own account and port go before those of the command line: of several the first counts, and the host's are
/// about it alone.
fn question(host: &HostName, options: &SshOptions) -> Question {
    let mut others = Vec::new();
    let mut option = |letter: &str, value: String| others.extend([letter.to_owned(), value]);
    for file in &options.identities {
        option("-i", file.display().to_string());
    }
    if let Some(file) = &options.config {
        option("-F", file.display().to_string());
    }
    if let Some(jump) = &options.jump {
        option("-J", jump.clone());
    }
    for text in &options.options {
        option("-o", text.clone());
    }
    Question {
        host: host.host.clone(),
        user: host.user.clone().or_else(|| options.user.clone()),
        port: host.port.or(options.port),
        others,
    }
}
