//! What every list of a reader's asks for: whose, from where, how many; and as what the reader may read.

use super::cursor;
use crate::store::Place;
use crate::text::Role;
use axum::http::StatusCode;
use kernel::Label;
use runtime::auth::Caller;
use runtime::problem::Problem;

/// Rows of a page, unless the caller says how many.
const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 200;

/// The reader.
pub fn recipient(name: String) -> Result<Label, Problem> {
    Label::try_from(name).map_err(|fault| impossible("invalid-recipient", fault.to_string()))
}

/// As what the caller reads what is addressed to `name`. A guest sees what was told to the guest of its own name, and a
/// host what was told to its own business, though both may be spelled alike.
pub fn roles(caller: &Caller, name: &Label) -> Result<Vec<Role>, Problem> {
    caller.party(name.as_str(), name.as_str())?;
    Ok(Role::ALL.into_iter().filter(|role| reads(caller, *role, name.as_str()).is_ok()).collect())
}

/// That the caller is the reader in that role.
pub fn reads(caller: &Caller, role: Role, name: &str) -> Result<(), Problem> {
    match role {
        Role::Guest => caller.guest(name),
        Role::Host => caller.host(name),
    }
}

/// Where the page begins; a cursor that is there but empty counts as absent.
pub fn after(cursor: Option<String>) -> Result<Option<Place>, Problem> {
    let broken = || Problem::new(StatusCode::BAD_REQUEST, "invalid-cursor", "`cursor` is the `next_cursor` of a page");
    cursor.filter(|text| !text.is_empty()).map(|text| cursor::read(&text).ok_or_else(broken)).transpose()
}

/// The length of the page.
pub fn limit(asked: Option<i64>) -> Result<usize, Problem> {
    let limit = match asked {
        None => Some(LIMIT_USUAL),
        Some(limit) => usize::try_from(limit).ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)),
    };
    limit.ok_or_else(|| impossible("invalid-limit", format!("`limit` is 1 to {LIMIT_MAX}")))
}

/// Readable, but it cannot be.
pub fn impossible(slug: &'static str, detail: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, detail)
}
