//! Where codex is found without relying on the PATH.

use serde_json::Value;
use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::Case;

const PROGRAM: &str = "/opt/codex-under-test/codex";

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        on_the_path_of_plain_commands_first,
        on_the_path_of_a_login_shell_however_noisy,
        where_installers_put_it,
        one_that_may_not_be_run_is_passed_over_for_one_that_may,
        one_that_may_not_be_run_is_told_if_there_is_no_other,
        the_release_is_told_with_the_proof_and_without,
    ]
}

/// The codex that a deploy's proof used.
fn proven(person: &Person<'_>) -> Value {
    let mut host = person.json(&["deploy", "box0"], 0);
    assert_eq!(host["proof"], "works", "{host}");
    host["codex"].take()
}

fn on_the_path_of_plain_commands_first(rig: &Rig) {
    let codex = proven(&rig.account().link(".local/bin/codex", PROGRAM).person());
    assert_eq!((&codex["found"], &codex["path_line"]), (&"path".into(), &Value::Null), "{codex}");
}

fn on_the_path_of_a_login_shell_however_noisy(rig: &Rig) {
    let lines = "echo welcome; printf 'no newline'; echo oops >&2\nexport PATH=$HOME/made-up/bin:$PATH\n";
    for (shell, file) in [("/bin/bash", ".bash_profile"), ("/bin/zsh", ".zprofile"), ("/bin/sh", ".profile")]
    {
        let account = rig.account().without_codex().shell(shell).file(file, lines);
        let person = account.link("made-up/bin/codex", PROGRAM).person();
        let codex = proven(&person);
        assert_eq!(codex["found"], "login-path", "{shell}");
        assert_eq!(codex["path"], format!("{}/made-up/bin/codex", person.account().home));
        let Some(line) = codex["path_line"]["line"].as_str() else {
            // For plain commands, this shell reads no startup file.
            assert_eq!(shell, "/bin/sh");
            continue;
        };
        // The suggested line has the effect that the message promises.
        let to = codex["path_line"]["file"].as_str().unwrap().strip_prefix("~/").unwrap();
        person.there(&format!("cat >>{to} <<'END'\n{line}\nEND"));
        assert_eq!(proven(&person)["found"], "path", "{shell}");
    }
}

fn where_installers_put_it(rig: &Rig) {
    for place in [
        "symlinks/codex",
        ".local/bin/codex",
        "bin/codex",
        ".npm-global/bin/codex",
        ".nvm/versions/node/v22.1.0/bin/codex",
        ".local/share/fnm/node-versions/v22.1.0/installation/bin/codex",
        ".volta/bin/codex",
        ".bun/bin/codex",
        ".cargo/bin/codex",
    ] {
        let person = rig.account().without_codex().link(place, PROGRAM).person();
        let codex = proven(&person);
        assert_eq!(codex["found"], "place", "{place}");
        assert_eq!(codex["path"], format!("{}/{place}", person.account().home));
    }
}

fn one_that_may_not_be_run_is_passed_over_for_one_that_may(rig: &Rig) {
    let account = rig.account().without_codex().file(".local/bin/codex", "not run");
    let person = account.link("bin/codex", PROGRAM).person();
    assert_eq!(proven(&person)["path"], format!("{}/bin/codex", person.account().home));
}

fn one_that_may_not_be_run_is_told_if_there_is_no_other(rig: &Rig) {
    let person = rig.account().without_codex().file(".local/bin/codex", "not run").person();
    let host = person.json(&["deploy", "box0"], 1);
    assert_eq!((&host["proof"], &host["diagnosis"]), (&"failed".into(), &"not-executable".into()), "{host}");
    assert_eq!(host["codex"]["path"], format!("{}/.local/bin/codex", person.account().home));
}

fn the_release_is_told_with_the_proof_and_without(rig: &Rig) {
    let person = rig.person(1);
    let release = person.json(&["deploy", "--no-proof", "box0"], 0)["codex"]["release"].take();
    has(release.as_str().unwrap(), &["0."]);
    assert_eq!(proven(&person)["release"], release);
}
