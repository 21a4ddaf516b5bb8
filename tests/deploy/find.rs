//! Where codex is found without trusting the PATH.

use codex_remote_auth::codex::{Diagnosis, FoundBy, FoundCodex};
use codex_remote_auth::deploy::{DeployOptions, ProofOutcome, Receipt, deploy};

use crate::rig::{Remote, Rig, plain};
use tests::cases;

use crate::Case;

const PROGRAM: &str = "/opt/codex-under-test/codex";

pub(crate) fn cases() -> Vec<Case> {
    cases![
        on_the_path_of_plain_commands_first,
        on_the_path_of_a_login_shell_however_noisy,
        a_login_shell_that_hangs_holds_nothing_up_for_long,
        where_installers_put_it,
        one_that_may_not_be_run_is_passed_over_for_one_that_may,
        one_that_may_not_be_run_is_told_where_there_is_no_other,
        the_release_is_said_with_the_proof_and_without,
    ]
}

fn found(receipt: Receipt) -> FoundCodex {
    receipt.codex.unwrap_or_else(|| panic!("no codex was found"))
}

fn proven(remote: &Remote<'_>) -> FoundCodex {
    let receipt = deploy(&remote.session(), &remote.one, &DeployOptions::default()).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    found(receipt)
}

fn on_the_path_of_plain_commands_first(rig: &Rig) {
    let remote = rig.account().link(".local/bin/codex", PROGRAM).make();
    let codex = proven(&remote);
    assert_eq!(codex.by, FoundBy::Path);
    assert_eq!(codex.path_line(), None);
}

fn on_the_path_of_a_login_shell_however_noisy(rig: &Rig) {
    let lines = "echo welcome; printf 'no newline'; echo oops >&2\nexport PATH=$HOME/made-up/bin:$PATH\n";
    for (shell, file) in [("/bin/bash", ".bash_profile"), ("/bin/zsh", ".zprofile"), ("/bin/sh", ".profile")]
    {
        let wish = rig.account().without_codex().shell(shell).file(file, lines);
        let remote = wish.link("made-up/bin/codex", PROGRAM).make();
        let codex = proven(&remote);
        assert_eq!(codex.by, FoundBy::LoginPath, "{shell}");
        assert_eq!(codex.path, format!("{}/made-up/bin/codex", remote.account.home));
        let line = codex.path_line();
        match shell {
            // Plain commands of this shell read no file at all.
            "/bin/sh" => assert_eq!(line, None),
            // The line that is told does what is told of it.
            _ => {
                let (line, to) = line.unwrap();
                let to = to.strip_prefix("~/").unwrap();
                remote.root(&format!("cat >>{to} <<'END'\n{line}\nEND\nchown {} {to}", remote.account.uid));
                assert_eq!(proven(&remote).by, FoundBy::Path, "{shell}");
            }
        }
    }
}

fn a_login_shell_that_hangs_holds_nothing_up_for_long(rig: &Rig) {
    let wish = rig.account().without_codex().file(".bash_profile", "sleep 300\n");
    let remote = wish.link(".local/bin/codex", PROGRAM).make();
    assert_eq!(proven(&remote).by, FoundBy::Place);
    remote.nothing_runs();
}

fn where_installers_put_it(rig: &Rig) {
    let places = [
        "symlinks/codex",
        ".local/bin/codex",
        "bin/codex",
        ".npm-global/bin/codex",
        ".nvm/versions/node/v22.1.0/bin/codex",
        ".local/share/fnm/node-versions/v22.1.0/installation/bin/codex",
        ".volta/bin/codex",
        ".bun/bin/codex",
        ".cargo/bin/codex",
    ];
    for place in places {
        let remote = rig.account().without_codex().link(place, PROGRAM).make();
        let codex = proven(&remote);
        assert_eq!(
            (codex.by, codex.path),
            (FoundBy::Place, format!("{}/{place}", remote.account.home)),
            "{place}"
        );
    }
}

fn one_that_may_not_be_run_is_passed_over_for_one_that_may(rig: &Rig) {
    let wish = rig.account().without_codex().file(".local/bin/codex", "not run").link("bin/codex", PROGRAM);
    let remote = wish.make();
    assert_eq!(proven(&remote).path, format!("{}/bin/codex", remote.account.home));
}

fn one_that_may_not_be_run_is_told_where_there_is_no_other(rig: &Rig) {
    let remote = rig.account().without_codex().file(".local/bin/codex", "not run").make();
    let receipt = deploy(&remote.session(), &remote.one, &DeployOptions::default()).unwrap();
    let ProofOutcome::Ran { diagnosis, .. } = &receipt.proof else { panic!("{:?}", receipt.proof) };
    assert_eq!(*diagnosis, Diagnosis::NotExecutable);
    assert_eq!(found(receipt).path, format!("{}/.local/bin/codex", remote.account.home));
}

fn the_release_is_said_with_the_proof_and_without(rig: &Rig) {
    let remote = rig.account().make();
    let release = found(deploy(&remote.session(), &remote.one, &plain()).unwrap()).release;
    assert!(release.as_ref().is_some_and(|release| release.starts_with("0.")), "{release:?}");
    assert_eq!(proven(&remote).release, release);
}
