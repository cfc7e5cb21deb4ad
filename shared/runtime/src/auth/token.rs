//! What a token says, once its signature, issuer, audience and times hold.
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::caller::{Known, Role};
use super::keys::{Key, KeySet};

/// Longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Longest subject, in characters, as OpenID Connect bounds it.
const SUBJECT_CHARS_MAX: usize = 255;
/// Businesses one caller may be a host of; a token that names more is refused, not cut.
const BUSINESSES_MAX: usize = 1_000;

/// What a good token must say.
pub struct Expected {
    pub issuer: String,
    pub audience: String,
    pub skew_seconds: u64,
    pub roles_claim: String,
    pub businesses_claim: String,
}

/// Why a token is refused; told to the log and the metric, not to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    Malformed,
    Algorithm,
    /// No key of that name: one that came after the keys were fetched, or an invention.
    UnknownKey,
    Signature,
    Expired,
    Immature,
    Issuer,
    Audience,
    Claims,
}

impl Invalid {
    pub const ALL: [Self; 9] = [
        Self::Malformed,
        Self::Algorithm,
        Self::UnknownKey,
        Self::Signature,
        Self::Expired,
        Self::Immature,
        Self::Issuer,
        Self::Audience,
        Self::Claims,
    ];

    /// The label of the metric.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown-key",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::Immature => "immature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Claims => "claims",
        }
    }
}

/// A verified caller, and the second until which the token is good, skew included.
pub type Verified = (Known, u64);

/// Verifies `token` with one of `keys`, at the time of the machine's clock.
pub fn verify(token: &str, keys: &KeySet, expected: &Expected) -> Result<Verified, Invalid> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Invalid::Malformed);
    }
    let header = decode_header(token).map_err(|fault| invalid(fault.kind()))?;
    // An extension that must be understood is one that is not.
    if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
        return Err(Invalid::Malformed);
    }
    let key = keys.find(header.kid.as_deref()).ok_or(Invalid::UnknownKey)?;
    if !key.algorithms.contains(&header.alg) {
        return Err(Invalid::Algorithm);
    }
    let decoded = decode::<Map<String, Value>>(token, &key.key, &validation(key, expected));
    let claims = decoded.map_err(|fault| invalid(fault.kind()))?.claims;
    // The library takes a list that names the issuer; a list is nobody's name.
    if !claims.get("iss").is_some_and(Value::is_string) {
        return Err(Invalid::Issuer);
    }
    let until = claims.get("exp").and_then(Value::as_f64).ok_or(Invalid::Claims)?;
    let until = (until as u64).saturating_add(expected.skew_seconds);
    Ok((Known { until: Some(until), ..known(&claims, expected)? }, until))
}

fn validation(key: &Key, expected: &Expected) -> Validation {
    let mut validation = Validation::default();
    validation.algorithms.clone_from(&key.algorithms);
    validation.leeway = expected.skew_seconds;
    validation.validate_nbf = true;
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[&expected.issuer]);
    validation.set_audience(&[&expected.audience]);
    validation
}

fn invalid(kind: &ErrorKind) -> Invalid {
    match kind {
        ErrorKind::InvalidSignature => Invalid::Signature,
        ErrorKind::ExpiredSignature => Invalid::Expired,
        ErrorKind::ImmatureSignature => Invalid::Immature,
        ErrorKind::InvalidIssuer => Invalid::Issuer,
        ErrorKind::InvalidAudience => Invalid::Audience,
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => Invalid::Claims,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm | ErrorKind::InvalidAlgorithmName => {
            Invalid::Algorithm
        }
        // The library's enum may grow: what is not known is not good.
        _ => Invalid::Malformed,
    }
}

fn known(claims: &Map<String, Value>, expected: &Expected) -> Result<Known, Invalid> {
    let subject = claims.get("sub").and_then(Value::as_str).ok_or(Invalid::Claims)?;
    if subject.is_empty() || subject.chars().count() > SUBJECT_CHARS_MAX || subject.chars().any(char::is_control) {
        return Err(Invalid::Claims);
    }
    let roles = texts(claim(claims, &expected.roles_claim)).ok_or(Invalid::Claims)?;
    let businesses = texts(claim(claims, &expected.businesses_claim)).ok_or(Invalid::Claims)?;
    if businesses.len() > BUSINESSES_MAX {
        return Err(Invalid::Claims);
    }
    Ok(Known {
        subject: subject.to_owned(),
        // Other roles of the same provider are not ours to know.
        roles: roles.iter().flat_map(|text| text.split_whitespace()).filter_map(Role::read).collect(),
        businesses: businesses.into_iter().map(ToOwned::to_owned).collect(),
        until: None,
    })
}

/// The claim of that name, or along a path such as `realm_access.roles`.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let mut path = name.split('.');
        let first = claims.get(path.next()?)?;
        path.try_fold(first, |value, name| value.get(name))
    })
}

/// One text or a list of them; nothing is an empty list, and anything else is no claim of ours.
fn texts(claim: Option<&Value>) -> Option<Vec<&str>> {
    match claim {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(text)) => Some(vec![text]),
        Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => None,
    }
}
