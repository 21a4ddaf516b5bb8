//! What codex printed and how it ended, as the library returns it. Also a program that only the library can name.

use std::time::{Duration, Instant};

use codex_remote_auth::codex::{Diagnosis, Outcome};
use codex_remote_auth::deploy::{DeployOptions, Receipt, deploy};
use codex_remote_auth::remote::{Proof, ProofOutcome};
use codex_remote_auth::ssh::End;
use tests::Rig;

use crate::Case;
use crate::target::{Target, enough};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_program_that_prints_megabytes_is_heard_to_its_end,
        a_program_that_fails_after_many_megabytes_has_failed,
        a_program_that_is_not_there_is_command_not_found,
        a_program_that_may_not_be_run_is_not_executable,
    ]
}

/// An account with this program as `~/bin/codex`, which is not on any PATH.
fn with_program<'r>(rig: &'r Rig, text: &str) -> Target<'r> {
    Target::of(rig, |account| account.codex(text))
}

fn proof_in(time_limit: Duration) -> DeployOptions {
    DeployOptions { proof: Some(Proof { time_limit, ..Proof::default() }), ..DeployOptions::default() }
}

fn prove_in(target: &Target<'_>, deadline: Duration) -> (Receipt, Duration) {
    let options = proof_in(deadline);
    let session = target.session();
    let began = Instant::now();
    let receipt = deploy(&session, &target.one, &options, enough()).unwrap();
    (receipt, began.elapsed())
}

fn ran(receipt: &Receipt) -> (&Outcome, Diagnosis) {
    match &receipt.proof {
        ProofOutcome::Ran { outcome, diagnosis, .. } => (outcome, *diagnosis),
        other => panic!("{other:?}"),
    }
}

fn a_program_that_prints_megabytes_is_heard_to_its_end(rig: &Rig) {
    let target =
        with_program(rig, "yes complaint | head -c 3000000 >&2; yes | head -c 3000000; echo auth OK");
    let (receipt, took) = prove_in(&target, Duration::from_secs(30));
    let (outcome, diagnosis) = ran(&receipt);
    assert_eq!(diagnosis, Diagnosis::Works);
    assert_eq!((outcome.stdout.len(), outcome.stderr.len()), (3_000_008, 3_000_000));
    assert!(took < Duration::from_secs(10), "{took:?}");
}

fn a_program_that_fails_after_many_megabytes_has_failed(rig: &Rig) {
    // More than is kept.
    let target = with_program(rig, "echo auth OK; yes | head -c 10000000; exit 3");
    let (receipt, took) = prove_in(&target, Duration::from_secs(30));
    let (outcome, diagnosis) = ran(&receipt);
    assert_eq!((diagnosis, &outcome.end), (Diagnosis::Unknown, &End::Exit(3)));
    assert!(took < Duration::from_secs(20), "{took:?}");
}

fn named(target: &Target<'_>, program: &str) -> Diagnosis {
    let proof = Proof { program: Some(program.to_owned()), ..Proof::default() };
    let options = DeployOptions { proof: Some(proof), ..DeployOptions::default() };
    let receipt = deploy(&target.session(), &target.one, &options, enough()).unwrap();
    target.has(&target.one, ".codex");
    ran(&receipt).1
}

fn a_program_that_is_not_there_is_command_not_found(rig: &Rig) {
    assert_eq!(named(&Target::of(rig, |account| account), "~/no such/codex"), Diagnosis::CommandNotFound);
}

fn a_program_that_may_not_be_run_is_not_executable(rig: &Rig) {
    let target = Target::of(rig, |account| account.file("codex", "#!/bin/sh\necho auth OK\n"));
    assert_eq!(named(&target, "~/codex"), Diagnosis::NotExecutable);
}
