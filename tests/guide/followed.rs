//! Every block of the guide, on a fresh account in the state of its lesson, in each era. The commands are typed as the guide has
//! them, on an account that is the machine of the person. Its input stays open, as a terminal's does.

use codex_remote_auth::lessons::{
    Action, Catalogue, DeployStep, Expect, Given, Lesson, StdinKind, Step, Tool, Way,
};
use harness::report::{FOR_THE_TEST_CLOUD, VERIFIED, typed};
use harness::run::{Check, CheckResult, ERAS, SMOKE_TESTS, Status};
use semver::Version;
use tests::Rig;

use crate::blocks::{Block, Command, blocks};
use crate::{Case, guide};

pub(crate) fn cases() -> Vec<Case> {
    let followed = blocks(&guide()).into_iter().enumerate().map(|(number, block)| {
        let name = format!("block_{:02}_{}", number + 1, block.source);
        let follow: Box<dyn FnOnce(&Rig) + Send> = Box::new(move |rig| follows(rig, &block));
        (name, follow)
    });
    followed.chain(tests::cases![a_command_that_shows_something_else_is_noticed]).collect()
}

/// The longest that a command may take on a busy machine, and how long one is watched that hangs. In seconds.
const PATIENCE: f64 = 40.0;
const HANG: f64 = 4.0;

fn follows(rig: &Rig, block: &Block) {
    let catalogue = tests::lessons();
    let mut followed = 0;
    for release in ERAS {
        let Some(lesson) = as_a_lesson(block, &catalogue, &release) else { continue };
        let result = run(rig, lesson, &release);
        assert!(
            result.status == Status::Pass,
            "on {release}: {:#?}\n{}",
            result.failures,
            result.transcript.as_str()
        );
        followed += 1;
    }
    assert!(followed > 0, "no era was followed");
}

fn run(rig: &Rig, lesson: Lesson, release: &Version) -> CheckResult {
    let runner = rig.runner();
    let lesson: &'static Lesson = Box::leak(Box::new(lesson));
    let batch = runner.prepare(vec![Check::lesson(lesson, release.clone())]).unwrap();
    rig.remember(&runner);
    let result = runner.run_one(&batch, 0);
    let leaks = runner.leak_scanner().leaks();
    assert!(leaks.is_empty(), "a secret was seen: {leaks:?}");
    result
}

/// A block as a lesson with the commands of the guide. `None` if its lesson does not apply to the release.
fn as_a_lesson(block: &Block, catalogue: &Catalogue, release: &Version) -> Option<Lesson> {
    let any = &catalogue.lessons()[0];
    let (given, known, mut right) = origin(&block.source, catalogue);
    let original = catalogue.get(&block.source).unwrap_or(any);
    if catalogue.get(&block.source).is_some() && !original.codex.contains(release) {
        return None;
    }
    let mut rest = known.iter();
    let mut wrong = Vec::new();
    for command in &block.commands {
        // Steps can have the same command, so the order counts.
        let of = rest.find(|step| typed(step).as_deref() == Some(command.text.trim()));
        let of = of.unwrap_or_else(|| panic!("line {}: no step of {} has this", command.line, block.source));
        let of = of.expect.iter().find(|expect| expect.codex.contains(release)).unwrap();
        let step = step(command, of, release);
        if command.way == Way::Wrong { wrong.push(step) } else { right.push(step) }
    }
    let id = format!("guide-{}-{}", block.source, block.commands[0].line);
    let (mutants, tool) = (Vec::new(), Tool::Codex);
    Some(Lesson { id, given, wrong, right, mutants, tool, ..original.clone() })
}

/// The state before the block, the steps of its lesson or smoke test, and the steps that come before it.
fn origin(id: &str, catalogue: &Catalogue) -> (Given, Vec<Step>, Vec<Step>) {
    if let Some(lesson) = catalogue.get(id) {
        return (lesson.given.clone(), lesson.steps().map(|(_, step)| step.clone()).collect(), Vec::new());
    }
    let at = SMOKE_TESTS.iter().position(|test| test.id == id).unwrap_or_else(|| panic!("{id}"));
    // The third test copies the login, which those after it need.
    let copies = SMOKE_TESTS[2].by_hand().remove(0);
    let before = if at > 2 { vec![copies] } else { Vec::new() };
    (SMOKE_TESTS[at].given(), SMOKE_TESTS[at].by_hand(), before)
}

/// The guide says what a command shows. Only what the fake cloud finds wrong with the call is from the lesson.
fn step(command: &Command, of: &Expect, release: &Version) -> Step {
    let mut expect = command.on(release).unwrap().clone();
    expect.findings.clone_from(&of.findings);
    let action = match command.text.strip_prefix("codex-remote-auth deploy ") {
        Some(rest) => {
            // The answer itself, which the program sums up.
            if expect.stdout == [VERIFIED] {
                expect.stdout = vec!["auth OK".to_owned()];
                expect.diagnosis = Some("works".to_owned());
            }
            Action::Deploy(options(rest.trim()))
        }
        None => {
            let device = "codex login --device-auth";
            Action::Local(command.text.replace(device, &format!("{device}{FOR_THE_TEST_CLOUD}")))
        }
    };
    let deadline = if expect.hangs { HANG } else { PATIENCE };
    Step {
        name: format!("line {}", command.line),
        action,
        stdin: StdinKind::Open,
        deadline,
        expect: vec![expect],
    }
}

/// The options of `codex-remote-auth deploy OPTIONS remote`. The program itself is what `newcomer` runs.
fn options(words: &str) -> DeployStep {
    let mut step = DeployStep::default();
    for word in words.split(' ') {
        match word {
            "remote" => {}
            "--force" => step.force = true,
            "--no-proof" => step.no_proof = true,
            other => panic!("`{other}`: this option of deploy is not known here"),
        }
    }
    step
}

fn a_command_that_shows_something_else_is_noticed(rig: &Rig) {
    let text = guide();
    let release = &ERAS[2];
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let blocks = blocks(&text.replace(from, to));
        let block = blocks.iter().find(|block| block.source == "git-check").unwrap();
        run(rig, as_a_lesson(block, &tests::lessons(), release).unwrap(), release).status
    };
    assert_eq!(changed("#   stderr: Not inside a trusted", "#   stderr: Inside a trusted"), Status::Fail);
    let wrong = "ssh remote \"codex exec 'Respond: OK'\" </dev/null\n# exit 1";
    assert_eq!(changed(wrong, &wrong.replace("exit 1", "exit 0")), Status::Fail);
    assert_eq!(changed("# exit 1", "# exit 1"), Status::Pass);
}
