//! English.

use super::{Template, Text, say};
use kernel::Kind;

pub const fn guest(template: Template) -> Option<Text> {
    match template {
        Template::Held => say(
            "We are holding {offering} for you",
            "{offering}, {when}, {count}, is held for you. It stands once the payment of {total} has arrived.",
        ),
        Template::Confirmed => say(
            "Your reservation of {offering} is confirmed",
            "{offering}, {when}, {count}, {total}. Enjoy your {visit}.",
        ),
        Template::Rejected => say(
            "Your reservation of {offering} could not be made",
            "{offering}, {when}, {count}, is not booked. You pay nothing; whatever was paid is refunded.",
        ),
        Template::Cancelled => say(
            "Your reservation of {offering} is cancelled",
            "{offering}, {when}, {count}, is cancelled. Any refund will be told separately.",
        ),
        Template::Expired => say(
            "Your hold of {offering} has expired",
            "The payment for {offering}, {when}, {count}, did not arrive in time. Nothing is booked.",
        ),
        Template::CheckedIn => {
            say("Welcome to {offering}", "You have checked in to {offering}, {when}. Enjoy your {visit}.")
        }
        Template::Completed => say(
            "Thank you for visiting {offering}",
            "Your {visit} at {offering}, {when}, is complete. We hope to see you again.",
        ),
        Template::NoShow => say(
            "We missed you at {offering}",
            "You did not come to {offering}, {when}. The reservation is closed as a no-show.",
        ),
        Template::Refunded => {
            say("Your refund for {offering}", "{refunded} has been refunded for your reservation of {offering}.")
        }
        Template::Issued => say(
            "Your number at {offering} is {number}",
            "You are in line at {offering}: number {number}, {party}.{wait} We call you when your table is ready.",
        ),
        Template::Deferred => say(
            "Your place in line at {offering} was put back",
            "Number {number}, {party}, at {offering} lets others go first and keeps waiting.",
        ),
        Template::Called => say(
            "Please come in: {offering}",
            "Number {number}, {party}: your seats at {offering} are ready. Please come in{until}.",
        ),
        Template::Seated => say("Come in: {offering}", "Your seats at {offering} are ready, {party}. Enjoy your meal."),
        Template::Left => {
            say("Thank you for visiting {offering}", "Thank you for visiting {offering}. We hope to see you again.")
        }
        Template::TicketCancelled => {
            say("You have left the line at {offering}", "Your place in line at {offering}, {party}, is cancelled.")
        }
        Template::TicketNoShow => say(
            "Your turn at {offering} has passed",
            "Number {number}, {party}, at {offering} was called and did not come. Its place in line is given up.",
        ),
        Template::ReviewPosted | Template::ReviewChanged | Template::ReviewRemoved => None,
    }
}

pub const fn host(template: Template) -> Option<Text> {
    match template {
        Template::Confirmed => {
            say("New reservation: {offering}", "{guest} has booked {offering}, {when}, {count}, {total}.")
        }
        Template::Cancelled => say(
            "Cancelled reservation: {offering}",
            "The reservation of {offering} by {guest}, {when}, {count}, is cancelled. Its places are free again.",
        ),
        Template::Completed => {
            say("Completed reservation: {offering}", "The {visit} of {guest} at {offering}, {when}, is complete.")
        }
        Template::NoShow => say("No-show: {offering}", "{guest} did not come to {offering}, {when}, {count}."),
        Template::Issued => say(
            "In line at {offering}: number {number}",
            "{guest} waits in line at {offering}: number {number}, {party}.",
        ),
        Template::Seated => say("Seated at {offering}", "{guest}, {party}, is seated at {offering}."),
        Template::TicketCancelled => {
            say("Left the line at {offering}", "{guest}, {party}, has left the line at {offering}.")
        }
        Template::TicketNoShow => say(
            "No-show in line at {offering}",
            "{guest}, number {number}, {party}, was called at {offering} and did not come.",
        ),
        Template::ReviewPosted => {
            say("New review of {offering}: {rating}", "{guest} has given {offering} {rating}:\n\n{review}")
        }
        Template::ReviewChanged => {
            say("Changed review of {offering}: {rating}", "{guest} now gives {offering} {rating}:\n\n{review}")
        }
        Template::ReviewRemoved => say("Removed review of {offering}", "{guest} has removed the review of {offering}."),
        Template::Held
        | Template::Rejected
        | Template::Expired
        | Template::CheckedIn
        | Template::Refunded
        | Template::Deferred
        | Template::Called
        | Template::Left => None,
    }
}

pub fn count(kind: Kind, quantity: i64) -> String {
    let unit = match kind {
        Kind::Nights => "room",
        Kind::Slots => "place",
        Kind::Seats | Kind::Line => "seat",
    };
    format!("{quantity} {unit}{}", plural(quantity))
}

pub const fn visit(kind: Kind) -> &'static str {
    match kind {
        Kind::Nights => "stay",
        Kind::Slots | Kind::Line => "visit",
        Kind::Seats => "show",
    }
}

pub fn nights(nights: i64) -> String {
    format!("{nights} night{}", plural(nights))
}

pub fn wait(likely: i64, most: i64) -> String {
    format!(" The wait is about {likely} min, seldom more than {most} min.")
}

pub fn until(time: &str) -> String {
    format!(" by {time}; they are kept for you until then")
}

const fn plural(count: i64) -> &'static str {
    if count == 1 { "" } else { "s" }
}
