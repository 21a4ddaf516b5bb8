//! Runs checks side by side on one container, each on accounts of its own.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use semver::Version;

use super::check::{Check, CheckResult, Kind, Status};
use super::eyes::{Eyes, Observed};
use super::failure::{About, Failure};
use super::gate::{Gate, Leak};
use super::interruption::Interruption;
use super::mutant_verdict::{MutantVerdict, verdicts};
use super::plan::{Plan, Wish, knowledge, plan};
use super::redactor::Redactor;
use super::side_by_side::side_by_side;
use super::smoke_tests::Stage;
use super::step::{Played, Scene};
use super::transcript::Transcript;
use crate::auth::Secret;
use crate::cloud::{self, Knowledge};
use crate::lesson::{Catalogue, CatalogueProblem, Lesson, Step, Way};
use crate::ssh::{Session, SshProblem};
use crate::target::{Account, CodexUnderTest, Container, RigProblem, write_private};

/// One release of each era that the stub plays.
pub const ERAS: [Version; 3] = [Version::new(0, 133, 0), Version::new(0, 144, 4), Version::new(0, 163, 0)];

/// The release that a run plays unless told otherwise.
pub fn newest_release() -> Version {
    let [_, _, newest] = ERAS;
    newest
}

/// All lessons below `folder`, held against the mutants and eras that exist.
///
/// # Errors
/// The first [`CatalogueProblem`].
pub fn catalogue(folder: &Path) -> Result<Catalogue, CatalogueProblem> {
    let mutants: Vec<String> = super::mutants::all().into_iter().map(|(name, _)| name).collect();
    Catalogue::read(folder, &mutants, &ERAS)
}

/// Told what goes on.
pub trait Progress: Sync {
    /// A check began.
    fn began(&self, check: &Check<'_>);
    /// A check ended.
    fn ended(&self, result: &CheckResult);
}

/// Says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Quiet;

impl Progress for Quiet {
    fn began(&self, _: &Check<'_>) {}
    fn ended(&self, _: &CheckResult) {}
}

/// How a run goes about it.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// How many checks run at once.
    pub jobs: usize,
    /// A folder of the run's own on this machine, for the files that a check reads.
    pub folder: PathBuf,
    /// Whether the codex under test is a real one, which leaves no witness.
    pub real: bool,
    /// Whether each step's files and requests are written down, for a comparison.
    pub observe: bool,
}

impl RunnerOptions {
    /// For the stub, without observing.
    pub fn new(jobs: usize, folder: PathBuf) -> Self {
        Self { jobs, folder, real: false, observe: false }
    }

    /// For this codex.
    #[must_use]
    pub fn with(mut self, codex: &CodexUnderTest) -> Self {
        self.real = !codex.is_stub();
        self
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct RunResult {
    /// What came of each check, in the order in which they were given.
    pub checks: Vec<CheckResult>,
    /// Secrets seen where none may be.
    pub leaks: Vec<Leak>,
    /// From the first account to the last answer.
    pub elapsed: Duration,
}

impl RunResult {
    /// Whether everything held.
    pub fn holds(&self) -> bool {
        self.leaks.is_empty() && self.checks.iter().all(|check| check.status == Status::Pass)
    }
}

/// How long a login may take.
const LOGIN: Duration = Duration::from_secs(20);

/// The guide's deadline for a call of codex.
const CODEX: Duration = Duration::from_secs(45);

/// How long a program that is known to hang is given.
const HANG: Duration = Duration::from_millis(400);

/// Runs checks on one container.
pub struct Runner<'a> {
    container: &'a Container<'a>,
    options: RunnerOptions,
    gate: Gate,
    /// What stands in every token of a login that the cloud gives to a device.
    canary: String,
}

/// Checks with their accounts made, ready to run.
#[derive(Debug)]
pub struct Batch<'a> {
    checks: Vec<(Check<'a>, Plan)>,
}

impl Batch<'_> {
    /// Whether some check of it runs under a mutant.
    pub fn has_mutants(&self) -> bool {
        self.checks.iter().any(|(check, _)| check.mutant.is_some())
    }

    /// Whether each mutant of the batch was killed, given what came of its checks.
    pub fn mutant_verdicts(&self, result: &RunResult) -> Vec<MutantVerdict> {
        verdicts(self.checks.iter().map(|(check, _)| check).zip(&result.checks))
    }
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<'a> Runner<'a> {
    /// A runner on a container.
    pub fn new(container: &'a Container<'a>, options: RunnerOptions) -> Self {
        let (gate, canary) = (Gate::new(), cloud::canary());
        gate.plant_canary(Secret::new(canary.as_str()));
        Self { container, options, gate, canary }
    }

    /// The gate that knows this run's canaries.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Makes the accounts of all these checks, in one call.
    ///
    /// # Errors
    /// Any [`RigProblem`].
    pub fn prepare(&self, checks: Vec<Check<'a>>) -> Result<Batch<'a>, RigProblem> {
        let planned: Vec<(Check<'a>, Plan)> = checks
            .into_iter()
            .map(|check| {
                let plan = self.plan(&check);
                (check, plan)
            })
            .collect();
        for minted in planned.iter().flat_map(|(_, plan)| plan.minted()) {
            self.gate.plant(minted);
        }
        let accounts: Vec<_> = planned.iter().flat_map(|(_, plan)| plan.accounts()).cloned().collect();
        let knowledge = Knowledge {
            canary: Some(self.canary.clone()),
            ..knowledge(planned.iter().map(|(_, plan)| plan))
        };
        self.container.create(&accounts, &knowledge)?;
        Ok(Batch { checks: planned })
    }

    /// Runs a prepared batch, and holds everything that the container wrote against the gate.
    ///
    /// # Errors
    /// [`RigProblem::Died`] where the container is gone.
    pub fn run(&self, batch: &Batch<'_>, progress: &dyn Progress) -> Result<RunResult, RigProblem> {
        let began = Instant::now();
        let weight = |(check, _): &(Check<'_>, Plan)| check.weight();
        let checks = side_by_side(&batch.checks, self.options.jobs, weight, |(check, plan)| {
            progress.began(check);
            let result = self.check(check, plan);
            progress.ended(&result);
            result
        });
        self.gate.pass("the container's log", &self.container.log()?);
        self.gate.pass("a command line or an environment in the container", &self.container.process_log()?);
        let witness = self.container.as_root("cat /home/*/.codex-stub/witness/* 2>/dev/null; :", b"")?;
        self.gate.pass("the witness of a codex", &witness.stdout);
        let asked = self.container.cloud_records(&[])?;
        self.gate.pass("the cloud's records", format!("{asked:?}").as_bytes());
        // Whatever a report will show of them.
        self.gate.pass("the results", format!("{checks:?}").as_bytes());
        Ok(RunResult { checks, leaks: self.gate.leaks(), elapsed: began.elapsed() })
    }

    /// Runs the `index`th check of a batch alone.
    pub fn run_one(&self, batch: &Batch<'_>, index: usize) -> CheckResult {
        let (check, plan) = &batch.checks[index];
        self.check(check, plan)
    }

    pub(super) fn plan(&self, check: &Check<'_>) -> Plan {
        let others = match check.kind {
            Kind::Lesson(lesson) => lesson.other_logins(),
            Kind::Smoke(_) | Kind::Call(_) => Vec::new(),
        };
        let needs_local = match check.kind {
            Kind::Smoke(test) => test.needs_local,
            Kind::Lesson(lesson) => lesson.needs_local_machine(),
            Kind::Call(_) => false,
        };
        let given = match check.kind {
            Kind::Smoke(test) => &test.given(),
            Kind::Lesson(lesson) => &lesson.given,
            Kind::Call(call) => &call.given,
        };
        let wish = Wish {
            given,
            needs_local,
            others: &others,
            release: &check.release,
            mutant: check.mutant,
            real: self.options.real,
            host_key: self.container.host_key_line(),
            client_key: self.container.client_key().private.expose(),
        };
        plan(wish, || self.container.reserve())
    }

    fn check(&self, check: &Check<'_>, plan: &Plan) -> CheckResult {
        let began = Instant::now();
        let redactor = self.redactor(plan);
        let mut transcript = Transcript::default();
        let mut observed = Vec::new();
        let outcome = self.sessions(plan).map_err(Interruption::from).and_then(|(remote, local)| {
            let scene = Scene {
                check: check.id(),
                plan,
                remote: &remote,
                local: local.as_ref(),
                container: self.container,
                options: &self.options,
                release: &check.release,
                gate: &self.gate,
                redactor: &redactor,
            };
            match check.kind {
                Kind::Smoke(test) => Ok(self.smoke(test, plan, &remote, local.as_ref())),
                Kind::Lesson(lesson) => {
                    let failures = play(&scene, &headed(lesson), &mut transcript, &mut observed)?;
                    Ok((shown(lesson, scene.release), failures))
                }
                Kind::Call(call) => {
                    let step = call.step();
                    let steps = [(String::from("call"), &step)];
                    Ok((String::new(), play(&scene, &steps, &mut transcript, &mut observed)?))
                }
            }
        });
        let outcome = outcome.and_then(|(summary, mut failures)| {
            failures.extend(self.cloud_findings(check, plan)?);
            Ok((summary, failures))
        });
        let ran = outcome.is_ok();
        let (summary, failures) = match outcome {
            Ok((summary, failures)) => (summary, failures),
            Err(problem) => {
                ("it could not be run to its end".to_owned(), vec![not_run(check, plan, &problem)])
            }
        };
        let status = if failures.is_empty() { Status::Pass } else { Status::Fail };
        self.gate.pass(format!("the transcript of {}", check.id()), transcript.as_str().as_bytes());
        CheckResult {
            id: check.id().to_owned(),
            kind: check.kind_name(),
            status,
            ran,
            elapsed: began.elapsed(),
            summary: redactor.redact(summary.as_bytes()),
            failures,
            transcript,
            observed,
        }
    }

    /// What the cloud found wrong in the requests of a check, and what it should have found and has not.
    fn cloud_findings(&self, check: &Check<'_>, plan: &Plan) -> Result<Vec<Failure>, Interruption> {
        let expected = match check.kind {
            Kind::Smoke(_) => Vec::new(),
            Kind::Lesson(lesson) => lesson.findings(&check.release),
            // Nobody says beforehand what a call that is only looked at may do.
            Kind::Call(_) => return Ok(Vec::new()),
        };
        let records = self.container.cloud_records(&plan.uids())?;
        let mut found: Vec<String> =
            records.iter().filter_map(|record| record.finding.map(|finding| finding.to_string())).collect();
        found.sort();
        found.dedup();
        if found == expected {
            return Ok(Vec::new());
        }
        let list = |names: &[String]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        Ok(vec![Failure {
            about: About::Cloud,
            command: check.id().to_owned(),
            account: plan.remote.0.name.clone(),
            expected: format!("the cloud finds fault with {}", list(&expected)),
            seen: format!("it finds fault with {}", list(&found)),
            next: "look at what the cloud was asked: --keep, and as root /run/cloud/records.jsonl".to_owned(),
        }])
    }

    fn sessions(&self, plan: &Plan) -> Result<(Session, Option<Session>), SshProblem> {
        let open = |account: &Account| self.container.session(account, LOGIN);
        let remote = open(&plan.remote.0)?;
        let local = plan.local.as_ref().map(|(account, _)| open(account)).transpose()?;
        Ok((remote, local))
    }

    fn smoke(
        &self,
        test: &super::smoke_tests::SmokeTest,
        plan: &Plan,
        remote: &Session,
        local: Option<&Session>,
    ) -> (String, Vec<Failure>) {
        let path = self.options.folder.join(format!("{}-auth.json", plan.remote.0.name));
        let written = write_private(&path, &plan.login.bytes().unwrap_or_default());
        let stage = Stage { auth: &path, local, remote, deadline: CODEX, hang: HANG };
        let result = match written {
            Ok(()) => test.run(&stage),
            Err(error) => Err(Failure {
                about: About::Run,
                command: format!("write {}", path.display()),
                account: "this machine".to_owned(),
                expected: "a file with the made-up login".to_owned(),
                seen: error.to_string(),
                next: "make room there".to_owned(),
            }),
        };
        match result {
            Ok(summary) => (summary, Vec::new()),
            Err(failure) => ("it does not hold".to_owned(), vec![failure]),
        }
    }

    fn redactor(&self, plan: &Plan) -> Redactor {
        let mut redactor = Redactor::new();
        for minted in plan.minted() {
            redactor.hide(minted);
        }
        for ((account, _), name) in plan.accounts().zip(["remote", "local"]) {
            redactor.replace(account.home.as_str(), format!("<{name} home>"));
            redactor.replace(format!("{}@host", account.name), "user@host");
            redactor.replace(format!("{}@127", account.name), "user@127");
        }
        redactor
    }
}

/// The steps of a lesson in their order, each with its heading.
fn headed(lesson: &Lesson) -> Vec<(String, &Step)> {
    let heading = |(way, step): (Way, &'_ Step)| match step.name.as_str() {
        "" => way.as_str().to_owned(),
        name => format!("{}: {name}", way.as_str()),
    };
    lesson.steps().map(|(way, step)| (heading((way, step)), step)).collect()
}

fn play(
    scene: &Scene<'_>,
    steps: &[(String, &Step)],
    transcript: &mut Transcript,
    observed: &mut Vec<Observed>,
) -> Result<Vec<Failure>, Interruption> {
    let mut failures = Vec::new();
    let mut eyes = if scene.options.observe { Some(Eyes::open(scene.container, scene.plan)?) } else { None };
    for (heading, step) in steps {
        let Played { failures: failed, command, end, diagnosis, stdout, stderr } =
            scene.play(heading, step, transcript)?;
        let (files, requests) = match &mut eyes {
            Some(eyes) => eyes.look()?,
            None => Default::default(),
        };
        failures.extend(failed.clone());
        let heading = heading.clone();
        observed.push(Observed {
            heading,
            command,
            end,
            diagnosis,
            failures: failed,
            stdout,
            stderr,
            files,
            requests,
        });
    }
    Ok(failures)
}

/// What a lesson that held has shown, in one line.
fn shown(lesson: &Lesson, release: &Version) -> String {
    let of = |wanted: Way| {
        let steps = lesson.steps().filter(|(way, _)| *way == wanted);
        in_short(&steps.map(|(_, step)| expected_in_short(step, release)).collect::<Vec<_>>())
    };
    format!("wrong: {}; right: {}", of(Way::Wrong), of(Way::Right))
}

/// What a step that held has shown, in a few words.
fn expected_in_short(step: &Step, release: &Version) -> String {
    let Some(expect) = step.expect.iter().find(|expect| expect.codex.contains(release)) else {
        return String::new();
    };
    let said = expect.stdout.first().or(expect.stderr.first()).map(|text| format!("“{text}”"));
    let end = match (&expect.error, expect.hangs, expect.exit) {
        (Some(error), _, _) => Some(error.clone()),
        (None, true, _) => Some("hangs".to_owned()),
        (None, false, Some(0)) => None,
        (None, false, status) => status.map(|status| format!("exit {status}")),
    };
    let file = expect.files.first().map(|file| {
        let mode = file.mode.as_ref().map(|mode| format!(" {mode}")).unwrap_or_default();
        format!("{} {:?}{mode}", file.path.rsplit('/').next().unwrap_or_default(), file.is).to_lowercase()
    });
    let leak = expect.leaks.then(|| "shows the tokens".to_owned());
    let words: Vec<String> = [end, said.or(leak).or(file)].into_iter().flatten().collect();
    if words.is_empty() { "works".to_owned() } else { words.join(" ") }
}

fn in_short(steps: &[String]) -> String {
    let mut kinds: Vec<&str> = steps.iter().map(String::as_str).collect();
    kinds.dedup();
    let more = kinds.len().saturating_sub(2);
    kinds.truncate(2);
    let more = if more > 0 { format!(", {more} more") } else { String::new() };
    format!("{}{more}", kinds.join(", "))
}

fn not_run(check: &Check<'_>, plan: &Plan, problem: &Interruption) -> Failure {
    Failure {
        about: About::Run,
        command: check.id().to_owned(),
        account: plan.remote.0.name.clone(),
        expected: "a session that lasts".to_owned(),
        seen: problem.to_string(),
        next: "run it again; if it stays so, `docker ps` and the container's log say more".to_owned(),
    }
}
