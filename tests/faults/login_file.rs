//! Invalid login files: each has its own code, and a message that names the file or the reason and says what to do.
//! No message shows anything of the file's content. Nothing has been sent anywhere by then.

use codex_remote_auth::message::Failure as _;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use codex_remote_auth::auth_json::{AuthFile, AuthProblem, MAX_BYTES};

/// Marks everything in a login that no message may show.
const CANARY: &str = "do-not-show-this-anywhere";

/// The problem with a file of these bytes.
fn problem(bytes: impl AsRef<[u8]>) -> AuthProblem {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    told(AuthFile::read(file.path()).unwrap_err())
}

/// Checks that a problem shows nothing of the file.
fn told(problem: AuthProblem) -> AuthProblem {
    assert!(!format!("{problem} {problem:?}").contains(CANARY), "{problem}");
    problem
}

/// Checks that a problem has this code, and that its message contains all these words.
fn says(problem: &AuthProblem, code: &str, words: &[&str]) {
    assert_eq!(problem.code(), code, "{problem}");
    for word in words {
        assert!(problem.in_full().contains(word), "{}", problem.in_full());
    }
}

#[test]
fn a_login_file_that_is_not_there_is_named_with_the_way_to_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.json");
    let name = path.to_str().unwrap();
    says(&AuthFile::read(&path).unwrap_err(), "auth-missing", &[name, "codex login"]);
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    let link = format!("{name} is a link to a file that does not exist");
    says(&AuthFile::read(&path).unwrap_err(), "auth-broken-link", &[&link, "codex login"]);
    fs::remove_file(&path).unwrap();
    fs::write(folder.path().join(".auth.json"), "{}").unwrap();
    says(&AuthFile::read(&path).unwrap_err(), "auth-leading-dot", &[name, "/.auth.json does", "--auth"]);
}

#[test]
fn what_is_no_file_is_named_and_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for path in [folder.path(), &socket] {
        let name = path.to_str().unwrap();
        says(&AuthFile::read(path).unwrap_err(), "auth-not-a-file", &[name, "auth.json"]);
    }
    // A device is read, because a login can come by one: nothing is in this one.
    says(&AuthFile::read(Path::new("/dev/null")).unwrap_err(), "auth-empty", &["is empty"]);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    // Root can read every file except one of this kind, whose first bytes cannot be read by anyone.
    let denied = fs::File::open(file.path()).is_err();
    let path = if denied { file.path() } else { Path::new("/proc/self/mem") };
    let problem = AuthFile::read(path).unwrap_err();
    let why = if denied { "permission denied" } else { "input/output error" };
    let words = format!("{} cannot be read: {why}\n", path.display());
    says(&problem, "auth-unreadable", &[&words, "nothing was sent", "check its owner and mode"]);
}

#[test]
fn a_file_that_holds_the_login_in_another_form_is_named_with_the_way_to_take_it_out() {
    for (text, words) in [
        ("-----BEGIN PGP MESSAGE-----\n", ["is encrypted (gpg)", "decrypt it first"]),
        ("apiVersion: v1\nkind: Secret\n", ["a Kubernetes Secret", "kubectl get secret NAME"]),
        ("OPENAI_API_KEY=k\n", ["a list of variables", "--api-key"]),
    ] {
        says(&problem(text), "auth-other-file", &words);
    }
}

#[test]
fn a_file_without_a_login_in_it_is_said_to_be_empty() {
    for text in ["", "\n", " \t\r\n "] {
        says(&problem(text), "auth-empty", &["codex login"]);
    }
}

#[test]
fn a_file_larger_than_any_login_is_refused_with_the_limit() {
    let login = format!("{{\"OPENAI_API_KEY\":\"{CANARY}\"}}");
    let most = usize::try_from(MAX_BYTES).unwrap();
    let sized = |size: usize| format!("{login}{}", " ".repeat(size - login.len()));
    says(&problem(sized(most + 1)), "auth-too-large", &["more than the 1048576 bytes", "right file"]);

    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), sized(most)).unwrap();
    assert_eq!(AuthFile::read(file.path()).unwrap().bytes().len(), most);
}

#[test]
fn a_file_that_is_no_json_is_refused_with_the_place() {
    let login = format!("{{\n  \"OPENAI_API_KEY\": \"{CANARY}\"\n}}");
    says(&problem(&login[..30]), "auth-not-json", &["line 2", "codex login"]);
    says(&problem(format!("{login}\n{CANARY}")), "auth-not-json", &["line 4, column 1"]);
    says(&problem(format!("{CANARY}: {login}")), "auth-not-json", &["line 1, column 1"]);
    says(&problem("[".repeat(100_000)), "auth-not-json", &["line 1"]);
}

#[test]
fn json_of_another_shape_is_refused_by_the_name_of_what_is_wrong() {
    let with = |text: &str| problem(text.replace("CANARY", &format!("\"{CANARY}\"")));
    says(&with("[CANARY]"), "auth-not-an-object", &["not an object"]);
    says(&with("CANARY"), "auth-not-an-object", &["not an object"]);
    says(&with("{}"), "auth-no-credential", &["`tokens`", "`OPENAI_API_KEY`", "codex login"]);
    says(&with("{\"accessToken\": CANARY}"), "auth-unknown-credential", &["unknown", "codex login"]);
    says(&with("{\"tokens\": CANARY}"), "auth-wrong-type", &["`tokens`", "object"]);
    says(
        &with("{\"tokens\": {\"access_token\": [CANARY]}}"),
        "auth-wrong-type",
        &["`access_token`", "string"],
    );
    says(&with("{\"tokens\": {\"refresh_token\": CANARY}}"), "auth-no-access-token", &["codex login"]);
    says(
        &with("{\"OPENAI_API_KEY\": {\"key\": CANARY}}"),
        "auth-wrong-type",
        &["`OPENAI_API_KEY`", "string"],
    );
    let moment = "{\"OPENAI_API_KEY\": CANARY, \"last_refresh\": 7}";
    says(&with(moment), "auth-wrong-type", &["`last_refresh`"]);
}

#[test]
fn a_login_that_codex_cannot_read_is_refused_by_the_name_of_the_field() {
    let with = |text: &str| problem(text.replace("CANARY", &format!("\"{CANARY}\"")));
    let tokens = "\"access_token\": CANARY, \"refresh_token\": CANARY";
    says(&with(&format!("{{\"tokens\": {{{tokens}}}}}")), "auth-token-missing", &["`id_token`"]);
    let bad = format!("{{\"tokens\": {{{tokens}, \"id_token\": CANARY}}}}");
    says(&with(&bad), "auth-bad-id-token", &["`id_token`", "not a JWT"]);
    let file = |more: &str| with(&format!("{{\"OPENAI_API_KEY\": CANARY, {more}}}"));
    says(&file("\"last_refresh\": CANARY"), "auth-bad-last-refresh", &["`last_refresh`", "time zone"]);
    says(&file("\"auth_mode\": CANARY"), "auth-unknown-mode", &["`auth_mode`", "newer Codex"]);
    says(&file("\"OPENAI_API_KEY\": CANARY"), "auth-repeated-field", &["`OPENAI_API_KEY`", "twice"]);
    says(
        &with("{\"auth_mode\": \"chatgpt\", \"OPENAI_API_KEY\": CANARY}"),
        "auth-credential-missing",
        &["`tokens`"],
    );
}

#[test]
fn a_login_in_another_encoding_is_refused_by_the_name_of_that() {
    let login = format!("{{\"OPENAI_API_KEY\": \"{CANARY}\"}}");
    let utf16: Vec<u8> = login.encode_utf16().flat_map(u16::to_le_bytes).collect();
    says(&problem(utf16), "auth-utf-16", &["UTF-16", "UTF-8"]);
    says(&problem([login.as_bytes(), b"\0"].concat()), "auth-trailing-nul", &["NUL"]);
    says(
        &problem([b"{\"OPENAI_API_KEY\":\"\xff", CANARY.as_bytes(), b"\"}"].concat()),
        "auth-not-utf-8",
        &["UTF-8"],
    );
}

#[test]
fn a_login_that_a_secret_store_has_wrapped_is_taken_out_of_it() {
    let login = format!("{{\"OPENAI_API_KEY\": \"{CANARY}\"}}");
    let base64 = base64::engine::general_purpose::STANDARD.encode(&login);
    for wrapped in [format!("{login:?}"), base64] {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), wrapped).unwrap();
        assert_eq!(AuthFile::read(file.path()).unwrap().bytes().expose(), login.as_bytes());
    }
}

#[test]
fn a_byte_order_mark_is_refused_by_its_name() {
    let text = format!("\u{feff}{{\"OPENAI_API_KEY\":\"{CANARY}\"}}");
    says(&problem(text), "auth-byte-order-mark", &["byte-order mark", "UTF-8 without one"]);
}
