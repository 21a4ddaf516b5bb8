//! The system's errors in plain words.

use std::io;

/// The system's message without the number of the error, and in lower case as part of a sentence: `connection refused`.
pub fn plain_words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = match text.rsplit_once(" (os error ") {
        Some((text, number)) if number.ends_with(')') => text,
        _ => &text,
    };
    // The standard library's own words for a name without an address.
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(text);
    let word = text.split(' ').next().unwrap_or_default();
    let mut characters = text.chars();
    match characters.next() {
        // Names and abbreviations stay as they are.
        Some(first) if !word.chars().skip(1).any(char::is_uppercase) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_no_number_and_fits_into_a_sentence() {
        assert_eq!(plain_words(&io::Error::from_raw_os_error(111)), "connection refused");
        assert_eq!(plain_words(&io::Error::from_raw_os_error(2)), "no such file or directory");
        let lookup = "failed to lookup address information: Name or service not known";
        assert_eq!(plain_words(&io::Error::other(lookup)), "name or service not known");
        for name in ["IPv6 is off", "BindAddress 10.0.0.1: not here"] {
            assert_eq!(plain_words(&io::Error::other(name)), name);
        }
        assert_eq!(plain_words(&io::Error::other("")), "");
    }
}
