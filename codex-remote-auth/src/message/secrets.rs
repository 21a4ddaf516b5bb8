//! Text of another program, without what looks like a secret. Codex masks keys itself, but a wrapper that traces its
//! commands, or a server that repeats a key, does not.

/// How the keys and tokens of OpenAI begin, and JSON Web Tokens. In lower case.
const BEGINNINGS: [&str; 8] = ["sk-", "eyj", "rt_", "rt-", "at-", "at_", "sess-", "bearer_"];

/// A shorter word is no secret: a name, or the beginning of a key that is already masked.
const SHORTEST: usize = 10;

/// The text, with `…` for each word that looks like a key or a token.
pub fn without_secrets(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.+/~".contains(letter);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let lower = word.to_ascii_lowercase();
        let looks_secret = BEGINNINGS.iter().any(|begin| lower.starts_with(begin)) && word.len() >= SHORTEST;
        shown.push_str(if looks_secret { "\u{2026}" } else { word });
        let next = behind.find(is_part).unwrap_or(behind.len());
        shown.push_str(&behind[..next]);
        rest = &behind[next..];
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_key_or_a_token_is_left_out() {
        for (said, shown) in [
            (
                "ERROR: bad token \"refresh_token\": \"rt_Ab3dE5gHmade-up\"",
                "ERROR: bad token \"refresh_token\": \"…\"",
            ),
            (
                "401 Incorrect API key provided: sk-proj-madeup123. Find it",
                "401 Incorrect API key provided: … Find it",
            ),
            ("+ export KEY='sk-madeup12345'", "+ export KEY='…'"),
            ("{\"id_token\":\"eyJhbGciOiJub25lIn0.e30.x\",\"a\":1}", "{\"id_token\":\"…\",\"a\":1}"),
            ("Authorization: Bearer at-madeup1234567", "Authorization: Bearer …"),
        ] {
            assert_eq!(without_secrets(said), shown);
        }
        for plain in [
            "",
            "ERROR: unexpected status 401 Unauthorized: Missing bearer or basic authentication in header, url: https://api.openai.com/v1/responses",
            "Incorrect API key provided: sk-pr***ij",
            "größer – at-once, sk-, eyJ",
        ] {
            assert_eq!(without_secrets(plain), plain);
        }
    }
}
