//! The form in which outputs are compared with signs: people paste them in colour, wrapped, quoted, or out of a log.

use anstream::adapter::strip_str;

use super::answer::without_answers;
use super::json_text;
use super::log_prefix::without_prefixes;

/// A longer output is read only as it is, in bytes: it is no message that somebody pasted, and reading it takes time.
const LONGEST: usize = 1_024 * 1_024;

/// An output in each form in which it may be read, each as [`normalized`] makes it: as it is; without what a log puts before each
/// line; and with the texts that are inside of JSON, with and without such a prefix. What the model answered is in none of them.
pub(super) fn readings(output: &str) -> Vec<String> {
    // An escape sequence that is never ended takes the rest of its line, not of the output.
    let output = without_answers(output);
    let plain: Vec<String> = output.split(['\n', '\r']).map(|line| strip_str(line).to_string()).collect();
    let plain = plain.join("\n");
    if plain.len() > LONGEST {
        return vec![normalized(&plain)];
    }
    let bare = without_prefixes(&plain, false);
    let inside = json_text::texts(bare.as_ref().unwrap_or(&plain));
    let inside = inside.map(|text| strip_str(&text).to_string());
    let mut texts = Vec::new();
    for (text, bare) in
        [(Some(plain), bare), (inside.clone(), inside.and_then(|text| without_prefixes(&text, false)))]
    {
        let Some(text) = text else { continue };
        let message = without_prefixes(&text, true).filter(|message| Some(message) != bare.as_ref());
        texts.push(text);
        texts.extend([bare, message].into_iter().flatten());
    }
    let mut readings: Vec<String> = Vec::new();
    for reading in texts.iter().map(|text| normalized(text)) {
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    readings
}

/// An output without its colours, and with one kind of quotation mark and of blank: `\n` before each line, `\t` before a word with
/// which a message can begin since only a log's prefix or a prompt comes before it, and ` ` before any other word. A `\n` ends it.
fn normalized(output: &str) -> String {
    let mut text = String::with_capacity(output.len() + 2);
    for line in output.split(['\n', '\r']) {
        let mut blank = '\n';
        let mut is_prefix = true;
        for word in line.split_whitespace() {
            let start = text.len();
            text.push(blank);
            text.extend(visible(word));
            is_prefix &= is_of_a_prefix(word);
            if text.len() == start + 1 {
                text.truncate(start);
            } else {
                blank = if is_prefix { '\t' } else { ' ' };
            }
        }
    }
    text.push('\n');
    text
}

/// The characters that are compared, with one kind of quotation mark.
pub(super) fn visible(text: &str) -> impl Iterator<Item = char> + '_ {
    let seen = |c: &char| {
        !c.is_control() && !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    text.chars().filter(seen).map(|c| match c {
        '`' | '´' | '"' | '‘' | '’' | '“' | '”' | '„' | '‹' | '›' | '«' | '»' => '\'',
        c => c,
    })
}

/// Whether a word at the beginning of a line is a time, a level, a prompt or a frame, and no part of the message.
fn is_of_a_prefix(word: &str) -> bool {
    const LEVELS: &[&str] =
        &["error", "err", "warning", "warn", "info", "debug", "trace", "fatal", "stderr", "stdout"];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
        || word.chars().all(|c| c.is_ascii_digit() || "-:.,+/TZ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::Sign;

    fn found(output: &str, sign: &str) -> bool {
        let sign: Sign = toml::from_str(sign).unwrap();
        let pattern = sign.patterns().next().unwrap();
        let pattern = regex::bytes::Regex::new(&pattern).unwrap();
        readings(output).iter().any(|reading| pattern.is_match(reading.as_bytes()))
    }

    #[test]
    fn a_message_is_found_however_it_was_pasted() {
        let text = "says = ['config profile `…` not found']";
        for output in [
            "Error: config profile `my prompt` not found",
            "config profile 'my prompt' not found",
            "config profile “my prompt” not found, it says",
            "\x1b[31mconfig profile \x1b[1m`my prompt`\x1b[0m not found\x1b[0m",
            "config profile `my\r\nprompt` not found\r\n",
            "config pro\nfile `my prompt` not fo\nund",
            "x\u{a0}config\tprofile  `` not\u{200b} found.",
            "\x1b]0;a title that never ends\nconfig profile `x` not found",
        ] {
            assert!(found(output, text), "{output:?}");
        }
        for other in
            ["config profile `x` found", "config profiles: `x` not found", "config profile x not found"]
        {
            assert!(!found(other, text), "{other:?}");
        }
    }

    #[test]
    fn words_at_the_edges_are_whole() {
        let text = "says = ['command not found: codex']";
        assert!(found("zsh:1: command not found: codex", text));
        assert!(found("'command not found: codex'", text));
        assert!(found("command not found: codex exec", text));
        assert!(!found("command not found: codex-remote-auth", text));
        assert!(!found("nocommand not found: codex", text));
    }

    #[test]
    fn a_line_begins_after_what_a_log_puts_before_it() {
        let text = "says = ['^Not logged in$']";
        for output in [
            "Not logged in",
            "$ codex login status\nNot logged in\n",
            "2026-01-02T03:04:05.678Z ERROR Not logged in",
            "[12:34:56] stderr: Not logged in",
            "  | Not logged in",
        ] {
            assert!(found(output, text), "{output:?}");
        }
        for other in ["gh: Not logged in", "Not logged in · Please run /login", "Not logged into any host"] {
            assert!(!found(other, text), "{other:?}");
        }
    }

    #[test]
    fn an_interruption_comes_after_and_an_answer_too() {
        let last = |output| found(output, "says = ['Reading additional input from stdin...']\nlast = true");
        assert!(last("Reading additional input from stdin...\n"));
        assert!(last("Reading additional input from stdin...\n^C\n$ "));
        assert!(!last("Reading additional input from stdin...\nOK"));
    }
}
