//! The fake OpenAI: for now it mints logins; no request ever leaves for the real one.

mod mint;

pub use mint::{Claims, Minted, api_key, chatgpt};
