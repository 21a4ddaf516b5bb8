//! The caller's own login file, checked before any connection.

use serde_json::json;

use crate::account::{Account, login};

#[test]
fn a_login_that_codex_would_not_take_is_not_sent() {
    let mut no_tokens = login("ann", 10);
    no_tokens["tokens"] = json!(null);
    let mut no_refresh = login("ann", 10);
    no_refresh["tokens"].as_object_mut().unwrap().remove("refresh_token");
    for (what, bad) in [("tokens", no_tokens), ("a refresh token", no_refresh), ("anything", json!({}))] {
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
