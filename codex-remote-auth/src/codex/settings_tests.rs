//! Tests of the settings and of their effects on a login.

use proptest::prelude::*;
use semver::Version;

use super::super::setting::{Found, Layer};
use super::*;
use crate::auth_json::testing::{Chatgpt, agent, login};
use crate::auth_json::{AuthFile, Form};
use crate::codex::{Effect, EffectKind, LoginUse};

const PATHS: [&str; 3] = ["/etc/codex/config.toml", "~/.codex/config.toml", "/etc/codex/managed_config.toml"];

fn files<'a>(system: Found<'a>, account: Found<'a>, managed: Found<'a>) -> [ConfigFile<'a>; 3] {
    let file = |layer, path, found| ConfigFile { layer, path, found };
    [
        file(Layer::System, PATHS[0], system),
        file(Layer::Account, PATHS[1], account),
        file(Layer::Managed, PATHS[2], managed),
    ]
}

fn account(text: &str) -> Settings {
    Settings::read(&files(Found::Absent, Found::Bytes(text.as_bytes()), Found::Absent))
}

fn layered(texts: [&str; 3]) -> Settings {
    let [system, account, managed] = texts.map(|text| Found::Bytes(text.as_bytes()));
    Settings::read(&files(system, account, managed))
}

/// The kinds and places of the effects. Panics if there was any problem.
fn effects(settings: &Settings, auth: &AuthFile) -> Vec<(EffectKind, String, String, usize)> {
    assert_eq!(settings.problems, []);
    let told = |effect: Effect| {
        (effect.kind, format!("{} = {}", effect.setting, effect.value), effect.file, effect.line)
    };
    settings.effects_on(auth).into_iter().map(told).collect()
}

fn one(kind: EffectKind, what: &str, line: usize) -> Vec<(EffectKind, String, String, usize)> {
    vec![(kind, what.to_owned(), PATHS[1].to_owned(), line)]
}

fn key() -> AuthFile {
    login(r#"{"OPENAI_API_KEY":"k"}"#)
}

fn access_token() -> AuthFile {
    login(r#"{"personal_access_token":"k"}"#)
}

#[test]
fn without_a_file_or_a_setting_there_is_no_effect() {
    let none = Settings::read(&files(Found::Absent, Found::Absent, Found::Absent));
    assert_eq!((&none, none.provider_name()), (&Settings::default(), "openai"));
    let other =
        account("model = \"x\"\n[mcp_servers.a]\nforced_login_method = \"api\"\nmodel_provider = \"y\"\n");
    for auth in [Chatgpt::new().file(), key(), access_token(), agent("a", "b")] {
        assert_eq!(effects(&other, &auth), [], "a setting below a table is another one");
    }
}

#[test]
fn a_setting_is_found_in_every_spelling() {
    for (text, line) in [
        ("forced_login_method = \"api\"", 1),
        ("\n# forced_login_method = \"chatgpt\"\n  forced_login_method='api' # yes\n", 3),
        ("\"forced_login_method\" = \"api\"\n", 1),
        ("'forced_login_method' = '''api'''\r\n", 1),
        ("forced_login_method = \"\\u0061pi\"\n", 1),
        ("\"forced\\u005flogin_method\" = \"api\"\n[profiles.x]\nforced_login_method = \"chatgpt\"\n", 1),
    ] {
        let deletes = one(EffectKind::Deletes, "forced_login_method = \"api\"", line);
        assert_eq!(effects(&account(text), &Chatgpt::new().file()), deletes, "{text}");
    }
}

#[test]
fn a_forced_method_deletes_logins_of_the_other_kind() {
    let (api, chatgpt) =
        (account("forced_login_method = \"api\""), account("forced_login_method = \"chatgpt\""));
    let bedrock = login(r#"{"bedrock_api_key":{"api_key":"k"}}"#);
    let both = Chatgpt::new().with("OPENAI_API_KEY", "k");
    for (auth, is_key) in [
        (Chatgpt::new().file(), false),
        (access_token(), false),
        (agent("a", "b"), false),
        (key(), true),
        (bedrock, true),
        (both.file(), true),
        (both.with("auth_mode", "chatgpt").file(), false),
    ] {
        let deletes = |settings| !effects(settings, &auth).is_empty();
        assert_eq!((deletes(&chatgpt), deletes(&api)), (is_key, !is_key), "{:?}", auth.form());
    }
}

#[test]
fn a_forced_workspace_deletes_the_logins_of_others() {
    let forced = |value: &str| account(&format!("forced_chatgpt_workspace_id = {value}"));
    let ours = Chatgpt::new().file();
    for fits in ["\"account\"", "\" account \"", "[\"other\", \"account\"]", "[]", "\"\"", "[\" \"]"] {
        assert_eq!(effects(&forced(fits), &ours), [], "{fits}");
    }
    for (other, shown) in
        [("\"other\"", "\"other\""), ("['other']", "\"other\""), ("['a','b']", "[\"a\", \"b\"]")]
    {
        let deletes = one(EffectKind::Deletes, &format!("forced_chatgpt_workspace_id = {shown}"), 1);
        assert_eq!(effects(&forced(other), &ours), deletes);
    }
    let fits = forced("\"account\"");
    for without in [
        Chatgpt::new().no_claims().file(),
        Chatgpt::new().with("last_refresh", serde_json::Value::Null).file(),
    ] {
        assert_eq!(effects(&fits, &without)[0].0, EffectKind::Deletes);
    }
    assert_eq!(effects(&forced("\"other\""), &key()), []);
    for token in [access_token(), agent("a", "account")] {
        assert_eq!(effects(&forced("\"account\""), &token)[0].0, EffectKind::MayDelete);
    }
}

#[test]
fn the_store_decides_whether_the_file_is_read() {
    let with = |store: &str| effects(&account(&format!("cli_auth_credentials_store = \"{store}\"")), &key());
    let told = |kind, store| one(kind, &format!("cli_auth_credentials_store = \"{store}\""), 1);
    assert_eq!(with("file"), []);
    assert_eq!(with("keyring"), told(EffectKind::Ignores, "keyring"));
    assert_eq!(with("ephemeral"), told(EffectKind::Ignores, "ephemeral"));
    assert_eq!(with("auto"), told(EffectKind::MayIgnore, "auto"));
}

#[test]
fn a_provider_that_has_another_credential_ignores_the_login() {
    let with = |provider: &str| account(&format!("model_provider = \"x\"\n{provider}\n"));
    let uses = with("[model_providers.x]\nbase_url = \"u\"\nrequires_openai_auth = true");
    let sends = one(EffectKind::SendsElsewhere, "base_url = \"\"", 3);
    assert_eq!(effects(&uses, &Chatgpt::new().file()), sends);
    assert!(uses.providers["x"].has_base_url);
    let ignores = one(EffectKind::Ignores, "model_provider = \"x\"", 1);
    for provider in [
        "[model_providers.x]\nbase_url = \"u\"",
        "model_providers.x.requires_openai_auth = false",
        "model_providers = { x = { requires_openai_auth = true, experimental_bearer_token = \"t\" } }",
        "[model_providers.x]\nrequires_openai_auth = true\n[model_providers.x.auth]\ncommand = \"c\"",
    ] {
        assert_eq!(effects(&with(provider), &key()), ignores, "{provider}");
    }
    let by_key = with("[model_providers.\"x\"]\nrequires_openai_auth = true\nenv_key = \"RELAY_KEY\"");
    assert_eq!(effects(&by_key, &key()), one(EffectKind::Ignores, "env_key = \"RELAY_KEY\"", 4));
    assert_eq!(effects(&account("model_provider = \"ollama\""), &key())[0].0, EffectKind::Ignores);
    assert_eq!(effects(&account("model_provider = \"openai\""), &key()), []);
    let bedrock = login(r#"{"bedrock_api_key":{"api_key":"k"}}"#);
    assert_eq!(effects(&account("model_provider = \"amazon-bedrock\""), &bedrock), []);
    assert_eq!(effects(&uses, &bedrock), ignores, "codex uses these keys with its own provider alone");
    let nobody = account("model_provider = \"nobody\"").effects_on(&key());
    assert_eq!(nobody.iter().map(|effect| effect.kind).collect::<Vec<_>>(), [EffectKind::MayIgnore]);
    assert_eq!(effects(&account("model_provider = \"amazon-bedrock\""), &key())[0].0, EffectKind::Ignores);
}

#[test]
fn an_older_release_sends_the_login_to_any_provider() {
    let settings = account("model_provider = \"x\"\n[model_providers.x]\nbase_url = \"u\"");
    for (release, login_use) in [
        ("0.80.0", LoginUse::Used),
        ("0.144.4", LoginUse::Used),
        ("0.147.0", LoginUse::Unknown),
        ("0.149.0", LoginUse::NotUsed),
    ] {
        let release = Version::parse(release).unwrap();
        assert_eq!(settings.login_use("x", Form::ChatGpt, Some(&release)), login_use, "{release}");
    }
    assert_eq!(settings.login_use("y", Form::ChatGpt, None), LoginUse::Unknown);
    assert_eq!(settings.login_use("openai", Form::ChatGpt, None), LoginUse::Used);
}

#[test]
fn the_selected_profile_can_change_the_provider() {
    let text = "model_provider = \"openai\"\nprofile = \"w\"\n[profiles.w]\nmodel_provider = \"ollama\"\n[profiles.v]\nmodel_provider = \"lmstudio\"\n";
    let settings = account(text);
    assert_eq!(effects(&settings, &key()), one(EffectKind::Ignores, "model_provider = \"ollama\"", 4));
    assert_eq!(account("profile = \"w\"\n[profiles.w]\nmodel = \"m\"").provider_name(), "openai");
}

#[test]
fn managed_overrides_account_and_account_overrides_system() {
    let set = |method: &str| format!("\nforced_login_method = \"{method}\"\n");
    let [api, chatgpt] = ["api", "chatgpt"].map(set);
    for (texts, method, file) in [
        ([&api[..], "", ""], LoginMethod::Api, PATHS[0]),
        ([&api, &chatgpt, ""], LoginMethod::ChatGpt, PATHS[1]),
        ([&chatgpt, &chatgpt, &api], LoginMethod::Api, PATHS[2]),
        ([&chatgpt, "", &api], LoginMethod::Api, PATHS[2]),
    ] {
        let settings = layered(texts);
        let expected = Setting { value: method, file: file.to_owned(), line: 2 };
        assert_eq!(settings.forced_login_method, Some(expected));
    }
}

#[test]
fn the_tables_of_several_files_are_merged() {
    let settings = layered([
        "[model_providers.x]\nrequires_openai_auth = true\n",
        "model_provider = \"x\"\n[model_providers.x]\nbase_url = \"u\"\n",
        "\n\n[model_providers.x]\nenv_key = \"K\"\n",
    ]);
    assert!(settings.providers["x"].requires_openai_auth && settings.providers["x"].has_base_url);
    let env_key = (EffectKind::Ignores, "env_key = \"K\"".to_owned(), PATHS[2].to_owned(), 4);
    assert_eq!(effects(&settings, &key()), [env_key]);
}

#[test]
fn a_setting_that_cannot_be_judged_is_a_problem_with_its_place() {
    let problem = |text: &str| {
        let problems = account(text).problems;
        let [problem] = &problems[..] else { panic!("{text}: {problems:?}") };
        assert_eq!(problem.file, PATHS[1]);
        assert!(problem.to_string().starts_with(PATHS[1]), "{problem}");
        (problem.line, problem.fault.clone())
    };
    assert_eq!(problem("a = 1\nb = \n"), (Some(2), SettingsFault::NotToml));
    assert_eq!(problem("a = 1\na = 2\n"), (Some(2), SettingsFault::NotToml));
    for (text, setting) in [
        ("\nforced_chatgpt_workspace_id = \"a,b\"", "forced_chatgpt_workspace_id"),
        ("\nforced_chatgpt_workspace_id = [1]", "forced_chatgpt_workspace_id"),
        ("\nmodel_provider = 1", "model_provider"),
        ("\nprofile = 1", "profile"),
        ("[model_providers.x]\nrequires_openai_auth = \"yes\"", "requires_openai_auth"),
        ("[model_providers.x]\nenv_key = 1", "env_key"),
        ("\nmodel_providers = 1", "model_providers"),
        ("\nmodel_providers.x = 1", "model_providers"),
        ("\nprofiles = []", "profiles"),
    ] {
        assert_eq!(problem(text), (Some(2), SettingsFault::UnknownValue(setting)), "{text}");
    }
    for (text, setting, allowed) in [
        ("\nforced_login_method = \"API\"", "forced_login_method", "\"api\" or \"chatgpt\""),
        ("\nforced_login_method = true", "forced_login_method", "\"api\" or \"chatgpt\""),
        (
            "\ncli_auth_credentials_store = \"Keyring\"",
            "cli_auth_credentials_store",
            "\"file\", \"keyring\", \"auto\" or \"ephemeral\"",
        ),
    ] {
        let (line, fault) = problem(text);
        let SettingsFault::NotAChoice { setting: of, choices } = fault else { panic!("{text}: {fault:?}") };
        assert_eq!((line, of, choices.as_str()), (Some(2), setting, allowed), "{text}");
    }
    for name in ["openai", "ollama", "lmstudio"] {
        let text = format!("\n[model_providers.{name}]\nbase_url = \"u\"");
        assert_eq!(problem(&text), (Some(2), SettingsFault::BuiltInProvider(name)));
    }
    assert_eq!(problem("\nmodel_provider = \"nobody\""), (Some(2), SettingsFault::UnknownProvider));
    for (found, fault) in [
        (Found::Unreadable("Permission denied"), SettingsFault::Unreadable("Permission denied".to_owned())),
        (Found::Bytes(b"a = \"\xff\""), SettingsFault::NotUtf8),
    ] {
        let settings =
            Settings::read(&files(found, Found::Bytes(b"forced_login_method = \"api\""), Found::Absent));
        assert_eq!(settings.problems, [SettingsProblem { file: PATHS[0].to_owned(), line: None, fault }]);
        assert!(settings.forced_login_method.is_some(), "the other files are read all the same");
    }
}

#[test]
fn an_effect_names_the_setting_the_value_and_the_place() {
    let effects = account("\ncli_auth_credentials_store = 'keyring'\nforced_login_method = 'api'")
        .effects_on(&Chatgpt::new().file());
    let told: Vec<String> = effects.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "codex deletes this login at its first call: ~/.codex/config.toml:3 sets forced_login_method = \"api\"",
            "codex does not use this login: ~/.codex/config.toml:2 sets cli_auth_credentials_store = \"keyring\"",
        ]
    );
}

#[test]
fn another_address_is_named_without_showing_it() {
    let says = |text: &str, login: &AuthFile| {
        account(text).effects_on(login).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let of = |setting: &str| {
        [format!(
            "codex sends this login to the address in ~/.codex/config.toml:1 ({setting}), not to OpenAI"
        )]
    };
    let chatgpt = Chatgpt::new().file();
    for address in [
        "http://me:secret@127.0.0.1:9/v1",
        "https://relay.example/v1",
        "https://openai.com.example/",
        "http://api.openai.com/v1",
        "https://relay.example\\\\.openai.com",
    ] {
        assert_eq!(
            says(&format!("openai_base_url = \"{address}\""), &key()),
            of("openai_base_url"),
            "{address}"
        );
        assert_eq!(
            says(&format!("chatgpt_base_url = \"{address}\""), &chatgpt),
            of("chatgpt_base_url"),
            "{address}"
        );
    }
    let relay = "[model_providers.relay]\nbase_url = \"https://relay.example/\"\n";
    let relay = format!("model_provider = \"relay\"\n{relay}");
    assert_eq!(
        says(&format!("{relay}requires_openai_auth = true\n"), &chatgpt),
        ["codex sends this login to the address in ~/.codex/config.toml:3 (base_url), not to OpenAI"]
    );
    for (text, login) in [
        ("openai_base_url = \"https://us.api.openai.com/v1\"", &chatgpt),
        ("chatgpt_base_url = \"https://chatgpt.com/backend-api/\"", &chatgpt),
        ("chatgpt_base_url = \"https://relay.example/\"", &key()),
    ] {
        assert!(says(text, login).is_empty(), "{text}");
    }
}

#[test]
fn the_variables_that_replace_a_login_are_those_of_exec() {
    assert_eq!(variables_that_replace_the_login(), ["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"]);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let settings = Settings::read(&files(Found::Bytes(&bytes), Found::Bytes(&bytes), Found::Bytes(&bytes)));
        let _ = settings.effects_on(&key());
    }

    #[test]
    fn no_problem_shows_a_byte_of_the_file(
        names in proptest::collection::vec(
            prop_oneof![
                Just("forced_login_method"), Just("cli_auth_credentials_store"), Just("model_provider"), Just("profile"),
                Just("forced_chatgpt_workspace_id"), Just("[model_providers.x]\nenv_key"), Just("DO-NOT-SHOW"),
            ],
            1..4,
        ),
        value in prop_oneof![Just("\"DO-NOT-SHOW\""), Just("[\"DO-NOT-SHOW\", 1]"), Just("{ DO-NOT-SHOW = 1 }"), Just("DO-NOT-SHOW")],
    ) {
        let text: String = names.iter().map(|name| format!("{name} = {value}\n")).collect();
        for problem in account(&text).problems {
            let shown = format!("{problem} {problem:?}");
            prop_assert!(!shown.contains("DO-NOT-SHOW"), "{shown}");
        }
    }
}
