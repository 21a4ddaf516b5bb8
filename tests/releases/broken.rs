//! What came is not what was asked for, or nothing came.

use harness::release::{Index, ReleaseProblem};

use crate::fake_pip::{CODEX, FakePip, PROGRAM};

#[track_caller]
fn refused(stand_in: &FakePip) -> (ReleaseProblem, String) {
    let problem = stand_in.get().unwrap_err();
    assert_eq!(stand_in.kept(), [""; 0], "{problem}");
    let said = problem.to_string();
    (problem, said)
}

#[test]
fn other_bytes_than_pinned_are_removed_unread() {
    let stand_in = FakePip::new();
    let mut altered = PROGRAM.to_vec();
    altered[0] ^= 1;
    stand_in.publish(&[(CODEX, &altered)]);
    let (problem, said) = refused(&stand_in);
    assert!(matches!(problem, ReleaseProblem::DigestMismatch { .. }), "{said}");
    assert!(said.starts_with("codex.whl is not what was pinned"), "{said}");
}

#[test]
fn a_program_other_than_the_pinned_one_is_not_kept() {
    let stand_in = FakePip::new();
    let wheel = stand_in.publish(&[(CODEX, b"another program")]);
    stand_in.pin("0.163.0", &wheel, PROGRAM);
    let (problem, said) = refused(&stand_in);
    assert!(matches!(problem, ReleaseProblem::DigestMismatch { .. }), "{said}");
    assert!(said.starts_with("the program in codex.whl is not what was pinned"), "{said}");
}

#[test]
fn a_wheel_without_a_program_is_named() {
    let stand_in = FakePip::new();
    let wheel = stand_in.publish(&[("codex_cli_bin/__init__.py", b"")]);
    stand_in.pin("0.163.0", &wheel, PROGRAM);
    let (problem, said) = refused(&stand_in);
    assert!(matches!(problem, ReleaseProblem::NoSuchMember { .. }), "{said}");
    assert!(said.contains(CODEX), "{said}");
}

#[test]
fn a_file_that_is_no_wheel_is_named() {
    let stand_in = FakePip::new();
    std::fs::write(stand_in.path("published.whl"), "<html>log in first</html>").unwrap();
    stand_in.pin("0.163.0", b"<html>log in first</html>", PROGRAM);
    let (problem, said) = refused(&stand_in);
    assert!(matches!(problem, ReleaseProblem::NoSuchMember { .. }), "{said}");
}

#[test]
fn a_transfer_that_breaks_off_is_tried_once_more() {
    let cut_short = "[ -e \"$here/again\" ] || { : > \"$here/again\"; \
        head -c 20 \"$here/published.whl\" > \"$dest/codex.whl\"; exit 0; }; bring";
    let told = "[ -e \"$here/again\" ] || { : > \"$here/again\"; \
        echo 'Connection broken: IncompleteRead' >&2; exit 2; }; bring";
    for first in [cut_short, told] {
        let stand_in = FakePip::new();
        stand_in.pip(first);
        stand_in.get().unwrap();
        assert_eq!(stand_in.asked("download"), 2);
        assert!(stand_in.said().contains("broke off; once more"), "{}", stand_in.said());
    }
}

#[test]
fn a_transfer_that_breaks_off_twice_is_an_error() {
    let stand_in = FakePip::new();
    stand_in.pip("head -c 20 \"$here/published.whl\" > \"$dest/codex.whl\"");
    let (problem, said) = refused(&stand_in);
    assert!(matches!(problem, ReleaseProblem::DigestMismatch { .. }), "{said}");
    assert_eq!(stand_in.asked("download"), 2);
}

#[test]
fn an_index_that_does_not_answer_is_told_in_pips_words() {
    let stand_in = FakePip::new();
    stand_in.pip(
        "echo 'WARNING: Retrying (Retry(total=0)) after connection broken' >&2; \
         echo 'ERROR: No matching distribution found' >&2; exit 1",
    );
    let (problem, said) = refused(&stand_in);
    assert!(matches!(problem, ReleaseProblem::IndexUnreachable { .. }), "{said}");
    for word in ["openai-codex-cli-bin==0.163.0", "  | WARNING: Retrying", "pip config list", "--offline"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_full_disk_is_told_with_the_way_out() {
    let stand_in = FakePip::new();
    stand_in.pip(
        "echo 'ERROR: Could not install packages due to an OSError: \
         [Errno 28] No space left on device' >&2; exit 1",
    );
    let (problem, said) = refused(&stand_in);
    assert!(matches!(problem, ReleaseProblem::NoSpace { .. }), "{said}");
    let cache = stand_in.path("cache");
    for word in ["XDG_CACHE_HOME", "needs about 1 MB", &format!("left in {},", cache.display())] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_machine_without_pip_is_told_what_to_install() {
    let said = Index::find_among(&[&["no-such-pip-here"], &["false"]]).unwrap_err().to_string();
    for word in ["no pip answers", "no-such-pip-here, false", "ensurepip", "uv"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn the_first_pip_that_answers_is_taken() {
    let stand_in = FakePip::new();
    let script = stand_in.path("pip");
    let found = Index::find_among(&[&["false"], &["sh", script.to_str().unwrap()]]).unwrap();
    assert_eq!(format!("{found:?}"), format!("{:?}", stand_in.index()));
}
