//! Templates: what is said about a transition, to whom, in which language.

mod en;
mod ko;
#[cfg(test)]
mod tests;
mod value;

pub use value::{Values, of_refund, of_reservation, of_review, of_ticket};

use kernel::Kind;

/// A transition that somebody is told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    Held,
    Confirmed,
    Rejected,
    Cancelled,
    Expired,
    CheckedIn,
    Completed,
    NoShow,
    Refunded,
    Issued,
    Deferred,
    Called,
    Seated,
    Left,
    TicketCancelled,
    TicketNoShow,
    ReviewPosted,
    ReviewChanged,
    ReviewRemoved,
}

impl Template {
    /// The name by which callers know it: the topic of its event, with a hyphen for the point.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "reservation-held",
            Self::Confirmed => "reservation-confirmed",
            Self::Rejected => "reservation-rejected",
            Self::Cancelled => "reservation-cancelled",
            Self::Expired => "reservation-expired",
            Self::CheckedIn => "reservation-checked-in",
            Self::Completed => "reservation-completed",
            Self::NoShow => "reservation-no-show",
            Self::Refunded => "payment-refunded",
            Self::Issued => "waitlist-issued",
            Self::Deferred => "waitlist-deferred",
            Self::Called => "waitlist-called",
            Self::Seated => "waitlist-seated",
            Self::Left => "waitlist-left",
            Self::TicketCancelled => "waitlist-cancelled",
            Self::TicketNoShow => "waitlist-no-show",
            Self::ReviewPosted => "review-posted",
            Self::ReviewChanged => "review-changed",
            Self::ReviewRemoved => "review-removed",
        }
    }
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Guest,
    Host,
}

impl Role {
    pub const ALL: [Self; 2] = [Self::Guest, Self::Host];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Host => "host",
        }
    }
}

/// A language that has templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Ko,
    En,
}

impl Language {
    /// A guest whose language has no templates is told in English rather than not at all.
    pub fn of(tag: &str) -> Self {
        if tag == "ko" { Self::Ko } else { Self::En }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    /// So many units of an offering of that kind.
    fn count(self, kind: Kind, quantity: i64) -> String {
        match self {
            Self::Ko => ko::count(kind, quantity),
            Self::En => en::count(kind, quantity),
        }
    }

    /// What a guest does there.
    const fn visit(self, kind: Kind) -> &'static str {
        match self {
            Self::Ko => ko::visit(kind),
            Self::En => en::visit(kind),
        }
    }

    fn nights(self, nights: i64) -> String {
        match self {
            Self::Ko => ko::nights(nights),
            Self::En => en::nights(nights),
        }
    }

    /// How long a party may have to wait, in minutes: likely, and at most in nine of ten cases.
    fn wait(self, likely: i64, most: i64) -> String {
        match self {
            Self::Ko => ko::wait(likely, most),
            Self::En => en::wait(likely, most),
        }
    }

    fn until(self, time: &str) -> String {
        match self {
            Self::Ko => ko::until(time),
            Self::En => en::until(time),
        }
    }
}

/// A subject and a body, with `{names}` where values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub subject: &'static str,
    pub body: &'static str,
}

const fn say(subject: &'static str, body: &'static str) -> Option<Text> {
    Some(Text { subject, body })
}

/// What this reader is told about the transition, if anything.
pub const fn text(template: Template, role: Role, language: Language) -> Option<Text> {
    match (role, language) {
        (Role::Guest, Language::Ko) => ko::guest(template),
        (Role::Guest, Language::En) => en::guest(template),
        (Role::Host, Language::Ko) => ko::host(template),
        (Role::Host, Language::En) => en::host(template),
    }
}
