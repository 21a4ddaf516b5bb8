//! What a login authenticates with.

/// What a login authenticates with. Codex decides by `auth_mode`; without one, by the fields that the file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// OAuth tokens of a ChatGPT login.
    ChatGpt,
    /// An API key in the field `OPENAI_API_KEY`.
    ApiKey,
    /// An access token in the field `personal_access_token`.
    AccessToken,
    /// The identity of an agent in the field `agent_identity`.
    AgentIdentity,
    /// An API key of Amazon Bedrock in the field `bedrock_api_key`.
    BedrockApiKey,
    /// Access keys of Amazon Bedrock in the field `bedrock_access_keys`.
    BedrockAccessKeys,
}

impl Form {
    /// The form in words, for receipts and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChatGpt => "ChatGPT tokens",
            Self::ApiKey => "API key",
            Self::AccessToken => "access token",
            Self::AgentIdentity => "agent identity",
            Self::BedrockApiKey => "Amazon Bedrock API key",
            Self::BedrockAccessKeys => "Amazon Bedrock access keys",
        }
    }

    /// Whether using the login replaces it: a refresh token works only once, so two machines that share such a login
    /// lock each other out.
    pub fn rotates(self) -> bool {
        self == Self::ChatGpt
    }

    /// The field of auth.json that contains the credential.
    pub fn field(self) -> &'static str {
        match self {
            Self::ChatGpt => "tokens",
            Self::ApiKey => "OPENAI_API_KEY",
            Self::AccessToken => "personal_access_token",
            Self::AgentIdentity => "agent_identity",
            Self::BedrockApiKey => "bedrock_api_key",
            Self::BedrockAccessKeys => "bedrock_access_keys",
        }
    }

    /// One word, used as the start of a fingerprint.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::ChatGpt => "chatgpt",
            Self::ApiKey => "apikey",
            Self::AccessToken => "accesstoken",
            Self::AgentIdentity => "agent",
            Self::BedrockApiKey | Self::BedrockAccessKeys => "bedrock",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_chatgpt_login_rotates_and_every_form_has_a_name() {
        let all = [
            (Form::ChatGpt, "ChatGPT tokens", "tokens"),
            (Form::ApiKey, "API key", "OPENAI_API_KEY"),
            (Form::AccessToken, "access token", "personal_access_token"),
            (Form::AgentIdentity, "agent identity", "agent_identity"),
            (Form::BedrockApiKey, "Amazon Bedrock API key", "bedrock_api_key"),
            (Form::BedrockAccessKeys, "Amazon Bedrock access keys", "bedrock_access_keys"),
        ];
        for (form, name, field) in all {
            assert_eq!((form.as_str(), form.field(), form.rotates()), (name, field, form == Form::ChatGpt));
        }
    }
}
