//! A schema in MariaDB's words.
//!
//! A migration is written once. For MariaDB it is translated, statement by statement:
//! - `uuid` is `binary(16)`, as the driver sends it; `text` is `longtext`, or `varchar(255)` where the column is part of
//!   a key or an index, since MariaDB indexes no text of any length. A column that a later migration indexes is changed
//!   just before.
//! - A partial index is a whole one that begins with the column of its condition, so that what it would have held is
//!   found by it. (A partial unique index says something else; it is left as it is, and MariaDB refuses it.)
//! - Texts compare by code points, without padding, as they do on the other engines.
//! - Each change may be repeated (`IF NOT EXISTS`): MariaDB commits every change of a schema at once, so a migration that
//!   was interrupted goes on from the statement that it had come to.

use super::mariadb::COLLATION;
use super::schema::Migration;
use std::collections::HashSet;

/// The statements of `sql`, which follows the migrations `before`, in MariaDB's words.
pub(super) fn translated(before: &[Migration], sql: &str) -> Vec<String> {
    let before: Vec<&str> = before.iter().flat_map(|migration| statements(migration.sql)).collect();
    let statements: Vec<&str> = statements(sql).collect();
    let keys: Keys<'_> = statements.iter().flat_map(|statement| keys_of(statement)).collect();
    let mut translation = Vec::with_capacity(statements.len());
    for statement in &statements {
        match statement.strip_prefix("DROP INDEX ") {
            Some(index) => translation.push(dropped(index, before.iter().chain(&statements))),
            None => {
                translation
                    .extend(shortened(statement, &before).map(|change| typed(&change, table_of(statement), &keys)));
                translation.push(translate(statement, &keys));
            }
        }
    }
    translation
}

fn statements(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(';').map(str::trim).filter(|statement| !statement.is_empty())
}

/// Changes of the columns that a statement indexes and that were made as texts of any length before.
fn shortened<'s>(statement: &'s str, before: &'s [&'s str]) -> impl Iterator<Item = String> + use<'s> {
    let keyed: Keys<'s> = before.iter().flat_map(|earlier| keys_of(earlier)).collect();
    let new = keys_of(statement).into_iter().filter(move |key| !keyed.contains(key));
    new.filter_map(|(table, column)| {
        let definition = before.iter().filter(|earlier| table_of(earlier) == table).find_map(|earlier| {
            let begins = format!("{column} text");
            definitions(earlier).into_iter().find(|definition| {
                definition.strip_prefix(&begins).is_some_and(|rest| rest.is_empty() || rest.starts_with(BETWEEN_WORDS))
            })
        })?;
        Some(format!("ALTER TABLE {table} MODIFY COLUMN IF EXISTS {definition}"))
    })
}

/// The columns that a statement makes.
fn definitions(statement: &str) -> Vec<&str> {
    match Kind::of(statement) {
        Kind::Table => parts(statement).collect(),
        Kind::Change => statement.split_once(" ADD COLUMN ").map(|(_, definition)| definition).into_iter().collect(),
        Kind::Index | Kind::UniqueIndex | Kind::Other => Vec::new(),
    }
}

/// MariaDB asks for an index's table; the statement that makes or made the index says it.
fn dropped<'s>(index: &str, mut statements: impl Iterator<Item = &'s &'s str>) -> String {
    let making = statements.find(|statement| statement.starts_with(&format!("CREATE INDEX {index} ")));
    making.map_or_else(
        || format!("DROP INDEX {index}"),
        |making| format!("DROP INDEX IF EXISTS {index} ON {}", table_of(making)),
    )
}

/// Columns that are part of a key or an index, with their tables.
type Keys<'s> = HashSet<(&'s str, &'s str)>;

fn translate(statement: &str, keys: &Keys<'_>) -> String {
    match Kind::of(statement) {
        Kind::Table => format!(
            "{} ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {COLLATION}",
            typed(&repeatable(statement, "CREATE TABLE "), table_of(statement), keys)
        ),
        Kind::Change => typed(&repeatable(statement, "ADD COLUMN "), table_of(statement), keys),
        Kind::Index => repeatable(&whole(statement), "CREATE INDEX "),
        Kind::UniqueIndex => repeatable(statement, "CREATE UNIQUE INDEX "),
        Kind::Other => statement.to_owned(),
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Table,
    Change,
    Index,
    UniqueIndex,
    Other,
}

impl Kind {
    fn of(statement: &str) -> Self {
        let begins = |words: &str| statement.starts_with(words);
        if begins("CREATE TABLE ") {
            Self::Table
        } else if begins("ALTER TABLE ") {
            Self::Change
        } else if begins("CREATE INDEX ") {
            Self::Index
        } else if begins("CREATE UNIQUE INDEX ") {
            Self::UniqueIndex
        } else {
            Self::Other
        }
    }
}

fn repeatable(statement: &str, words: &str) -> String {
    if statement.contains(" IF NOT EXISTS ") {
        return statement.to_owned();
    }
    statement.replace(words, &format!("{words}IF NOT EXISTS "))
}

/// A partial index as a whole one.
fn whole(statement: &str) -> String {
    let Some((index, condition)) = statement.split_once(" WHERE ") else { return statement.to_owned() };
    let column = first_word(condition);
    if listed(index).any(|listed| listed == column) {
        return index.to_owned();
    }
    index.replacen('(', &format!("({column}, "), 1)
}

fn keys_of(statement: &str) -> Vec<(&str, &str)> {
    let columns: Vec<&str> = match Kind::of(statement) {
        Kind::Index | Kind::UniqueIndex => {
            let condition = statement.split_once(" WHERE ").map(|(_, condition)| first_word(condition));
            listed(statement).chain(condition).collect()
        }
        Kind::Table => parts(statement).flat_map(keys_of_part).collect(),
        Kind::Change | Kind::Other => Vec::new(),
    };
    columns.into_iter().map(|column| (table_of(statement), column)).collect()
}

/// The keys that one line of a table's definition makes.
fn keys_of_part(part: &str) -> Vec<&str> {
    if part.starts_with("PRIMARY KEY") || part.starts_with("UNIQUE") {
        listed(part).collect()
    } else if part.contains(" PRIMARY KEY") || part.contains(" UNIQUE") {
        vec![first_word(part)]
    } else {
        Vec::new()
    }
}

/// The table that a statement makes, changes or indexes.
fn table_of(statement: &str) -> &str {
    let after = match Kind::of(statement) {
        Kind::Index | Kind::UniqueIndex => statement.split_once(" ON ").map(|(_, rest)| rest),
        Kind::Table | Kind::Change | Kind::Other => statement.split_once(" TABLE ").map(|(_, rest)| rest),
    };
    let after = after.unwrap_or_default();
    first_word(after.strip_prefix("IF NOT EXISTS ").unwrap_or(after))
}

/// Columns and constraints of a table's definition.
fn parts(statement: &str) -> impl Iterator<Item = &str> {
    let body = statement.split_once('(').map_or("", |(_, body)| body.strip_suffix(')').unwrap_or(body));
    let mut depth = 0_i32;
    body.split(move |letter| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        letter == ',' && depth == 0
    })
    .map(str::trim)
}

/// What stands in the first parentheses.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    let inner = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inner, _)| inner);
    inner.split(',').map(str::trim)
}

const BETWEEN_WORDS: [char; 5] = [' ', '\n', ',', '(', ')'];

fn first_word(text: &str) -> &str {
    text.split(BETWEEN_WORDS).next().unwrap_or_default()
}

/// Columns with MariaDB's types; what begins a part of a definition is a name, whatever it says.
fn typed(statement: &str, table: &str, keys: &Keys<'_>) -> String {
    let (mut before, mut is_name) = ("", false);
    let words = statement.split_inclusive(BETWEEN_WORDS).map(|word| {
        let name = word.trim_end_matches(BETWEEN_WORDS);
        let own = match name {
            _ if is_name || before == "EXISTS" => name,
            "uuid" => "binary(16)",
            "text" if keys.contains(&(table, before)) => "varchar(255)",
            "text" => "longtext",
            _ => name,
        };
        is_name = word.ends_with(['(', ',']) || (is_name && name.is_empty());
        before = if name.is_empty() { before } else { name };
        format!("{own}{}", word.trim_start_matches(name))
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gets_types_that_mariadb_can_index() {
        let sql = "CREATE TABLE message (\n    id uuid PRIMARY KEY,\n    reader text NOT NULL,\n    body text,\n    \
                   place text NOT NULL CHECK (place IN ('a', 'b')),\n    UNIQUE (place, id)\n);\n\
                   CREATE TABLE other (reader text, name text PRIMARY KEY, text text CHECK (text > ''));\n\
                   CREATE INDEX message_reader ON message (reader, id);\n\
                   INSERT INTO other (reader, name) VALUES (NULL, 'uuid text');\n";
        let engine = "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";
        assert_eq!(
            translated(&[], sql),
            [
                format!(
                    "CREATE TABLE IF NOT EXISTS message (\n    id binary(16) PRIMARY KEY,\n    reader varchar(255) NOT \
                     NULL,\n    body longtext,\n    place varchar(255) NOT NULL CHECK (place IN ('a', 'b')),\n    \
                     UNIQUE (place, id)\n) {engine}"
                ),
                format!(
                    "CREATE TABLE IF NOT EXISTS other (reader longtext, name varchar(255) PRIMARY KEY, text longtext CHECK (text > '')) {engine}"
                ),
                "CREATE INDEX IF NOT EXISTS message_reader ON message (reader, id)".to_owned(),
                "INSERT INTO other (reader, name) VALUES (NULL, 'uuid text')".to_owned(),
            ]
        );
    }

    #[test]
    fn a_partial_index_begins_with_what_its_condition_names() {
        let sql = "CREATE INDEX waiting ON outbox (created_us, batch) WHERE published_us IS NULL;
                   CREATE INDEX due ON payment (due_us) WHERE due_us IS NOT NULL;
                   CREATE UNIQUE INDEX one ON payment (id) WHERE due_us IS NULL;
                   ALTER TABLE payment ADD COLUMN note text;
                   DROP INDEX due;";
        assert_eq!(
            translated(&[], sql),
            [
                "CREATE INDEX IF NOT EXISTS waiting ON outbox (published_us, created_us, batch)",
                "CREATE INDEX IF NOT EXISTS due ON payment (due_us)",
                "CREATE UNIQUE INDEX IF NOT EXISTS one ON payment (id) WHERE due_us IS NULL",
                "ALTER TABLE payment ADD COLUMN IF NOT EXISTS note longtext",
                "DROP INDEX IF EXISTS due ON payment",
            ]
        );
    }

    #[test]
    fn a_text_that_is_indexed_later_becomes_short_first() {
        let made = "CREATE TABLE offering (id uuid PRIMARY KEY, business text NOT NULL, kind text NOT NULL, note text);
                    CREATE INDEX business ON offering (business);
                    ALTER TABLE offering ADD COLUMN place text;
                    CREATE TABLE other (kind text, kinds text);";
        let before = [Migration { name: "catalog-0001", sql: made }];
        let sql = "CREATE INDEX several ON offering (kind, business, id);
                   CREATE INDEX place ON offering (place) WHERE note IS NULL;";
        assert_eq!(
            translated(&before, sql),
            [
                "ALTER TABLE offering MODIFY COLUMN IF EXISTS kind varchar(255) NOT NULL",
                "CREATE INDEX IF NOT EXISTS several ON offering (kind, business, id)",
                "ALTER TABLE offering MODIFY COLUMN IF EXISTS place varchar(255)",
                "ALTER TABLE offering MODIFY COLUMN IF EXISTS note varchar(255)",
                "CREATE INDEX IF NOT EXISTS place ON offering (note, place)",
            ]
        );
    }
}
