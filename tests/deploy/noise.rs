//! What login shells print, change and refuse before our command runs.

use std::time::{Duration, Instant};

use codex_remote_auth::deploy::{DeployOptions, deploy};

use crate::Case;
use crate::rig::{Remote, Rig, plain};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_noisy_bash_is_heard_through,
        noise_without_a_newline_is_heard_through,
        a_noisy_zsh_is_heard_through,
        a_noisy_tcsh_is_heard_through,
        noise_of_a_megabyte_is_heard_through,
        an_rc_file_that_goes_elsewhere_changes_nothing,
        an_rc_file_that_loosens_the_umask_loosens_nothing,
        an_rc_file_that_eats_the_input_is_no_reply,
        an_rc_file_that_ends_the_shell_is_no_reply,
        an_account_without_a_shell_is_no_reply,
        a_forced_command_is_no_reply_and_what_it_echoes_is_not_shown,
        a_forced_command_that_waits_is_no_reply,
    ]
}

fn answers_in_spite(remote: &Remote<'_>) {
    let receipt = remote.prove(&remote.one).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    let codex_remote_auth::deploy::ProofOutcome::Ran { outcome, .. } = &receipt.proof else { unreachable!() };
    assert_eq!(outcome.stdout, b"auth OK\n", "the answer, and no noise");
    assert!(!String::from_utf8_lossy(&outcome.stderr).contains("complaint"));
    assert_eq!(receipt.home, format!("{}/.codex", remote.account.home));
    remote.has(&remote.one, ".codex");
}

fn a_noisy_bash_is_heard_through(rig: &Rig) {
    answers_in_spite(&rig.account().file(".bashrc", "echo Welcome!\necho a complaint >&2\n").make());
}

fn noise_without_a_newline_is_heard_through(rig: &Rig) {
    answers_in_spite(&rig.account().file(".bashrc", "printf 'Welcome, '\nprintf complaint >&2\n").make());
}

fn a_noisy_zsh_is_heard_through(rig: &Rig) {
    let rc = "echo -n 'done '\nprint -u2 -n complaint\n";
    answers_in_spite(&rig.account().shell("/bin/zsh").file(".zshenv", rc).make());
}

fn a_noisy_tcsh_is_heard_through(rig: &Rig) {
    let rc = "echo 'Welcome!'\nsh -c 'echo complaint >&2'\necho -n '100%'\n";
    answers_in_spite(&rig.account().shell("/bin/tcsh").file(".cshrc", rc).make());
}

fn noise_of_a_megabyte_is_heard_through(rig: &Rig) {
    let rc = "head -c 1000000 /dev/zero | tr '\\0' '\\377'\nyes complaint | head -c 300000 >&2\n";
    answers_in_spite(&rig.account().file(".bashrc", rc).make());
}

fn an_rc_file_that_goes_elsewhere_changes_nothing(rig: &Rig) {
    answers_in_spite(&rig.account().file(".bashrc", "cd /tmp\n").make());
}

fn an_rc_file_that_loosens_the_umask_loosens_nothing(rig: &Rig) {
    answers_in_spite(&rig.account().file(".bashrc", "umask 000\n").make());
}

fn an_rc_file_that_eats_the_input_is_no_reply(rig: &Rig) {
    let remote = rig.account().file(".bashrc", "[ -e ~/eats ] && head -c 100 >/dev/null\n").make();
    remote.deploy(&remote.one).unwrap();
    remote.root("touch eats");
    let before = remote.tree();
    // It waits for input, and nothing is sent before our script has answered.
    let options = DeployOptions { deadline: Duration::from_millis(1_500), ..plain() };
    let error = rig.error(deploy(&remote.session(), &remote.two, &options), "no-reply").to_string();
    assert!(error.contains("another program waited for input"), "{error}");
    remote.nothing_runs();
    assert_eq!(remote.tree(), before);
}

fn an_rc_file_that_ends_the_shell_is_no_reply(rig: &Rig) {
    let remote = rig.account().file(".bashrc", "echo not today\nexit 5\n").make();
    let before = remote.tree();
    let error = rig.error(remote.prove(&remote.one), "no-reply");
    assert!(error.to_string().contains("exit status 5"), "{error}");
    assert_eq!(remote.tree(), before);
}

fn an_account_without_a_shell_is_no_reply(rig: &Rig) {
    for shell in ["/usr/sbin/nologin", "/bin/false"] {
        let remote = rig.account().shell(shell).make();
        let before = remote.tree();
        // Whether the program is gone before our bytes arrive is a matter of chance.
        for _ in 0..10 {
            let error = rig.error(remote.prove(&remote.one), "no-reply");
            assert!(error.to_string().contains("exit status 1"), "{error}");
        }
        assert_eq!(remote.tree(), before);
    }
}

/// An account whose key may run one command alone.
fn forced<'r>(rig: &'r Rig, command: &str) -> Remote<'r> {
    let line = format!("command=\"{command}\" {}\n", rig.container().client_key().public);
    rig.account().file(".ssh/authorized_keys", &line).make()
}

fn a_forced_command_is_no_reply_and_what_it_echoes_is_not_shown(rig: &Rig) {
    for command in ["true", "echo only backups here", "head -c 3000"] {
        let remote = forced(rig, command);
        let before = remote.tree();
        rig.error(remote.prove(&remote.one), "no-reply");
        assert_eq!(remote.tree(), before);
    }
}

fn a_forced_command_that_waits_is_no_reply(rig: &Rig) {
    let remote = forced(rig, "cat");
    let options = DeployOptions { deadline: Duration::from_millis(700), ..DeployOptions::default() };
    let began = Instant::now();
    let error = rig.error(deploy(&remote.session(), &remote.one, &options), "no-reply").to_string();
    assert!(error.contains("another program waited for input"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    remote.nothing_runs();
}
