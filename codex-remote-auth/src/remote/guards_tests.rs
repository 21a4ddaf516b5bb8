//! Tests the guards with accounts that this machine cannot have: other owners, groups and access lists, and a host that
//! cannot report facts.

use super::reply::Reply;
use super::{Compared, Force, Guard, Look, Refusal};
use crate::auth_json::AuthFile;
use crate::auth_json::testing::Chatgpt;

/// What the script prints for a healthy account without an auth.json.
const HEALTHY: &[&str] = &[
    "account uid=1000(me) gid=1000(me) groups=1000(me)",
    "home /home/me",
    "home-is /home/me",
    "home-should /home/me",
    "set-home ",
    "codex-home /home/me/.codex",
    "can-digest sha256sum",
    "directory",
    "folder /home/me/.codex",
    "level drwx------ 2 1000 1000 80 Jan 1 00:00 .",
    "level drwxr-x--- 4 1000 1000 80 Jan 1 00:00 ..",
    "level drwxr-xr-x 4 0 0 80 Jan 1 00:00 ../..",
    "level drwxr-xr-x 4 0 0 80 Jan 1 00:00 ../../..",
];

/// The healthy account with changes. A line that starts with the first text of a change is replaced by the second, or
/// removed if that is empty. The lines of `more` are added at the end.
pub(super) fn look(changes: &[(&str, &str)], more: &[&str]) -> Look {
    let changed = |line: &&str| {
        let change = changes.iter().find(|(old, _)| line.starts_with(old));
        change.map_or(*line, |(_, new)| new).to_owned()
    };
    let lines = HEALTHY.iter().map(changed).chain(more.iter().map(|line| (*line).to_owned()));
    let text: String = lines.filter(|line| !line.is_empty()).map(|line| format!("M {line}\n")).collect();
    let mut reply = Reply::default();
    assert_eq!(reply.read_to(format!("{text}M looked\n").as_bytes(), "M", "looked"), Ok(true));
    Look::read(&mut reply)
}

fn home(changes: &[(&str, &str)]) -> &'static str {
    home_with(changes, &[], &[])
}

/// The code of the refusal, or `ok`.
fn home_with(changes: &[(&str, &str)], more: &[&str], force: &[Guard]) -> &'static str {
    let force: Force = force.iter().copied().collect();
    look(changes, more).check_home(&force).as_ref().map_or_else(Refusal::code, |()| "ok")
}

const HOME: &str = "level drwx------ 2 1000 1000 80 Jan 1 00:00 .";
const ABOVE: &str = "level drwxr-x--- 4 1000 1000 80 Jan 1 00:00 ..";
const ROOT: &str = "level drwxr-xr-x 4 0 0 80 Jan 1 00:00 ../../..";

#[test]
fn a_healthy_account_may_have_a_login() {
    assert_eq!(home(&[]), "ok");
    assert!(look(&[], &[]).auth_path() == "/home/me/.codex/auth.json" && !look(&[], &[]).home_is_open());
}

#[test]
fn a_fact_that_the_host_cannot_report_stops_the_work() {
    assert_eq!(home_with(&[], &["missing mv"], &[]), "missing-tool");
    assert_eq!(home(&[("account", "account ")]), "cannot-tell");
    assert_eq!(home(&[("home ", "home ")]), "no-home");
    assert_eq!(home(&[("home-is", "home-is ")]), "no-home");
    assert_eq!(home(&[(HOME, "level drwx------ .")]), "cannot-tell");
    assert_eq!(home(&[(ABOVE, "")]), "cannot-tell");
    assert_eq!(home(&[("folder", ""), ("directory", "")]), "cannot-tell");
}

#[test]
fn home_has_to_belong_to_the_account() {
    assert_eq!(home(&[("home-should", "home-should /home/other")]), "other-home");
    let forced = home_with(&[("home-should", "home-should /home/other")], &[], &[Guard::OtherHome]);
    assert_eq!(forced, "ok");
    // If no record names the account's home, the owner of the directory decides.
    for (owner, expected) in
        [("41ed 1000 1000 4096", "ok"), ("41ed 1001 1000 4096", "other-home"), ("?", "other-home")]
    {
        let about = format!("home-about {owner}");
        assert_eq!(home_with(&[("home-should", "")], &[&about], &[]), expected, "{owner}");
    }
    assert_eq!(home(&[("set-home", "set-home ~/x")]), "tilde-in-codex-home");
    for (blocked, expected) in [
        ("81a4 1000 1000 4", "home-not-a-directory"),
        ("lrwxrwxrwx 1 1000 1000 4 Jan 1 00:00 .codex", "home-not-a-directory"),
        ("?", "home-not-a-directory"),
        // The directory was made while the script looked.
        ("41c0 1000 1000 80", "ok"),
    ] {
        let blocked = format!("blocked {blocked}");
        assert_eq!(home_with(&[("directory", "")], &[&blocked], &[]), expected, "{blocked}");
    }
    assert_eq!(home(&[(HOME, "level drwx------ 2 1001 1000 80 Jan 1 00:00 .")]), "home-not-ours");
    // Not even a home that belongs to root.
    assert_eq!(home(&[(HOME, "level drwx------ 2 0 0 80 Jan 1 00:00 .")]), "home-not-ours");
}

#[test]
fn nobody_else_may_write_to_a_folder_above() {
    for (above, expected) in [
        ("drwxr-x--- 4 1001 1000", "folder-open-to-others"),
        ("drwxr-x--- 4 0 0", "ok"),
        ("drwxr-xrwx 4 1000 1000", "folder-open-to-others"),
        ("drwxr-xrwt 4 1000 1000", "ok"),
        ("drwxrwx--- 4 1000 1000", "ok"),
        ("drwxrwx---+ 4 1000 1000", "folder-open-to-others"),
        ("drwxrwx--- 4 1000 100", "folder-open-to-others"),
        ("drwxrwx--T 4 1000 100", "ok"),
    ] {
        let line = format!("level {above} 80 Jan 1 00:00 ..");
        assert_eq!(home(&[(ABOVE, &line)]), expected, "{above}");
        assert_eq!(home_with(&[(ABOVE, &line)], &[], &[Guard::OpenFolder]), "ok", "{above}");
    }
    let root = "level drwxrwxrwx 4 0 0 80 Jan 1 00:00 ../../..";
    let Err(Refusal::FolderOpenToOthers { path }) = look(&[(ROOT, root)], &[]).check_home(&Force::default())
    else {
        panic!("an open root was accepted")
    };
    assert_eq!(path, "/");
    // The account's group has other members.
    let shared = [
        ("account", "account uid=1000(me) gid=100(users)"),
        (ABOVE, "level drwxrwx--- 4 1000 100 80 Jan 1 00:00 .."),
    ];
    assert_eq!(home(&shared), "folder-open-to-others");
}

#[test]
fn nobody_else_may_write_to_the_files_that_decide() {
    let check = |facts: &str, force: &[Guard]| {
        let line = format!("env-file {facts}");
        let force: Force = force.iter().copied().collect();
        look(&[], &[&line]).check_files(&force).as_ref().map_or_else(Refusal::code, |()| "ok")
    };
    for (facts, expected) in [
        ("-rw------- 1 1000 1000 5 Jan 1 00:00 .env", "ok"),
        ("-rw-rw---- 1 1000 1000 5 Jan 1 00:00 .env", "ok"),
        ("-rw-r--r-- 1 0 0 5 Jan 1 00:00 .env", "ok"),
        ("-rw-r--r-- 1 1001 1000 5 Jan 1 00:00 .env", "file-open-to-others"),
        ("-rw-rw---- 1 1000 100 5 Jan 1 00:00 .env", "file-open-to-others"),
        ("-rw-rw----+ 1 1000 1000 5 Jan 1 00:00 .env", "file-open-to-others"),
        ("-rw-r--rw- 1 1000 1000 5 Jan 1 00:00 .env", "file-open-to-others"),
        ("", "file-open-to-others"),
    ] {
        assert_eq!(check(facts, &[]), expected, "{facts}");
        assert_eq!(check(facts, &[Guard::Settings]), "ok", "{facts}");
    }
}

/// How a file with these facts and bytes compares.
fn compared(
    facts: &str,
    bytes: Option<&str>,
    ours: &AuthFile,
    force: &[Guard],
) -> Result<Compared, &'static str> {
    let mut more = vec![format!("auth {facts}")];
    // The bytes follow their length, as the script prints them.
    more.extend(bytes.map(|bytes| format!("auth-bytes {}\n{bytes}", bytes.len())));
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let force: Force = force.iter().copied().collect();
    look(&[], &more).compare(ours, false, &force).map_err(|refusal| refusal.code())
}

#[test]
fn the_same_login_of_another_user_is_replaced() {
    let ours = Chatgpt::new();
    let text = ours.text();
    let ours = crate::auth_json::testing::login(&text);
    let file = |owner: u32| format!("8180 {owner} 1000 {}", text.len());
    assert_eq!(compared(&file(1000), Some(&text), &ours, &[]), Ok(Compared::Same));
    let replaced = compared(&file(1001), Some(&text), &ours, &[]);
    assert_eq!(replaced, Ok(Compared::Replaceable { sha256: Some(ours.bytes().sha256()), broken: None }));
}

#[test]
fn a_file_that_cannot_be_read_is_kept() {
    let ours = Chatgpt::new().file();
    assert_eq!(compared("8180 1001 1000 40", None, &ours, &[]), Err("unknown-login"));
    let forced = compared("8180 1001 1000 40", None, &ours, &[Guard::UnknownLogin]);
    assert_eq!(forced, Ok(Compared::Replaceable { sha256: None, broken: None }));
    assert_eq!(compared("?", None, &ours, &[Guard::UnknownLogin]), Err("cannot-tell"));
    for kind in ["4180", "1180"] {
        assert_eq!(compared(&format!("{kind} 1000 1000 40"), None, &ours, &[]), Err("auth-not-a-file-there"));
    }
    assert_eq!(compared("a1ff 1000 1000 40", None, &ours, &[]), Err("auth-is-a-link"));
}

#[test]
fn a_login_in_a_form_that_no_codex_reads_is_compared_as_any_other() {
    let ours = Chatgpt::new().file();
    let of = |theirs: Chatgpt| {
        let text = serde_json::to_string(&theirs.text()).unwrap();
        let facts = format!("8180 1000 1000 {}", text.len());
        compared(&facts, Some(&text), &ours, &[])
    };
    let Ok(Compared::Replaceable { broken: Some(why), .. }) = of(Chatgpt::new()) else { panic!() };
    assert!(why.contains("JSON string"), "{why}");
    assert_eq!(of(Chatgpt::new().person("other")), Err("another-account"));
    assert_eq!(of(Chatgpt::new().with("last_refresh", "2026-02-01T00:00:00Z")), Err("remote-is-fresher"));
}

#[test]
fn a_login_that_has_ended_replaces_none_that_can_still_work() {
    let ended = || {
        let token = crate::auth_json::testing::jwt(&serde_json::json!({ "exp": 1_700_000_000 }));
        Chatgpt::new()
            .token("access_token", token)
            .token("refresh_token", "")
            .with("last_refresh", "2026-02-01T00:00:00Z")
    };
    let of = |theirs: Chatgpt, ours: Chatgpt, force: &[Guard]| {
        let theirs = theirs.text();
        let facts = format!("8180 1000 1000 {}", theirs.len());
        compared(&facts, Some(&theirs), &ours.file(), force).map(|_| "replaced")
    };
    assert_eq!(of(Chatgpt::new(), ended(), &[]), Err("ours-has-ended"));
    assert_eq!(of(Chatgpt::new(), ended(), &[Guard::NewerLogin]), Ok("replaced"));
    assert_eq!(of(ended(), ended().with("other", 1), &[]), Ok("replaced"));
    assert_eq!(of(ended(), Chatgpt::new().with("last_refresh", "2026-02-02T00:00:00Z"), &[]), Ok("replaced"));
}

/// The code of the refusal of a deploy of `ours` over `theirs`, or that it is replaced.
fn over(theirs: &Chatgpt, ours: &Chatgpt, force: &[Guard]) -> Result<&'static str, &'static str> {
    let theirs = theirs.text();
    let facts = format!("8180 1000 1000 {}", theirs.len());
    compared(&facts, Some(&theirs), &ours.file(), force).map(|_| "replaced")
}

#[test]
fn a_login_of_the_future_cannot_be_compared() {
    let future = || Chatgpt::new().with("last_refresh", "2999-01-01T00:00:00Z");
    assert_eq!(over(&Chatgpt::new(), &future(), &[]), Err("unknown-login"));
    assert_eq!(over(&Chatgpt::new(), &future(), &[Guard::UnknownLogin]), Ok("replaced"));
    assert_eq!(over(&future(), &Chatgpt::new(), &[]), Err("unknown-login"));
}

#[test]
fn a_login_that_cannot_be_renewed_replaces_none_that_can() {
    let newer = || Chatgpt::new().with("last_refresh", "2026-02-02T00:00:00Z");
    let without = || newer().token("refresh_token", "");
    assert_eq!(over(&Chatgpt::new(), &without(), &[]), Err("ours-cannot-renew"));
    assert_eq!(over(&Chatgpt::new(), &without(), &[Guard::NewerLogin]), Ok("replaced"));
    assert_eq!(over(&without(), &newer(), &[]), Ok("replaced"));
    assert_eq!(over(&without(), &without().with("other", 1), &[]), Ok("replaced"));
}

#[test]
fn a_saved_file_that_cannot_be_read_is_not_replaced_by_a_backup() {
    let of = |facts: &[&str], force: &[Guard]| {
        let force: Force = force.iter().copied().collect();
        let checked = look(&[], facts).check_saved(&Chatgpt::new().file(), &force);
        checked.as_ref().map_or_else(Refusal::code, |()| "ok")
    };
    assert_eq!(of(&[], &[]), "ok");
    assert_eq!(of(&["before 8180 0 0 10"], &[]), "unknown-login");
    assert_eq!(of(&["before "], &[]), "unknown-login");
    assert_eq!(of(&["before 8180 0 0 10"], &[Guard::AnotherLogin]), "unknown-login");
    assert_eq!(of(&["before 8180 0 0 10"], &[Guard::UnknownLogin]), "ok");
    assert_eq!(of(&["before 41c0 1000 1000 80"], &[]), "ok", "the script stops at a directory");
}

#[test]
fn a_login_without_a_date_is_kept_if_its_token_is_good_for_longer() {
    let good_until = |at: i64| {
        let token = crate::auth_json::testing::jwt(&serde_json::json!({ "exp": at }));
        Chatgpt::new().token("access_token", token)
    };
    let undated = |at| good_until(at).with("last_refresh", serde_json::Value::Null);
    let (early, late) = (4_000_000_000, 4_000_000_001);
    assert_eq!(over(&undated(late), &good_until(early), &[]), Err("unknown-login"));
    assert_eq!(over(&undated(late), &good_until(early), &[Guard::UnknownLogin]), Ok("replaced"));
    for theirs in [undated(early), good_until(late)] {
        assert_eq!(over(&theirs, &good_until(early).with("other", 1), &[]), Ok("replaced"));
    }
}

#[test]
fn a_file_that_is_sent_unchecked_replaces_a_login_only_if_that_is_named() {
    let ours = AuthFile::given_unchecked("{").unwrap();
    for theirs in [Chatgpt::new().text(), r#"{"OPENAI_API_KEY":"k"}"#.to_owned()] {
        let facts = format!("8180 1000 1000 {}", theirs.len());
        let of = |force: &[Guard]| compared(&facts, Some(&theirs), &ours, force).map(|_| "replaced");
        assert_eq!(of(&[Guard::NewerLogin, Guard::AnotherLogin]), Err("unknown-login"));
        assert_eq!(of(&[Guard::UnknownLogin]), Ok("replaced"));
    }
}

#[test]
fn a_login_is_newer_only_with_a_later_date() {
    let text = |refresh: Option<&str>| {
        let login = Chatgpt::new();
        match refresh {
            Some(refresh) => login.with("last_refresh", refresh).text(),
            None => login.with("last_refresh", serde_json::Value::Null).text(),
        }
    };
    let of = |ours: Option<&str>, theirs: Option<&str>| {
        let theirs = text(theirs);
        let ours = crate::auth_json::testing::login(&text(ours));
        let facts = format!("8180 1000 1000 {}", theirs.len());
        compared(&facts, Some(&theirs), &ours, &[]).map(|_| "replaced")
    };
    let (early, late) = (Some("2026-01-24T10:00:00Z"), Some("2026-01-24T10:00:01Z"));
    assert_eq!(of(early, late), Err("remote-is-fresher"));
    assert_eq!(of(None, early), Err("remote-is-fresher"));
    for (ours, theirs) in [(late, early), (early, early), (early, None), (None, None)] {
        assert_eq!(of(ours, theirs), Ok("replaced"), "{ours:?} {theirs:?}");
    }
}
