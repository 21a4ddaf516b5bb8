//! docs/SKILL.md, followed command by command: each block on fresh accounts in the state that it names, and the quick start on this
//! machine with the installed program, as somebody who begins.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod blocks;
mod followed;
mod newcomer;

use std::process::ExitCode;

use tests::Rig;

type Case = tests::trials::Case<Rig>;

fn main() -> ExitCode {
    let modules =
        vec![("blocks", blocks::cases()), ("followed", followed::cases()), ("newcomer", newcomer::cases())];
    tests::trials::run(modules, Rig::end)
}
