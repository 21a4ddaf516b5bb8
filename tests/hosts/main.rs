//! The commands for hosts as a user calls them: the program, its messages and its exit status, on a real sshd.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod codex_home;
mod corrections;
mod deploy;
mod deploy_failures;
mod doctor;
mod doctor_findings;
mod dropbear;
mod environment;
mod existing_login;
mod find_codex;
mod foreign_home;
mod hanging_codex;
mod interception;
mod login_file;
mod login_shells;
mod many_hosts;
mod missing_tools;
mod planter;
mod planting;
mod proof;
mod retry_failed;
mod terminal_escapes;
mod untrusted_files;
mod usage_errors;
mod witness;
mod wrong_account;

use std::process::ExitCode;

use tests::Rig;

type Case = tests::trials::Case<Rig>;

fn main() -> ExitCode {
    let modules = vec![
        ("codex_home", codex_home::cases()),
        ("corrections", corrections::cases()),
        ("deploy", deploy::cases()),
        ("deploy_failures", deploy_failures::cases()),
        ("doctor", doctor::cases()),
        ("doctor_findings", doctor_findings::cases()),
        ("dropbear", dropbear::cases()),
        ("environment", environment::cases()),
        ("existing_login", existing_login::cases()),
        ("find_codex", find_codex::cases()),
        ("foreign_home", foreign_home::cases()),
        ("hanging_codex", hanging_codex::cases()),
        ("interception", interception::cases()),
        ("login_file", login_file::cases()),
        ("login_shells", login_shells::cases()),
        ("many_hosts", many_hosts::cases()),
        ("missing_tools", missing_tools::cases()),
        ("planting", planting::cases()),
        ("proof", proof::cases()),
        ("retry_failed", retry_failed::cases()),
        ("terminal_escapes", terminal_escapes::cases()),
        ("untrusted_files", untrusted_files::cases()),
        ("usage_errors", usage_errors::cases()),
        ("wrong_account", wrong_account::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
