//! What the verb says of a login that is there: what was mended, what it replaced, whether it is proven.

use tests::page::{PORT, turn};

use crate::Case;
use crate::device::shows;
use crate::program::{runs, set_off};
use crate::rig::{Remote, Rig};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        one_that_replaced_another,
        one_that_was_open_to_others,
        one_that_nobody_asked_to_prove,
        one_that_does_not_work,
        one_by_a_browser_says_which_port_leads_there,
    ]
}

/// What it prints for a person, with this exit status.
fn tells(remote: &Remote<'_>, arguments: &[&str], expected: i32, words: &[&str]) -> (String, String) {
    let (status, stdout, stderr) = runs(remote, arguments);
    assert_eq!(status, expected, "{stdout}{stderr}");
    for word in words {
        assert!(stdout.contains(word), "`{word}` is missing in:\n{stdout}");
    }
    (stdout, stderr)
}

fn one_that_replaced_another(rig: &Rig) {
    let remote = rig.account().login(0o600).make();
    let words = [
        "mode 0600, in place of another",
        "the login that was there is revoked, with every copy of it (lesson rotation-logout-revokes)",
        "codex 0.163.0: /opt/codex-under-test/codex, on the PATH",
    ];
    tells(&remote, &["box", "--force"], 0, &words);
    remote.has_a_login_of_its_own();
}

/// Shows a link and a code, after this.
fn after(text: &str) -> String {
    shows(&format!("{text}; printf '  http://127.0.0.1:8790/codex/device\\n  ABCD-EFGH\\n'"))
}

fn one_that_was_open_to_others(rig: &Rig) {
    let program = after("umask 022; mkdir -p ~/.codex; chmod 775 ~/.codex");
    let words = [
        "codex left it with mode 0644; it is 0600 now (lesson file-modes)",
        "others could write to its directory (0775); they cannot any more (lesson file-modes)",
        "codex 9.9.9: ",
        ", on no PATH",
        "to have it on the PATH of every command: export PATH=",
    ];
    // Nobody is told of a proof that is over already.
    let program = program.replace("exec*) echo", "exec*) sleep 0.5; echo");
    let remote = rig.account().program(&program).make();
    let (_, stderr) = tells(&remote, &["box"], 0, &words);
    assert!(stderr.contains("The login has arrived; asking codex on the host whether it works."), "{stderr}");
    assert_eq!(remote.root("stat -c %a .codex .codex/auth.json"), "755\n600\n");
}

fn one_that_nobody_asked_to_prove(rig: &Rig) {
    let remote = rig.account().make();
    let (_, stderr) = tells(&remote, &["box", "--no-proof"], 0, &["not proven: that was not asked for"]);
    assert!(!stderr.contains("asking codex"), "{stderr}");
    assert_eq!(remote.asked().last().unwrap(), "tokens", "codex was not asked");
}

fn one_that_does_not_work(rig: &Rig) {
    let program = after(":").replace("echo auth OK; exit ;;", "echo 401 Unauthorized >&2; exit 1 ;;");
    let remote = rig.account().program(&program).make();
    let words = ["logged in: ", "the proof failed (unauthorized): codex said: 401 Unauthorized", "next: "];
    let (stdout, _) = tells(&remote, &["box"], 1, &words);
    assert!(stdout.starts_with("FAILED    box  logged in: "), "{stdout}");
}

fn one_by_a_browser_says_which_port_leads_there(rig: &Rig) {
    let _turn = turn();
    let remote = rig.account().make();
    let (_, stderr) = tells(
        &remote,
        &["box", "--browser", "--timeout", "4"],
        1,
        &["timed out after 4 s waiting for approval"],
    );
    assert!(
        stderr.contains(&format!("on this machine, whose port {PORT} leads there meanwhile")),
        "{stderr}"
    );
    assert!(matches!(set_off(&stderr)[..], [link] if link.contains("/oauth/authorize?")), "{stderr}");
}
