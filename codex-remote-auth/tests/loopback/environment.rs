//! What the account's variables, its `.env` and a script named codex do to a login. It is reported, and never passes for
//! a verification.

use serde_json::{Value, json};

use crate::account::{Account, CODEX, Ran, login, notices, token};

/// The words of the finding about a subject that has this part.
fn finding<'f>(host: &'f Value, subject: &str, part: &str) -> &'f Value {
    let all = host["findings"].as_array().unwrap();
    let is = |one: &&Value| one["subject"] == subject && one["what"].as_str().unwrap().contains(part);
    all.iter().find(is).unwrap_or_else(|| panic!("no {subject} with {part}: {host:#}"))
}

/// What a failed check says, for a person and as JSON.
fn fails(account: &Account) -> (Ran, Value) {
    let ran = account.run(&["deploy", "box"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    (ran, account.json(&["deploy"], 1))
}

const NO_NETWORK: &str = "#!/bin/sh\n[ \"$1\" = exec ] || { echo codex-cli 0.163.0; exit 0; }\n\
    echo 'ERROR: stream disconnected before completion: error sending request for url' >&2\nexit 1\n";

#[test]
fn a_proxy_and_certificates_are_named_if_the_check_has_no_network() {
    let secret = format!("http://me:{:016x}@127.0.0.1:9", getrandom::u64().unwrap());
    let dotenv =
        format!("# the way out\nbroken line\nexport HTTPS_PROXY=\"{secret}\"\nSSL_CERT_FILE=/no/such.pem\n");
    let account =
        Account::with_home().file(".env", &dotenv, 0o600).codex(NO_NETWORK).set("ALL_PROXY", &secret);
    let (ran, host) = fails(&account);
    let path = account.home(".env");
    let (proxy, file) =
        (format!("HTTPS_PROXY ({}:3)", path.display()), format!("SSL_CERT_FILE ({}:4)", path.display()));
    let reasons = host["reasons"].to_string();
    for part in [&proxy, &file] {
        assert!(ran.stdout.contains(part) && reasons.contains(part), "{part}: {ran:?} {host}");
    }
    assert!(ran.stdout.contains("hint: check that this proxy answers"), "{ran:?}");
    let doctor = account.run(&["doctor", "box"]);
    assert!(!format!("{ran:?}{host}{doctor:?}").contains(&secret), "a password is shown");
    let host = account.json(&["doctor"], 1);
    assert_eq!(finding(&host, "environment", &file)["level"], "problem");
    assert_eq!(finding(&host, "environment", &proxy)["level"], "note");
    // Without the file, the environment counts. A file that can be read is no reason.
    let account =
        Account::with_home().codex(NO_NETWORK).set("ALL_PROXY", &secret).set("SSL_CERT_FILE", "/etc/passwd");
    let (_, host) = fails(&account);
    let reasons = host["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 1, "{host}");
    assert!(reasons[0].as_str().unwrap().starts_with("ALL_PROXY (the account's environment) sets"), "{host}");
    let gone = Account::with_home().codex(NO_NETWORK).set("CODEX_CA_CERTIFICATE", "/no/such.pem");
    let says = "CODEX_CA_CERTIFICATE (the account's environment) names a file of certificates";
    assert!(fails(&gone).1["reasons"][0].as_str().unwrap().starts_with(says));
    // A refused login is not about the network.
    let refused = Account::with_home()
        .codex("#!/bin/sh\necho '401 Unauthorized' >&2; exit 1\n")
        .set("ALL_PROXY", &secret);
    assert!(fails(&refused).1.get("reasons").is_none());
}

#[test]
fn a_provider_that_ignores_the_login_is_named_if_the_check_fails() {
    let config =
        "model_provider = \"relay\"\n[model_providers.relay]\nname = \"r\"\nenv_key = \"RELAY_KEY\"\n";
    let refused = CODEX.replace("[ -f \"$CODEX_HOME/auth.json\" ]", "[ \"$1\" != exec ]");
    let refused = refused.replace(
        "echo \"ERROR: 401",
        "printf 'OpenAI Codex v0.163.0\\n--------\\nprovider: relay\\nsession id: 0198c0de-0000-7000-8000-000000000000\\n--------\\n' >&2; echo \"ERROR: 401",
    );
    let account = Account::with_home().file("config.toml", config, 0o600).codex(&refused);
    let ran = account.run(&["deploy", "--force=settings", "box"]);
    let place = account.home("config.toml");
    let says = format!(
        "this login was not tried: the provider \"relay\" does not use auth.json ({}:1) (lesson provider-missing-key)",
        place.display()
    );
    assert!(ran.status == 1 && ran.stdout.contains(&says), "{says}: {ran:?}");
    assert!(
        ran.stdout.contains("hint: choose a provider that uses auth.json, or give RELAY_KEY the right key")
    );
    // The same answer by codex's own provider is about the login.
    let own = Account::with_home().codex(&refused.replace("provider: relay", "provider: openai"));
    assert!(fails(&own).1.get("reasons").is_none());
}

#[test]
fn codexs_own_doctor_has_the_accounts_dotenv() {
    let script = "#!/bin/sh\ncase $1 in doctor) ;; *) echo codex-cli 0.163.0; exit 0 ;; esac\n\
        status=fail; ! grep -q HTTPS_PROXY \"$CODEX_HOME/.env\" || status=ok\n\
        printf '{\"checks\":{\"network.reachable\":{\"status\":\"%s\",\"summary\":\"s\"}}}\\n' $status\n";
    let account = Account::with_login(&login("ann", 10)).codex(script);
    assert!(
        finding(&account.json(&["doctor"], 1), "codex doctor", "network.reachable")["level"] == "problem"
    );
    let account = account.file(".env", "HTTPS_PROXY=http://127.0.0.1:9\n", 0o600);
    assert_eq!(finding(&account.json(&["doctor"], 0), "codex doctor", "1 of its checks")["level"], "ok");
}

#[test]
fn a_script_that_moves_the_codex_home_is_named_and_verifies_nothing() {
    let account = Account::with_home();
    let elsewhere = account.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let script = CODEX.replacen('\n', &format!("\nexport CODEX_HOME={}\n", elsewhere.display()), 1);
    let account = account.codex(&script);
    let sets = format!("codex:2 is a script that sets CODEX_HOME to {}", elsewhere.display());
    // That home has no login.
    let (ran, host) = fails(&account);
    assert!(ran.stdout.contains(&sets) && host["reasons"][0].as_str().unwrap().contains(&sets), "{ran:?}");
    assert!(ran.stdout.contains(&format!("set CODEX_HOME to {}", elsewhere.display())), "{ran:?}");
    // Another login is there, and codex answers with that one.
    std::fs::write(elsewhere.join("auth.json"), login("eve", 1).to_string()).unwrap();
    let (ran, host) = fails(&account);
    assert_eq!(host["proof"], "not-this-login", "{host}");
    assert!(host["why"].as_str().unwrap().contains(&sets), "{ran:?}");
    let host = account.json(&["doctor"], 1);
    assert_eq!(finding(&host, "codex home", &sets)["level"], "problem");
    // `login` would replace and revoke the login there, which nobody has looked at.
    std::fs::remove_file(account.home("auth.json")).unwrap();
    let host = account.json(&["login"], 1);
    assert_eq!(host["error"]["code"], "another-codex-home", "{host}");
    assert!(host["error"]["message"].as_str().unwrap().contains(&sets), "{host}");
}

/// No reading of such a script tells which home codex has. The record of the session does.
#[test]
fn a_script_that_moves_the_codex_home_unseen_verifies_nothing() {
    let account = Account::with_home();
    let elsewhere = account.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("auth.json"), login("eve", 1).to_string()).unwrap();
    std::fs::write(account.path("settings"), format!("export CODEX_HOME={}\n", elsewhere.display())).unwrap();
    let sources = CODEX.replacen('\n', &format!("\n. {}\n", account.path("settings").display()), 1);
    let account = account.program("codex.real", CODEX);
    let shim = format!(
        "#!/usr/bin/env python3\nimport os, sys\nos.environ['CODEX_HOME'] = {elsewhere:?}\n\
         os.execv({:?}, sys.argv)\n",
        account.path("bin/codex.real")
    );
    let mut account = account;
    for codex in [&sources, &shim] {
        account = account.codex(codex);
        let (ran, host) = fails(&account);
        assert_eq!(host["proof"], "not-this-login", "{host}");
        let says = format!("codex left no record of its session in {}", account.home("sessions").display());
        assert!(host["why"].as_str().unwrap().starts_with(&says), "{host}");
        assert!(ran.stdout.contains("hint: to see what decides which login codex uses"), "{ran:?}");
        account.has_ours();
    }
    // The same script is no obstacle if it leaves the home where it is.
    std::fs::write(account.path("settings"), "export LANG=C\n").unwrap();
    assert_eq!(account.codex(&sources).json(&["deploy"], 0)["proof"], "works");
}

#[test]
fn doctor_names_what_the_configuration_asks_for_if_there_is_no_login_anywhere() {
    let config =
        "forced_chatgpt_workspace_id = \"ws\"\nmodel_provider = \"r\"\n[model_providers.r]\nname = \"r\"\n";
    let account = Account::with_home().local(None).file("config.toml", config, 0o600).codex(CODEX);
    let host = account.json(&["doctor"], 1);
    let place = account.home("config.toml").display().to_string();
    for part in [
        format!("forced_chatgpt_workspace_id is ws ({place}:1): codex deletes a login of another workspace"),
        format!("the provider \"r\" ({place}:2) does not use auth.json"),
    ] {
        assert_eq!(finding(&host, "configuration", &part)["level"], "note");
    }
}

#[test]
fn a_release_that_does_not_know_the_form_is_too_old() {
    let token = json!({ "auth_mode": "personalAccessToken", "personal_access_token": "made-up" });
    let says = "codex 0.133.0 does not know this form of login (access token); 0.144.4 and later do";
    let script = CODEX.replace("0.160.0", "0.133.0").replace("[ -f \"$CODEX_HOME/auth.json\" ]", "false");
    let account = Account::with_home().local(Some(token.clone())).codex(&script);
    let (_, host) = fails(&account);
    assert!(notices(&host).contains(says), "{host}");
    assert_eq!(host["codex"]["release"], "0.133.0", "{host}");
    assert!(notices(&account.json(&["deploy", "--no-proof"], 0)).contains(says));
    assert_eq!(finding(&account.json(&["doctor"], 1), "login", says)["level"], "problem");
    let newer = Account::with_home().local(Some(token)).codex(CODEX);
    let host = newer.deploys(&[]);
    assert_eq!((&host["proof"], notices(&host).as_str()), (&"works".into(), ""), "{host}");
}

#[test]
fn doctor_says_which_variables_count() {
    let config =
        "model_provider = \"relay\"\n[model_providers.relay]\nname = \"r\"\nenv_key = \"RELAY_KEY\"\n";
    let account = || Account::with_login(&login("ann", 10)).file("config.toml", config, 0o600);
    let host =
        account().set("CODEX_ACCESS_TOKEN", "made-up").set("OPENAI_BASE_URL", "u").json(&["doctor"], 1);
    let key = finding(&host, "environment", "RELAY_KEY is not set for a plain command");
    assert!(key["what"].as_str().unwrap().contains("config.toml:4"), "{key}");
    finding(&host, "environment", "CODEX_ACCESS_TOKEN is set on the host, and codex uses it");
    finding(&host, "environment", "OPENAI_BASE_URL is set on the host");
    let host = account()
        .set("RELAY_KEY", "made-up")
        .file(".env", "CODEX_API_KEY=made-up\n", 0o600)
        .json(&["doctor"], 1);
    finding(&host, "environment", "codex ignores CODEX_API_KEY");
    assert!(
        !host.to_string().contains("RELAY_KEY is not set") && !host.to_string().contains("made-up"),
        "{host}"
    );
}

#[test]
fn an_expired_login_that_was_not_renewed_for_long_may_be_dead() {
    let mut old = login("ann", 10);
    old["tokens"]["access_token"] = json!(token(&json!({ "exp": 1_769_000_000 })));
    let account = Account::with_login(&old).local(Some(old));
    let host = account.json(&["doctor"], 0);
    let part = "the next call renews it, unless its refresh token has expired too";
    assert_eq!(finding(&host, "login", part)["level"], "note");
    let ran = account.run(&["deploy", "--dry-run", "box"]);
    assert!(ran.stderr.contains("so its refresh token may have expired too"), "{ran:?}");
}

#[test]
fn doctor_says_which_credential_of_the_file_counts() {
    let mut both = login("ann", 10);
    both["OPENAI_API_KEY"] = json!("made-up");
    let host = Account::with_login(&both).json(&["doctor"], 0);
    assert!(
        finding(&host, "login", "not its ChatGPT tokens")["what"]
            .as_str()
            .unwrap()
            .ends_with("billed to that key")
    );
}

#[test]
fn a_variable_that_the_callers_configuration_sends_counts_if_the_server_takes_it() {
    let secret = format!("canary-{:016x}", getrandom::u64().unwrap());
    let option = format!("SetEnv=CODEX_ACCESS_TOKEN={secret} FOO=bar");
    let account = Account::with_home().server("AcceptEnv CODEX_*");
    let ran = account.run(&["doctor", "-o", &option, "box"]);
    assert!(
        ran.stdout.contains("CODEX_ACCESS_TOKEN is set on the host, and codex uses it"),
        "{}",
        ran.stdout
    );
    assert!(!format!("{ran:?}").contains(&secret), "a variable is shown");
    // One that does not take it runs the command without it.
    let ran = Account::with_home().run(&["deploy", "-o", &option, "box"]);
    assert!(ran.status == 0 && !ran.stdout.contains("CODEX_ACCESS_TOKEN"), "{ran:?}");
    assert!(!format!("{ran:?}").contains(&secret), "a variable is shown");
}
