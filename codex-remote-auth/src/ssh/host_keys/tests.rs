use std::process::Command;

use super::*;
use crate::ssh::HostKeyRule;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFIXNP0KjIDgm7JvaRMCBAa9BUR1yl9pLtE/eaxkf7oZ";
const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBIXNP0KjIDgm7JvaRMCBAa9BUR1yl9pLtE/eaxkf7oZ";

fn entry(line: &str) -> Option<Entry> {
    Entry::parse(line, |_| true)
}

fn key() -> Vec<u8> {
    entry(&format!("host {KEY}")).unwrap().key
}

fn verdict(text: &str, host: &str, port: u16) -> KeyCheck {
    let text = text.replace("KEY", KEY).replace("OTHER", OTHER);
    let name = Name::of(host, port);
    let verdict = HostKeys::from_text(&text).verdict(&name, &key());
    let mut of_server = HostKeys::default();
    of_server.add(&text, None, Some(&name));
    assert_eq!(of_server.verdict(&name, &key()), verdict, "what is left out says something of {host}");
    verdict
}

fn line(line: usize) -> KnownHostsLine {
    KnownHostsLine { file: None, line, pattern: false }
}

#[test]
fn an_entry_is_told_from_what_looks_like_one() {
    assert_eq!(entry(&format!("host,[other]:22 {KEY} a comment")).unwrap().kind, "ssh-ed25519");
    assert_eq!(entry(&format!("@revoked * {KEY}")).unwrap().marker, Marker::Revoked);
    let other_type = KEY.replace("ssh-ed25519", "ssh-rsa");
    for line in
        ["", "host", "host ssh-ed25519", "host ssh-ed25519 %%%", "host x AAAA", "@revoked host", "# a b c"]
    {
        assert!(entry(line).is_none(), "{line}");
    }
    assert!(entry(&format!("host {other_type}")).is_none());
    assert!(entry(&format!("#host {KEY}")).is_none());
    for markers in ["@marker", "@revoked @cert-authority", "@cert-authority @revoked", "@revoked @revoked"] {
        assert!(entry(&format!("{markers} host {KEY}")).is_none(), "{markers}");
    }
}

#[test]
fn a_server_is_known_changed_or_unknown() {
    let unknown = KeyCheck::Unknown { authority: false };
    for (text, host, port, wanted) in [
        ("box KEY", "box", 22, KeyCheck::Known),
        ("box KEY", "BOX", 22, KeyCheck::Known),
        ("*.example,!bad.example KEY", "a.example", 22, KeyCheck::Known),
        ("*.example,!bad.example KEY", "bad.example", 22, unknown.clone()),
        ("[box]:2222 KEY", "box", 2222, KeyCheck::Known),
        ("[box]:2222 KEY", "box", 22, unknown.clone()),
        ("[box]:2222 KEY", "box", 2223, unknown.clone()),
        // Without the port: only if there is none with it, and never against a key.
        ("box KEY", "box", 2222, KeyCheck::Known),
        ("box OTHER", "box", 2222, unknown.clone()),
        ("[box]:2222 OTHER\nbox KEY", "box", 2222, KeyCheck::Changed { at: vec![line(1)] }),
        ("[box]:2222 KEY\nbox OTHER", "box", 2222, KeyCheck::Known),
        ("[box]:2223 OTHER\nbox KEY", "box", 2222, KeyCheck::Known),
        ("@revoked box KEY", "box", 2222, KeyCheck::Revoked { at: line(1) }),
        ("[box]:2222 KEY\n@revoked box KEY", "box", 2222, KeyCheck::Known),
        ("@cert-authority box KEY", "box", 2222, KeyCheck::Unknown { authority: true }),
        ("box OTHER", "box", 22, KeyCheck::Changed { at: vec![line(1)] }),
        (
            "\n# x\nbox OTHER\nelse OTHER\nbox OTHER",
            "box",
            22,
            KeyCheck::Changed { at: vec![line(3), line(5)] },
        ),
        ("box OTHER\nbox KEY", "box", 22, KeyCheck::Known),
        ("@cert-authority *.example KEY", "a.example", 22, KeyCheck::Unknown { authority: true }),
        (
            "box KEY\n@revoked * KEY",
            "box",
            22,
            KeyCheck::Revoked { at: KnownHostsLine { pattern: true, ..line(2) } },
        ),
        ("box KEY\n@revoked other KEY", "box", 22, KeyCheck::Known),
        ("box KEY\n@revoked box KEY", "box", 22, KeyCheck::Revoked { at: line(2) }),
        ("@revoked * OTHER\nbox KEY", "box", 22, KeyCheck::Known),
        ("", "box", 22, unknown),
    ] {
        assert_eq!(verdict(text, host, port), wanted, "{text} {host} {port}");
    }
}

#[test]
fn an_alias_stands_for_host_and_port() {
    let keys = HostKeys::from_text(&format!("alias {KEY}"));
    assert_eq!(keys.verdict(&Name::alias("Alias"), &key()), KeyCheck::Known);
}

#[test]
fn what_ssh_keygen_has_hashed_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known_hosts");
    std::fs::write(&file, format!("box,192.0.2.1 {KEY}\n[box]:2222 {OTHER}\n")).unwrap();
    let status = Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(&file).output().unwrap().status;
    assert!(status.success());
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("box"), "{text}");
    let keys = HostKeys::from_file(&file).unwrap();
    assert_eq!(keys.verdict(&Name::of("box", 22), &key()), KeyCheck::Known);
    assert_eq!(keys.verdict(&Name::of("192.0.2.1", 22), &key()), KeyCheck::Known);
    assert_eq!(keys.verdict(&Name::of("other", 22), &key()), KeyCheck::Unknown { authority: false });
    let place = KnownHostsLine { file: Some(file), line: 3, pattern: false };
    assert_eq!(
        keys.verdict(&Name::of("box", 2222), &key()),
        KeyCheck::Changed { at: vec![place.clone()] },
        "the plain name's entry does not count beside one with the port"
    );
    let other = entry(&format!("x {OTHER}")).unwrap().key;
    assert_eq!(
        keys.verdict(&Name::of("192.0.2.1", 22), &other),
        KeyCheck::Changed { at: vec![KnownHostsLine { line: 2, ..place }] }
    );
}

#[test]
fn a_new_key_stands_behind_the_others_which_stay_as_they_are() {
    for hash in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made/known_hosts");
        let rule = HostKeyRule { user_files: vec![file.clone()], hash, ..HostKeyRule::default() };
        let name = Name::of("box", 2222);
        append(&rule, &name, "ssh-ed25519", &key()).unwrap();
        let before = std::fs::read_to_string(&file).unwrap() + "# no newline at the end";
        std::fs::write(&file, &before).unwrap();
        append(&rule, &Name::of("second", 22), "ssh-ed25519", &key()).unwrap();
        let after = std::fs::read_to_string(&file).unwrap();
        assert!(after.starts_with(&format!("{before}\n")) && after.ends_with('\n'), "{after}");
        assert_eq!(after.contains("box"), !hash);
        for name in [name, Name::of("second", 22)] {
            let keys = HostKeys::of_server([&file], &name).unwrap();
            assert_eq!(keys.verdict(&name, &key()), KeyCheck::Known);
        }
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }
}

#[test]
fn what_several_append_at_once_is_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let rule = HostKeyRule { user_files: vec![folder.path().join("known")], ..HostKeyRule::default() };
    std::thread::scope(|scope| {
        for number in 0..16 {
            let rule = &rule;
            scope.spawn(move || {
                append(rule, &Name::of(&format!("h{number}"), 22), "ssh-ed25519", &key()).unwrap()
            });
        }
    });
    for number in 0..16 {
        let name = Name::of(&format!("h{number}"), 22);
        let keys = HostKeys::of_server(&rule.user_files, &name).unwrap();
        assert_eq!(keys.verdict(&name, &key()), KeyCheck::Known, "{number}");
    }
}

#[test]
fn a_file_that_is_not_there_is_empty_and_one_that_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let name = Name::of("host", 22);
    HostKeys::of_server([&folder.path().join("none")], &name).unwrap();
    let problem = HostKeys::of_server([&folder.path().to_owned()], &name).unwrap_err();
    assert_eq!(problem.code(), "ssh-known-hosts");
}

#[test]
fn a_line_is_named_by_its_file_and_a_server_by_its_name() {
    let line = |file: Option<&str>, line| KnownHostsLine { file: file.map(Into::into), line, pattern: false };
    assert_eq!(line(Some("/k"), 3).to_string(), "/k:3");
    assert_eq!(line(Some("/k"), 0).to_string(), "/k");
    assert_eq!(line(None, 3).to_string(), "line 3 of the known hosts");
    assert_eq!(Name::of("Box", 2222).to_string(), "[box]:2222");
    assert_eq!(Name::alias("Box").to_string(), "box");
}

#[test]
fn only_types_of_known_keys_are_asked_for_first() {
    let ecdsa = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAAAA";
    let keys = HostKeys::from_text(&format!("box {KEY}\nother {ecdsa}\n@revoked box {ecdsa}\n"));
    let types = |host: &str| keys.known_types(&Name::of(host, 22)).into_iter().collect::<Vec<_>>();
    assert_eq!(types("box"), ["ssh-ed25519"]);
    assert_eq!(types("other"), ["ecdsa-sha2-nistp256"]);
    assert!(types("third").is_empty());
}

#[test]
fn two_hashes_of_a_name_differ() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known");
    let rule = HostKeyRule { user_files: vec![file.clone()], hash: true, ..HostKeyRule::default() };
    let name = Name::of("box", 22);
    for _ in 0..2 {
        append(&rule, &name, "ssh-ed25519", &key()).unwrap();
    }
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: std::collections::BTreeSet<&str> = text.lines().collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.starts_with("|1|")), "{text}");
    assert_eq!(HostKeys::of_server([&file], &name).unwrap().verdict(&name, &key()), KeyCheck::Known);
}
