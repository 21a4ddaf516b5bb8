//! The smoke tests as a person runs them by hand: the same commands, as steps of a lesson.

use std::time::Duration;

use super::smoke_tests::{AT_HOME, AT_LOGIN, LOCAL_OK, REMOTE_OK, SmokeTest, by_path, in_time, sourced};
use codex_remote_auth::codex::CodexCommand;
use codex_remote_auth::lessons::{Action, DeployStep, Expect, Releases, StdinKind, Step};

/// The time limit of the guide.
const LIMIT: Duration = Duration::from_secs(45);

impl SmokeTest {
    /// What a person types for it. From the third test on, the login has been copied before.
    pub fn by_hand(&self) -> Vec<Step> {
        let call = |prompt: &str| CodexCommand::new(prompt).to_shell();
        let here = |line: &str| Action::Local(format!("{line} </dev/null"));
        let there = |line: String| Action::Run(line);
        match self.id {
            "smoke-1" => vec![step("the file", Action::Local(AT_LOGIN.to_owned()), &[".codex/auth.json"])],
            "smoke-2" => vec![step("an answer here", here(&call(LOCAL_OK)), &["local OK"])],
            "smoke-3" => {
                let copy = DeployStep { no_proof: true, ..DeployStep::default() };
                vec![
                    step("the copy", Action::Deploy(copy), &[]),
                    step(
                        "the directory and the file",
                        there(AT_HOME.to_owned()),
                        &["drwx------", "-rw-------"],
                    ),
                ]
            }
            "smoke-4" => vec![
                step("the size here", Action::Local(AT_LOGIN.to_owned()), &[".codex/auth.json"]),
                step("the size there", there(AT_LOGIN.to_owned()), &["-rw-------"]),
            ],
            "smoke-5" => vec![step("an answer there", there(call(REMOTE_OK)), &["remote OK"])],
            "smoke-6" => vec![
                step("after the rc file", there(sourced().to_shell()), &["init OK"]),
                step("and by its full path", there(by_path().to_shell()), &["init OK"]),
            ],
            _ => vec![step("with a time limit", here(&in_time(LIMIT)), &["done"])],
        }
    }
}

fn step(name: &str, action: Action, shows: &[&str]) -> Step {
    let stdout = shows.iter().map(|text| (*text).to_owned()).collect();
    let expect = Expect { codex: Releases::all(), exit: Some(0), stdout, ..Expect::default() };
    Step {
        name: name.to_owned(),
        action,
        stdin: StdinKind::Closed,
        deadline: LIMIT.as_secs_f64(),
        expect: vec![expect],
    }
}
