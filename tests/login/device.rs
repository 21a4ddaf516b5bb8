//! The login by device code, with the stub and with programs that behave as codex may.

use codex_remote_auth::codex::FoundBy;
use codex_remote_auth::deploy::{Proof, ProofOutcome};
use codex_remote_auth::login::{LoginFlow, LoginOptions};

use crate::Case;
use crate::rig::{ISSUER, Rig, options};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_machine_gets_a_login_of_its_own,
        noisy_accounts_are_heard_through,
        a_codex_beyond_the_path_is_found_and_its_home_honoured,
        colours_and_pieces_change_nothing,
        a_login_left_open_for_others_is_closed,
        a_login_is_replaced_where_that_is_asked_for_and_the_old_one_is_revoked,
        without_a_proof_codex_is_not_asked,
        a_proof_that_fails_is_told_and_the_login_is_there,
    ]
}

fn a_machine_gets_a_login_of_its_own(rig: &Rig) {
    let remote = rig.account().make();
    let (receipt, told) = remote.logs_in(&options());
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert_eq!((receipt.way, receipt.mode, receipt.mode_was), (LoginFlow::Device, 0o600, None));
    assert_eq!(receipt.path, format!("{}/.codex/auth.json", remote.account.home));
    assert_eq!(receipt.codex.release.as_deref(), Some("0.163.0"));
    assert!(!receipt.replaced);
    let shown = told.devices();
    assert_eq!(shown.len(), 1, "shown once");
    assert_eq!(shown[0].0, format!("{ISSUER}/codex/device"));
    assert!(shown[0].1.len() == 9 && shown[0].1.as_bytes()[4] == b'-');
    // A proof that is over before anybody looks is not announced; `told` has one that takes a while.
    assert!(told.browsers().is_empty() && told.proofs() <= 1);
    remote.has_a_login_of_its_own();
    assert_eq!(remote.asked(), ["device-code", "not-yet", "agreed", "tokens", "answered"]);
    assert_eq!(remote.root("stat -c %a .codex"), "700\n");
    remote.nothing_runs();
}

fn noisy_accounts_are_heard_through(rig: &Rig) {
    let noise =
        "echo 'https://elsewhere.invalid/trap'; echo ABCD-EFGH; printf 'no newline'\necho complaint >&2\n";
    for (shell, file) in [("/bin/bash", ".bashrc"), ("/bin/zsh", ".zshenv"), ("/bin/tcsh", ".cshrc")] {
        let noise = if shell == "/bin/tcsh" {
            "echo https://elsewhere.invalid/trap\necho ABCD-EFGH\n"
        } else {
            noise
        };
        let remote = rig.account().shell(shell).file(file, noise).make();
        let (receipt, told) = remote.logs_in(&options());
        assert!(receipt.proof.holds(), "{shell}: {:?}", receipt.proof);
        let shown = told.devices();
        assert_eq!(shown.len(), 1, "{shell}");
        assert_eq!(shown[0].0, format!("{ISSUER}/codex/device"), "{shell}");
        assert_ne!(shown[0].1, "ABCD-EFGH", "{shell}");
    }
}

fn a_codex_beyond_the_path_is_found_and_its_home_honoured(rig: &Rig) {
    let rc = "export CODEX_HOME=~/elsewhere\n";
    let remote = rig.account().file(".bashrc", rc).program("exec /opt/codex-under-test/codex \"$@\"").make();
    let (receipt, _) = remote.logs_in(&options());
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert_eq!(receipt.codex.by, FoundBy::Place);
    assert_eq!(receipt.path, format!("{}/elsewhere/auth.json", remote.account.home));
    assert_eq!(remote.root("stat -c %a elsewhere elsewhere/auth.json"), "700\n600\n");
    assert_eq!(remote.auth(), "");
}

/// A program that has the device login, shows the link and the code by this, waits a little as for a person, and makes a login.
pub(crate) fn shows(text: &str) -> String {
    format!(
        "case $* in *--help) echo --device-auth; exit ;; --version) echo codex-cli 9.9.9; exit ;; exec*)\n\
         printf 'OpenAI Codex v9.9.9 (made up)\\n--------\\nworkdir: /\\nprovider: openai\\n--------\\n' >&2; echo auth OK; exit ;; esac\n\
         {text}\nsleep 0.5\n\
         mkdir -p ~/.codex; echo '{{}}' >~/.codex/auth.json; echo Successfully logged in >&2"
    )
}

fn colours_and_pieces_change_nothing(rig: &Rig) {
    let link = "https://auth.openai.com/codex/device";
    let text = "for part in '\\033[9' '4m  https://auth.open' 'ai.com/codex/dev' 'ice\\033[0' 'm\\n\\n2. Enter \\033]0;title\\007' \
         '\\r\\n  \\033[1;94mWXYZ' '-A1B2' 'C\\033[0m' '\\n' 'more\\n'; do printf %b \"$part\"; sleep 0.05; done";
    let remote = rig.account().program(&shows(text)).make();
    let (receipt, told) = remote.logs_in(&options());
    assert_eq!(told.devices(), [(link.to_owned(), "WXYZ-A1B2C".to_owned())]);
    assert!(receipt.proof.holds());
    assert_eq!(receipt.codex.release.as_deref(), Some("9.9.9"));
}

fn a_login_left_open_for_others_is_closed(rig: &Rig) {
    let program = shows("umask 022; mkdir -p ~/.codex; chmod 775 ~/.codex");
    let remote = rig.account().program(&program).make();
    let (receipt, _) = remote.logs_in(&options());
    assert_eq!((receipt.mode, receipt.mode_was), (0o600, Some(0o644)));
    assert_eq!(receipt.directory_was, Some(0o775));
    assert_eq!(remote.root("stat -c %a .codex .codex/auth.json"), "755\n600\n");
}

fn a_login_is_replaced_where_that_is_asked_for_and_the_old_one_is_revoked(rig: &Rig) {
    let remote = rig.account().login(0o600).make();
    let before = remote.auth();
    let (receipt, _) = remote.logs_in(&LoginOptions { force: true, ..options() });
    assert!(receipt.proof.holds() && receipt.replaced, "{receipt:?}");
    assert_ne!(remote.auth(), before);
    remote.has_a_login_of_its_own();
    assert_eq!(remote.asked(), ["device-code", "not-yet", "agreed", "tokens", "taken-back", "answered"]);
}

fn without_a_proof_codex_is_not_asked(rig: &Rig) {
    let remote = rig.account().make();
    let (receipt, told) = remote.logs_in(&LoginOptions { proof: None, ..options() });
    assert!(matches!(receipt.proof, ProofOutcome::NotAsked));
    assert_eq!(told.proofs(), 0);
    remote.has_a_login_of_its_own();
    assert_eq!(remote.asked(), ["device-code", "not-yet", "agreed", "tokens"]);
}

fn a_proof_that_fails_is_told_and_the_login_is_there(rig: &Rig) {
    let remote = rig.account().make();
    let proof = Proof { answer: "what it never says".to_owned(), ..Proof::default() };
    let (receipt, _) = remote.logs_in(&LoginOptions { proof: Some(proof), ..options() });
    assert!(matches!(receipt.proof, ProofOutcome::Ran { .. }) && !receipt.proof.holds());
    remote.has_a_login_of_its_own();
}
