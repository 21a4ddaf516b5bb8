//! One lesson, set up for a person: in the state before one of its steps, with the commands that go on from there.

use super::check::{Check, Kind};
use super::interruption::Interruption;
use super::kept::typed;
use super::plan::Plan;
use super::runner::Runner;
use super::state_diff::Observed;
use crate::target::{Account, RigProblem};
use codex_remote_auth::lessons::{Action, Lesson, Step, Way};
use thiserror::Error;

/// Why a case cannot be set up.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CaseProblem {
    /// It is a smoke test.
    #[error("`{id}` is a smoke test, and has no steps to stop at")]
    NoLesson {
        /// Its name.
        id: String,
    },
    /// The lesson has fewer steps.
    #[error("the lesson {id} has no step {step}; its steps are 1 to {steps}")]
    NoStep {
        /// The lesson.
        id: String,
        /// The step that was asked for, counted from 1.
        step: usize,
        /// How many it has.
        steps: usize,
    },
    /// The container does not do what it should.
    #[error(transparent)]
    Rig(#[from] RigProblem),
    /// A step could not be run to its end.
    #[error("a step could not be run to its end: {0}")]
    Broken(String),
}

impl From<Interruption> for CaseProblem {
    fn from(interruption: Interruption) -> Self {
        match interruption {
            Interruption::Rig(problem) => Self::Rig(problem),
            other => Self::Broken(other.to_string()),
        }
    }
}

/// A lesson on accounts of its own, in the state before one of its steps.
#[derive(Debug)]
pub struct Case<'r, 'a> {
    runner: &'r Runner<'a>,
    check: Check<'a>,
    lesson: &'a Lesson,
    plan: Plan,
    /// Counted from 0.
    step: usize,
}

/// The first step that a person wants to see: the first one, which is a wrong way.
const FIRST: usize = 1;

/// The lesson of a check and the place of a step, counted from 0. `step` counts from 1.
///
/// # Errors
/// [`CaseProblem::NoLesson`] and [`CaseProblem::NoStep`].
pub fn case_step<'a>(check: &Check<'a>, step: Option<usize>) -> Result<(&'a Lesson, usize), CaseProblem> {
    let Kind::Lesson(lesson) = check.kind else {
        return Err(CaseProblem::NoLesson { id: check.id().to_owned() });
    };
    let (step, steps) = (step.unwrap_or(FIRST), lesson.steps().count());
    if step == 0 || step > steps {
        return Err(CaseProblem::NoStep { id: lesson.id.clone(), step, steps });
    }
    Ok((lesson, step - 1))
}

impl<'r, 'a> Case<'r, 'a> {
    /// Makes the accounts, and brings them into the state before a step, counted from 1: by default the first wrong way.
    ///
    /// # Errors
    /// [`CaseProblem`].
    pub fn open(runner: &'r Runner<'a>, check: Check<'a>, step: Option<usize>) -> Result<Self, CaseProblem> {
        let (lesson, step) = case_step(&check, step)?;
        let plan = runner.plan(&check, || runner.container().reserve());
        let accounts: Vec<_> = plan.accounts().cloned().collect();
        runner.container().create(&accounts, &runner.knowledge(&check, &plan))?;
        let case = Self { runner, check, lesson, plan, step };
        case.go_to_step()?;
        Ok(case)
    }

    /// Brings the accounts into that state again, with new logins.
    ///
    /// # Errors
    /// [`CaseProblem`].
    pub fn again(&mut self) -> Result<(), CaseProblem> {
        let runner = self.runner;
        let accounts: Vec<Account> = self.plan.accounts().map(|(account, _)| account.clone()).collect();
        let mut accounts = accounts.into_iter();
        self.plan =
            runner.plan(&self.check, || accounts.next().unwrap_or_else(|| runner.container().reserve()));
        let accounts: Vec<_> = self.plan.accounts().cloned().collect();
        self.runner.container().reset(&accounts, &self.runner.knowledge(&self.check, &self.plan))?;
        self.go_to_step()
    }

    /// Runs the step as the lesson does: without a terminal.
    ///
    /// # Errors
    /// [`CaseProblem`].
    pub fn step(&self) -> Result<Vec<Observed>, CaseProblem> {
        self.run(|place, _| place == self.step)
    }

    /// Runs the right ways.
    ///
    /// # Errors
    /// [`CaseProblem`].
    pub fn fix(&self) -> Result<Vec<Observed>, CaseProblem> {
        self.run(|_, way| way == Way::Right)
    }

    fn go_to_step(&self) -> Result<(), CaseProblem> {
        self.run(|place, _| place < self.step).map(|_| ())
    }

    fn run(&self, wanted: impl Fn(usize, Way) -> bool) -> Result<Vec<Observed>, CaseProblem> {
        let ways = self.lesson.steps().map(|(way, _)| way);
        let steps = self.lesson.headed_steps().zip(ways).enumerate();
        let steps: Vec<(String, &Step)> =
            steps.filter(|(place, (_, way))| wanted(*place, *way)).map(|(_, (step, _))| step).collect();
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.runner.steps(&self.check, &self.plan, &steps)?)
    }

    /// The lesson.
    pub fn lesson(&self) -> &'a Lesson {
        self.lesson
    }

    /// The account on the host.
    pub fn remote(&self) -> &Account {
        &self.plan.remote.0
    }

    /// The account on the machine that deploys, if the lesson needs it.
    pub fn local(&self) -> Option<&Account> {
        self.plan.local.as_ref().map(|(account, _)| account)
    }

    /// Whether the step is run on the machine that deploys.
    pub fn is_local_step(&self) -> bool {
        matches!(self.current().1.action, Action::Local(_))
    }

    /// The heading of the step.
    pub fn heading(&self) -> String {
        self.current().0
    }

    /// What a person types for the step. `None` if it is a deploy, which is our own code.
    pub fn typed(&self) -> Option<String> {
        typed(self.current().1, &self.plan)
    }

    fn current(&self) -> (String, &'a Step) {
        // `open` has checked that it exists.
        self.lesson.headed_steps().nth(self.step).unwrap_or_else(|| unreachable!("the step exists"))
    }
}
