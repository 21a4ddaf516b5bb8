//! Pinning the releases of the index.

use std::fs;
use std::sync::Mutex;

use harness::release::{FileDigest, Missing, Pins, Platform, ReleaseProblem, Tool};

use crate::fake_index::{CODEX, FakeIndex, PROGRAM, number, sha256};

const CLAUDE: &str = "claude_agent_sdk/_bundled/claude";
const CLAUDE_VERSION: &str = "claude_agent_sdk/_bundled/claude.version";

/// The platform that this machine's containers do not use.
fn elsewhere() -> Platform {
    let here = Platform::of_containers().unwrap();
    Platform::ALL.into_iter().find(|platform| *platform != here).unwrap()
}

#[test]
fn what_the_index_has_and_the_file_does_not_is_missing() {
    let index = FakeIndex::with_real_pip();
    let here = Platform::of_containers().unwrap();
    index.publish("0.164.0", &[(CODEX, PROGRAM)]);
    index.publish_as(Tool::Codex, "0.163.0", elsewhere(), &[(CODEX, PROGRAM)]);
    for version in ["0.2.186", "0.2.187"] {
        index.publish_as(Tool::Claude, version, here, &[(CLAUDE, b"claude")]);
    }
    let said = Mutex::new(String::new());
    let missing =
        index.pins().missing(&index.called_as_pip(), &|what| said.lock().unwrap().push_str(what)).unwrap();
    let missing: Vec<_> = missing
        .iter()
        .map(|missing| (missing.tool, missing.package_version.to_string(), missing.platform))
        .collect();
    assert_eq!(
        missing.into_iter().collect::<std::collections::BTreeSet<_>>(),
        [
            (Tool::Codex, "0.163.0".to_owned(), elsewhere()),
            (Tool::Codex, "0.164.0".to_owned(), here),
            // For Claude Code, only the newest.
            (Tool::Claude, "0.2.187".to_owned(), here),
        ]
        .into()
    );
    assert!(said.lock().unwrap().contains(&format!("nothing is pinned for {}", elsewhere())));
}

#[test]
fn what_is_missing_is_pinned_as_it_came_and_not_kept() {
    let index = FakeIndex::with_real_pip();
    let wheel = index.publish_as(Tool::Codex, "0.164.0", elsewhere(), &[(CODEX, b"something new")]);
    let missing = Missing { tool: Tool::Codex, package_version: number("0.164.0"), platform: elsewhere() };
    let pin = index.cache().pin(&missing, &|_| {}).unwrap();
    assert_eq!(pin.sha256, sha256(&wheel));
    assert_eq!(pin.program, FileDigest { size: 13, sha256: sha256(b"something new") });
    assert_eq!(
        (pin.version.to_string(), pin.package.as_str()),
        ("0.164.0".into(), "openai-codex-cli-bin==0.164.0")
    );
    assert_eq!(index.kept(), [""; 0]);

    let before = fs::read_to_string(index.path("pins.toml")).unwrap();
    let mut pins = index.pins();
    pins.add(pin).unwrap();
    assert_eq!(Pins::read(&index.path("pins.toml")).unwrap(), pins);
    assert!(fs::read_to_string(index.path("pins.toml")).unwrap().starts_with(&before));
}

#[test]
fn claude_is_pinned_by_the_version_of_its_program() {
    let index = FakeIndex::with_real_pip();
    let platform = Platform::X86_64Linux;
    let missing = Missing { tool: Tool::Claude, package_version: number("0.2.187"), platform };
    let publish = |version: &[u8]| {
        let files: [(&str, &[u8]); 2] = [(CLAUDE, b"claude"), (CLAUDE_VERSION, version)];
        index.publish_as(Tool::Claude, "0.2.187", platform, &files);
    };
    publish(b"2.1.330 (Claude Code)\n");
    let pin = index.cache().pin(&missing, &|_| {}).unwrap();
    assert_eq!(
        (pin.version.to_string(), pin.package.as_str()),
        ("2.1.330".into(), "claude-agent-sdk==0.2.187")
    );

    publish(b"unknown\n");
    let problem = index.cache().pin(&missing, &|_| {}).unwrap_err();
    assert!(matches!(problem, ReleaseProblem::NoProgram { .. }), "{problem}");
}
