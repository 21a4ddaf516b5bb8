//! Every output that users reported is known in each form in which people paste it, and no output of another program is.

use std::num::NonZero;
use std::sync::LazyLock;
use std::thread;

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

/// What is wrong with the pasted forms of some outputs, looked at by all processors.
fn all_wrong<T: Sync>(outputs: &[T], wrong_forms: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let part = outputs.len().div_ceil(processors).max(1);
    let of_part = |part: &[T]| part.iter().flat_map(&wrong_forms).collect::<Vec<String>>();
    let of_part = &of_part;
    thread::scope(|scope| {
        let parts: Vec<_> = outputs.chunks(part).map(|part| scope.spawn(move || of_part(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

#[test]
fn what_users_reported_is_known_in_every_form() {
    let outputs: Vec<_> = CATALOGUE
        .all()
        .flat_map(|lesson| lesson.outputs.iter().map(move |output| (lesson, output)))
        .collect();
    let wrong = all_wrong(&outputs, |(lesson, output)| {
        // Its own sign, or that of a lesson with the same output.
        let is_meant = |id: &&str| *id == lesson.id || lesson.same_output_as.iter().any(|main| main == id);
        let mut wrong = Vec::new();
        for (form, pasted) in forms(output) {
            let found = ids(&pasted);
            if found.is_empty() || !found.iter().all(is_meant) {
                wrong.push(format!("{}, {form}: {found:?}: {pasted:?}", lesson.id));
            }
        }
        wrong
    });
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(outputs.len() > 600, "{}", outputs.len());
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
    "pnpm: command not found",
    "ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\"",
    "kubectl: error: You must be logged in to the server (Unauthorized)",
    "Error: token is expired, please run `az login`",
    "Your session has expired. Please sign in again.",
    "The model `llama3` was not found, try pulling it first",
    "kex_exchange_identification: client sent invalid protocol identifier \"GET / HTTP/1.1\"",
    "error: HTTP 401: Bad credentials (https://api.github.com/graphql)\nTry authenticating with:  gh auth login",
    "To get started with GitHub CLI, please run:  gh auth login\nAlternatively, populate the GH_TOKEN environment variable with a GitHub API authentication token.",
    "X Failed to log in to github.com account me (default)\n  - The token in default is invalid.",
    "fatal: Authentication failed for 'https://github.com/me/repo.git/'",
    "fatal: not a git repository (or any of the parent directories): .git",
    "fatal: detected dubious ownership in repository at '/srv/app'",
    "npm error code E401\nnpm error Incorrect or missing password.",
    "npm error code EACCES\nnpm error syscall mkdir\nnpm error path /usr/local/lib/node_modules/typescript\nnpm error errno -13",
    "npm warn EBADENGINE Unsupported engine {\nnpm warn EBADENGINE   package: 'vite@7.0.0',\nnpm warn EBADENGINE   required: { node: '^20.19.0 || >=22.12.0' }",
    "npm ERR! 404 Not Found - GET https://registry.npmjs.org/@acme%2fcodex - Not found",
    "npm error code EACCES\nnpm error syscall mkdir\nnpm error path /usr/local/lib/node_modules/@anthropic-ai\nnpm error errno -13",
    "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password",
    "Error saving credentials: error storing credentials - err: exit status 1, out: `error getting credentials - err: exit status 1, out: `exit status 2: gpg: decryption failed: No secret key``",
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    "exec /docker-entrypoint.sh: exec format error",
    "docker: Error response from daemon: driver failed programming external connectivity on endpoint web: Bind for 0.0.0.0:8080 failed: port is already allocated.",
    "Error loading SSO Token: Token for default does not exist",
    "error: You must be logged in to the server (Unauthorized)",
    "Unable to connect to the server: x509: certificate signed by unknown authority",
    "curl: (22) The requested URL returned error: 401",
    "curl: (6) Could not resolve host: example.org",
    "curl: (7) Failed to connect to localhost port 8080 after 0 ms: Connection refused",
    "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic realm=\"Restricted\"",
    "{\"message\":\"Unauthorized\",\"statusCode\":401}",
    "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"}",
    "google.auth.exceptions.RefreshError: ('invalid_grant: Token has been expired or revoked.', {'error': 'invalid_grant'})",
    "AADSTS70008: The refresh token has expired due to inactivity.",
    "AADSTS54005: OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    "The refresh token has expired. Please log in again.",
    "Error: refresh token has expired",
    "{\"error\":\"refresh_token_reused\",\"message\":\"Refresh token reuse detected\"}",
    "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided: sk-abc. You can find your API key at https://platform.openai.com/account/api-keys.', 'type': 'invalid_request_error', 'param': None, 'code': 'invalid_api_key'}}",
    "openai.RateLimitError: Error code: 429 - {'error': {'message': 'You exceeded your current quota, please check your plan and billing details.', 'type': 'insufficient_quota'}}",
    "Traceback (most recent call last):\n  File \"x.py\", line 3, in <module>\n    json.loads(\"\")\njson.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    "Error: expected value at line 3 column 9",
    "Error: missing field `id` at line 1 column 20",
    "Error: EOF while parsing a value at line 1 column 0",
    "Error: missing field `refresh_token` at line 1 column 120",
    "Error: missing field `id_token`",
    "thread 'main' panicked at src/main.rs:4:5: called `Result::unwrap()` on an `Err` value: Os { code: 13, kind: PermissionDenied, message: \"Permission denied\" }",
    "error: failed to get `serde` as a dependency of package\nCaused by: failed to fetch `https://github.com/rust-lang/crates.io-index`",
    "error: could not compile `codex-core` (lib) due to 2 previous errors",
    "error[E0425]: cannot find function `codex` in this scope",
    "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/usr/lib/python3/dist-packages/foo'",
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "pip._vendor.urllib3.exceptions.ProxyError: Tunnel connection failed: 407 Proxy Authentication Required",
    "API Error: 401 {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"OAuth token has expired. Please obtain a new token or refresh your existing token.\"}}",
    "Error authenticating: GaxiosError: invalid_grant",
    "ProviderModelNotFoundError: minimax/MiniMax-M2.1",
    "Error: failed to apply migrations: error: found 1 missing migrations before current version 20250515105448",
    "Error: migration 20251101181540 was previously applied but is missing in the resolved migrations",
    "sqlx error: error returned from database: (code: 5) database is locked",
    "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
    "2026/11/20 10:00:00 [error] 12#12: *1 upstream prematurely closed connection while reading response header from upstream",
    "<html>\n<head><title>403 Forbidden</title></head>\n<body>\n<center><h1>403 Forbidden</h1></center>\n<hr><center>nginx/1.24.0</center>\n</body>\n</html>",
    "<html><head><title>502 Bad Gateway</title></head>",
    "<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title>",
    "Nov 20 10:00:00 web sshd[1234]: Failed password for invalid user admin from 203.0.113.9 port 51234 ssh2",
    "Nov 20 10:00:00 web sshd[1234]: error: maximum authentication attempts exceeded for root from 203.0.113.9 port 51234 ssh2 [preauth]",
    "Nov 20 10:00:00 web sshd[1234]: error: kex_exchange_identification: Connection closed by remote host",
    "type=AVC msg=audit(1700000000.123:456): avc:  denied  { read } for  pid=1234 comm=\"nginx\" name=\"index.html\"",
    "Could not establish connection to \"server\": The VS Code Server failed to start",
    "[error] [Window] Unhandled exception: Error: connect ECONNREFUSED 127.0.0.1:9222",
    "bash: line 1: foo: command not found",
    "bash: codexctl: command not found",
    "bash: /usr/local/bin/mycodex: Permission denied",
    "bash: mycodex: command not found",
    "sh: 1: mycodex: not found",
    "rsync: [sender] link_stat \"/home/me/foo\" failed: No such file or directory (2)",
    "scp: /tmp/x.txt: No such file or directory",
    "scp: dest open \"/var/www/index.html\": Permission denied",
    "cp: error writing '/mnt/backup/x': No space left on device",
    "ls: cannot open directory '/root': Permission denied",
    "flatpak: bwrap: Creating new namespace failed: Operation not permitted",
    "./app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by ./app)",
    "./coder: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.32' not found (required by ./coder)",
    "env: python: No such file or directory",
    "Port 3000 is already in use",
    "Error: Port 1455 is already in use by another application",
    "getaddrinfo ENOTFOUND registry.npmjs.org",
    "SSL_ERROR_SYSCALL, errno 104",
    "error sending request for url (https://index.crates.io/config.json): client error (Connect)",
    "Error: error sending request for url (https://api.example.org/v1/foo)",
    "Error: Permission denied (os error 13)",
    "ssh_askpass: exec(/usr/bin/ssh-askpass): No such file or directory",
    "Authentication failed.",
    "Login failed",
    "Not logged in.",
    "Error: Not logged in",
    "You are not logged in. Please run `vercel login`.",
    "Error: stdin is not a TTY",
    "the input device is not a TTY",
    "mesg: ttyname failed: Inappropriate ioctl for device",
    "stty: 'standard input': Inappropriate ioctl for device",
    "W: GPG error: http://deb.debian.org bookworm InRelease: The following signatures couldn't be verified",
    "ERROR: unexpected status 401 for registry",
    "Unexpected status code: 401 Unauthorized",
    "Failed to refresh token: invalid_client",
    "State mismatch error in OAuth callback: CSRF warning",
    "Selected model is at capacity.",
    "Killed",
    "Segmentation fault (core dumped)",
    "ls: cannot open directory /srv/codex: Permission denied",
    "rm: /var/log/codex: Permission denied",
    "mkdir: /opt/codex: Permission denied",
    "cat: /srv/codex: Permission denied",
    "Nov 20 10:00:00 web sshd[1234]: Unable to negotiate with 203.0.113.9 port 51234: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1 [preauth]",
    "Nov 20 web sshd[1]: Disconnecting authenticating user root 203.0.113.9 port 51234: Too many authentication failures [preauth]",
    "error: failed to push: unexpected status 401 Unauthorized",
    "Error: 401 Unauthorized\n    at fetch",
    "Error: unexpected status 503 Service Unavailable from upstream",
    "Missing environment variable: `DATABASE_URL`.",
    "ERR_PNPM_NO_IMPORTER_MANIFEST_FOUND  No package.json was found in \"/srv/web\".",
    "{\"ok\":false,\"error\":\"account_deactivated\"}",
    "{\"error\":\"Not logged in\"}",
    "The model `llama3` does not exist or you do not have access to it.",
    "failed to push ghcr.io/me/app: unexpected status: 401 Unauthorized",
    "zsh: command not found: codex-lb",
    "tar: codex: Cannot open: Permission denied",
    "ssh: connect to host github.com port 22: Connection timed out\nfatal: Could not read from remote repository.",
    "Host key verification failed.\nfatal: Could not read from remote repository.",
    "ssh: Could not resolve hostname github.com: Temporary failure in name resolution\nfatal: Could not read from remote repository.",
    "sign_and_send_pubkey: signing failed for ED25519 \"/home/me/.ssh/id\" from agent: agent refused operation\ngit@github.com: Permission denied (publickey).",
    "Nov 20 10:00:00 web sshd[1234]: Connection closed by 203.0.113.9 port 51234 [preauth]",
    "Nov 20 10:00:00 web sshd-session[1234]: Connection reset by 203.0.113.9 port 51234",
    "/etc/ssh/sshd_config: line 3: Bad configuration option: Foo",
    "Error: migration 3 was previously applied but has been modified",
    "bash: line 1: rsync: command not found",
    "openai.APIError: An error occurred while processing your request. You can retry your request, or contact us through our help center.",
    "error: unexpected argument '--json' found\n\nUsage: tool [OPTIONS]\n\nFor more information, try '--help'.",
    "error: unrecognized subcommand 'login'",
    "unexpected status 404 Not Found",
    "Error: Read-only file system (os error 30)",
    "Error: Operation not permitted (os error 1)",
    "ls: /srv/codex: No such file or directory",
    "zsh: killed     node server.js",
    "{\"error\":\"token_expired\",\"code\":401}",
    "Sign-in failed: wrong password",
    "Model not found: llama3",
    "Connection closed by 140.82.121.4 port 22\nfatal: Could not read from remote repository.",
    "client_loop: send disconnect: Broken pipe\nfatal: the remote end hung up unexpectedly",
    "PTY allocation request failed on channel 0\nHi me! You've successfully authenticated, but GitHub does not provide shell access.",
    "openai.NotFoundError: Error code: 404 - {'error': {'message': 'The model `gpt-5.9` does not exist or you do not have access to it.', 'type': 'invalid_request_error', 'param': None, 'code': 'model_not_found'}}",
    "NotFoundError: 404 The model `gpt-5.9` does not exist or you do not have access to it.",
    "AuthenticationError: 401 Incorrect API key provided: sk-abc. You can find your API key at https://platform.openai.com/account/api-keys.",
    "RateLimitError: 429 You exceeded your current quota, please check your plan and billing details. {\"code\":\"insufficient_quota\"}",
    "openai.BadRequestError: Error code: 400 - {'error': {'message': \"Unsupported value: 'temperature' is not supported with the 'o3' model.\"}}",
    "openai.InternalServerError: The server had an error processing your request. You can retry your request, or contact us through our help center at help.openai.com",
    "xdg-open: no method available for opening 'http://localhost:3000/'",
    "failed to open db at /var/lib/app.db: database is locked",
    "failed to initialize database: unable to open database file",
    "failed to initialize storage: database disk image is malformed",
];

#[test]
fn what_other_programs_print_is_unknown_in_every_form() {
    let wrong = all_wrong(FOREIGN, |output| {
        let mut wrong = Vec::new();
        for (form, pasted) in forms(output) {
            let found = ids(&pasted);
            if !found.is_empty() {
                wrong.push(format!("{form}: {found:?}: {pasted:?}"));
            }
        }
        wrong
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(ids(&FOREIGN.join("\n")), [""; 0]);
}

/// Outputs of whole calls, and the lesson of the error that they ended with. Other messages are known in them too.
const CALLS: &[(&str, &str)] = &[
    (
        "WARNING: proceeding, even though we could not create PATH aliases: Permission denied (os error 13)\nOpenAI Codex v0.150.1\n--------\nworkdir: /home/me\nmodel: gpt-5.6-sol\nprovider: openai\n--------\nuser\nsay hi\nERROR: You've hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro) or try again at 6:44 PM.",
        "usage-limit",
    ),
    (
        "OpenAI Codex v0.157.1\n--------\nmodel: gpt-x\n--------\nuser\nThe retry loop now backs off on 429 and the quota; run /login if unauthorized.\n\nwarning: Codex could not find bubblewrap on PATH.\nERROR: {\"type\":\"error\",\"status\":400,\"error\":{\"type\":\"invalid_request_error\",\"message\":\"The 'gpt-x' model is not supported when using Codex with a ChatGPT account.\"}}",
        "model-not-allowed",
    ),
    (
        "Reading additional input from stdin...\nOpenAI Codex v0.150.1\nERROR: Reconnecting... 1/5\nERROR: Reconnecting... 5/5\nERROR: stream disconnected before completion: error sending request for url (https://chatgpt.com/backend-api/codex/responses)",
        "no-network",
    ),
    (
        "ERROR codex_api::endpoint::responses_websocket: failed to connect to websocket: HTTP error: 407 Proxy Authentication Required, url: wss://chatgpt.com/backend-api/codex/responses\nFalling back from WebSockets to HTTPS transport.\nERROR: unexpected status 401 Unauthorized: {\"detail\":\"Unauthorized\"}, url: https://chatgpt.com/backend-api/codex/responses",
        "unauthorized-refused",
    ),
    (
        "Logged in using ChatGPT\nERROR: Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.",
        "rotation-shared-login",
    ),
    (
        "{\"type\":\"error\",\"message\":\"Reconnecting... 1/5 (unexpected status 503 Service Unavailable: upstream connect error)\"}\n{\"type\":\"turn.failed\",\"error\":{\"message\":\"unexpected status 401 Unauthorized: {\\\"detail\\\":\\\"Unauthorized\\\"}, url: https://chatgpt.com/backend-api/codex/responses\"}}",
        "unauthorized-refused",
    ),
];

/// Outputs of calls that ended well. The model quotes errors in its answer.
const ANSWERS: &[&str] = &[
    "{\"type\":\"thread.started\",\"thread_id\":\"01\"}\n{\"type\":\"turn.started\"}\n{\"type\":\"error\",\"message\":\"Reconnecting... 1/5 (unexpected status 503 Service Unavailable: upstream connect error)\"}\n{\"type\":\"item.completed\",\"item\":{\"id\":\"item_0\",\"type\":\"agent_message\",\"text\":\"The test fails with: Error: connect ECONNREFUSED; the log says unexpected status 401 Unauthorized\"}}\n{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":1}}",
    "codex\nI added a test for \"exceeded retry limit, last status: 429 Too Many Requests\" and fixed `Not logged in`.\ntokens used\n12,345",
];

#[test]
fn the_error_that_a_call_ended_with_comes_first() {
    for (output, id) in CALLS {
        // The first word of each message is then in the middle of a line.
        let is_in_pieces = |form: &str| form == "cut at 80, each piece after a log's prefix";
        for (form, pasted) in forms(output).into_iter().filter(|(form, _)| !is_in_pieces(form)) {
            assert_eq!(ids(&pasted).first(), Some(id), "{form}: {pasted:?}");
        }
    }
}

#[test]
fn what_the_model_answers_is_no_error() {
    let log = "2026-11-27T10:00:00Z ";
    for output in ANSWERS {
        for pasted in [(*output).to_owned(), each_line(output, log), each_line(output, "app-1  | ")] {
            assert_eq!(ids(&pasted), [""; 0], "{pasted:?}");
        }
    }
}
