//! Where a reader is reached, beside the list of messages.

use crate::delivery::Channel;
use crate::text::{Language, Role};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::Address;
use thiserror::Error;
use url::Url;

/// Longest address that a mail server must take.
const EMAIL_CHARS_MAX: usize = 254;
/// Longest URL.
const URL_CHARS_MAX: usize = 2_000;
/// A secret begins with this, and the rest is its bytes in base64.
const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret that is chosen here; Standard Webhooks takes 24 to 64.
const SECRET_BYTES: usize = 32;
const SECRET_BYTES_TAKEN: std::ops::RangeInclusive<usize> = 24..=64;

/// Why an address cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    #[error("`email` is one address such as mina@example.org, at most {EMAIL_CHARS_MAX} characters")]
    Email,
    #[error("`webhook.url` is an http or https URL without user or fragment, at most {URL_CHARS_MAX} characters")]
    Url,
    #[error("`webhook.secret` is `whsec_` and 24 to 64 bytes in base64")]
    Secret,
    #[error("`language` is `ko` or `en`")]
    Language,
}

/// A reader: a guest and a business of the same name are two.
pub type Reader = (Role, String);

/// A reader with its addresses; a name that guests or businesses bear in events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub role: Role,
    pub name: String,
    pub email: Option<String>,
    pub webhook: Option<Webhook>,
    /// What it reads; else each message has the language of its case.
    pub language: Option<Language>,
}

/// Where messages are posted, and what signs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub url: String,
    pub secret: String,
}

/// A wish to be reached. A secret that is left out is kept as long as the URL stays, or chosen anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// As what it is to be reached; at least one.
    pub roles: Vec<Role>,
    pub name: String,
    pub email: Option<String>,
    pub webhook: Option<Wish>,
    pub language: Option<Language>,
}

/// A webhook as it is wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub url: String,
    pub secret: Option<String>,
    /// By chance; taken where no other secret is given or known.
    pub fresh_secret: String,
}

impl Registration {
    /// The recipient in one of its roles from now on, and whether its secret is new to its owner.
    pub fn over(&self, role: Role, known: Option<&Recipient>) -> (Recipient, bool) {
        let mut chosen = false;
        let webhook = self.webhook.as_ref().map(|wish| {
            let kept = known.and_then(|known| known.webhook.as_ref()).filter(|known| known.url == wish.url);
            let secret = wish.secret.clone().or_else(|| kept.map(|known| known.secret.clone()));
            chosen = secret.is_none();
            Webhook { url: wish.url.clone(), secret: secret.unwrap_or_else(|| wish.fresh_secret.clone()) }
        });
        let Self { roles: _, name, email, webhook: _, language } = self;
        (Recipient { role, name: name.clone(), email: email.clone(), webhook, language: *language }, chosen)
    }
}

impl Recipient {
    /// Where a message to it goes: the channel, and whom many deliveries of that channel may keep waiting.
    pub fn channels(&self, mail: bool) -> Vec<(Channel, String)> {
        let email = self.email.as_ref().filter(|_| mail).map(|_| (Channel::Email, String::new()));
        let webhook = self.webhook.as_ref().map(|webhook| (Channel::Webhook, host(&webhook.url)));
        email.into_iter().chain(webhook).collect()
    }
}

/// The server of a URL, with its port.
fn host(url: &str) -> String {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(|url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?)));
    host.unwrap_or_default()
}

/// An address as a mail server takes it.
pub fn email(text: String) -> Result<String, Invalid> {
    let fits = text.chars().count() <= EMAIL_CHARS_MAX;
    if fits && text.parse::<Address>().is_ok() { Ok(text) } else { Err(Invalid::Email) }
}

/// A URL as it is posted to.
pub fn url(text: &str) -> Result<String, Invalid> {
    let url = Url::parse(text).map_err(|_| Invalid::Url)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let known = ["http", "https"].contains(&url.scheme()) && url.has_host();
    let written = String::from(url);
    if known && plain && written.chars().count() <= URL_CHARS_MAX { Ok(written) } else { Err(Invalid::Url) }
}

/// A secret whose bytes can be read.
pub fn secret(text: String) -> Result<String, Invalid> {
    match key(&text) {
        Some(bytes) if SECRET_BYTES_TAKEN.contains(&bytes.len()) => Ok(text),
        Some(_) | None => Err(Invalid::Secret),
    }
}

/// The bytes of a secret.
pub fn key(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()
}

/// A secret that nobody knows yet.
pub fn fresh_secret() -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(rand::random::<[u8; SECRET_BYTES]>()))
}

/// A language that has templates.
pub fn language(tag: &str) -> Result<Language, Invalid> {
    [Language::Ko, Language::En].into_iter().find(|known| known.as_str() == tag).ok_or(Invalid::Language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_can_be_reached_and_nothing_else_passes() {
        assert!(email("mina@example.org".into()).is_ok());
        let long = format!("{}@example.org", "a".repeat(250));
        for broken in ["", "mina", "mina@", "a@b@c", "mina@example.org\r\nBcc: x@y.z", "Mina <mina@example.org>", &long]
        {
            assert_eq!(email(broken.into()), Err(Invalid::Email), "{broken:?}");
        }
        assert_eq!(url("HTTPS://Bridge.example:443/a?b=c").as_deref(), Ok("https://bridge.example/a?b=c"));
        let long = format!("https://a.b/{}", "x".repeat(URL_CHARS_MAX));
        for broken in ["", "/a", "ftp://a.b", "file:///etc/passwd", "http://", "http://u:p@a.b", "http://a.b#c", &long]
        {
            assert_eq!(url(broken), Err(Invalid::Url), "{broken:?}");
        }
        for broken in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!"] {
            assert_eq!(secret(broken.into()), Err(Invalid::Secret), "{broken:?}");
        }
        for good in [fresh_secret(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()] {
            assert_eq!(secret(good.clone()), Ok(good));
        }
    }

    #[test]
    fn a_secret_stays_with_its_url() {
        let wish = |url: &str, secret: Option<&str>| Registration {
            roles: vec![Role::Guest],
            name: "mina".into(),
            email: None,
            webhook: Some(Wish { url: url.into(), secret: secret.map(Into::into), fresh_secret: "fresh".into() }),
            language: None,
        };
        let (known, chosen) = wish("http://a", Some("given")).over(Role::Guest, None);
        assert_eq!((known.webhook.clone().unwrap().secret.as_str(), chosen), ("given", false));
        for (registration, secret, chosen) in [
            (wish("http://a", None), "given", false),
            (wish("http://b", None), "fresh", true),
            (wish("http://a", Some("other")), "other", false),
        ] {
            let (recipient, told) = registration.over(Role::Guest, Some(&known));
            assert_eq!((recipient.webhook.unwrap().secret.as_str(), told), (secret, chosen));
        }
    }
}
