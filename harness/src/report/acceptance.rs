//! What was accepted into the lesson files, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::amend::NewExpect;
use crate::run::{Acceptance, Accepted};
use codex_remote_auth::output::Colours;

/// What was written into the lesson files, what was not, and what to do next.
pub fn acceptance(acceptance: &Acceptance, colours: Colours) -> String {
    let mut text = String::new();
    for Accepted { lesson, step, codex, shows } in &acceptance.accepted {
        let _ = writeln!(text, "\n{} {lesson} on {codex}\n  step      {step}", colours.good("ACCEPTED"));
        let _ = writeln!(text, "  shows     {}", in_words(shows));
    }
    for by_hand in &acceptance.by_hand {
        let (lesson, reason) = (&by_hand.lesson, by_hand.reason.trim().replace('\n', " "));
        let _ = writeln!(
            text,
            "\n{} {lesson} is as it was, and to be changed by hand: {reason}",
            colours.bad("BY HAND")
        );
    }
    if acceptance.files.is_empty() {
        text.push_str("\nno lesson file was changed\n");
        return text;
    }
    text.push_str("\nchanged\n");
    for file in &acceptance.files {
        let _ = writeln!(text, "  {}", file.display());
    }
    text.push_str(
        "review with git diff; the snapshot in tests/snapshots may need `cargo insta review`. A range also speaks of \
         releases that were not in this run. What was accepted is not healed: this run still fails, and the next one \
         tells whether the lessons hold\n",
    );
    text
}

fn in_words(shows: &NewExpect) -> String {
    let end = match (shows.hangs, shows.exit) {
        (true, _) => "hangs".to_owned(),
        (false, Some(status)) => format!("exit {status}"),
        (false, None) => "ends as before".to_owned(),
    };
    let mut text = end;
    for (output, lines) in [("stdout", &shows.stdout), ("stderr", &shows.stderr)] {
        for line in lines {
            let _ = write!(text, ", {output} “{line}”");
        }
    }
    if let Some(diagnosis) = &shows.diagnosis {
        let _ = write!(text, ", diagnosis {diagnosis}");
    }
    text
}

/// The same for programs.
pub fn acceptance_json(acceptance: &Acceptance) -> Value {
    let accepted = acceptance.accepted.iter().map(|Accepted { lesson, step, codex, shows }| {
        json!({"lesson": lesson, "step": step, "codex": codex.to_string(), "shows": in_words(shows)})
    });
    let by_hand = acceptance.by_hand.iter().map(|one| json!({"lesson": one.lesson, "reason": one.reason}));
    json!({
        "accepted": accepted.collect::<Vec<_>>(),
        "files": acceptance.files,
        "by_hand": by_hand.collect::<Vec<_>>(),
    })
}
