//! Settings by name, as `ssh -G` prints them.

/// Settings in order; names are in lower case, and one may occur several times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// From lines of `name value`.
    pub(super) fn from_lines(text: &str) -> Self {
        let mut fields = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(' ')) {
            fields.add(name, value);
        }
        fields
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }

    /// The value that counts: the first.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Each name once.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
