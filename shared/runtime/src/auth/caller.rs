//! The caller of a request, and what it may do.
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use jsonwebtoken::get_current_timestamp;

use crate::problem::Problem;

/// What a caller may be. Operators may do what guests and hosts may; services only what is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Guest,
    Host,
    Operator,
    Service,
}

impl Role {
    pub(super) fn read(name: &str) -> Option<Self> {
        match name {
            "guest" => Some(Self::Guest),
            "host" => Some(Self::Host),
            "operator" => Some(Self::Operator),
            "service" => Some(Self::Service),
            _ => None,
        }
    }
}

/// Whom a token speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub subject: String,
    pub roles: BTreeSet<Role>,
    /// The businesses this caller is a host of, if it has that role.
    pub businesses: BTreeSet<String>,
    /// When its token ends, in seconds since 1970 and with the skew of clocks; none where no token was read.
    pub until: Option<u64>,
}

/// Who calls. A handler takes it as an argument; without the layer of [`super::Auth`] that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Auth is off: everyone may do everything.
    Open,
    /// No token was shown.
    Anonymous,
    Known(Arc<Known>),
}

impl Caller {
    /// A caller whose token was verified.
    pub fn known(subject: &str, roles: &[Role], businesses: &[&str]) -> Self {
        Self::Known(Arc::new(Known {
            subject: subject.to_owned(),
            roles: roles.iter().copied().collect(),
            businesses: businesses.iter().map(|name| (*name).to_owned()).collect(),
            until: None,
        }))
    }

    /// That guest, or an operator.
    ///
    /// # Errors
    /// 401 `unauthenticated`, 403 `not-allowed` or 403 `not-yours`.
    pub fn guest(&self, guest: &str) -> Result<(), Problem> {
        self.check(&[Role::Guest], |known| known.is_guest(guest))
    }

    /// A host of that business, or an operator.
    ///
    /// # Errors
    /// As [`Caller::guest`].
    pub fn host(&self, business: &str) -> Result<(), Problem> {
        self.check(&[Role::Host], |known| known.is_host(business))
    }

    /// The guest, a host of the business, or an operator.
    ///
    /// # Errors
    /// As [`Caller::guest`].
    pub fn party(&self, guest: &str, business: &str) -> Result<(), Problem> {
        self.check(&[Role::Guest, Role::Host], |known| known.is_guest(guest) || known.is_host(business))
    }

    /// An operator.
    ///
    /// # Errors
    /// 401 `unauthenticated` or 403 `not-allowed`.
    pub fn operator(&self) -> Result<(), Problem> {
        self.check(&[], |_| false)
    }

    /// Another service; not even an operator.
    ///
    /// # Errors
    /// 401 `unauthenticated` or 403 `not-allowed`.
    pub fn service(&self) -> Result<(), Problem> {
        match self {
            Self::Open => Ok(()),
            Self::Anonymous => Err(unauthenticated("show a bearer token")),
            Self::Known(known) if known.roles.contains(&Role::Service) => Ok(()),
            Self::Known(_) => Err(not_allowed()),
        }
    }

    /// Some guest, host or operator: asked before it is looked up whose a thing is.
    ///
    /// # Errors
    /// 401 `unauthenticated` or 403 `not-allowed`.
    pub fn person(&self) -> Result<(), Problem> {
        self.check(&[Role::Guest, Role::Host], |_| true)
    }

    /// Some host or an operator: asked before it is looked up whose a thing is.
    ///
    /// # Errors
    /// 401 `unauthenticated` or 403 `not-allowed`.
    pub fn staff(&self) -> Result<(), Problem> {
        self.check(&[Role::Host], |_| true)
    }

    /// Whether nothing is ever refused to it, so that nobody needs to look whose a thing is.
    #[must_use]
    pub fn may_all(&self) -> bool {
        self.operator().is_ok()
    }

    /// Who acts, for histories; none when nobody is known.
    #[must_use]
    pub fn actor(&self) -> Option<String> {
        match self {
            Self::Open | Self::Anonymous => None,
            Self::Known(known) => Some(known.subject.clone()),
        }
    }

    /// How long its token is still good: no answer may go on for longer. None where there is no such end.
    #[must_use]
    pub fn lasts(&self) -> Option<Duration> {
        match self {
            Self::Open | Self::Anonymous => None,
            Self::Known(known) => {
                known.until.map(|until| Duration::from_secs(until.saturating_sub(get_current_timestamp())))
            }
        }
    }

    fn check(&self, roles: &[Role], own: impl Fn(&Known) -> bool) -> Result<(), Problem> {
        match self {
            Self::Open => Ok(()),
            Self::Anonymous => Err(unauthenticated("show a bearer token")),
            Self::Known(known) if known.roles.contains(&Role::Operator) || own(known) && known.is_one_of(roles) => {
                Ok(())
            }
            Self::Known(known) if known.is_one_of(roles) => Err(not_yours()),
            Self::Known(_) => Err(not_allowed()),
        }
    }
}

impl Known {
    fn is_guest(&self, guest: &str) -> bool {
        self.roles.contains(&Role::Guest) && self.subject == guest
    }

    fn is_host(&self, business: &str) -> bool {
        self.roles.contains(&Role::Host) && self.businesses.contains(business)
    }

    fn is_one_of(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // A router that nobody put the layer around lets nobody in.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthenticated("nobody looked who calls"))
    }
}

/// 401 for a request without a token.
pub(super) fn unauthenticated(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail).challenge("Bearer")
}

fn not_allowed() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "not-allowed", "your role does not allow this")
}

fn not_yours() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "not-yours", "this belongs to somebody else")
}
