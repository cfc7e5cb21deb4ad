//! English.

use super::{Template, Text};

pub const fn guest(template: Template) -> Text {
    match template {
        Template::Held => Text {
            subject: "We are holding {offering} for you",
            body: "{offering}, {when}, quantity {quantity}, is held for you. It stands once the payment of {total} has arrived.",
        },
        Template::Confirmed => Text {
            subject: "Your reservation of {offering} is confirmed",
            body: "{offering}, {when}, quantity {quantity}, {total}. We look forward to seeing you.",
        },
        Template::Rejected => Text {
            subject: "Your reservation of {offering} could not be made",
            body: "{offering}, {when}, is not booked. You pay nothing; whatever was paid is refunded.",
        },
        Template::Cancelled => Text {
            subject: "Your reservation of {offering} is cancelled",
            body: "{offering}, {when}, quantity {quantity}, is cancelled. Any refund will be told separately.",
        },
        Template::Expired => Text {
            subject: "Your hold of {offering} has expired",
            body: "The payment for {offering}, {when}, did not arrive in time. Nothing is booked.",
        },
        Template::CheckedIn => Text {
            subject: "Welcome to {offering}",
            body: "You have checked in to {offering}, {when}. Enjoy your visit.",
        },
        Template::Completed => Text {
            subject: "Thank you for visiting {offering}",
            body: "Your visit to {offering}, {when}, is complete. We hope to see you again.",
        },
        Template::NoShow => Text {
            subject: "We missed you at {offering}",
            body: "You did not come to {offering}, {when}. The reservation is closed as a no-show.",
        },
        Template::Refunded => Text {
            subject: "Your refund for {offering}",
            body: "{refunded} has been refunded for your reservation of {offering}.",
        },
    }
}

pub const fn host(template: Template) -> Option<Text> {
    match template {
        Template::Confirmed => Some(Text {
            subject: "New reservation: {offering}",
            body: "{guest} has booked {offering}, {when}, quantity {quantity}, {total}.",
        }),
        Template::Cancelled => Some(Text {
            subject: "Cancelled reservation: {offering}",
            body: "The reservation of {offering} by {guest}, {when}, quantity {quantity}, is cancelled. Its places are free again.",
        }),
        Template::Completed => Some(Text {
            subject: "Completed reservation: {offering}",
            body: "The visit of {guest} to {offering}, {when}, is complete.",
        }),
        Template::NoShow => Some(Text {
            subject: "No-show: {offering}",
            body: "{guest} did not come to {offering}, {when}, quantity {quantity}.",
        }),
        Template::Held | Template::Rejected | Template::Expired | Template::CheckedIn | Template::Refunded => None,
    }
}
