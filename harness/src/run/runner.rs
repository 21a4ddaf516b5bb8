//! Runs checks in parallel on one container, each on its own accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::batch::Batch;
use super::check::{Check, CheckResult, Kind, Status, Tries};
use super::failure::{About, Failure};
use super::interruption::Interruption;
use super::leak_scanner::LeakScanner;
use super::options::RunnerOptions;
use super::parallel::{Schedule, heaviest_first, parallel};
use super::plan::{Plan, Wish, knowledge, plan};
use super::progress::Progress;
use super::redactor::Redactor;
use super::run_result::RunResult;
use super::scene::{Played, Scene};
use super::smoke_tests::Stage;
use super::state_diff::{Observed, StateDiff, listing};
use super::transcript::Transcript;
use crate::cloud::Knowledge;
use crate::target::{Account, Container, RigProblem, write_private};
use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::lessons::Step;
use codex_remote_auth::ssh::{Session, SshProblem};

/// How long a login may take.
pub(super) const LOGIN: Duration = Duration::from_secs(20);

/// The guide's deadline for a call of codex.
const CODEX: Duration = Duration::from_secs(45);

/// The time limit for a program that is known to hang.
const HANG: Duration = Duration::from_millis(400);

/// Runs checks on one container.
pub struct Runner<'a> {
    container: &'a Container<'a>,
    options: RunnerOptions,
    leak_scanner: Arc<LeakScanner>,
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<'a> Runner<'a> {
    /// A runner on a container.
    pub fn new(container: &'a Container<'a>, options: RunnerOptions) -> Self {
        let leak_scanner = Arc::new(LeakScanner::new());
        leak_scanner.plant_canary(Secret::new(container.canary()));
        Self { container, options, leak_scanner }
    }

    /// The leak scanner that knows this run's canaries.
    pub fn leak_scanner(&self) -> &LeakScanner {
        &self.leak_scanner
    }

    /// Creates the accounts of all these checks in one call.
    ///
    /// # Errors
    /// Any [`RigProblem`].
    pub fn prepare(&self, checks: Vec<Check<'a>>) -> Result<Batch<'a>, RigProblem> {
        let planned: Vec<(Check<'a>, Plan)> = checks
            .into_iter()
            .map(|check| {
                let plan = self.plan(&check, || self.container.reserve());
                (check, plan)
            })
            .collect();
        for (check, plan) in &planned {
            plan.minted().for_each(|minted| self.leak_scanner.plant_for(check.id(), minted));
        }
        let accounts: Vec<_> = planned.iter().flat_map(|(_, plan)| plan.accounts()).cloned().collect();
        let knowledge = Knowledge {
            canary: Some(self.container.canary().to_owned()),
            ..knowledge(planned.iter().map(|(_, plan)| plan))
        };
        self.container.create(&accounts, &knowledge)?;
        Ok(Batch { checks: planned })
    }

    /// Runs a prepared batch, and searches everything that the container wrote for secrets.
    ///
    /// # Errors
    /// [`RigProblem::Died`] if the container is gone.
    pub fn run(&self, batch: &Batch<'_>, progress: &dyn Progress) -> Result<RunResult, RigProblem> {
        let began = Instant::now();
        progress.scanned_by(&self.leak_scanner);
        let (has_failed, has_died) = (AtomicBool::new(false), AtomicBool::new(false));
        let schedule = Schedule {
            jobs: self.options.jobs,
            order: self.order(batch),
            is_over: &|| {
                has_died.load(Ordering::SeqCst)
                    || (self.options.fail_fast && has_failed.load(Ordering::SeqCst))
            },
        };
        let results = parallel(&batch.checks, &schedule, |(check, plan)| {
            progress.began(check);
            let result = self.check(check, plan);
            if result.status == Status::Fail {
                has_failed.store(true, Ordering::SeqCst);
            }
            // Each further check would wait for an answer until its own deadline.
            if !result.ran && !self.container.is_running() {
                has_died.store(true, Ordering::SeqCst);
            }
            progress.ended(&result);
            result
        });
        let (checks, not_run) = batch.collected(results);
        self.leak_scanner.pass("the container's log", &self.container.log()?);
        self.leak_scanner
            .pass("a command line or an environment in the container", &self.container.process_log()?);
        self.leak_scanner.pass("the witness of a codex", &self.container.witnesses()?);
        let asked = self.container.cloud_records(&[])?;
        self.leak_scanner.pass("the cloud's records", format!("{asked:?}").as_bytes());
        // Everything that a report can show of them.
        self.leak_scanner.pass("the results", format!("{checks:?}").as_bytes());
        Ok(RunResult { checks, not_run, leaks: self.leak_scanner.leaks(), elapsed: began.elapsed() })
    }

    /// The places of the checks, in the order in which they begin.
    fn order(&self, batch: &Batch<'_>) -> Vec<usize> {
        let Some(seed) = self.options.seed else {
            return heaviest_first(&batch.checks, |(check, _)| check.weight());
        };
        // A hash of the seed and the place: the same order on every machine.
        let mut order: Vec<usize> = (0..batch.checks.len()).collect();
        order.sort_by_cached_key(|at| Sha256::digest(format!("{seed} {at}")));
        order
    }

    /// Runs only the `index`th check of a batch.
    pub fn run_one(&self, batch: &Batch<'_>, index: usize) -> CheckResult {
        let (check, plan) = &batch.checks[index];
        self.check(check, plan)
    }

    /// Plans the accounts and logins of a check. `account` gives it its accounts.
    pub(super) fn plan(&self, check: &Check<'_>, account: impl FnMut() -> Account) -> Plan {
        let others = match check.kind {
            Kind::Lesson(lesson) => lesson.other_logins(),
            Kind::Smoke(_) | Kind::Call(_) => Vec::new(),
        };
        let given = match check.kind {
            Kind::Smoke(test) => &test.given(),
            Kind::Lesson(lesson) => &lesson.given,
            Kind::Call(call) => &call.given,
        };
        let wish = Wish {
            given,
            needs_local: check.needs_local(),
            others: &others,
            release: &check.release,
            mutant: check.mutant.as_ref(),
            real: self.options.real,
            host_key: self.container.host_key_line(),
            client_key: self.container.client_key().private.expose(),
        };
        plan(wish, account)
    }

    fn check(&self, check: &Check<'_>, plan: &Plan) -> CheckResult {
        let began = Instant::now();
        let redactor = self.redactor(plan);
        let mut transcript = Transcript::default();
        let mut observed = Vec::new();
        let outcome = self.sessions(plan).map_err(Interruption::from).and_then(|(remote, local)| {
            let scene = self.scene(check, plan, (&remote, local.as_ref()), &redactor);
            match check.kind {
                Kind::Smoke(test) => Ok(self.smoke(test, plan, &remote, local.as_ref())),
                Kind::Lesson(lesson) => {
                    let steps: Vec<_> = lesson.headed_steps().collect();
                    let (failures, shown) = play(&scene, &steps, &mut transcript, &mut observed)?;
                    let (wrong, right) = shown.split_at(lesson.wrong.len());
                    Ok((format!("wrong: {}; right: {}", in_short(wrong), in_short(right)), failures))
                }
                Kind::Call(call) => {
                    let step = call.step();
                    let steps = [(String::from("call"), &step)];
                    let (failures, shown) = play(&scene, &steps, &mut transcript, &mut observed)?;
                    Ok((in_short(&shown), failures))
                }
            }
        });
        let ran = outcome.is_ok();
        let (summary, failures) = match outcome {
            // A smoke test quotes what it saw as it is.
            Ok((summary, failures)) => (summary, self.as_shown(failures, &redactor)),
            Err(problem) => {
                ("it could not be run to its end".to_owned(), vec![not_run(check, plan, &problem)])
            }
        };
        let summary = match failures.first() {
            Some(failure) if ran => failed_in_short(failure),
            _ => summary,
        };
        let status = if failures.is_empty() { Status::Pass } else { Status::Fail };
        // If the container does not answer any more, the failure says so.
        let files = match status {
            Status::Fail => listing(self.container, plan).unwrap_or_default(),
            Status::Pass => Vec::new(),
        };
        self.leak_scanner.pass(format!("the transcript of {}", check.id()), transcript.as_str().as_bytes());
        CheckResult {
            id: check.id().to_owned(),
            title: check.title().to_owned(),
            release: check.release.clone(),
            kind: check.kind_name(),
            status,
            tries: Tries::once(status),
            ran,
            elapsed: began.elapsed(),
            summary: redactor.redact(summary.as_bytes()),
            failures,
            files: files.iter().map(|file| redactor.redact(file.as_bytes())).collect(),
            transcript,
            observed,
        }
    }

    fn scene<'s>(
        &'s self,
        check: &'s Check<'_>,
        plan: &'s Plan,
        (remote, local): (&'s Session, Option<&'s Session>),
        redactor: &'s Redactor,
    ) -> Scene<'s> {
        Scene {
            check: check.id(),
            plan,
            remote,
            local,
            container: self.container,
            options: &self.options,
            release: &check.release,
            leak_scanner: &self.leak_scanner,
            redactor,
        }
    }

    /// Runs some steps of a check on its accounts, in sessions of their own. Returns what each showed.
    pub(super) fn steps(
        &self,
        check: &Check<'_>,
        plan: &Plan,
        steps: &[(String, &Step)],
    ) -> Result<Vec<Observed>, Interruption> {
        let redactor = self.redactor(plan);
        let (remote, local) = self.sessions(plan)?;
        let scene = self.scene(check, plan, (&remote, local.as_ref()), &redactor);
        let mut observed = Vec::new();
        play(&scene, steps, &mut Transcript::default(), &mut observed)?;
        Ok(observed)
    }

    /// The container that its checks run on.
    pub(super) fn container(&self) -> &'a Container<'a> {
        self.container
    }

    /// What the cloud has to know about the logins of this plan. The leak scanner knows them from now on.
    pub(super) fn knowledge(&self, check: &Check<'_>, plan: &Plan) -> Knowledge {
        plan.minted().for_each(|minted| self.leak_scanner.plant_for(check.id(), minted));
        Knowledge { canary: Some(self.container.canary().to_owned()), ..knowledge([plan]) }
    }

    /// The failures, with what was seen in a form that may be shown.
    fn as_shown(&self, failures: Vec<Failure>, redactor: &Redactor) -> Vec<Failure> {
        let failures = failures.into_iter();
        failures
            .map(|failure| Failure { seen: self.leak_scanner.shown(&failure.seen, redactor), ..failure })
            .collect()
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
        let mutant = plan.mutant.as_ref();
        let stopped = self.options.flavour.stopped_by_timeout();
        let stage = Stage { auth: &path, local, remote, mutant, deadline: CODEX, hang: HANG, stopped };
        let result = match written {
            Ok(()) => test.run(&stage),
            Err(error) => Err(Failure {
                step: String::new(),
                about: About::Run,
                command: format!("write {}", path.display()),
                account: "this machine".to_owned(),
                expected: "a file with the made-up login".to_owned(),
                seen: error.to_string(),
                next: "free some space there".to_owned(),
            }),
        };
        match result {
            Ok(summary) => (summary, Vec::new()),
            Err(failure) => (String::new(), vec![failure]),
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

/// Runs steps in their order. Returns what failed, and what each step showed in a few words.
fn play(
    scene: &Scene<'_>,
    steps: &[(String, &Step)],
    transcript: &mut Transcript,
    observed: &mut Vec<Observed>,
) -> Result<(Vec<Failure>, Vec<String>), Interruption> {
    let (mut failures, mut shown, mut asked) = (Vec::new(), Vec::new(), 0);
    let mut eyes =
        if scene.options.observe { Some(StateDiff::open(scene.container, scene.plan)?) } else { None };
    for (heading, step) in steps {
        let Played { failures: failed, command, end, diagnosis, stdout, stderr, in_short } =
            scene.play(heading, step, transcript, &mut asked)?;
        shown.push(in_short);
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
    Ok((failures, shown))
}

/// A failed check in one line: the step, the field that failed, and what it showed.
fn failed_in_short(failure: &Failure) -> String {
    const MOST: usize = 200;

    let seen = failure.seen_in_short(MOST);
    match failure.step.as_str() {
        "" => seen,
        step => format!("{step}, {}: {seen}", failure.about.as_str()),
    }
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
        step: String::new(),
        about: About::Run,
        command: check.id().to_owned(),
        account: plan.remote.0.name.clone(),
        expected: "a session that lasts".to_owned(),
        seen: problem.to_string(),
        next: "run it again; if it fails again, `docker ps` and the container's log may say why".to_owned(),
    }
}
