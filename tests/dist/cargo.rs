//! `cargo install` from the package that `cargo package` made, with the sources of all dependencies and without a network.

use std::path::{Path, PathBuf};
use std::process::Command;

use tests::Rig;
use tests::trials::Case;

use crate::machine::{Machine, artifact, file};

pub(crate) fn cases() -> Vec<Case<Rig>> {
    tests::cases![cargo_installs_the_package]
}

fn cargo_installs_the_package(rig: &Rig) {
    let package = artifact(".crate", ".crate");
    let folder = tempfile::tempdir().unwrap();
    said(
        Command::new("tar")
            .arg("--extract")
            .arg("--file")
            .arg(&package.path)
            .arg("--directory")
            .arg(folder.path()),
    );
    let source = folder.path().join(package.name.trim_end_matches(".crate"));
    // A machine with a network would download these.
    let vendored = folder.path().join("vendored");
    let cargo = || Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let config = said(
        cargo().args(["vendor", "--locked", "--manifest-path"]).arg(source.join("Cargo.toml")).arg(&vendored),
    );
    // This one, too. Cargo reads a folder of sources only if each has a list of checksums, which may be empty.
    let name = package.name.trim_end_matches(".crate");
    let published = vendored.join(name);
    std::fs::rename(&source, &published).unwrap();
    std::fs::write(published.join(".cargo-checksum.json"), r#"{"files":{}}"#).unwrap();
    let config = config.replace(&vendored.display().to_string(), "/vendored");
    assert!(config.contains("/vendored"), "{config}");
    std::fs::write(folder.path().join("config.toml"), config).unwrap();

    let sysroot = PathBuf::from(said(Command::new("rustc").args(["--print", "sysroot"])).trim());
    let folders = [(sysroot, "/rust".to_owned()), (vendored, "/vendored".to_owned())];
    let packages = ["gcc", "libc6-dev", "libssl-dev", "openssh-client", "pkg-config"];
    let config = file(&Path::new(folder.path()).join("config.toml"));
    let machine = Machine::reading(rig, "bookworm", &packages, &[&package, &config], &folders);
    let installs = |what: &str| {
        machine.run(&format!(
            "export PATH=/rust/bin:$PATH CARGO_HOME=/opt/cargo CARGO_TARGET_DIR=/opt/target\n\
             mkdir -p $CARGO_HOME && cp /dist/config.toml $CARGO_HOME/\n\
             {what}"
        ));
        machine.has_the_right_version("/opt/cargo/bin/codex-remote-auth");
        machine.deploys("/opt/cargo/bin/codex-remote-auth");
    };
    installs("cargo install --locked --offline codex-remote-auth");
    installs(&format!(
        "cargo uninstall codex-remote-auth\n\
         tar --extract --file /dist/{} --directory /opt\n\
         cargo install --locked --offline --path /opt/{name}",
        package.name
    ));
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
