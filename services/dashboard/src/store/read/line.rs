//! A store's line as its board shows it.

use super::{OfferingRow, TicketRow, View, offering, ticket};
use crate::calendar;
use crate::store::entity::line_view as line;
use choreography::sum_of;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Most parties of a board.
pub const TICKETS_MAX: usize = 1_000;
/// Statuses of tickets that stand in line or sit at a table.
const PRESENT: [&str; 4] = ["joining", "waiting", "called", "seated"];
/// Statuses of tickets that wait for a table.
const WAITING: [&str; 2] = ["joining", "waiting"];
/// The status of a party that owns its seats.
const SEATED: &str = "seated";

/// Everything that a board shows.
#[derive(Clone, Debug)]
pub struct Board {
    pub offering: Option<OfferingRow>,
    /// `open` or `paused`, once the line has said so.
    pub status: Option<String>,
    /// Seats that parties own.
    pub taken: i64,
    /// The store's local date on which the service day began.
    pub service_day: Option<String>,
    /// The parties that are there, in the order of the line; at most [`TICKETS_MAX`].
    pub present: Vec<TicketRow>,
    /// Parties of the service day by their status, and how many people they are.
    pub day: Vec<Counted>,
}

/// Parties with the same status.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Counted {
    pub status: String,
    pub parties: i64,
    pub people: Option<i64>,
}

/// Parties that wait at an offering.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Queue {
    pub offering_id: Uuid,
    pub parties: i64,
}

impl View {
    /// The board of a store on a service day, today's if none is named.
    pub async fn board(&self, offering_id: Uuid, day: Option<String>) -> Result<Board, DbErr> {
        let offering = self.all::<offering::Entity>().filter(offering::Column::OfferingId.eq(offering_id));
        let offering = offering.one(&self.tx).await?;
        let status = self.all::<line::Entity>().filter(line::Column::OfferingId.eq(offering_id)).one(&self.tx).await?;
        let present = self.present(offering_id).await?;
        let timezone = offering.as_ref().and_then(|offering| offering.timezone.as_deref());
        let timezone = timezone.or_else(|| present.first().and_then(|ticket| ticket.timezone.as_deref()));
        let begins = offering.as_ref().and_then(|offering| offering.day_starts_at.as_deref());
        let service_day = day.or_else(|| calendar::service_day(self.now, timezone?, begins));
        let day = match &service_day {
            Some(day) => self.counted(offering_id, day).await?,
            None => Vec::new(),
        };
        let taken = self.taken(offering_id).await?;
        Ok(Board { offering, status: status.map(|line| line.status), taken, service_day, present, day })
    }

    /// By number, then by arrival: a party that has no number yet stands behind those that have one.
    async fn present(&self, offering_id: Uuid) -> Result<Vec<TicketRow>, DbErr> {
        use ticket::Column::{JoinedUs, Number, OfferingId, ServiceDay, Status, TicketId};
        let number: Expr = Expr::case(Number.is_null(), Expr::val(i64::MAX)).finally(Expr::col(Number)).into();
        self.all::<ticket::Entity>()
            .filter(OfferingId.eq(offering_id))
            .filter(Status.is_in(PRESENT))
            .order_by_asc(ServiceDay)
            .order_by_asc(number)
            .order_by_asc(JoinedUs)
            .order_by_asc(TicketId)
            .limit(TICKETS_MAX as u64)
            .all(&self.tx)
            .await
    }

    async fn counted(&self, offering_id: Uuid, day: &str) -> Result<Vec<Counted>, DbErr> {
        use ticket::Column::{OfferingId, PartySize, ServiceDay, Status, TicketId};
        self.all::<ticket::Entity>()
            .select_only()
            .column(Status)
            .column_as(TicketId.count(), "parties")
            .column_as(sum_of(&self.tx, Expr::col(PartySize)), "people")
            .filter(OfferingId.eq(offering_id))
            .filter(ServiceDay.eq(day))
            .group_by(Status)
            .into_model()
            .all(&self.tx)
            .await
    }

    async fn taken(&self, offering_id: Uuid) -> Result<i64, DbErr> {
        use ticket::Column::{FloorId, PartyStatus, Seats};
        let seats: Option<Option<i64>> = self
            .all::<ticket::Entity>()
            .select_only()
            .column_as(sum_of(&self.tx, Expr::col(Seats)), "seats")
            .filter(FloorId.eq(offering_id))
            .filter(PartyStatus.eq(SEATED))
            .into_tuple()
            .one(&self.tx)
            .await?;
        Ok(seats.flatten().unwrap_or_default())
    }

    /// How many parties wait at each of these offerings.
    pub async fn queues(&self, offerings: Vec<Uuid>) -> Result<Vec<Queue>, DbErr> {
        use ticket::Column::{OfferingId, Status, TicketId};
        self.all::<ticket::Entity>()
            .select_only()
            .column(OfferingId)
            .column_as(TicketId.count(), "parties")
            .filter(OfferingId.is_in(offerings))
            .filter(Status.is_in(WAITING))
            .group_by(OfferingId)
            .into_model()
            .all(&self.tx)
            .await
    }
}
