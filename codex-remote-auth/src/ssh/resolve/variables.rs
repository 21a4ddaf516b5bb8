//! `SetEnv` and `SendEnv`: variables for the commands on the host.

use wildmatch::WildMatch;

use super::fields::Fields;
use crate::ssh::Variable;

/// The variables in the order of `ssh`, where a later one overrides an earlier one. Each costs a round trip, so those about language
/// and terminals, which decide nothing here, are left out.
pub(super) fn variables(
    fields: &Fields,
    own: impl Iterator<Item = (String, String)>,
) -> Result<Vec<Variable>, String> {
    let patterns: Vec<WildMatch> =
        fields.all("sendenv").flat_map(str::split_whitespace).map(WildMatch::new).collect();
    let sent = own.filter(|(name, _)| patterns.iter().any(|pattern| pattern.matches(name)));
    let set = fields.all("setenv").map(|text| match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        // Its value may be a secret.
        _ => Err("SetEnv must be NAME=VALUE".to_owned()),
    });
    let all: Vec<(String, String)> = sent.map(Ok).chain(set).collect::<Result<_, _>>()?;
    let counts = all.into_iter().filter(|(name, _)| name != "TERM" && !is_locale(name));
    Ok(counts.map(|(name, value)| Variable { name, value: value.into() }).collect())
}

/// Whether a variable is about language or colour, as those of the `SendEnv` that distributions set for everybody.
fn is_locale(name: &str) -> bool {
    name.starts_with("LC_") || ["LANG", "LANGUAGE", "XMODIFIERS", "COLORTERM", "NO_COLOR"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &str) -> Vec<(String, String)> {
        let own = [("CODEX_HOME", "/a"), ("CODEX_API_KEY", "k"), ("LANG", "C"), ("HOME", "/root")];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let sent = variables(&Fields::from_lines(lines), own).unwrap();
        sent.iter().map(|one| (one.name.clone(), one.value.to_string())).collect()
    }

    #[test]
    fn the_value_of_set_env_comes_last_and_may_have_spaces() {
        let both = sent("setenv CODEX_HOME=/b c=d\nsendenv CODEX_HO?E");
        let pairs: Vec<(&str, &str)> = both.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(pairs, [("CODEX_HOME", "/a"), ("CODEX_HOME", "/b c=d")]);
    }

    #[test]
    fn only_variables_that_a_pattern_names_and_that_matter_are_sent() {
        let names = |lines| sent(lines).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("sendenv LANG LC_*\nsendenv CODEX_*"), ["CODEX_HOME", "CODEX_API_KEY"]);
        assert_eq!(names("sendenv *"), ["CODEX_HOME", "CODEX_API_KEY", "HOME"]);
        assert_eq!(names("setenv TERM=xterm\nsetenv LC_ALL=C"), [""; 0]);
        assert_eq!(names("port 22"), [""; 0]);
    }

    #[test]
    fn neither_debug_nor_an_error_shows_a_value() {
        let fields = Fields::from_lines("setenv TOKEN=hunter2");
        let shown = format!("{:?}", variables(&fields, std::iter::empty()).unwrap());
        assert_eq!(shown, "[Variable(TOKEN)]");
        let fields = Fields::from_lines("setenv hunter2");
        assert!(!variables(&fields, std::iter::empty()).unwrap_err().contains("hunter2"));
    }
}
