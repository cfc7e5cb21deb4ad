//! Statements that the engines word differently, and that the query builder does not word for all.

use crate::chunks::in_chunks;
use sea_orm::sea_query::{
    Expr, ExprTrait, Func, IntoIden, IntoValueTuple, OnConflict, Query, SelectStatement, TableRef, UnionType,
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, Iden, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryTrait, Statement, TryInsertResult, Value,
};

type PrimaryKey<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::PrimaryKey;
type KeyOf<A> = <PrimaryKey<A> as PrimaryKeyTrait>::ValueType;

/// A statement whose parameters are written `$1`, `$2`, … in their order, each once.
pub fn statement<C: ConnectionTrait>(connection: &C, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let backend = connection.get_database_backend();
    if backend != DbBackend::MySql {
        return Statement::from_sql_and_values(backend, sql, values);
    }
    let mut pieces = sql.split('$');
    let mut own = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        own.push('?');
        own.push_str(piece.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    }
    Statement::from_sql_and_values(backend, own, values)
}

/// Inserts those of `rows` whose keys are not there yet, and tells which: who finds its key here has made the row, and
/// nobody else has. Rows come in key order, so that replicas that insert the same ones do not wait for each other in a
/// circle.
///
/// # Errors
/// The database cannot be reached, or refuses a row. (MariaDB leaves a row out that breaks a CHECK.)
pub async fn insert_new<C, A>(connection: &C, rows: Vec<A>) -> Result<Vec<KeyOf<A>>, DbErr>
where
    C: ConnectionTrait,
    A: ActiveModelTrait,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let columns = <A::Entity as EntityTrait>::Column::iter().count();
    let mut made = Vec::with_capacity(rows.len());
    for rows in in_chunks(rows, columns) {
        let insert = A::Entity::insert_many(rows);
        if connection.get_database_backend() == DbBackend::MySql {
            let keys: Vec<String> = PrimaryKey::<A>::iter().map(|key| key.to_string()).collect();
            // The builder knows MySQL, whose inserts return nothing.
            let Statement { sql, values, db_backend } = insert.build(DbBackend::MySql);
            let sql = sql.replacen("INSERT INTO", "INSERT IGNORE INTO", 1);
            let returning = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let statement = Statement { sql: format!("{sql} RETURNING {returning}"), values, db_backend };
            for row in connection.query_all_raw(statement).await? {
                made.push(row.try_get_many("", &keys)?);
            }
        } else {
            let keys = PrimaryKey::<A>::iter().map(PrimaryKeyToColumn::into_column);
            match insert.on_conflict_do_nothing_on(keys).exec_with_returning_keys(connection).await? {
                TryInsertResult::Inserted(keys) => made.extend(keys),
                TryInsertResult::Empty | TryInsertResult::Conflicted => {}
            }
        }
    }
    Ok(made)
}

/// What an upsert does with a row that is there: takes `columns` over where `condition` holds, or else leaves it as it is.
///
/// The columns that `condition` reads come last: MariaDB knows no condition for a whole row, so each column has it, and
/// one is assigned after the other.
pub fn upsert_where<C: ConnectionTrait, K: IntoIden + Copy>(
    connection: &C,
    keys: impl IntoIterator<Item = K>,
    columns: impl IntoIterator<Item = K>,
    condition: Expr,
) -> OnConflict {
    let mut upsert = OnConflict::columns(keys);
    if connection.get_database_backend() == DbBackend::MySql {
        let values = columns.into_iter().map(|column| {
            let brought = brought(connection, column);
            (column, Expr::case(condition.clone(), brought).finally(Expr::col(column)).into())
        });
        upsert.values(values);
    } else {
        upsert.update_columns(columns).action_and_where(condition);
    }
    upsert
}

/// What an upsert brings for `column`, in an expression over a row that is there.
pub fn brought<C: ConnectionTrait>(connection: &C, column: impl IntoIden) -> Expr {
    if connection.get_database_backend() == DbBackend::MySql {
        Func::cust("VALUES").arg(Expr::col(column)).into()
    } else {
        Expr::col(("excluded", column))
    }
}

/// The sum of whole numbers as one, which the engines give as a decimal or not according to what they add up.
pub fn sum_of<C: ConnectionTrait>(connection: &C, numbers: impl Into<Expr>) -> Expr {
    let whole = if connection.get_database_backend() == DbBackend::MySql { "signed" } else { "bigint" };
    numbers.into().sum().cast_as(whole)
}

/// `rows` as a table to read from, with the columns `column1`, `column2`, …
pub fn rows_of<C, R>(connection: &C, rows: impl IntoIterator<Item = R>, name: &'static str) -> TableRef
where
    C: ConnectionTrait,
    R: IntoValueTuple,
{
    let rows = rows.into_iter().map(R::into_value_tuple);
    if connection.get_database_backend() != DbBackend::MySql {
        return TableRef::ValuesList(rows.collect(), name.into());
    }
    // MariaDB's lists of values have no names for their columns.
    let mut rows = rows.map(|row| {
        let mut select = Query::select();
        for (number, value) in (1..).zip(row) {
            select.expr_as(Expr::val(value), format!("column{number}"));
        }
        select
    });
    let first = rows.next().unwrap_or_default();
    let all = rows.fold(first, |mut all: SelectStatement, row| all.union(UnionType::All, row).take());
    TableRef::SubQuery(all.into(), name.into())
}
