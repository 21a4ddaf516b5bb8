//! A run as one page for people. It needs no network: its style and its script are in it, and its policy permits nothing else.

mod checks;
mod matrix;
mod text;
mod timings;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use self::checks::{Entry, entries};
use self::text::{Escaped, plural};
use super::outcome::{End, Outcome};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Every way in which a check can end, the one that a reader looks for first at the beginning.
const ENDS: [End; 4] = [End::Failed, End::Broke, End::NotRun, End::Passed];

/// The word for it, also the name of its class.
fn word(end: End) -> (&'static str, &'static str) {
    match end {
        End::Passed => ("passed", "passed"),
        End::Failed => ("failed", "failed"),
        End::Broke => ("broke", "could not be run"),
        End::NotRun => ("not-run", "not run"),
    }
}

/// The run as one page.
pub fn html(outcome: &Outcome) -> String {
    let entries = entries(outcome);
    // The page may use this style and this script, and load or send nothing. What a run printed cannot change that.
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let (result, class) = if outcome.holds() { ("passed", "passed") } else { ("failed", "failed") };
    let title = format!("{}: {result}", outcome.command);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>cargo xtask {} <span class=\"end {class}\">{result}</span></h1>\n{}</header>\n<main>\n\
         {}{}{}{}{}</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        outcome.command,
        summary(outcome),
        banner(outcome),
        leaks(outcome),
        matrix::matrices(outcome, &entries),
        checks(outcome, &entries),
        timings::timings(outcome),
    )
}

fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// What was tested, and how it ended, in two lines.
fn summary(outcome: &Outcome) -> String {
    let subject = match outcome.suites.as_slice() {
        [only] => only.codex.words.clone(),
        suites => plural(suites.len(), "release"),
    };
    let counts = ENDS.into_iter().filter_map(|end| match (outcome.count(end), word(end)) {
        (0, _) => None,
        (count, (class, words)) => {
            Some(format!("<li><span class=\"end {class}\">{count}</span> {words}</li>"))
        }
    });
    let leaks = outcome.suites.iter().map(|suite| suite.leaks.len()).sum::<usize>();
    let leaks = match leaks {
        0 => "<li>no secret was seen</li>".to_owned(),
        count => format!("<li><span class=\"end failed\">{count}</span> secrets were seen</li>"),
    };
    format!(
        "<p>{} · {:.1} s</p>\n<ul class=\"counts\">{}{leaks}</ul>\n",
        Escaped(&subject),
        outcome.elapsed.as_secs_f64(),
        counts.collect::<String>()
    )
}

fn banner(outcome: &Outcome) -> String {
    let Some(why) = &outcome.stopped else { return String::new() };
    let rest = plural(outcome.count(End::NotRun), "check");
    format!(
        "<p class=\"banner\" role=\"alert\"><strong>The run ended early: {}.</strong> {rest} did not run.</p>\n",
        Escaped(why)
    )
}

fn leaks(outcome: &Outcome) -> String {
    let leaks = outcome.suites.iter().flat_map(|suite| suite.leaks.iter().map(move |leak| (suite, leak)));
    let rows = leaks.map(|(suite, leak)| {
        let check = leak.check.as_deref().map(|check| format!(" of {check}")).unwrap_or_default();
        let text = format!("{}: a secret{check} was seen, {}: {}", suite.codex.words, leak.form, leak.place);
        format!("<li>{}</li>", Escaped(&text))
    });
    let rows: String = rows.collect();
    if rows.is_empty() { rows } else { format!("<section><h2>Secrets</h2>\n<ul>{rows}</ul></section>\n") }
}

/// The filter, and every check.
fn checks(outcome: &Outcome, entries: &[Entry<'_>]) -> String {
    let options = ENDS.into_iter().filter(|end| outcome.count(*end) > 0).map(|end| {
        let (class, words) = word(end);
        format!("<option value=\"{class}\">{words}</option>")
    });
    let rows: String = entries.iter().map(Entry::html).collect();
    format!(
        "<section>\n<h2>Checks</h2>\n<form class=\"filter\" hidden>\n\
         <label>Text <input type=\"search\" id=\"text\" autocomplete=\"off\"></label>\n\
         <label>Status <select id=\"status\"><option value=\"\">all</option>{}</select></label>\n\
         <output id=\"shown\"></output>\n</form>\n{rows}</section>\n",
        options.collect::<String>()
    )
}
