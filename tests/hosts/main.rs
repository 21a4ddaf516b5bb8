//! The verbs for hosts, as a person calls them: the program, its messages and its exit status, on a real sshd.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calls;
mod deploy;
mod doctor;
mod doctor_findings;
mod login_file;
mod many;
mod mended;
mod proof;
mod remote_state;
mod retry;
mod rig;
mod shown;
mod told_over_there;

use std::process::ExitCode;

use rig::Rig;

type Case = tests::trials::Case<Rig>;

fn main() -> ExitCode {
    let modules = vec![
        ("calls", calls::cases()),
        ("deploy", deploy::cases()),
        ("doctor", doctor::cases()),
        ("doctor_findings", doctor_findings::cases()),
        ("many", many::cases()),
        ("login_file", login_file::cases()),
        ("mended", mended::cases()),
        ("proof", proof::cases()),
        ("remote_state", remote_state::cases()),
        ("retry", retry::cases()),
        ("shown", shown::cases()),
        ("told_over_there", told_over_there::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
