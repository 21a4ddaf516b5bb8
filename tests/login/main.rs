//! `login`: a machine gets a login of its own over a real sshd, by device code or by a browser, from the made-up cloud.
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

/// The made-up cloud in the container.
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
