//! What the tokens of a made-up login say about its owner.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Makes a login one of another account and another person.
pub fn of_a_stranger(login: &mut Value) {
    let account = "00000000-0000-4000-8000-000000000002";
    login["tokens"]["account_id"] = account.into();
    claim(login, "chatgpt_account_id", account);
    claim(login, "chatgpt_user_id", "user-stranger");
}

/// Changes what both tokens of a login say about its owner.
pub fn claim(login: &mut Value, name: &str, value: &str) {
    for token in ["id_token", "access_token"] {
        let text = login["tokens"][token].as_str().unwrap().to_owned();
        let [head, claims, signature] = text.split('.').collect::<Vec<_>>()[..] else { panic!("no token") };
        let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        claims["https://api.openai.com/auth"][name] = value.into();
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        login["tokens"][token] = format!("{head}.{claims}.{signature}").into();
    }
}
