//! `cargo xtask smoke`: the main job.

use std::time::Instant;

use clap::{Args, ValueEnum};
use harness::lesson::Catalogue;
use harness::report::{self, Target};
use harness::run::{Check, Lab, LabOptions, Runner, RunnerOptions, SMOKE_TESTS, catalogue};
use harness::target::image::ImageOptions;
use harness::target::{CodexUnderTest, Container};

use crate::exit::{Verdict, WrongCall};
use crate::progress::{Live, colours};
use crate::session::{self, default_jobs};
use crate::workspace;

/// Run the guide's seven smoke tests and every lesson on a real sshd container.
#[derive(Debug, Args)]
pub(crate) struct Smoke {
    /// The checks to run; all of them where none is named
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// How many checks run at once
    #[arg(long, value_name = "N", default_value_t = default_jobs(), value_parser = session::jobs)]
    jobs: usize,
    /// Leave the container running, and say how to get in
    #[arg(long)]
    keep: bool,
    /// The codex under test: `stub`, or `stub:RELEASE`
    #[arg(long, value_name = "CODEX", default_value = "stub")]
    codex: String,
    /// The image to build on, in place of debian:bookworm-slim or a bootstrapped one
    #[arg(long, value_name = "IMAGE")]
    base_image: Option<String>,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// List the checks, and run none
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    files: workspace::LessonFiles,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    Human,
    /// One JSON object on the standard output, and nothing else
    Json,
}

impl Smoke {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let began = Instant::now();
        let codex: CodexUnderTest = self.codex.parse().map_err(WrongCall)?;
        let catalogue = catalogue(&self.files.folder())?;
        let checks = self.checks(&catalogue, &codex)?;
        if self.list {
            for check in &checks {
                println!("{:<28} {}", check.id(), check.title());
            }
            return Ok(Verdict::Holds);
        }
        let width = checks.iter().map(|check| check.id().len()).max().unwrap_or_default();
        let human = self.format == Format::Human;
        let live = Live::new(checks.len(), width, colours(), human);

        let image = ImageOptions { base: self.base_image.clone(), ..ImageOptions::default() };
        let options = LabOptions { codex: codex.clone(), image, keep: self.keep };
        let lab = session::open(&options, &|what| live.say(what))?;
        let container = lab.container()?;
        let result = {
            let runner =
                Runner::new(&container, RunnerOptions { jobs: self.jobs, folder: lab.folder().to_owned() });
            let batch = runner.prepare(checks)?;
            runner.run(&batch, &live)?
        };
        live.finish();
        let way_in =
            if self.keep { Some(kept(&lab, container)?) } else { container.stop().map(|()| None)? };

        let seconds = began.elapsed().as_secs_f64();
        if human {
            print!("{}", report::failures(&result, colours()));
            println!("\n{}", report::summary(&result, seconds, colours()));
            if let Some(way_in) = way_in {
                println!("{way_in}");
            }
        } else {
            let target = Target { kind: "docker", image: lab.image().to_string() };
            println!("{}", report::run_json(&result, &codex, &target, seconds));
        }
        Ok(result.holds().into())
    }

    fn checks<'c>(&self, catalogue: &'c Catalogue, codex: &CodexUnderTest) -> anyhow::Result<Vec<Check<'c>>> {
        let release = codex.release();
        let smoke = SMOKE_TESTS.iter().map(|test| Check::smoke(test, release.clone()));
        let applies = catalogue.lessons().iter().filter(|lesson| lesson.codex.contains(release));
        let lessons = applies.map(|lesson| Check::lesson(lesson, release.clone()));
        let all: Vec<Check<'c>> = smoke.chain(lessons).collect();
        if self.ids.is_empty() {
            return Ok(all);
        }
        let unknown: Vec<&str> = self
            .ids
            .iter()
            .filter(|id| !all.iter().any(|check| check.id() == *id))
            .map(String::as_str)
            .collect();
        if !unknown.is_empty() {
            let message =
                format!("no check is called {}; `cargo xtask smoke --list` names them", unknown.join(", "));
            return Err(WrongCall(message).into());
        }
        Ok(all.into_iter().filter(|check| self.ids.iter().any(|id| id == check.id())).collect())
    }
}

/// Lets the container live on: how to get in, and how to be rid of it.
fn kept(lab: &Lab, container: Container<'_>) -> anyhow::Result<String> {
    let accounts = container.as_root("ls /home | wc -l", b"")?;
    let count = String::from_utf8_lossy(&accounts.stdout).trim().to_owned();
    let id: String = container.id().chars().take(12).collect();
    let config = lab.write_way_in(&container)?;
    let text = format!(
        "\nkept: container {id} with the accounts u1 to u{count}\n  \
         as an account:  ssh -F {} u1@box\n  \
         as root:        docker exec -it {id} bash\n  \
         remove it:      cargo xtask clean",
        config.display()
    );
    container.leave();
    Ok(text)
}
