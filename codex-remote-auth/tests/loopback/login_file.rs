//! The caller's own login file, checked before any connection.

use base64::Engine as _;
use serde_json::json;

use crate::account::{Account, login};

#[test]
fn a_login_that_codex_would_not_take_is_not_sent() {
    let mut no_tokens = login("ann", 10);
    no_tokens["tokens"] = json!(null);
    let mut no_refresh = login("ann", 10);
    no_refresh["tokens"].as_object_mut().unwrap().remove("refresh_token");
    // As the log of a pipeline shows it.
    let mut masked = login("ann", 10);
    masked["tokens"]["refresh_token"] = json!("***");
    for (what, bad) in [
        ("tokens", no_tokens),
        ("a refresh token", no_refresh),
        ("one that is whole", masked),
        ("anything", json!({})),
    ] {
        let account = Account::new().local(Some(bad));
        let ran = account.run(&["deploy", "box"]);
        assert!(ran.status == 2 && ran.stderr.contains("nothing was sent"), "without {what}: {ran:?}");
        assert!(!account.home("").exists());
    }
    let none = Account::new().local(None).run(&["deploy", "box"]);
    assert!(none.status == 2 && none.stderr.contains("auth.json"), "{none:?}");
}

#[test]
fn a_login_comes_by_a_file_or_the_standard_input() {
    let account = Account::new();
    let bytes = login("ann", 12).to_string();
    let ran = account.run_with_input(&["deploy", "box", "--auth", "-"], bytes.as_bytes());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(account.there().unwrap().to_string(), bytes);
    std::fs::write(account.path("mine.json"), login("ann", 13).to_string()).unwrap();
    let ran = account.run(&["deploy", "box", "--auth", "mine.json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(account.there().unwrap()["last_refresh"], "2026-01-13T10:00:00Z");
}

#[test]
fn a_login_in_base64_or_in_a_json_string_is_sent_decoded() {
    let account = Account::new();
    let text = login("ann", 12).to_string();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&text);
    let lines: Vec<&str> =
        base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for (form, given) in [
        ("base64", base64.clone()),
        ("base64", lines.join("\n") + "\n"),
        ("base64", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&text)),
        ("a JSON string", serde_json::to_string(&text).unwrap()),
    ] {
        let _ = std::fs::remove_file(account.home("auth.json"));
        let ran = account.run_with_input(&["deploy", "box", "--auth", "-"], given.as_bytes());
        assert_eq!(ran.status, 0, "{form}: {ran:?}");
        assert!(
            ran.stderr.contains(&format!("note: the login was given as {form}; it is sent decoded")),
            "{ran:?}"
        );
        assert_eq!(std::fs::read_to_string(account.home("auth.json")).unwrap(), text, "{form}");
    }
}

#[test]
fn a_login_comes_by_a_pipe_and_a_device_ends_at_the_limit() {
    let account = Account::new();
    let text = login("ann", 12).to_string();
    let pipe = account.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::thread::scope(|scope| {
        scope.spawn(|| std::fs::write(&pipe, &text).unwrap());
        let ran = account.run(&["deploy", "box", "--auth", "pipe"]);
        assert_eq!(ran.status, 0, "{ran:?}");
    });
    assert_eq!(account.there().unwrap().to_string(), text);
    let newer = login("ann", 13).to_string();
    let ran = account.run_with_input(&["deploy", "box", "--auth", "/dev/stdin"], newer.as_bytes());
    assert_eq!((ran.status, account.there().unwrap().to_string()), (0, newer), "{ran:?}");
    for (path, words) in [
        ("/dev/zero", "more than the 1048576 bytes"),
        ("/dev/null", "is empty"),
        (".", "is not a regular file"),
    ] {
        let ran = account.run(&["deploy", "box", "--auth", path]);
        assert!(ran.status == 2 && ran.stderr.contains(words), "{path}: {ran:?}");
    }
    let both = account.run_with_input(&["deploy", "--hosts-file", "-", "--auth", "/dev/stdin"], b"box\n");
    assert!(both.status == 2 && both.stderr.contains("cannot both"), "{both:?}");
}

#[test]
fn only_unchecked_sends_a_file_that_codex_cannot_read() {
    let mut bad = login("ann", 12);
    bad["tokens"]["id_token"] = json!("");
    let good = login("ann", 10);
    let account = Account::with_login(&good).local(Some(bad.clone()));
    for force in ["--force", "--force=unknown-login,another-login,newer-login"] {
        let ran = account.run(&["deploy", "box", force]);
        assert!(ran.status == 2 && ran.stderr.contains("`id_token`"), "{force}: {ran:?}");
    }
    // Nothing is known about it, so the login on the host is kept.
    assert_eq!(account.json(&["deploy", "--unchecked"], 1)["error"]["code"], "unknown-login");
    assert_eq!(account.json(&["deploy", "--unchecked", "--force"], 1)["error"]["code"], "unknown-login");
    assert_eq!(account.there(), Some(good));
    let ran = account.run(&["deploy", "box", "--unchecked", "--force=unknown-login"]);
    assert!(!ran.stderr.contains("two machines"), "{ran:?}");
    assert!(ran.stderr.contains("note: the field `id_token` of the login file is not a JWT"), "{ran:?}");
    assert!(ran.stderr.contains("it is sent unchanged (--unchecked)"), "{ran:?}");
    assert_eq!(account.there(), Some(bad), "{ran:?}");
}
