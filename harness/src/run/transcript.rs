//! What was run and its output, redacted and normalised, as a page that people can read.

use std::fmt::Write as _;

/// The steps of one check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    text: String,
}

impl Transcript {
    /// A step's heading and its command.
    pub fn step(&mut self, heading: &str, command: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let _ = writeln!(self.text, "# {heading}");
        for line in command.trim().lines() {
            let _ = writeln!(self.text, "$ {line}");
        }
    }

    /// The result: how it ended, then each output that is not empty.
    pub fn result(&mut self, end: &str, outputs: &[(&str, &str)]) {
        let _ = writeln!(self.text, "{end}");
        for (name, output) in outputs.iter().filter(|(_, output)| !output.trim().is_empty()) {
            let _ = writeln!(self.text, "{name}:");
            for line in output.trim_end().lines() {
                let _ = writeln!(self.text, "{}", format!("  {line}").trim_end());
            }
        }
    }

    /// The complete page.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
