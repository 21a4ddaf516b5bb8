//! What the user is told once the login is on the host: what was corrected, and whether it works.

use tests::Rig;
use tests::home::has;

use crate::fake_codex::{PRINTS_CODE, that_logs_in};
use crate::{Case, login};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![a_login_that_was_open_to_others_is_closed, a_login_that_does_not_work]
}

fn a_login_that_was_open_to_others_is_closed(rig: &Rig) {
    let codex = that_logs_in(&format!("umask 022; mkdir -p ~/.codex; chmod 775 ~/.codex; {PRINTS_CODE}"));
    // A proof that ends immediately is not announced.
    let codex = codex.replace("exec*)", "exec*) sleep 0.5;");
    let person = rig.account().codex(&codex).person();
    let (stdout, stderr) = person.ends(&login(&[]), 0);
    has(
        &stdout,
        &[
            "codex left it with mode 0644; it is 0600 now (lesson file-modes)",
            "others could write to its directory (0775); that permission is removed (lesson file-modes)",
            "codex 9.9.9: ",
            ", not on the PATH",
            "to put it on the PATH of every command, add this at the top of ",
        ],
    );
    has(&stderr, &["The login has arrived; asking codex on the host whether it works."]);
    assert_eq!(person.account().root("stat -c %a .codex .codex/auth.json"), "755\n600\n");
}

fn a_login_that_does_not_work(rig: &Rig) {
    let codex =
        that_logs_in(PRINTS_CODE).replace("echo auth OK; exit ;;", "echo 401 Unauthorized >&2; exit 1 ;;");
    let person = rig.account().codex(&codex).person();
    let (stdout, _) = person.ends(&login(&[]), 1);
    assert!(stdout.starts_with("unproven  box0  + logged in separately: "), "{stdout}");
    has(&stdout, &["not verified (unauthorized): codex said: 401 Unauthorized", "hint: "]);
    assert_eq!(person.account().root("cat .codex/auth.json"), "{}\n");
}
