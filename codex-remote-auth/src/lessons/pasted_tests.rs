//! Every output that users reported is known in each form in which people paste it, and no output of another program is.

use std::sync::LazyLock;

use serde_json::json;

use super::Catalogue;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

fn ids(output: &str) -> Vec<&str> {
    CATALOGUE.explain(output, None).into_iter().map(|lesson| lesson.id.as_str()).collect()
}

/// A text in lines of `columns`, each after `prefix`.
fn cut(text: &str, columns: usize, prefix: &str) -> String {
    let cut_line = |line: &str| -> Vec<String> {
        let letters: Vec<char> = line.chars().collect();
        letters
            .chunks(columns - prefix.chars().count())
            .map(|part| prefix.to_owned() + &part.iter().collect::<String>())
            .collect()
    };
    text.lines().flat_map(cut_line).collect::<Vec<_>>().join("\n")
}

fn each_line(text: &str, prefix: &str) -> String {
    text.lines().map(|line| format!("{prefix}{line}\n")).collect()
}

/// A text as people paste it: the name of the form, and the text in that form.
fn forms(text: &str) -> Vec<(&'static str, String)> {
    let log = "2026-11-27T10:00:00.123456Z ERROR codex_core::exec: ";
    let lines = |key: &str| -> String {
        text.lines()
            .map(|line| {
                json!({ "time": "2026-11-27T10:00:00Z", "level": "error", key: line }).to_string() + "\n"
            })
            .collect()
    };
    let coloured = each_line(text, "\x1b[2m2026-11-27T10:00:00Z\x1b[0m \x1b[1;31mERROR\x1b[0m ")
        .replace(": ", ":\x1b[0m ");
    let words = textwrap::fill(text, 40);
    vec![
        ("bare", text.to_owned()),
        ("after a prompt", format!("me@box:~$ codex exec 'Respond: OK'\n{text}\nme@box:~$ ")),
        ("in the line of a prompt", format!("$ {text}")),
        ("in colour", coloured),
        ("cut at 80", cut(text, 80, "")),
        ("cut at 80 after a log's prefix", cut(&each_line(text, log), 80, "")),
        ("cut at 80, each piece after a log's prefix", cut(text, 80, log)),
        ("cut at 80, each piece after a time", cut(text, 80, "[10:00:00] ")),
        ("wrapped at 40", words.clone()),
        ("wrapped at 40 in a box", each_line(&words, "│ ").replace('\n', " │\n")),
        ("quoted", each_line(&words, "> ")),
        ("JSON lines", lines("msg")),
        ("JSON lines of a container", lines("log")),
        ("a JSON string", json!(text).to_string()),
        ("a JSON string in JSON", json!({ "stderr": format!("{text}\n"), "rc": 1 }).to_string()),
        ("JSON in a JSON string", json!(json!({ "error": text }).to_string()).to_string()),
        (
            "JSON over several lines",
            serde_json::to_string_pretty(&json!({ "a": { "stderr": text } })).unwrap(),
        ),
        ("GitHub", each_line(text, "2026-11-27T10:00:00.1234567Z ##[error]")),
        ("GitHub's command", each_line(text, "::error file=a.yml,line=1::")),
        ("GitLab", format!("section_start:1700000000:step_script\r\x1b[0K{}", each_line(text, "00:12 | "))),
        ("GitLab with times", each_line(text, "2026-11-27T10:00:00.123456Z 01E ")),
        ("the journal", each_line(text, "Nov 27 10:00:00 box codex[123]: ")),
        ("the journal, wrapped", each_line(&words, "Nov 27 10:00:00 box codex[123]: ")),
        ("compose", each_line(&words, "app-1  | ")),
        ("a build", each_line(text, "#12 0.345 ")),
        ("other quotation marks", text.replace(['`', '"', '‘', '’'], "'")),
        ("typed quotation marks", text.replace('\'', "’")),
        ("Windows' line ends", text.replace('\n', "\r\n") + "\r\n"),
    ]
}

#[test]
fn what_users_reported_is_known_in_every_form() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for lesson in CATALOGUE.all() {
        for output in &lesson.outputs {
            for (form, pasted) in forms(output) {
                count += 1;
                let found = ids(&pasted);
                // Its own sign, or that of a lesson with the same output.
                let is_meant =
                    |id: &&str| *id == lesson.id || lesson.same_output_as.iter().any(|main| main == id);
                if found.is_empty() || !found.iter().all(is_meant) {
                    wrong.push(format!("{}, {form}: {found:?}: {pasted:?}", lesson.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 3_000, "{count}");
}

#[test]
fn every_sign_of_a_reported_lesson_is_shown_by_its_outputs() {
    let mut idle = Vec::new();
    for lesson in CATALOGUE.reported() {
        for sign in &lesson.signs {
            let alone: Catalogue =
                [super::Lesson { signs: vec![sign.clone()], ..lesson.clone() }].into_iter().collect();
            if lesson.outputs.iter().all(|output| alone.explain(output, None).is_empty()) {
                let texts: Vec<&str> = sign.says.iter().map(|text| text.shown()).collect();
                idle.push(format!("{}: {texts:?}", lesson.id));
            }
        }
    }
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

/// What other programs print about their own logins, networks and packages.
const FOREIGN: &[&str] = &[
    "To get started with GitHub CLI, please run:  gh auth login",
    "gh: Not logged in",
    "error connecting to api.github.com\ncheck your internet connection or https://githubstatus.com",
    "HTTP 401: Bad credentials (https://api.github.com/graphql)",
    "remote: Invalid username or password.\nfatal: Authentication failed for 'https://example.org/a.git/'",
    "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
    "fatal: unable to access 'https://example.org/': Could not resolve host: example.org",
    "npm error code EACCES\nnpm error path /usr/local/lib/node_modules/typescript\nnpm error errno -13",
    "npm ERR! 404 Not Found - GET https://registry.npmjs.org/no-such-package - Not found",
    "npm error code ENOTEMPTY\nnpm error path /usr/lib/node_modules/npm",
    "npm warn EBADENGINE   package: 'vite@6.0.0',",
    "Error: Cannot find module 'express'",
    "Error: Cannot find module @rollup/rollup-linux-x64-gnu. npm has a bug related to optional dependencies",
    "Unable to locate credentials. You can configure credentials by running \"aws configure\".",
    "An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in the request is expired",
    "Error response from daemon: Get \"https://registry.example/v2/\": unauthorized: authentication required",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "docker: Error response from daemon: driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already allocated.",
    "error: Request failed\n  Caused by: error sending request for url (https://pypi.org/simple/x/)\n  Caused by: invalid peer certificate: UnknownIssuer",
    "error: could not download file from 'https://static.rust-lang.org/': error sending request for url (https://static.rust-lang.org/)",
    "curl: (6) Could not resolve host: chatgpt.com",
    "curl: (56) CONNECT tunnel failed, response 407",
    "E: Failed to fetch http://deb.example/x.deb  407  Proxy Authentication Required [IP: 192.0.2.1 3128]",
    "Error: listen EADDRINUSE: address already in use :::3000",
    "OSError: [Errno 98] Address already in use",
    "sqlite3.OperationalError: database is locked",
    "sqlite3.OperationalError: attempt to write a readonly database",
    "sqlite3.DatabaseError: database disk image is malformed",
    "cp: error writing 'a': No space left on device",
    "bash: ./run.sh: Permission denied",
    "bash: ./tool: cannot execute binary file: Exec format error",
    "./tool: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by ./tool)",
    "zsh: exec format error: ./tool",
    "tool: error while loading shared libraries: libssl.so.1.1: cannot open shared object file",
    "/usr/bin/env: ‘python’: No such file or directory",
    "env: 'bash\\r': No such file or directory",
    "bash: line 1: python: command not found",
    "zsh: command not found: claude",
    "Missing environment variable: DATABASE_URL",
    "KeyError: 'OPENAI_API_KEY'",
    "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided: sk-x.', 'type': 'invalid_request_error'}}",
    "openai.RateLimitError: Error code: 429 - {'error': {'message': 'You exceeded your current quota, please check your plan and billing details.'}}",
    "anthropic.AuthenticationError: Error code: 401 - invalid x-api-key",
    "HTTP/1.1 403 Forbidden\nServer: cloudflare\n\n<title>Just a moment...</title>",
    "Error: HTTP 503 Service Unavailable",
    "bwrap: Can't find source path /home/me/x: No such file or directory",
    "error: unexpected argument '--device' found",
    "error: missing field `name` at line 3 column 1",
    "serde_json::Error: expected `,` or `}` at line 4 column 3",
    "Warning: Permanently added '192.0.2.1' (ED25519) to the list of known hosts.",
    "Pseudo-terminal will not be allocated because stdin is not a terminal.",
    "ssh: connect to host example.org port 22: No route to host",
    "pnpm: command not found",
    "ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\"",
    "kubectl: error: You must be logged in to the server (Unauthorized)",
    "Error: token is expired, please run `az login`",
    "Your session has expired. Please sign in again.",
    "The model `llama3` was not found, try pulling it first",
    "warning: Codex could not find bubblewrap on PATH. Install bubblewrap with your OS package manager. See the sandbox prerequisites: https://developers.openai.com/codex/concepts/sandboxing#prerequisites. Codex will use the bundled bubblewrap in the meantime.",
    "WARNING: proceeding, even though we could not create PATH aliases: Refusing to create helper binaries under temporary dir \"/tmp\"",
];

#[test]
fn what_other_programs_print_is_unknown_in_every_form() {
    let mut wrong = Vec::new();
    for output in FOREIGN {
        for (form, pasted) in forms(output) {
            let found = ids(&pasted);
            if !found.is_empty() {
                wrong.push(format!("{form}: {found:?}: {pasted:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(ids(&FOREIGN.join("\n")), [""; 0]);
}
