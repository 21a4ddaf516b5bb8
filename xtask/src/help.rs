//! What `--help` says after the options: examples and exit statuses. No line is longer than 60 columns, since clap does not indent
//! what it wraps.

pub(crate) const PROGRAM: &str = "\
Examples:
  # run all checks on the stub of the newest release
  cargo xtask smoke
  # run all tests of the checkout, as CI does
  cargo xtask ci
  # the same commands that the installed program has
  cargo xtask doctor build1

Exit status:
  0    success
  1    a check, a host or a comparison failed
  2    the arguments are wrong
  3    this machine lacks something, such as an engine
  4    a filter selects nothing
  130  interrupted (Ctrl-C)";

pub(crate) const SMOKE: &str = "\
Examples:
  # the checks, with their titles
  cargo xtask smoke --list
  # all checks whose names begin with path-
  cargo xtask smoke 'path-*'
  # a section of the guide, without what passed last time
  cargo xtask smoke @troubleshooting --failed
  # an old release; the stub plays it
  cargo xtask smoke --codex stub:0.133
  # a real release, which is downloaded
  cargo xtask smoke --codex real:0.163.0
  # keep the account, to try its commands by hand
  cargo xtask smoke profile-flag --keep

Exit status:
  0    every check passed, and no secret was seen
  1    a check failed, or a secret was seen
  2    the arguments are wrong
  3    this machine lacks something, such as an engine
  4    a filter selects nothing
  130  interrupted (Ctrl-C)";

pub(crate) const DRIFT: &str = "\
Examples:
  # every lesson on one release
  cargo xtask drift 0.163.0
  # some lessons on some releases
  cargo xtask drift '0.16*' --lesson 'path-*'
  # the stub and the real release, side by side
  cargo xtask drift --against stub 0.163.0
  # write what a new release shows into the lessons
  cargo xtask drift 0.164.0 --accept

Exit status:
  0    every lesson holds, or the two are equal
  1    a lesson drifted, or a secret was seen
  2    the arguments are wrong
  3    this machine lacks something, such as an engine
  4    a filter selects nothing
  130  interrupted (Ctrl-C)";

pub(crate) const MUTANTS: &str = "\
Examples:
  # every lesson and smoke test under its mutants
  cargo xtask mutants
  # some of them
  cargo xtask mutants profile-flag 'smoke-*'

Exit status:
  0    every mutant was killed
  1    a mutant survived
  2    the arguments are wrong
  3    this machine lacks something, such as an engine
  4    a filter selects nothing
  130  interrupted (Ctrl-C)";

pub(crate) const REPRO: &str = "\
In the shell:
  step   runs the step as the lesson does, without a terminal
  fix    runs the right way
  again  resets the account
  exit   ends the shell and removes everything

Examples:
  # a shell in the state before the failing command
  cargo xtask repro profile-flag
  # find the case by what was printed
  cargo xtask repro --from error.log
  # from another terminal, while the shell is open
  cargo xtask repro profile-flag --fix
  # the case as a script, to run it by hand
  cargo xtask repro profile-flag --print

Exit status:
  0    the shell has ended
  1    the case could not be set up
  2    the arguments are wrong
  3    this machine lacks something, such as an engine
  4    no lesson has the name, or knows the output
  130  interrupted (Ctrl-C)";

pub(crate) const GUIDE: &str = "\
Examples:
  # after a lesson, the template or the record has changed
  cargo xtask guide
  # what CI runs
  cargo xtask guide --check

Exit status:
  0    the file was written, or is up to date
  1    it is out of date
  2    the arguments, the template or a lesson are wrong";
