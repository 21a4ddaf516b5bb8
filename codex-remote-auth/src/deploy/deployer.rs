//! Runs one deploy, from the open session to the receipt.

use std::time::Duration;

use super::{DeployOptions, Done, Notice, OnSymlink, Receipt, Was};
use crate::auth_json::{AuthFile, Existing, Form};
use crate::codex::{EffectKind, FoundCodex, Settings, depends_on_the_release, too_old_for};
use crate::remote::{
    Compared, Conversation, FileFacts, Look, ProofOutcome, Refusal, RemoteError, RemoteState, Script, Tried,
};
use crate::ssh::{Deadline, Session};

/// Copies `auth` to the session's account, and verifies it on the host if the options ask for it. Everything, including
/// the call of codex, ends by `deadline`.
///
/// # Errors
/// Any [`RemoteError`]. A failed verification is not an error: the file is in place, and the receipt has the output of
/// codex.
pub fn deploy(
    session: &Session,
    auth: &AuthFile,
    options: &DeployOptions,
    deadline: Deadline,
) -> Result<Receipt, RemoteError> {
    deploy_with_script(session, auth, options, deadline, &Script::default())
}

/// Like [`deploy`], with another script. The mutants of the lessons use this.
///
/// # Errors
/// As [`deploy`].
pub fn deploy_with_script(
    session: &Session,
    auth: &AuthFile,
    options: &DeployOptions,
    deadline: Deadline,
    script: &Script,
) -> Result<Receipt, RemoteError> {
    let (mut talk, mut look) = Conversation::start(session, script, "the deploy", deadline)
        .map_err(|problem| RemoteError::of(problem, RemoteState::Untouched))?;
    let plan = Plan::of(&look, auth, options)?;
    let mut receipt = plan.receipt(&look, auth, options);
    if options.dry_run {
        talk.stop();
        if let Some(folder) = look.not_writable.filter(|_| plan.compared != Compared::Same) {
            return Err(RemoteError::CannotWrite { said: format!("the account cannot write to {folder}") });
        }
        receipt.elapsed = talk.elapsed();
        return Ok(receipt);
    }
    talk.close_home(&mut look, deadline)?;
    plan.act(&mut talk, &look, auth, options, deadline, &mut receipt)?;
    plan.call(&mut talk, &look, auth, options, deadline, &mut receipt)?;
    talk.stop();
    receipt.elapsed = talk.elapsed();
    Ok(receipt)
}

/// What to do on a host.
struct Plan {
    compared: Compared,
    codex: Option<FoundCodex>,
    notices: Vec<Notice>,
    directory_made: bool,
    settings: Settings,
    form: Form,
}

impl Plan {
    /// Decides from what the script saw.
    fn of(look: &Look, auth: &AuthFile, options: &DeployOptions) -> Result<Self, Refusal> {
        look.check_home(&options.force)?;
        if !look.has_digest {
            return Err(Refusal::NoDigestTool);
        }
        let settings = look.check_settings(auth, &options.force)?;
        let compared = look.compare(auth, options.on_symlink == OnSymlink::Replace, &options.force)?;
        if options.backup && !matches!(compared, Compared::Nothing | Compared::Same) {
            look.check_saved(auth, &options.force)?;
        }
        let named = options.proof.as_ref().and_then(|proof| proof.program.as_deref());
        let mut notices = Vec::new();
        if let (Some(old), Some(uid)) = (look.auth.facts(), look.uid)
            && compared != Compared::Link
        {
            if old.mode & 0o077 != 0 {
                notices.push(Notice::FileMode { was: old.mode });
            }
            if old.owner != uid {
                notices.push(Notice::FileOwner { was: old.owner });
            }
        }
        if let Some(directory) = look.directory.facts().filter(FileFacts::is_open) {
            notices.push(Notice::DirectoryMode { was: directory.mode });
        }
        if look.has_relative_home() {
            notices.push(Notice::RelativeHome { set: look.codex_home_variable.clone() });
        }
        for effect in settings.effects_on(auth) {
            notices.push(match effect.kind {
                EffectKind::MayIgnore if effect.setting == "cli_auth_credentials_store" => {
                    Notice::StoreIsChosen { place: effect.place() }
                }
                _ => Notice::Setting { effect: effect.to_string() },
            });
        }
        if let Compared::Replaceable { broken: Some(why), .. } = &compared {
            notices.push(Notice::NoLogin { why: why.clone() });
        }
        let variables = look.replacing_variables();
        if !variables.is_empty() {
            notices.push(Notice::Variables { names: variables });
        }
        Ok(Self {
            compared,
            codex: look.codex_to_call(named),
            notices,
            directory_made: !look.directory.is_there(),
            settings,
            form: auth.form(),
        })
    }

    /// Whether the file to replace is a damaged login, which a person may still repair, and no other file is kept.
    fn keeps_the_remains(&self, look: &Look) -> bool {
        matches!(self.compared, Compared::Replaceable { broken: Some(_), .. })
            && !look.before.is_there()
            && look.auth.bytes().is_some_and(|bytes| Existing::has_remains(bytes.expose()))
    }

    /// What is known before anything is done.
    fn receipt(&self, look: &Look, auth: &AuthFile, options: &DeployOptions) -> Receipt {
        let same = self.compared == Compared::Same;
        Receipt {
            done: match options.dry_run {
                _ if same => Done::AlreadyThere,
                true => Done::WouldPlace,
                false => Done::Placed,
            },
            dry_run: options.dry_run,
            path: look.auth_path(),
            home: look.codex_home.clone(),
            mode: 0o600,
            directory_mode: look.directory.facts().map_or(0o700, |facts| facts.mode),
            directory_made: self.directory_made,
            size: auth.bytes().len() as u64,
            sha256: auth.bytes().sha256(),
            was: match &self.compared {
                Compared::Nothing => Was::Absent,
                Compared::Link => Was::Link,
                Compared::Same => Was::File(auth.bytes().sha256()),
                Compared::Replaceable { sha256: Some(digest), .. } => Was::File(digest.clone()),
                Compared::Replaceable { sha256: None, .. } => Was::Unreadable,
            },
            codex: self.codex.clone(),
            backup: None,
            notices: self.notices.clone(),
            proof: match options.proof {
                Some(_) if !options.dry_run => ProofOutcome::NoCodex { near_miss: look.near_miss.clone() },
                _ => ProofOutcome::NotAsked,
            },
            elapsed: Duration::ZERO,
        }
    }

    /// Sends the one order and then the login, and waits until the login is in place.
    fn act(
        &self,
        talk: &mut Conversation<'_>,
        look: &Look,
        auth: &AuthFile,
        options: &DeployOptions,
        deadline: Deadline,
        receipt: &mut Receipt,
    ) -> Result<(), RemoteError> {
        let codex = self.codex.as_ref();
        let mut call =
            codex.map_or_else(String::new, |codex| look.proof_order(codex, options.proof.as_ref(), deadline));
        if let (Some(codex), Some(_)) = (codex, &options.proof)
            && depends_on_the_release(self.form)
        {
            call.insert_str(0, &format!("{}\n", look.proof_order(codex, None, deadline)));
        }
        if self.compared == Compared::Same {
            let private = look.auth.facts().is_some_and(|facts| facts.mode == 0o600);
            talk.order(&format!("{}{call}", if private { "" } else { "private || exit 1\n" }));
            if private {
                return Ok(());
            }
            return talk
                .wait_for("done", deadline)
                .map_err(|problem| RemoteError::of(problem, RemoteState::Untouched));
        }
        let was = match &self.compared {
            Compared::Nothing => "none",
            Compared::Link => "link",
            Compared::Replaceable { sha256: Some(digest), .. } => digest,
            Compared::Replaceable { sha256: None, .. } => "unreadable",
            Compared::Same => unreachable!("handled above"),
        };
        let (size, sha256) = (auth.bytes().len(), auth.bytes().sha256());
        let keep = if options.backup || self.keeps_the_remains(look) { "yes" } else { "no" };
        if look.unwatched {
            // Who takes part of the login would have taken part of the functions too. This costs a round trip.
            talk.order("say armed");
            talk.wait_for("armed", deadline)
                .map_err(|problem| RemoteError::of(problem, RemoteState::Untouched))?;
        }
        talk.order(&format!("install {size} {sha256} {was} {keep} || refuse\n{call}"));
        talk.send(auth.bytes().expose());
        talk.wait_for("done", deadline).map_err(|problem| RemoteError::of(problem, RemoteState::OldOrNew))?;
        let said = talk.said();
        receipt.backup = said.fact("kept").map(str::to_owned);
        if let Some(file) = said.fact("file").and_then(FileFacts::parse) {
            receipt.mode = file.mode;
        }
        if let Some(directory) = said.fact("closed").and_then(FileFacts::parse) {
            receipt.directory_mode = directory.mode;
        }
        Ok(())
    }

    /// Follows the call of codex that the order asked for. The login is already in place.
    fn call(
        &self,
        talk: &mut Conversation<'_>,
        look: &Look,
        auth: &AuthFile,
        options: &DeployOptions,
        deadline: Deadline,
        receipt: &mut Receipt,
    ) -> Result<(), RemoteError> {
        let Some(codex) = &mut receipt.codex else { return Ok(()) };
        let after = |problem| RemoteError::of(problem, RemoteState::New);
        match &options.proof {
            None => codex.release = talk.release(deadline).map_err(after)?,
            Some(proof) => {
                if depends_on_the_release(self.form) {
                    codex.release = talk.release(deadline).map_err(after)?;
                }
                let tried = Tried { form: self.form, login: Some(auth) };
                let (outcome, release) =
                    talk.prove(proof, (look, &*codex), &self.settings, tried, deadline).map_err(after)?;
                receipt.proof = outcome;
                codex.release = release.or_else(|| codex.release.take());
            }
        }
        let too_old = codex.release.as_deref().and_then(|release| too_old_for(self.form, release));
        receipt.notices.extend(too_old.map(|why| Notice::TooOld { why }));
        Ok(())
    }
}
