//! `deploy`, from its arguments to what is there afterwards.

use crate::Case;
use crate::rig::Rig;

pub(crate) fn cases() -> Vec<Case> {
    crate::cases![a_login_is_brought_and_proven]
}

fn a_login_is_brought_and_proven(rig: &Rig) {
    let person = rig.person(1);
    let (status, stdout, stderr) = person.says(&["deploy", "box0"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(stdout.starts_with("ok      box0  deployed: "), "{stdout}");
    assert!(stdout.contains("proven: codex answered there"), "{stdout}");
    assert!(stderr.contains("rotation-shared-login"), "{stderr}");
    assert_eq!(person.remote_digest(0), person.login.bytes().sha256());
}
