//! What the host reports about a file: its type, mode, owner and size.

/// What the host reports about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// What kind of file it is.
    pub kind: Kind,
    /// Permission bits.
    pub mode: u32,
    /// The number of the owning user.
    pub owner: u32,
    /// The number of the owning group.
    pub group: u32,
    /// Size in bytes.
    pub size: u64,
    /// Whether it has an access list. Only known if `ls` was asked and shows it.
    pub has_list: bool,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device.
    Other,
}

impl FileFacts {
    /// Reads `81a4 1000 1000 42`, as `stat` prints it, or `-rw------- 1 1000 1000 42 Jan 1 00:00 name`, as `ls -ldn`
    /// does. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            [mode, owner, group, size] => {
                let mode = u32::from_str_radix(mode, 16).ok()?;
                let kind = match mode & 0o170_000 {
                    0o100_000 => Kind::File,
                    0o040_000 => Kind::Directory,
                    0o120_000 => Kind::Link,
                    _ => Kind::Other,
                };
                let [owner, group] = [owner, group].map(|number| number.parse().ok());
                Some(Self {
                    kind,
                    mode: mode & 0o7777,
                    owner: owner?,
                    group: group?,
                    size: size.parse().ok()?,
                    has_list: false,
                })
            }
            [bits, _, owner, group, size, ..] => Self::of_ls(bits, owner, group, size),
            _ => None,
        }
    }

    fn of_ls(bits: &str, owner: &str, group: &str, size: &str) -> Option<Self> {
        let kind = match bits.as_bytes().first()? {
            b'-' => Kind::File,
            b'd' => Kind::Directory,
            b'l' => Kind::Link,
            b'p' | b's' | b'b' | b'c' => Kind::Other,
            _ => return None,
        };
        // S and T are the special bit without execute permission; s and t include it.
        let mode = bits
            .as_bytes()
            .get(1..10)?
            .iter()
            .fold(0, |mode, bit| mode << 1 | u32::from(!b"-ST".contains(bit)));
        let sticky = matches!(bits.as_bytes().get(9), Some(b't' | b'T'));
        let mode = mode | if sticky { 0o1000 } else { 0 };
        // A device has two numbers instead of a size.
        let size = if kind == Kind::Other { 0 } else { size.parse().ok()? };
        let has_list = bits.as_bytes().get(10) == Some(&b'+');
        Some(Self { kind, mode, owner: owner.parse().ok()?, group: group.parse().ok()?, size, has_list })
    }

    /// Whether the group or others may write to it.
    pub fn is_open(&self) -> bool {
        self.mode & 0o022 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_and_ls_say_the_same() {
        let stat = FileFacts::parse("8180 1000 1000 42").unwrap();
        assert_eq!(
            stat,
            FileFacts { kind: Kind::File, mode: 0o600, owner: 1000, group: 1000, size: 42, has_list: false }
        );
        assert_eq!(FileFacts::parse("-rw------- 1 1000 1000 42 Jan 1 00:00 /a name"), Some(stat));
        assert_eq!(FileFacts::parse("41ff 0 0 40").unwrap().kind, Kind::Directory);
        assert_eq!(FileFacts::parse("a1ff 0 0 4").unwrap().kind, Kind::Link);
        assert_eq!(FileFacts::parse("prw-r--r-- 1 7 7 0 Jan 1 00:00 x").unwrap().kind, Kind::Other);
        assert_eq!(FileFacts::parse("lrwxrwxrwx 1 7 7 4 Jan 1 00:00 x").unwrap().kind, Kind::Link);
        assert_eq!(FileFacts::parse("crw-rw-rw- 1 0 0 1, 3 Jan 1 00:00 x").unwrap().kind, Kind::Other);
    }

    #[test]
    fn a_special_bit_alone_does_not_count_as_execute_permission() {
        assert_eq!(FileFacts::parse("drwx--S--T 2 1 1 40 Jan 1 00:00 x").unwrap().mode, 0o1700);
        assert_eq!(FileFacts::parse("drwx--s--t+ 2 1 1 40 Jan 1 00:00 x").unwrap().mode, 0o1711);
    }

    #[test]
    fn quoted_names_and_other_units_are_not_guessed() {
        for text in [
            "",
            "42",
            "-rw------- 1 me me 42 Jan 1 00:00 x",
            "-rw------- 1 1000 1000 4.0K Jan 1 00:00 x",
            "zz 1 2 3",
        ] {
            assert_eq!(FileFacts::parse(text), None, "{text}");
        }
    }
}
