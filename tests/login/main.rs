//! A login of its own for a machine: over a real sshd, by device code and by a browser, against the made-up cloud.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browser;
mod device;
mod messages;
mod opened;
mod program;
mod refuse;
mod rig;
mod stop;
mod told;
mod trust;

use std::process::ExitCode;

use rig::Rig;

type Case = tests::trials::Case<Rig>;

fn main() -> ExitCode {
    let modules = vec![
        ("browser", browser::cases()),
        ("device", device::cases()),
        ("refuse", refuse::cases()),
        ("stop", stop::cases()),
        ("program", program::cases()),
        ("messages", messages::cases()),
        ("told", told::cases()),
        ("opened", opened::cases()),
        ("trust", trust::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
