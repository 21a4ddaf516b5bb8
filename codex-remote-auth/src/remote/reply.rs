//! Reads what the script prints, and skips what the account's shell prints around it. The script prints facts, one per
//! line after the mark, and files, as their length followed by their bytes.

use crate::auth_json::Secret;

/// What the script has printed so far, in order.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// How far the output has been read.
    at: usize,
    /// How many bytes came before our first line.
    noise: Option<usize>,
    facts: Vec<(String, String)>,
    files: Vec<(String, Secret)>,
}

/// The next item in an output.
enum Next {
    Fact(String, String),
    File(String, Secret),
    /// It has not arrived completely.
    Unfinished,
    /// It is not what the script prints.
    Garbled(String),
}

impl Reply {
    /// Reads on, up to and including the fact `word`. Returns whether that fact has arrived.
    ///
    /// # Errors
    /// The name of a file whose bytes did not end where they should: it changed while it was read.
    pub(crate) fn read_to(&mut self, stdout: &[u8], mark: &str, word: &str) -> Result<bool, String> {
        loop {
            match self.next(stdout, mark) {
                Next::Fact(key, value) => {
                    let found = key == word;
                    self.facts.push((key, value));
                    if found || self.error().is_some() {
                        return Ok(found);
                    }
                }
                Next::File(name, bytes) => self.files.push((name, bytes)),
                Next::Unfinished => return Ok(false),
                Next::Garbled(name) => return Err(name),
            }
        }
    }

    fn next(&mut self, stdout: &[u8], mark: &str) -> Next {
        let wanted = format!("{mark} ");
        // The account's own output may end without a newline right before a fact.
        let Some(found) = find(&stdout[self.at..], wanted.as_bytes()) else {
            // Part of the mark may have arrived.
            self.at = (stdout.len() + 1).saturating_sub(wanted.len()).max(self.at);
            return Next::Unfinished;
        };
        let begin = self.at + found;
        let fact = begin + wanted.len();
        let Some(length) = stdout[fact..].iter().position(|byte| *byte == b'\n') else {
            return Next::Unfinished;
        };
        let text = String::from_utf8_lossy(&stdout[fact..fact + length]);
        let (key, value) = text.split_once(' ').unwrap_or((&text, ""));
        let after = fact + length + 1;
        self.noise.get_or_insert(begin);
        let Some(name) = key.strip_suffix("-bytes") else {
            self.at = after;
            return Next::Fact(key.to_owned(), value.to_owned());
        };
        let garbled = || Next::Garbled(name.to_owned());
        let Ok(size) = value.trim().parse::<usize>() else { return garbled() };
        // After the bytes comes a newline, and then our next line.
        let end = format!("\n{wanted}");
        let Some(rest) = stdout.get(after + size..after + size + end.len()) else {
            // No file contains the mark. So if the look has ended, the file became shorter while it was read.
            let is_over = stdout[after..].ends_with(format!("{end}looked\n").as_bytes());
            return if is_over { garbled() } else { Next::Unfinished };
        };
        if rest != end.as_bytes() {
            return garbled();
        }
        self.at = after + size + 1;
        Next::File(name.to_owned(), Secret::new(&stdout[after..after + size]))
    }

    /// Where the search for our next line starts.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Skips output that is not from the script.
    pub(crate) fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    /// How many bytes the account's shell printed before the script started.
    pub(crate) fn noise(&self) -> usize {
        self.noise.unwrap_or_default()
    }

    /// The last value of this fact.
    pub(crate) fn fact(&self, key: &str) -> Option<&str> {
        self.facts.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// All values of this fact, in order.
    pub(crate) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.facts.iter().filter(move |(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Every fact, in order.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.facts.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Removes a file's bytes and returns them.
    pub(crate) fn take_file(&mut self, name: &str) -> Option<Secret> {
        let at = self.files.iter().position(|(known, _)| known == name)?;
        Some(self.files.swap_remove(at).1)
    }

    /// Why the script stopped: a code and a detail.
    pub(crate) fn error(&self) -> Option<(&str, &str)> {
        let value = self.fact("error")?;
        Some(value.split_once(' ').unwrap_or((value, "")))
    }
}

/// The position of a text in some bytes.
pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8], word: &str) -> (Reply, Result<bool, String>) {
        let mut reply = Reply::default();
        let found = reply.read_to(text, "M", word);
        (reply, found)
    }

    #[test]
    fn facts_are_found_after_the_output_of_rc_files() {
        let (reply, found) =
            read(b"Welcome!\nno newline hereM ready\nM home /h\nnoise\nM looked\nM later\n", "looked");
        assert_eq!(found, Ok(true));
        assert_eq!(reply.fact("home"), Some("/h"));
        assert_eq!(reply.noise(), 24);
        assert_eq!(reply.fact("later"), None);
    }

    #[test]
    fn the_content_of_a_file_is_never_a_fact() {
        let text = b"M auth 81a4 1 9\nM auth-bytes 9\nM looked\n\nM looked\n";
        let (mut reply, found) = read(text, "looked");
        assert_eq!(found, Ok(true));
        assert_eq!(reply.take_file("auth").unwrap().expose(), b"M looked\n");
        assert_eq!(reply.at(), text.len());
    }

    #[test]
    fn a_file_that_is_longer_or_shorter_than_announced_is_refused() {
        for bytes in ["12345678", "1234567890"] {
            let text = format!("M auth-bytes 9\n{bytes}\nM looked\nM and more\n");
            assert_eq!(read(text.as_bytes(), "looked").1, Err("auth".to_owned()), "{bytes}");
        }
        // Nothing more will arrive, however much is missing.
        let text = b"M auth-bytes 900\n12345\nM auth-more\nM looked\n";
        assert_eq!(read(text, "looked").1, Err("auth".to_owned()));
        assert_eq!(read(&text[..text.len() - 1], "looked").1, Ok(false));
        assert_eq!(read(b"M auth-bytes many\nM looked\n", "looked").1, Err("auth".to_owned()));
    }

    #[test]
    fn the_end_of_the_script_ends_the_reading() {
        let (reply, found) = read(b"M error cannot-write head: No space left\nM looked\n", "looked");
        assert_eq!(found, Ok(false));
        assert_eq!(reply.error(), Some(("cannot-write", "head: No space left")));
    }

    #[test]
    fn an_output_is_read_the_same_in_pieces_of_any_size() {
        let text = b"noise M ready\nM auth-bytes 3\nabc\nM looked\n";
        for first in 0..text.len() {
            let mut reply = Reply::default();
            for end in [first, text.len()] {
                let found = reply.read_to(&text[..end], "M", "looked");
                assert_eq!(found, Ok(end == text.len()), "{first}");
            }
            assert_eq!(reply.take_file("auth").unwrap().expose(), b"abc");
        }
    }

    proptest! {
        #[test]
        fn no_output_panics_or_passes_for_a_reply(stdout in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut reply = Reply::default();
            prop_assert_eq!(reply.read_to(&stdout, "0123456789abcdef", "ready"), Ok(false));
            prop_assert_eq!(reply.facts().count(), 0);
        }
    }
}
