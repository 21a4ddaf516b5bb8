//! `cargo xtask repro`: sets up the case of a lesson, and opens a shell in it.

use std::fs::File;
use std::io::{IsTerminal, Read, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use codex_remote_auth::cli::exit::Verdict;
use codex_remote_auth::lessons::{Action, Catalogue, Lesson};
use codex_remote_auth::{say, say_line, tell_line};
use harness::report;
use harness::run::{
    Case, CaseShell, Check, Runner, RunnerOptions, SMOKE_TESTS, TestEnvironmentOptions, Wish, case_step,
    catalogue, check_choice, choose, open_cases,
};
use harness::target::image::ImageOptions;
use harness::target::{CodexChoice, Flavour};

use crate::kept::{REMOVE, shell};
use crate::names::NothingSelected;
use crate::progress::{Count, Lines, Live};
use crate::smoke::{STUB, listed, only_elsewhere, tool};
use crate::sources::SourceArgs;
use crate::status::Refused;
use crate::{help, names, session, terminal, workspace};
use codex_remote_auth::cli::exit::WrongCall;
use codex_remote_auth::cli::terminal::colours;

/// The most that is read of an output, in bytes.
const MOST: u64 = 16 * 1_024 * 1_024;

/// How often the shell's commands are looked for.
const LOOK: Duration = Duration::from_millis(100);

/// Set up the case of a lesson, in the state before it goes wrong, and open a shell in it
#[derive(Debug, Args)]
#[command(after_help = help::REPRO)]
pub(crate) struct Repro {
    /// The lesson
    #[arg(value_name = "ID", required_unless_present = "from")]
    id: Option<String>,
    /// Find the lesson by the output of a failed command, from a file or, with `-`, from the standard input
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    from: Option<PathBuf>,
    /// The step before which to stop, counted from 1 through the wrong and right ways
    #[arg(long, value_name = "N")]
    step: Option<usize>,
    /// The machine on which to open the shell
    #[arg(long = "as", value_enum, value_name = "WHERE")]
    place: Option<Place>,
    /// Apply the right way to the case that is open in another terminal
    #[arg(long, conflicts_with_all = ["print", "step", "place"])]
    fix: bool,
    /// Print the case as a shell script that runs without the harness, and start nothing
    #[arg(long)]
    print: bool,
    /// Keep the container when the shell ends
    #[arg(long, conflicts_with = "warm")]
    keep: bool,
    /// Use a container that stays up for five minutes, or start one
    #[arg(long)]
    warm: bool,
    /// The codex to use: `stub`, `stub:RELEASE`, `real:RELEASE`, `claude:RELEASE`, or the path of a program
    #[arg(long, value_name = "CODEX", default_value = STUB)]
    codex: String,
    /// The server to use, a folder under docker/
    #[arg(long, value_name = "NAME", default_value_t)]
    flavour: Flavour,
    #[command(flatten)]
    files: workspace::LessonFiles,
    #[command(flatten)]
    sources: SourceArgs,
}

/// Where the shell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    /// The account on the host
    Remote,
    /// The machine that deploys, where `remote` and `host` can be reached
    Local,
}

impl Repro {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let choice: CodexChoice = self.codex.parse().map_err(WrongCall)?;
        let catalogue = catalogue(&self.files.folder())?;
        let lesson = self.lesson(&catalogue)?;
        if self.print {
            say!("{}", report::case_script(lesson));
            return Ok(Verdict::Holds);
        }
        if self.fix {
            return fix(lesson);
        }
        let release = listed(&choice);
        if lesson.tool != tool(&choice) || !lesson.codex.contains(&release) {
            return Err(only_elsewhere(lesson).into());
        }
        let (_, step) = case_step(&Check::lesson(lesson, release), self.step).map_err(|problem| {
            Refused::new(problem.to_string()).hint(format!("cargo xtask lessons {}", lesson.id))
        })?;
        let place = self.place(lesson, step)?;
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(Refused::new("repro opens a shell, and needs a terminal for it")
                .hint(format!("cargo xtask repro {} --print", lesson.id))
                .hint(format!("cargo xtask smoke {} --keep", lesson.id))
                .into());
        }
        check_choice(&choice, &self.sources.sources())?;

        let live = Live::new(Lines::Own, Count::Checks, colours());
        let image = ImageOptions { flavour: self.flavour, ..ImageOptions::default() };
        let options = TestEnvironmentOptions { image, keep: self.keep };
        let test_environment = session::open(&options, &|what| live.say(what))?;
        let codex = choose(&choice, &test_environment, &self.sources.sources(), &|what| live.say(what))?;
        if !lesson.codex.contains(codex.release()) {
            return Err(only_elsewhere(lesson).into());
        }
        let container = match self.warm {
            true => test_environment.warm_container(&codex)?,
            false => test_environment.container_with(&codex)?,
        };
        let config = test_environment.write_way_in(&container)?;
        let account = {
            let options = RunnerOptions {
                flavour: self.flavour,
                ..RunnerOptions::new(1, test_environment.folder().to_owned()).with(&codex)
            };
            let runner = Runner::new(&container, options);
            let mut case = Case::open(&runner, Check::lesson(lesson, codex.release().clone()), self.step)?;
            live.finish();
            let local = case.local().filter(|_| place == Place::Local);
            let account = local.unwrap_or(case.remote()).clone();
            let shell = CaseShell::install(&runner, &account, case.typed().as_deref().unwrap_or("step"))?;
            let _open = open_cases::publish(test_environment.folder(), &lesson.id, &shell)?;
            say!("{}", report::case_lines(&case, local.is_some(), terminal::width()));
            if lesson.needs_local_machine() {
                let (other, option) = match place {
                    Place::Remote => ("the machine that deploys", "local"),
                    Place::Local => ("the host", "remote"),
                };
                say_line!("for {other}: cargo xtask repro {} --as {option}", lesson.id);
            }
            say_line!("");
            open(&config, &account.name, &shell, &mut case)?;
            account.name
        };
        if self.keep {
            say_line!(
                "kept: {}
to remove it: {REMOVE}",
                shell(&config, &account)
            );
            container.leave();
        } else {
            container.stop()?;
        }
        Ok(Verdict::Holds)
    }

    fn lesson<'c>(&self, catalogue: &'c Catalogue) -> anyhow::Result<&'c Lesson> {
        let wanted = match (&self.id, &self.from) {
            (Some(id), _) => id.clone(),
            (None, Some(file)) => from(file, catalogue)?,
            (None, None) => String::new(),
        };
        if SMOKE_TESTS.iter().any(|test| test.id == wanted) {
            let what = format!("`{wanted}` is a smoke test, and has no steps to stop at");
            return Err(Refused::new(what).hint(format!("cargo xtask smoke {wanted} --keep")).into());
        }
        let known: Vec<&str> = catalogue.lessons().iter().map(|lesson| lesson.id.as_str()).collect();
        let list = "cargo xtask lessons";
        let chosen = names::select_checks("lesson", std::slice::from_ref(&wanted), &known, catalogue, list)?;
        match (chosen.as_slice(), chosen.first().and_then(|id| catalogue.get(id))) {
            ([_], Some(lesson)) => Ok(lesson),
            _ => {
                let what = format!("`{wanted}` selects {} lessons; a case is one", chosen.len());
                Err(Refused::new(what).hint(format!("cargo xtask lessons '{wanted}'")).into())
            }
        }
    }

    /// The machine for the shell: the one of --as, or else the one that runs the step.
    fn place(&self, lesson: &Lesson, step: usize) -> anyhow::Result<Place> {
        if self.place == Some(Place::Local) && !lesson.needs_local_machine() {
            let what = format!("the lesson {} has no machine that deploys", lesson.id);
            return Err(Refused::new(what).hint(format!("cargo xtask repro {}", lesson.id)).into());
        }
        let is_local =
            lesson.steps().nth(step).is_some_and(|(_, step)| matches!(step.action, Action::Local(_)));
        Ok(self.place.unwrap_or(if is_local { Place::Local } else { Place::Remote }))
    }
}

/// The name of the lesson that an output belongs to.
fn from(file: &Path, catalogue: &Catalogue) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = match file == Path::new("-") {
        true => stdin().lock().take(MOST).read_to_end(&mut bytes),
        false => File::open(file).and_then(|open| open.take(MOST).read_to_end(&mut bytes)),
    };
    read.map_err(|error| {
        Refused::new(format!("cannot read {}: {error}", file.display()))
            .hint("name a file, or - for the standard input")
    })?;
    let output = String::from_utf8_lossy(&bytes);
    let messages = catalogue.messages(&output, None);
    let mut causes: Vec<&str> =
        messages.iter().flat_map(|message| &message.causes).map(|lesson| lesson.id.as_str()).collect();
    causes.sort_unstable();
    causes.dedup();
    match causes.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(NothingSelected::new("no lesson knows this output", "cargo xtask lessons").into()),
        several => {
            let mut refused = Refused::new(format!("{} lessons print this output", several.len()));
            for lesson in several.iter().filter_map(|id| catalogue.get(id)) {
                refused = refused.hint(format!("cargo xtask repro {}  # {}", lesson.id, lesson.title));
            }
            Err(refused.into())
        }
    }
}

/// Applies the right way to the case that is open in another terminal.
fn fix(lesson: &Lesson) -> anyhow::Result<Verdict> {
    match open_cases::ask(&lesson.id, Wish::Fix)? {
        Some(answer) => {
            say!("{answer}");
            Ok(Verdict::Holds)
        }
        None => Err(Refused::new(format!("no case of {} is open", lesson.id))
            .hint(format!("cargo xtask repro {}", lesson.id))
            .into()),
    }
}

/// Opens the shell, and answers its commands until it ends.
fn open(config: &Path, account: &str, shell: &CaseShell<'_>, case: &mut Case<'_, '_>) -> anyhow::Result<()> {
    let mut ssh = Command::new("ssh");
    ssh.args(["-t", "-o", "LogLevel=ERROR", "-F"])
        .arg(config)
        .arg(format!("{account}@box"))
        .arg(shell.command());
    let mut child = ssh.spawn().context("`ssh` cannot be started; install OpenSSH's client")?;
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::SeqCst) {
                if let Err(problem) = answer(shell, case) {
                    tell_line!("error: {problem}\r");
                    break;
                }
                std::thread::sleep(LOOK);
            }
        });
        // The shell's own exit status says nothing about the case.
        let waited = child.wait();
        ended.store(true, Ordering::SeqCst);
        waited
    })?;
    Ok(())
}

fn answer(shell: &CaseShell<'_>, case: &mut Case<'_, '_>) -> Result<(), harness::target::RigProblem> {
    let Some(wish) = shell.asked()? else { return Ok(()) };
    let text = match wish {
        Wish::Step => case.step().map(|steps| report::shown(&steps)),
        Wish::Fix => case.fix().map(|steps| report::shown(&steps)),
        Wish::Again => case.again().map(|()| "the account is as it was before the step\n".to_owned()),
    };
    shell.answer(&text.unwrap_or_else(|problem| format!("error: {problem}\n")))
}
