//! The verbs for hosts, as a person calls them: the program, its messages and its exit status, on a real sshd.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bounded_codex;
mod calls;
mod deploy;
mod doctor;
mod doctor_findings;
mod dropbear;
mod environment;
mod foreign_home;
mod from_the_host;
mod interception;
mod kept;
mod login_file;
mod many;
mod mended;
mod missing_tools;
mod planter;
mod planting;
mod proof;
mod remote_state;
mod retry;
mod rig;
mod shown;
mod told_over_there;
mod witness;
mod wrong_account;

use std::process::ExitCode;

use rig::Rig;

type Case = tests::trials::Case<Rig>;

fn main() -> ExitCode {
    let modules = vec![
        ("bounded_codex", bounded_codex::cases()),
        ("calls", calls::cases()),
        ("deploy", deploy::cases()),
        ("doctor", doctor::cases()),
        ("doctor_findings", doctor_findings::cases()),
        ("dropbear", dropbear::cases()),
        ("environment", environment::cases()),
        ("foreign_home", foreign_home::cases()),
        ("from_the_host", from_the_host::cases()),
        ("interception", interception::cases()),
        ("kept", kept::cases()),
        ("many", many::cases()),
        ("login_file", login_file::cases()),
        ("mended", mended::cases()),
        ("missing_tools", missing_tools::cases()),
        ("planting", planting::cases()),
        ("proof", proof::cases()),
        ("remote_state", remote_state::cases()),
        ("retry", retry::cases()),
        ("shown", shown::cases()),
        ("told_over_there", told_over_there::cases()),
        ("wrong_account", wrong_account::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
