//! The proof: whatever program stands there instead of codex, the call ends in time, says what it was, and leaves
//! nothing running.

use std::time::{Duration, Instant};

use codex_remote_auth::codex::{Diagnosis, Outcome};
use codex_remote_auth::deploy::{DeployOptions, Proof, ProofOutcome, Receipt, deploy};
use codex_remote_auth::ssh::End;
use codex_remote_auth::testing::deploy_with_script;

use crate::Case;
use crate::rig::{Remote, Rig};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_program_that_hangs_is_stopped_with_its_child,
        a_program_that_ignores_the_order_to_end_is_killed,
        a_child_that_ignores_the_order_to_end_is_killed_too,
        a_program_is_stopped_where_there_is_no_setsid,
        what_the_login_itself_started_runs_on_when_a_program_is_stopped,
        a_program_that_prints_without_end_is_stopped,
        a_program_that_prints_megabytes_is_heard_to_its_end,
        a_program_that_fails_after_many_megabytes_has_failed,
        a_program_that_leaves_a_child_behind_is_not_waited_for_long,
        a_program_that_reads_its_input_meets_its_end,
        a_program_that_a_signal_ends_has_not_worked,
        without_codex_the_file_is_deployed_and_that_is_said,
        a_program_that_is_not_there_is_command_not_found,
        a_program_that_may_not_be_run_is_not_executable,
        a_prompt_with_every_special_character_arrives_as_one_word,
    ]
}

/// An account with this program in `~/bin/codex`, where no PATH leads.
fn with_program<'r>(rig: &'r Rig, text: &str) -> Remote<'r> {
    rig.account().without_codex().program("bin/codex", &format!("#!/bin/sh\n{text}\n")).make()
}

fn proof_in(deadline: Duration) -> DeployOptions {
    DeployOptions { proof: Some(Proof { deadline, ..Proof::default() }), ..DeployOptions::default() }
}

fn prove_in(remote: &Remote<'_>, deadline: Duration) -> (Receipt, Duration) {
    let options = proof_in(deadline);
    let session = remote.session();
    let began = Instant::now();
    let receipt = deploy(&session, &remote.one, &options).unwrap();
    (receipt, began.elapsed())
}

fn ran(receipt: &Receipt) -> (&Outcome, Diagnosis) {
    match &receipt.proof {
        ProofOutcome::Ran { outcome, diagnosis, .. } => (outcome, *diagnosis),
        other => panic!("{other:?}"),
    }
}

/// Holds that the proof runs into its deadline, that all is over soon after it, and that nothing runs on.
fn times_out(rig: &Rig, program: &str) {
    let remote = with_program(rig, program);
    let (receipt, took) = prove_in(&remote, Duration::from_millis(600));
    let (outcome, diagnosis) = ran(&receipt);
    assert_eq!((diagnosis, &outcome.end), (Diagnosis::TimedOut, &End::Deadline));
    assert!(took < Duration::from_secs(5), "{took:?}");
    remote.nothing_runs();
    remote.has(&remote.one, ".codex");
}

fn a_program_that_hangs_is_stopped_with_its_child(rig: &Rig) {
    times_out(rig, "sleep 300 & sleep 301");
}

fn a_program_that_ignores_the_order_to_end_is_killed(rig: &Rig) {
    times_out(rig, "trap '' TERM HUP INT\nwhile :; do sleep 1; done");
}

fn a_child_that_ignores_the_order_to_end_is_killed_too(rig: &Rig) {
    times_out(rig, "(trap '' TERM HUP INT; while :; do sleep 1; done) &\nexec sleep 300");
}

fn a_program_is_stopped_where_there_is_no_setsid(rig: &Rig) {
    let script = crate::rig::edited("&& group=setsid", "&& group=");
    let remote = with_program(rig, "trap '' TERM HUP INT\nwhile :; do sleep 1; done");
    let options = proof_in(Duration::from_millis(600));
    let receipt = deploy_with_script(&remote.session(), &remote.one, &options, &script).unwrap();
    assert_eq!(ran(&receipt).1, Diagnosis::TimedOut);
    remote.nothing_runs();
}

fn what_the_login_itself_started_runs_on_when_a_program_is_stopped(rig: &Rig) {
    let remote = rig
        .account()
        .without_codex()
        .file(".bashrc", "sleep 295 </dev/null >/dev/null 2>&1 &\n")
        .program("bin/codex", "#!/bin/sh\nsleep 300 & sleep 301\n")
        .make();
    let (receipt, _) = prove_in(&remote, Duration::from_millis(600));
    assert_eq!(ran(&receipt).1, Diagnosis::TimedOut);
    let running = || {
        let mut all = tests::running::processes(rig.container(), &remote.account);
        all.retain(|line| !line.starts_with("sshd:"));
        all
    };
    assert!(crate::rig::within(Duration::from_secs(5), || running() == ["sleep 295 "]), "{:?}", running());
}

fn a_program_that_prints_without_end_is_stopped(rig: &Rig) {
    times_out(rig, "yes '0123456789 0123456789 0123456789 0123456789 0123456789'");
}

fn a_program_that_prints_megabytes_is_heard_to_its_end(rig: &Rig) {
    let remote =
        with_program(rig, "yes complaint | head -c 3000000 >&2; yes | head -c 3000000; echo auth OK");
    let (receipt, took) = prove_in(&remote, Duration::from_secs(30));
    let (outcome, diagnosis) = ran(&receipt);
    assert_eq!(diagnosis, Diagnosis::Works);
    assert_eq!((outcome.stdout.len(), outcome.stderr.len()), (3_000_008, 3_000_000));
    assert!(took < Duration::from_secs(10), "{took:?}");
}

fn a_program_that_fails_after_many_megabytes_has_failed(rig: &Rig) {
    let remote = with_program(rig, "echo auth OK; yes | head -c 20000000; exit 3");
    let (receipt, took) = prove_in(&remote, Duration::from_secs(30));
    let (outcome, diagnosis) = ran(&receipt);
    assert_eq!((diagnosis, &outcome.end), (Diagnosis::Unknown, &End::Exit(3)));
    assert!(took < Duration::from_secs(20), "{took:?}");
}

fn a_program_that_leaves_a_child_behind_is_not_waited_for_long(rig: &Rig) {
    // What codex leaves running on purpose is not ours to stop, even where it holds the outputs open.
    let remote = with_program(rig, "sleep 8 & echo auth OK");
    let (receipt, took) = prove_in(&remote, Duration::from_secs(30));
    assert_eq!(ran(&receipt).1, Diagnosis::Works);
    assert!(took < Duration::from_secs(6), "{took:?}");
}

fn a_program_that_reads_its_input_meets_its_end(rig: &Rig) {
    let remote = with_program(rig, "[ \"$(wc -c)\" -eq 0 ] && echo auth OK");
    let (receipt, took) = prove_in(&remote, Duration::from_secs(10));
    assert_eq!(ran(&receipt).1, Diagnosis::Works, "{receipt:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

fn a_program_that_a_signal_ends_has_not_worked(rig: &Rig) {
    let remote = with_program(rig, "echo auth OK; kill -SEGV $$");
    let (receipt, _) = prove_in(&remote, Duration::from_secs(10));
    let (outcome, diagnosis) = ran(&receipt);
    assert_eq!((diagnosis, &outcome.end), (Diagnosis::Unknown, &End::Exit(139)));
}

fn without_codex_the_file_is_deployed_and_that_is_said(rig: &Rig) {
    let remote = rig.account().without_codex().make();
    let (receipt, _) = prove_in(&remote, Duration::from_secs(10));
    assert!(matches!(receipt.proof, ProofOutcome::NoCodex), "{:?}", receipt.proof);
    assert_eq!(receipt.codex, None);
    remote.has(&remote.one, ".codex");
}

fn named(remote: &Remote<'_>, program: &str) -> Diagnosis {
    let proof = Proof { program: Some(program.to_owned()), ..Proof::default() };
    let options = DeployOptions { proof: Some(proof), ..DeployOptions::default() };
    let receipt = deploy(&remote.session(), &remote.one, &options).unwrap();
    remote.has(&remote.one, ".codex");
    ran(&receipt).1
}

fn a_program_that_is_not_there_is_command_not_found(rig: &Rig) {
    assert_eq!(named(&rig.account().make(), "~/no such/codex"), Diagnosis::CommandNotFound);
}

fn a_program_that_may_not_be_run_is_not_executable(rig: &Rig) {
    let remote = rig.account().file("codex", "#!/bin/sh\necho auth OK\n").make();
    assert_eq!(named(&remote, "~/codex"), Diagnosis::NotExecutable);
}

fn a_prompt_with_every_special_character_arrives_as_one_word(rig: &Rig) {
    let prompt =
        "it's \"all\" $HOME `here` \\n %s !! ~ * ? [a] {b} <c> | & ; # (d) =e \u{e9}\u{4e16}\nand a line";
    for shell in ["/bin/bash", "/bin/zsh", "/bin/tcsh", "/bin/mksh"] {
        let text = "#!/bin/sh\n[ $# = 4 ] && [ \"$3\" = -- ] && printf '%s' \"$4\"";
        let remote = rig.account().without_codex().shell(shell).program("bin/codex", text).make();
        let proof = Proof { prompt: prompt.to_owned(), answer: prompt.to_owned(), ..Proof::default() };
        let options = DeployOptions { proof: Some(proof), ..DeployOptions::default() };
        let receipt = deploy(&remote.session(), &remote.one, &options).unwrap();
        let (outcome, diagnosis) = ran(&receipt);
        assert_eq!(String::from_utf8_lossy(&outcome.stdout), prompt, "{shell}");
        assert_eq!(diagnosis, Diagnosis::Works);
    }
}
