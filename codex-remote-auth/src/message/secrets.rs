//! Text of another program, without what looks like a secret. Codex masks keys itself, but a wrapper that traces its
//! commands, or a server that repeats a key, does not.

/// How the keys and tokens of OpenAI begin, and JSON Web Tokens. In lower case.
const BEGINNINGS: [&str; 9] = ["sk-", "eyj", "rt_", "rt-", "at-", "at_", "sess-", "bearer_", "v1.m"];

/// A shorter word is no secret: a name, or the beginning of a key that is already masked.
const SHORTEST: usize = 10;

/// A word of this length that mixes capitals, small letters and digits is a secret however it begins. Names are shorter,
/// and ids and digests have no capitals.
const LONG: usize = 40;

/// The text, with `…` for each word that looks like a key or a token.
pub fn without_secrets(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.+/~".contains(letter);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let lower = word.to_ascii_lowercase();
        let begins = BEGINNINGS.iter().any(|begin| lower.starts_with(begin)) && word.len() >= SHORTEST;
        let looks_secret = begins || is_random(word);
        shown.push_str(if looks_secret { "\u{2026}" } else { word });
        let next = behind.find(is_part).unwrap_or(behind.len());
        shown.push_str(&behind[..next]);
        rest = &behind[next..];
    }
    shown
}

fn is_random(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    // A path has words between its slashes.
    let is_path = word.starts_with(['/', '~', '.']) || word.contains("//");
    word.len() >= LONG
        && !is_path
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && word.bytes().filter(u8::is_ascii_digit).count() >= 4
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
            ("got v1.MjEx4made_up", "got …"),
            ("key 'Zx81-0pQ2made5up7only9for3this4test6case0'", "key '…'"),
        ] {
            assert_eq!(without_secrets(said), shown);
        }
        for plain in [
            "",
            "ERROR: unexpected status 401 Unauthorized: Missing bearer or basic authentication in header, url: https://api.openai.com/v1/responses",
            "Incorrect API key provided: sk-pr***ij",
            "request id: 572c4a16-275a-4be4-9b9f-6577df485f52, cf-ray: a06b9c52d979eaa1-ICN",
            "/home/me/Projects/Codex2026/releases/codex-0.163.0-x86_64-linux/Codex",
            "größer – at-once, sk-, eyJ",
        ] {
            assert_eq!(without_secrets(plain), plain);
        }
    }
}
