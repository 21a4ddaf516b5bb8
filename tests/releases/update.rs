//! Pinning what the index has.

use std::fs;

use harness::release::{Digested, Missing, PinFile, Platform, ReleaseProblem, Tool};

use crate::fake_pip::{CODEX, FakePip, number, sha256};

#[test]
fn what_the_index_has_and_the_file_lacks_is_missing() {
    let stand_in = FakePip::new();
    fs::write(stand_in.path("versions"), "Available versions: 0.164.0, 0.163.0\n").unwrap();
    let here = Platform::of_containers().unwrap();
    let missing = PinFile::open(&stand_in.path("pins.toml")).unwrap().missing(&stand_in.index()).unwrap();
    let codex: Vec<_> = missing.iter().filter(|missing| missing.tool == Tool::Codex).collect();
    assert_eq!(codex.len(), 3, "{codex:?}");
    assert!(
        !codex.iter().any(|missing| missing.package_version == number("0.163.0") && missing.platform == here)
    );
    let claude: Vec<_> = missing.iter().filter(|missing| missing.tool == Tool::Claude).collect();
    assert!(claude.iter().all(|missing| missing.package_version == number("0.164.0")), "{claude:?}");
}

#[test]
fn what_is_missing_is_pinned_as_it_came_and_not_kept() {
    let stand_in = FakePip::new();
    let wheel = stand_in.publish(&[(CODEX, b"something new")]);
    let missing =
        Missing { tool: Tool::Codex, package_version: number("0.164.0"), platform: Platform::Aarch64Linux };
    let pin = stand_in.cache().pin(&missing, &|_| {}).unwrap();
    assert_eq!(pin.wheel(), Digested { size: wheel.len() as u64, sha256: sha256(&wheel) });
    assert_eq!(pin.program, Digested { size: 13, sha256: sha256(b"something new") });
    assert_eq!(
        (pin.version.to_string(), pin.package.as_str()),
        ("0.164.0".into(), "openai-codex-cli-bin==0.164.0")
    );
    assert_eq!(stand_in.kept(), [""; 0]);
    let asked = fs::read_to_string(stand_in.path("asked")).unwrap();
    assert!(asked.contains("--platform manylinux_2_17_aarch64"), "{asked}");
}

#[test]
fn claude_goes_by_the_version_of_its_program() {
    let stand_in = FakePip::new();
    let bundled = "claude_agent_sdk/_bundled";
    let (program, version) = (format!("{bundled}/claude"), format!("{bundled}/claude.version"));
    let missing =
        Missing { tool: Tool::Claude, package_version: number("0.2.187"), platform: Platform::X86_64Linux };
    stand_in.publish(&[(&program, b"claude"), (&version, b"2.1.330 (Claude Code)\n")]);
    let pin = stand_in.cache().pin(&missing, &|_| {}).unwrap();
    assert_eq!(
        (pin.version.to_string(), pin.package.as_str()),
        ("2.1.330".into(), "claude-agent-sdk==0.2.187")
    );

    stand_in.publish(&[(&program, b"claude"), (&version, b"unknown\n")]);
    let problem = stand_in.cache().pin(&missing, &|_| {}).unwrap_err();
    assert!(matches!(problem, ReleaseProblem::NoSuchMember { .. }), "{problem}");
}
