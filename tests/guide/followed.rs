//! Every block of the guide, on a fresh account in the state of its lesson, in each era. The commands are typed as the guide has
//! them, on an account that is the machine of the person. Its input stays open, as a terminal's does.

use codex_remote_auth::lessons::Lesson;
use harness::run::{Check, CheckResult, ERAS, Status};
use semver::Version;
use tests::Rig;
use tests::guide_page::{Block, as_a_lesson, blocks, guide};

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    let followed = blocks(&guide()).into_iter().enumerate().map(|(number, block)| {
        let name = format!("block_{:02}_{}", number + 1, block.source);
        Case::new(name, move |rig| follows(rig, &block))
    });
    followed.chain(tests::cases![a_command_that_shows_something_else_is_noticed]).collect()
}

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
