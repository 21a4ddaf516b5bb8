//! What people install works: each file of `target/dist` is installed on a machine without a network, and a login is deployed from
//! there to an sshd in another container. `cargo xtask dist` builds the files, and `cargo xtask dist --test` runs this.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cargo;
mod machine;

use std::process::ExitCode;
use std::time::Duration;

use machine::{Machine, artifact, version};
use tests::Rig;

/// One trial compiles the program.
const LIMIT: Duration = Duration::from_secs(3_600);

fn main() -> ExitCode {
    let cases = tests::cases![
        the_deb_is_installed_used_and_removed,
        lintian_finds_no_error_in_the_deb,
        the_archive_runs_on_debian_11,
        the_wheel_is_installed_by_pip_and_run_by_uvx,
        the_checksums_are_right_and_complete,
    ];
    let modules = vec![("packages", cases), ("cargo", cargo::cases())];
    tests::trials::run_within(LIMIT, modules, Rig::end)
}

fn the_deb_is_installed_used_and_removed(rig: &Rig) {
    let deb = artifact("_amd64.deb", "_arm64.deb");
    let machine = Machine::with(rig, "bookworm", &[], &[&deb]);
    machine.run(&format!("apt-get install --yes /dist/{}", deb.name));
    machine.has_the_right_version("codex-remote-auth");
    machine.deploys("codex-remote-auth");
    let listed = machine.run("dpkg --listfiles codex-remote-auth");
    for file in ["copyright", "changelog.Debian.gz", "THIRD-PARTY-LICENSES.txt"] {
        assert!(listed.contains(&format!("/usr/share/doc/codex-remote-auth/{file}")), "{file}: {listed}");
    }
    for file in [
        "man/man1/codex-remote-auth.1.gz",
        "bash-completion/completions/codex-remote-auth",
        "zsh/vendor-completions/_codex-remote-auth",
        "fish/vendor_completions.d/codex-remote-auth.fish",
    ] {
        assert!(listed.contains(&format!("/usr/share/{file}")), "{file}: {listed}");
    }
    machine.run("apt-get remove --yes codex-remote-auth && ! command -v codex-remote-auth");
}

fn lintian_finds_no_error_in_the_deb(rig: &Rig) {
    let deb = artifact("_amd64.deb", "_arm64.deb");
    let machine = Machine::with(rig, "bookworm", &["lintian"], &[&deb]);
    let said = machine.run(&format!("lintian --allow-root --fail-on error --info /dist/{}", deb.name));
    assert!(!said.contains("\nE: "), "{said}");
}

fn the_archive_runs_on_debian_11(rig: &Rig) {
    let archive = artifact("-x86_64-linux.tar.gz", "-aarch64-linux.tar.gz");
    // There is no `ssh` either: the program then reads no configuration.
    let machine = Machine::with(rig, "bullseye", &[], &[&archive]);
    let glibc = machine.run("ldd --version | head -n 1");
    assert!(glibc.trim().ends_with("2.31"), "this is not Debian 11: {glibc}");
    machine.run(&format!("tar --extract --file /dist/{} --directory /opt", archive.name));
    let program = format!("/opt/{}/codex-remote-auth", archive.name.trim_end_matches(".tar.gz"));
    machine.has_the_right_version(&program);
    machine.deploys(&program);
}

fn the_wheel_is_installed_by_pip_and_run_by_uvx(rig: &Rig) {
    let wheel = artifact("_x86_64.whl", "_aarch64.whl");
    let tools = tests::root().join("target/dist-tools/python/bin");
    let (uv, uvx) = (machine::file(&tools.join("uv")), machine::file(&tools.join("uvx")));
    let packages = ["openssh-client", "python3-venv"];
    let machine = Machine::with(rig, "bookworm", &packages, &[&wheel, &uv, &uvx]);
    machine.run(&format!("python3 -m venv /venv && /venv/bin/pip install --no-index /dist/{}", wheel.name));
    machine.has_the_right_version("/venv/bin/codex-remote-auth");
    machine.run("grep openssl-src /venv/share/doc/codex-remote-auth/THIRD-PARTY-LICENSES.txt");
    let about = machine.run("/venv/bin/pip show codex-remote-auth");
    assert!(about.contains("Summary: Copies a Codex CLI login"), "{about}");
    machine.deploys("/venv/bin/codex-remote-auth");
    machine.run("chmod 755 /dist/uv /dist/uvx");
    machine.deploys("/dist/uvx --offline --no-index --find-links /dist codex-remote-auth");
}

fn the_checksums_are_right_and_complete(_: &Rig) {
    let sums = artifact("SHA256SUMS", "SHA256SUMS");
    let folder = sums.path.parent().unwrap();
    let mut check = std::process::Command::new("sha256sum");
    let checked = check.args(["--check", "--strict", "SHA256SUMS"]).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{said}");
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(said.lines().filter(|line| line.ends_with(": OK")).count(), files - 1, "{said}");
    assert!(files > 4, "{said}");
    assert!(said.contains(&version()), "{said}");
}
