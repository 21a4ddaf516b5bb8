//! A login on the host that a plain deploy must not replace: a newer one, or somebody else's, in every form that Codex
//! writes. And the settings on the host, in every spelling that TOML allows.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harness::cloud::canary;
use serde_json::{Value, json};
use tests::Rig;
use tests::claims::{claim, of_a_stranger};
use tests::home::{has, in_full};
use tests::person::Person;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = tests::cases![
        a_login_of_another_kind_is_kept,
        a_fresher_login_is_kept_however_its_moment_is_written,
        an_older_login_is_replaced_however_its_moment_is_written,
        a_setting_counts_however_it_is_spelled,
        another_member_of_the_same_workspace_is_another_account,
        a_saved_login_of_another_account_is_not_replaced_by_a_backup,
        a_login_without_a_time_is_not_called_older,
        what_is_no_login_stops_nothing,
    ];
    for who in Who::ALL {
        cases
            .push(Case::new(format!("kept_unless_forced::{who:?}"), move |rig| kept_unless_forced(rig, who)));
    }
    cases
}

/// Whose login is on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The same person's, but refreshed later.
    Renewed,
    /// Another account's.
    Stranger,
    /// Another person's who shares the account: a workspace.
    Colleague,
}

impl Who {
    pub(crate) const ALL: [Self; 3] = [Self::Renewed, Self::Stranger, Self::Colleague];

    /// The code of the error that a deploy has to fail with.
    pub(crate) fn code(self) -> &'static str {
        if self == Self::Renewed { "remote-is-fresher" } else { "another-account" }
    }

    /// Puts that login on the host.
    pub(crate) fn puts(self, person: &Person<'_>) {
        put(person, &self.login(person.rig));
    }

    fn login(self, rig: &Rig) -> Value {
        let ago = if self == Self::Renewed { Duration::from_secs(60) } else { Duration::from_secs(900_000) };
        let mut login: Value = serde_json::from_slice(rig.login(ago).bytes().expose()).unwrap();
        match self {
            Self::Renewed => {}
            Self::Stranger => of_a_stranger(&mut login),
            Self::Colleague => claim(&mut login, "chatgpt_user_id", "user-colleague"),
        }
        login
    }
}

/// Puts a login on the host as Codex does: pretty-printed, and readable only by its owner.
fn put(person: &Person<'_>, login: &Value) {
    person.account().put(".codex/auth.json", &serde_json::to_vec_pretty(login).unwrap());
}

/// Checks that a deploy and its dry run fail with one of these codes and change nothing. Returns the message.
fn keeps(person: &Person<'_>, codes: &[&str], what: &str) -> String {
    let before = person.tree();
    let mut said = String::new();
    for more in [["--dry-run"].as_slice(), &[]] {
        let call = [&["deploy", "--strict", "--no-proof", "--format", "json", "box0"], more].concat();
        let (status, stdout, stderr) = person.says(&call);
        assert_eq!(person.tree(), before, "{what} {more:?}: {stdout}{stderr}");
        assert_eq!(status, 1, "{what} {more:?}: {stdout}{stderr}");
        let value: Value = serde_json::from_str(&stdout).unwrap();
        let error = &value["hosts"][0]["error"];
        assert!(codes.iter().any(|code| error["code"] == *code), "{what} {more:?}: {error}");
        said = in_full(error);
    }
    said
}

fn kept_unless_forced(rig: &Rig, who: Who) {
    let person = rig.person(1);
    let login = who.login(rig);
    // On one line, as other programs write JSON, and in the form of Codex.
    person.account().put(".codex/auth.json", login.to_string().as_bytes());
    keeps(&person, &[who.code()], &format!("{who:?}, in one line"));
    put(&person, &login);
    let said = keeps(&person, &[who.code()], &format!("{who:?}"));
    has(&said, &["nothing was changed", "--force"]);
    if who == Who::Renewed {
        let moment = login["last_refresh"].as_str().unwrap();
        has(&said, &["a newer login of", &moment[..16].replace('T', " "), "newer)"]);
    } else {
        let shown = said.split(['(', ',', ' ', ')']).filter(|word| word.starts_with("chatgpt:"));
        let [theirs, ours] = shown.collect::<Vec<_>>()[..] else { panic!("{said}") };
        assert!(theirs != ours && theirs.len() == 20 && !said.contains("00000000"), "{said}");
    }
    person.ends(&["deploy", "--no-proof", "--force", "--backup", "box0"], 0);
    assert!(person.has_it());
    assert_eq!(person.account().root("stat -c %a .codex/auth.json.before"), "600\n");
}

/// A second backup would replace the only copy of the first login.
fn a_saved_login_of_another_account_is_not_replaced_by_a_backup(rig: &Rig) {
    let person = rig.person(1);
    put(&person, &Who::Stranger.login(rig));
    person.ends(&["deploy", "--no-proof", "--force", "--backup", "box0"], 0);
    let saved = person.account().root("sha256sum .codex/auth.json.before");
    let mut older: Value = serde_json::from_slice(person.login.bytes().expose()).unwrap();
    older["last_refresh"] = "2025-01-01T00:00:00Z".into();
    put(&person, &older);
    let call = ["deploy", "--no-proof", "--backup", "box0"];
    let said = person.fails(&call, "saved-login", &["holds a login of another account", "mv "]);
    assert!(said.contains("auth.json.before.kept"), "{said}");
    // The person overrides what was named, and that is not the saved one.
    put(&person, &Who::Colleague.login(rig));
    for more in [["--force"].as_slice(), &["--force=another-login,newer-login"], &["--force", "--dry-run"]] {
        let call = [&call[..], more].concat();
        person.fails(&call, "saved-login", &["holds a login of another account", "--force=", "saved-login"]);
    }
    assert_eq!(person.account().root("sha256sum .codex/auth.json.before"), saved);
    put(&person, &older);
    person.there("mv .codex/auth.json.before .codex/auth.json.before.kept");
    person.ends(&call, 0);
    put(&person, &older);
    person.ends(&call, 0);
}

/// It may be the newer one, as its token is good for longer.
fn a_login_without_a_time_is_not_called_older(rig: &Rig) {
    let person = rig.person(1);
    let mut ours: Value = serde_json::from_slice(person.login.bytes().expose()).unwrap();
    ours["last_refresh"] = Value::Null;
    let mut theirs = ours.clone();
    theirs["last_refresh"] = "2026-11-01T00:00:00Z".into();
    let token = theirs["tokens"]["access_token"].as_str().unwrap().to_owned();
    let (head, rest) = token.split_once('.').unwrap();
    let (claims, tail) = rest.split_once('.').unwrap();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["exp"] = (claims["exp"].as_i64().unwrap() - 3_600).into();
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    theirs["tokens"]["access_token"] = format!("{head}.{claims}.{tail}").into();
    put(&person, &theirs);
    let undated = person.path("undated.json");
    std::fs::write(&undated, ours.to_string()).unwrap();
    person.fails(
        &["deploy", "--no-proof", "--auth", undated.to_str().unwrap(), "box0"],
        "unknown-login",
        &["your login does not say when it was renewed"],
    );
}

/// The padding of a token's claims depends on their length.
fn another_member_of_the_same_workspace_is_another_account(rig: &Rig) {
    let person = rig.person(1);
    for colleague in ["user-made-up1", "user-made-up12", "user-made-up123"] {
        let mut login: Value = serde_json::from_slice(person.login.bytes().expose()).unwrap();
        claim(&mut login, "chatgpt_user_id", colleague);
        put(&person, &login);
        keeps(&person, &["another-account"], colleague);
    }
}

fn what_is_no_login_stops_nothing(rig: &Rig) {
    let person = rig.person(1);
    let no_logins = ["", "not JSON", "{\"last_refresh\": \""].map(str::to_owned).into_iter();
    let moments = ["\"tomorrow\"", "\"9999-01-01T00:00:00+02:00\"", "\"9999-01-01\"", "9999", "null"];
    for text in no_logins.chain(moments.map(|moment| format!("{{\"last_refresh\": {moment}}}"))) {
        person.account().put(".codex/auth.json", text.as_bytes());
        person.account().root("chmod 700 .codex");
        person.ends(&["deploy", "--no-proof", "box0"], 0);
        person.account().has(&person.login, ".codex");
    }
    // A login without a refresh time is neither older nor newer.
    let there = br#"{"OPENAI_API_KEY": "sk-made-up", "last_refresh": "2999-01-01T00:00:00Z"}"#;
    person.account().put(".codex/auth.json", there);
    person.write(".codex/auth.json", "{\"OPENAI_API_KEY\": \"sk-made-up\"}");
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    assert_eq!(person.account().root("cat .codex/auth.json"), person.read(".codex/auth.json"));
}

fn a_login_of_another_kind_is_kept(rig: &Rig) {
    let token = |claims: &Value| {
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        format!("e30.{claims}.{}", canary())
    };
    for (what, login) in [
        (
            "a personal access token",
            json!({
                "auth_mode": "personalAccessToken", "OPENAI_API_KEY": null, "personal_access_token": format!("at-{}", canary()),
            }),
        ),
        (
            "a personal access token without a mode",
            json!({ "personal_access_token": format!("at-{}", canary()) }),
        ),
        (
            "an agent identity",
            json!({
                "auth_mode": "agentIdentity", "agent_identity": token(&json!({"sub": "agent", "exp": 4_102_444_800_u64})),
            }),
        ),
        ("an agent identity without a mode", json!({ "agent_identity": token(&json!({"sub": "agent"})) })),
        ("a key for Bedrock", json!({ "auth_mode": "bedrockApiKey", "bedrock_api_key": canary() })),
        (
            "access keys for Bedrock",
            json!({
                "auth_mode": "bedrockAccessKeys",
                "bedrock_access_keys": { "access_key_id": "AKIAMADEUP", "secret_access_key": canary() },
            }),
        ),
        ("headers", json!({ "auth_mode": "headers", "headers": { "x-login": canary() } })),
        ("a mode of a later release", json!({ "auth_mode": "somethingNew", "something_new": canary() })),
        (
            "an API key",
            json!({ "auth_mode": "apikey", "OPENAI_API_KEY": format!("sk-made-up-{}", canary()) }),
        ),
        // The mode decides: these tokens are not used.
        ("a key beside tokens of ours", {
            let mut login: Value =
                serde_json::from_slice(rig.login(Duration::from_secs(900_000)).bytes().expose()).unwrap();
            login["OPENAI_API_KEY"] = format!("sk-made-up-{}", canary()).into();
            login["last_refresh"] = moment(SystemTime::now(), 0, "Z").into();
            login
        }),
    ] {
        let person = rig.person(1);
        put(&person, &login);
        let said = keeps(&person, &["another-account", "unknown-login", "remote-is-fresher"], what);
        // The suggested command does it, and names what could not be checked.
        let force = if said.contains("--force=unknown-login") { "--force=unknown-login" } else { "--force" };
        has(&said, &[force]);
        person.ends(&["deploy", "--no-proof", force, "box0"], 0);
        assert_eq!(person.remote_digest(0), person.login.bytes().sha256(), "{what}");
    }
}

/// A moment in RFC 3339, as shown by a clock that is this many hours ahead of UTC.
fn moment(at: SystemTime, ahead: u64, zone: &str) -> String {
    let shown = humantime::format_rfc3339_seconds(at + Duration::from_secs(ahead * 3_600)).to_string();
    shown.trim_end_matches('Z').to_owned() + zone
}

/// Puts the same account's login on this machine and on the host, each with its own refresh time.
fn with_moments(person: &Person<'_>, here: &str, there: &str) {
    let mut login: Value = serde_json::from_slice(person.login.bytes().expose()).unwrap();
    login["last_refresh"] = here.into();
    person.write(".codex/auth.json", login.to_string().as_bytes());
    let mut login: Value =
        serde_json::from_slice(person.rig.login(Duration::from_secs(60)).bytes().expose()).unwrap();
    login["last_refresh"] = there.into();
    put(person, &login);
}

/// The forms in which clocks of these places write a moment.
const ZONES: &[(u64, &str)] = &[(0, "Z"), (0, "+00:00"), (0, ".123456789Z"), (2, "+02:00"), (14, ".5+14:00")];

/// Two moments, the later one first. Each is written in one of the forms, on this machine and on the host.
fn moments() -> impl Iterator<Item = [[String; 2]; 2]> {
    let now = SystemTime::now();
    let [renewed, old] = [1, 3].map(|hours| now - Duration::from_secs(hours * 3_600));
    ZONES.iter().zip(ZONES.iter().cycle().skip(1)).map(move |(here, there)| {
        [renewed, old].map(|at| [here, there].map(|(ahead, zone)| moment(at, *ahead, zone)))
    })
}

fn a_fresher_login_is_kept_however_its_moment_is_written(rig: &Rig) {
    let person = rig.person(1);
    for [[_, there], [here, _]] in moments() {
        with_moments(&person, &here, &there);
        keeps(&person, &["remote-is-fresher"], &format!("{here} here, {there} there"));
    }
}

fn an_older_login_is_replaced_however_its_moment_is_written(rig: &Rig) {
    let person = rig.person(1);
    for [[here, _], [_, there]] in moments() {
        with_moments(&person, &here, &there);
        let before = person.remote_digest(0);
        let (status, stdout, stderr) = person.says(&["deploy", "--no-proof", "box0"]);
        assert_eq!(status, 0, "{here} here, {there} there: {stdout}{stderr}");
        assert_ne!(person.remote_digest(0), before);
    }
}

fn a_setting_counts_however_it_is_spelled(rig: &Rig) {
    for (config, code) in [
        ("\"forced_login_method\" = \"api\"", "login-form-is-forced"),
        ("'forced_login_method' = 'api'", "login-form-is-forced"),
        ("forced_login_method = \"\\u0061pi\"", "login-form-is-forced"),
        ("\"forced\\u005flogin_method\" = \"api\"", "login-form-is-forced"),
        ("forced_login_method = \"\"\"api\"\"\"", "login-form-is-forced"),
        ("x = \"\"\"\n[table]\n\"\"\"\nforced_login_method = \"api\"", "login-form-is-forced"),
        ("\"cli_auth_credentials_store\" = \"keyring\"", "store-is-not-the-file"),
        ("cli_auth_credentials_store = \"\"\"\\\n   keyring\"\"\"", "store-is-not-the-file"),
        ("\tcli_auth_credentials_store\t=\t\"ephemeral\" # why\r", "store-is-not-the-file"),
    ] {
        let person = rig.person(1);
        person.ends(&["deploy", "--no-proof", "box0"], 0);
        let newer = person.renews(Duration::from_secs(60));
        person.there(&format!("cat >.codex/config.toml <<'END'\n{config}\nEND"));
        keeps(&person, &[code], config);
        person.ends(&["deploy", "--no-proof", "--force", "box0"], 0);
        assert_eq!(person.remote_digest(0), newer.bytes().sha256());
    }
    // What only looks like such a setting does not count.
    for config in [
        "forced_login_method = \"chatgpt\"",
        "[profiles.one]\ncli_auth_credentials_store = \"keyring\"\nforced_login_method = \"api\"",
        "x = \"\"\"\nforced_login_method = \"api\"\n\"\"\"",
        "# forced_login_method = \"api\"",
        "x = 'cli_auth_credentials_store = \"keyring\"'",
    ] {
        let person = rig.person(1);
        person.there(&format!("mkdir .codex; cat >.codex/config.toml <<'END'\n{config}\nEND"));
        person.ends(&["deploy", "--no-proof", "box0"], 0);
    }
}
