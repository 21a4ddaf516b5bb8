//! Outputs that are in no transcript: some belong to a lesson all the same, others to none.

use super::embedded;

/// Output that users see or paste, and the lesson it belongs to.
pub(crate) const MET: &[(&str, &str)] = &[
    ("-bash: codex: command not found", "path-bash"),
    ("sh: codex: not found", "path-sh"),
    ("/bin/dash: 3: codex: not found", "path-sh"),
    ("zsh: command not found: codex", "path-zsh"),
    ("config profile not found", "profile-flag"),
    ("config profile “summarise the repository in three lines” not found", "profile-flag"),
    ("│ Error: config profile 'x' not found                │", "profile-flag"),
    ("2026-03-01T10:00:00Z  INFO deploy: --skip-git-repo-check was not specified", "git-check"),
    (
        "ChatGPT login is required, but an API key is currently being used. Logging out.",
        "forced-login-method",
    ),
    ("scp: /home/me/.codex/auth.json: No such file or directory", "trouble-auth-file-missing"),
    ("ssh: connect to host 0.0.8.174 port 22: Invalid argument", "custom-port"),
    ("401 Unauthorized", "unauthorized-refused"),
    (
        "ERROR: unexpected status 401 Unauthorized: token_revoked, url: https://example.org/",
        "unauthorized-refused",
    ),
    ("your refresh token has expired", "unauthorized-expired"),
    ("refresh_token_reused", "rotation-shared-login"),
    ("Your refresh token has already been used to generate a new access token.", "rotation-shared-login"),
    ("\"code\":\"refresh_token_invalidated\"", "rotation-logout-revokes"),
    ("Error checking login status: expected value at line 1 column 1", "comparison-direct-copy"),
    ("contains legacy `profile = \"work\"`", "profile-legacy"),
    (
        "{\"tokens\": {\"access_token\": \"made up\", \"refresh_token\": \"made up too\"}}",
        "never-print-tokens",
    ),
    ("Missing bearer or basic authentication in header", "leading-dot"),
    (
        "Your access token could not be refreshed because your refresh token was\nalready used. Please log out and sign in again.",
        "rotation-shared-login",
    ),
    (
        "2026-05-04T22:05:24.895605Z ERROR codex_api::endpoint::responses_websocket: failed to connect to websocket: HTTP error: 401 Unauthorized, url: wss://api.openai.com/v1/responses",
        "unauthorized-refused",
    ),
    (
        "ERROR codex_api::endpoint::responses_websocket: failed to connect to websocket: HTTP error: 401 Unauthorized, url: wss://api.openai.com/v1/responses\nERROR: Reconnecting... 5/5\nERROR: unexpected status 401 Unauthorized: Missing bearer or basic authentication in header, url: https://api.openai.com/v1/responses, cf-ray: 9d, request id: req_1",
        "leading-dot",
    ),
    (
        "ERROR codex_api::endpoint::responses_websocket: failed to connect to websocket: HTTP error: 426 Upgrade Required, url: ws://127.0.0.1:8080/v1/responses",
        "harmless-warning",
    ),
];

/// Output that belongs to no lesson.
const STRANGE: &[&str] = &[
    "",
    " \n\t\r\n",
    "OK",
    "auth OK",
    "thread 'main' panicked at src/main.rs:4:5:\ncalled `Option::unwrap()` on a `None` value",
    "ls: cannot access 'codex': No such file or directory",
    "git@github.com: Permission denied (publickey).",
    "fatal: not a git repository (or any of the parent directories): .git",
    "bash: line 1: claude: command not found",
    "zsh: command not found: codex-remote-auth",
    "bash: codex-remote-auth: command not found",
    "sh: 1: mycodex: not found",
    "error: could not find `Cargo.toml` in `/tmp` or any parent directory",
    "You are not logged into any GitHub hosts. To log in, run: gh auth login",
    "docker: Error response from daemon: unauthorized",
    "HTTP/1.1 401 Unauthorized\r\nServer: nginx",
    "Error: failed to parse manifest: EOF while parsing a value at line 1 column 0",
    "scp: /etc/passwd: Permission denied",
    "scp: notes.txt: No such file or directory",
    "error: unknown option '--frobnicate'",
    "error: unexpected argument '--frobnicate' found",
    "Successfully logged out",
    "Successfully logged in",
    "Logged in using an API key - sk-made-***",
    "Reading additional input from stdin...\nOpenAI Codex v0.163.0\n--------\nuser\nhi\ncodex\nhi\ntokens used\n12\nhi",
    "No space left on device",
    "curl: (6) Could not resolve host: api.openai.com",
    "stream error: stream disconnected before completion; retrying 1/5 in 193ms",
    "\u{0}\u{1}\u{2}\u{fffd}\u{fffd}PNG\u{1a}\u{7f}ELF",
    "(left out: it shows a secret, as it is)",
];

#[test]
fn what_people_meet_leads_to_its_lesson() {
    let catalogue = embedded();
    for (output, id) in MET {
        let found: Vec<&str> =
            catalogue.explain(output, None).into_iter().map(|lesson| lesson.id.as_str()).collect();
        assert_eq!(found, [*id], "{output}");
    }
}

#[test]
fn what_is_no_lessons_leads_nowhere() {
    let catalogue = embedded();
    for output in STRANGE {
        let found = catalogue.explain(output, None);
        assert!(found.is_empty(), "{output}: {}", found[0].id);
    }
    let together = STRANGE.join("\n");
    assert!(catalogue.explain(&together, None).is_empty());
}

#[test]
fn the_readme_of_a_stranger_of_ten_megabytes_is_looked_through_to_its_end() {
    let catalogue = embedded();
    let line = "The quick brown fox config profile ` jumps over CODEX_HOME points to \" the lazy dog 401\n";
    let mut long = line.repeat(10 * 1_024 * 1_024 / line.len());
    assert!(catalogue.explain(&long, None).is_empty());
    long.push_str("Error: stdin is not a terminal\n");
    let found = catalogue.explain(&long, None);
    assert_eq!(found.iter().map(|lesson| lesson.id.as_str()).collect::<Vec<_>>(), ["exec-for-scripts"]);
}

#[test]
fn a_message_leads_to_its_lesson_in_colour_wrapped_and_out_of_a_log() {
    let catalogue = embedded();
    for (output, id) in MET {
        // Anchors match the start or end of a line, which a frame in the middle of it removes.
        let wrapped: Vec<String> =
            output.chars().collect::<Vec<_>>().chunks(17).map(|chunk| chunk.iter().collect()).collect();
        for pasted in [
            format!("\x1b[1;31m{output}\x1b[0m\r\n"),
            format!("$ ssh host codex exec hi\n{output}\n$ "),
            format!("2026-03-01T10:00:00Z ERROR {output}"),
            wrapped.join("\r\n"),
            output.replace(['`', '"', '“', '”'], "'"),
            output.replace(' ', "\n   "),
        ] {
            let found = catalogue.explain(&pasted, None);
            assert!(found.iter().any(|lesson| lesson.id == *id), "{pasted:?}");
        }
    }
}
