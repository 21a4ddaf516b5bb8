//! Reads the release from the output of codex.

/// The release in the output of codex. `codex --version` prints `codex-cli 0.163.0`; a session begins with `OpenAI
/// Codex v0.163.0`.
pub fn release_in(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim_start();
        let rest = match line.strip_prefix("OpenAI Codex v") {
            Some(rest) => rest,
            // Not `codex` alone: other programs have that name.
            None => line.strip_prefix("codex-cli ")?,
        };
        let release =
            rest.split(|letter: char| !letter.is_ascii_alphanumeric() && !".+-".contains(letter)).next()?;
        release.starts_with(|letter: char| letter.is_ascii_digit()).then(|| release.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::release_in;

    #[test]
    fn a_release_is_found_after_the_output_of_a_launcher() {
        let release = |text: &str| release_in(text);
        assert_eq!(release("codex-cli 0.163.0\n").as_deref(), Some("0.163.0"));
        assert_eq!(
            release("using node v22\nOpenAI Codex v0.80.0 (research preview)\n").as_deref(),
            Some("0.80.0")
        );
        assert_eq!(release("codex-cli 0.1.0-alpha.2").as_deref(), Some("0.1.0-alpha.2"));
        for text in
            ["", "codex", "codex 2.4.1 (static docs generator)", "codex says hello", "OpenAI Codex vx"]
        {
            assert_eq!(release(text), None, "{text}");
        }
    }
}
