//! `man`: prints or writes the manual pages.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::exit::Verdict;
use super::help::{self, More};
use super::say;

/// Print the manual page, or write all of them to a folder
#[derive(Debug, Args)]
#[command(after_help = help::short("man"), after_long_help = help::MAN.text())]
pub(super) struct Manual {
    /// Folder to write the pages to, one per command
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Manual {
    pub(super) fn run(self, program: Command) -> anyhow::Result<Verdict> {
        // The page about `help` would only repeat what each page says.
        let mut program = program.disable_help_subcommand(true);
        program.build();
        let Some(folder) = self.folder else {
            say::say_as_it_is(&page(&program, &help::PROGRAM)?);
            return Ok(Verdict::Holds);
        };
        let place = |path: &PathBuf| format!("cannot write {}", path.display());
        fs::create_dir_all(&folder).with_context(|| place(&folder))?;
        let commands = program.get_subcommands().filter(|command| !command.is_hide_set());
        let mut count = 0;
        for command in commands.chain([&program]) {
            let more = help::of(command.get_name()).unwrap_or(&help::PROGRAM);
            let path = folder.join(Man::new(command.clone()).get_filename());
            fs::write(&path, page(command, more)?).with_context(|| place(&path))?;
            count += 1;
        }
        say_line!("{count} pages written to {}", crate::ssh::printable(&folder.display().to_string()));
        Ok(Verdict::Holds)
    }
}

/// The page of a command, or of the program.
fn page(command: &Command, more: &More) -> anyhow::Result<Vec<u8>> {
    let man = Man::new(command.clone()).date("").source("codex-remote-auth").manual("codex-remote-auth");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    page.write_all(sections(more).to_roff().as_bytes())?;
    Ok(page)
}

fn sections(more: &More) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    terms(&mut roff, more.statuses);
    roff.control("SH", ["ENVIRONMENT"]);
    terms(&mut roff, more.variables);
    roff.control("SH", ["EXAMPLES"]);
    for (arguments, what) in more.examples {
        roff.control("TP", []);
        roff.text([roman(*what)]);
        roff.text([roman(format!("codex-remote-auth {arguments}"))]);
    }
    roff
}

fn terms(roff: &mut Roff, terms: &[(&str, &str)]) {
    for (term, what) in terms {
        roff.control("TP", []);
        roff.text([roman(*term)]);
        roff.text([roman(*what)]);
    }
}
