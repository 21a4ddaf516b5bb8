//! How hosts are reached and logged in to, as a person's own configuration says it: on real sshds of every temper.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account_state;
mod agent;
mod answers;
mod certificate;
mod command_line;
mod home;
mod jump;
mod key_file;
mod known_hosts;
mod password;
mod proxy_command;
mod rig;
mod server;
mod server_limits;
mod ssh_agent;
mod way_there;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use rig::Rig;

/// A trial's name and what it does.
type Case = (&'static str, fn(&Rig));

/// Cases out of functions, each named as its function.
macro_rules! cases {
    ($($function:ident),* $(,)?) => { vec![$((stringify!($function), $function as fn(&$crate::rig::Rig))),*] };
}
use cases;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let rig = Arc::new(Rig::default());
    let mut trials = Vec::new();
    let modules = [
        ("account_state", account_state::cases()),
        ("agent", agent::cases()),
        ("certificate", certificate::cases()),
        ("command_line", command_line::cases()),
        ("jump", jump::cases()),
        ("key_file", key_file::cases()),
        ("known_hosts", known_hosts::cases()),
        ("password", password::cases()),
        ("proxy_command", proxy_command::cases()),
        ("server_limits", server_limits::cases()),
        ("way_there", way_there::cases()),
    ];
    for (module, cases) in modules {
        for (name, case) in cases {
            let rig = Arc::clone(&rig);
            trials.push(Trial::test(format!("{module}::{name}"), move || {
                case(&rig);
                Ok(())
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let leaks = rig.end();
    for leak in &leaks {
        eprintln!("a secret was seen in {leak}");
    }
    if leaks.is_empty() { conclusion.exit_code() } else { ExitCode::FAILURE }
}
