//! How hosts are reached and authenticated to, as the user's own configuration says, on real sshds with many different settings.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agent;
mod answers;
mod authentication_messages;
mod certificate;
mod command_line;
mod host_key_messages;
mod jail;
mod jump;
mod key_file;
mod known_hosts;
mod known_hosts_as_ssh;
mod loopback;
mod many;
mod messages;
mod names;
mod obeyed;
mod password;
mod proxy_command;
mod routes;
mod server;
mod server_limits;
mod ssh_agent;
mod support;
mod terminal;

use std::process::ExitCode;

use tests::Rig;

type Case = tests::trials::Case<Rig>;

fn main() -> ExitCode {
    let modules = vec![
        ("agent", agent::cases()),
        ("certificate", certificate::cases()),
        ("command_line", command_line::cases()),
        ("jail", jail::cases()),
        ("jump", jump::cases()),
        ("key_file", key_file::cases()),
        ("known_hosts", known_hosts::cases()),
        ("known_hosts_as_ssh", known_hosts_as_ssh::cases()),
        ("many", many::cases()),
        ("messages", messages::cases()),
        ("host_key_messages", host_key_messages::cases()),
        ("authentication_messages", authentication_messages::cases()),
        ("names", names::cases()),
        ("obeyed", obeyed::cases()),
        ("password", password::cases()),
        ("proxy_command", proxy_command::cases()),
        ("server_limits", server_limits::cases()),
        ("terminal", terminal::cases()),
        ("routes", routes::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
