//! Shell scripts that act as codex, each in a way in which codex may behave.

/// The answers to `codex --version` and to `codex login --help`, which offers the device login.
const KNOWS_DEVICE_LOGIN: &str = "case $* in *--help) echo --device-auth; exit ;; --version) exit ;; esac\n";

/// Prints a link and a code.
pub(crate) const PRINTS_CODE: &str = "printf '  http://127.0.0.1:8790/codex/device\\n  ABCD-EFGH\\n'";

/// Shows a link and a code, and then continues with this.
pub(crate) fn then(script: &str) -> String {
    format!("{KNOWS_DEVICE_LOGIN}{PRINTS_CODE}\n{script}")
}

/// Waits a little, as for a person, prints this on standard error, and fails.
pub(crate) fn fails_with(message: &str) -> String {
    then(&format!("sleep 0.5\necho '{message}' >&2\nexit 1"))
}

/// Shows this page for the device login.
pub(crate) fn with_page(page: &str) -> String {
    format!("{KNOWS_DEVICE_LOGIN}printf '  {page}\\n  ABCD-EFGH\\n'\nexec sleep 300")
}

/// Offers only the browser login, with a page that redirects the browser to this address.
pub(crate) fn with_browser_page(page: &str, back: &str) -> String {
    let query = back.replace(':', "%3A").replace('/', "%2F").replace('@', "%40");
    format!(
        "case $* in *--help) exit ;; --version) exit ;; esac\n\
         echo Open:; echo '{page}/oauth/authorize?redirect_uri={query}&state=SECRETSTATE'; exec sleep 300"
    )
}

/// Runs this, which shows a link and a code, waits a little as for a person, writes a login, and later answers with it.
pub(crate) fn that_logs_in(script: &str) -> String {
    format!(
        "case $* in *--help) echo --device-auth; exit ;; --version) echo codex-cli 9.9.9; exit ;; exec*)\n\
         of=${{CODEX_HOME:-$HOME/.codex}}/sessions/2026/01/02; mkdir -p $of; : >$of/0198c0de-0000-7000-8000-000000000000.jsonl\n\
         printf '%s\\n' 'OpenAI Codex v9.9.9' -------- 'workdir: /' 'provider: openai' \
         'session id: 0198c0de-0000-7000-8000-000000000000' -------- >&2; echo auth OK; exit ;; esac\n\
         {script}\nsleep 0.5\n\
         home=${{CODEX_HOME:-$HOME/.codex}}; mkdir -p \"$home\"; echo '{{}}' >\"$home/auth.json\"; echo Successfully logged in >&2"
    )
}
