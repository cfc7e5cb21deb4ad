//! Templates: what is said about a transition, to whom, in which language.

mod en;
mod ko;
mod value;

pub use value::{of_refund, of_reservation};

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
}

impl Template {
    /// The name by which callers know it.
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
        }
    }
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// A subject and a body, with `{names}` where values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub subject: &'static str,
    pub body: &'static str,
}

/// What this reader is told about the transition, if anything.
pub const fn text(template: Template, role: Role, language: Language) -> Option<Text> {
    match role {
        Role::Guest => Some(guest(template, language)),
        Role::Host => match language {
            Language::Ko => ko::host(template),
            Language::En => en::host(template),
        },
    }
}

/// What the guest is told: something about every transition.
pub const fn guest(template: Template, language: Language) -> Text {
    match language {
        Language::Ko => ko::guest(template),
        Language::En => en::guest(template),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::events::{TOPICS, translate};
    use crate::working::testing::{event, payment, reservation};

    /// The template of each topic that this service listens to.
    fn templates() -> Vec<Template> {
        let template = |topic: &&str| {
            let kind = format!("{topic}.v1");
            let body = if topic.starts_with("payment.") {
                serde_json::to_vec(&payment(1)).unwrap()
            } else {
                serde_json::to_vec(&reservation(1)).unwrap()
            };
            match translate(&event(&kind, body)).unwrap().unwrap() {
                Command::Transition(transition) => transition.template,
                Command::Refund(_) => Template::Refunded,
            }
        };
        TOPICS.iter().map(template).collect()
    }

    fn names(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn r13_every_transition_has_a_text_in_both_languages_that_says_the_same() {
        for (template, role) in templates().into_iter().flat_map(|template| Role::ALL.map(|role| (template, role))) {
            match (text(template, role, Language::Ko), text(template, role, Language::En)) {
                (Some(ko), Some(en)) => {
                    assert_ne!(ko, en, "{template:?} {role:?}");
                    assert_eq!(names(ko.body), names(en.body), "{template:?} {role:?}");
                    assert_eq!(names(ko.subject), names(en.subject), "{template:?} {role:?}");
                }
                (ko, en) => assert_eq!((ko, en, role), (None, None, Role::Host), "{template:?}"),
            }
        }
    }

    #[test]
    fn hosts_hear_of_what_changes_their_day() {
        let told: Vec<Template> =
            templates().into_iter().filter(|template| text(*template, Role::Host, Language::En).is_some()).collect();
        assert_eq!(told, [Template::Confirmed, Template::Cancelled, Template::Completed, Template::NoShow]);
    }

    #[test]
    fn every_name_in_a_text_has_its_value() {
        let (told, payment) = (reservation(1), payment(1));
        for (template, role) in templates().into_iter().flat_map(|template| Role::ALL.map(|role| (template, role))) {
            for language in [Language::Ko, Language::En] {
                let values = if template == Template::Refunded {
                    of_refund("room", (payment.refunded, &payment.total.currency), language)
                } else {
                    of_reservation(&told, language)
                };
                let Some(Text { subject, body }) = text(template, role, language) else { continue };
                for name in [names(subject), names(body)].concat() {
                    let text = format!("{{{name}}}");
                    assert_ne!(values.fill(&text), name, "{template:?} {role:?} {language:?}");
                }
            }
        }
    }
}
