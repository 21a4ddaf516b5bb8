//! `login`: a host gets its own login over a real sshd, with a device code or a browser, from the fake cloud.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browser;
mod device;
mod failures;
mod fake_codex;
mod open_link;
mod receipt;
mod stop;
mod under_way;
mod untrusted_page;

use std::process::ExitCode;

use tests::Rig;

type Case = tests::trials::Case<Rig>;

/// The address of the fake cloud in the container.
const ISSUER: &str = "http://127.0.0.1:8790";

/// The arguments of a login on `box0`.
fn login<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["login", "--issuer", ISSUER, "box0"], more].concat()
}

fn main() -> ExitCode {
    let modules = vec![
        ("browser", browser::cases()),
        ("device", device::cases()),
        ("failures", failures::cases()),
        ("open_link", open_link::cases()),
        ("receipt", receipt::cases()),
        ("stop", stop::cases()),
        ("untrusted_page", untrusted_page::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
