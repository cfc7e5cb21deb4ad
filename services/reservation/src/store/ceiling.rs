//! Units that one replica changes while another makes or takes a bucket, transaction by transaction.

use super::{MIGRATIONS, Present, load, save};
use crate::service::Answer;
use choreography::{Store, statement};
use kernel::{Clock, LateMoney, Money, OfferingId, OutagePolicy, PaymentMode, ReservationId, Rules, time_zone};
use reservation_domain::{Bookable, Command, Offering, Place, Purpose, Refusal, SpanRequest, When, decide};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use testing::{Backend, SOON, check, eventually};
use uuid::Uuid;

fn room(number: u128, version: i64, units: i64) -> Offering {
    Offering {
        id: OfferingId(Uuid::from_u128(number)),
        version,
        open: true,
        business: "seaside".to_owned().try_into().unwrap(),
        name: "Double room".into(),
        bookable: Bookable::Nights,
        units,
        zone: time_zone("Asia/Seoul").unwrap(),
        price: Money::new(0, "KRW".parse().unwrap()).unwrap(),
        payment: PaymentMode::None,
        on_payment_outage: OutagePolicy::Refuse,
        late_money: LateMoney::Refund,
        hold_seconds: 600,
        cancellation: Vec::new(),
        rules: Rules::default(),
    }
}

fn adopt(offering: &Offering) -> Command {
    Command::Adopt(Box::new(offering.clone()))
}

/// A guest wants `quantity` rooms for one night, always the same.
fn place(offering: &Offering, quantity: i64) -> Command {
    let day = |text: &str| Some(When::Day(text.parse().unwrap()));
    Command::Place(Box::new(Place {
        id: ReservationId::fresh(),
        offering: offering.id,
        guest: "mina".to_owned().try_into().unwrap(),
        language: "en".into(),
        quantity,
        span: SpanRequest { from: day("2027-05-01"), to: day("2027-05-02") },
        payment_method: None,
        call_seconds_max: None,
        purpose: Purpose::Stay,
    }))
}

/// A replica's transaction up to its commit.
async fn prepared(replica: &Store, commands: &[Command]) -> (DatabaseTransaction, Vec<Answer>) {
    let tx = replica.begin().await.unwrap();
    let now = replica.now(&tx).await.unwrap();
    let mut working = load(&tx, &commands.iter().collect::<Vec<_>>(), &Present::default()).await.unwrap();
    let answers = commands.iter().map(|command| decide(&mut working, command, now).told).collect();
    save(&tx, &working).await.unwrap();
    (tx, answers)
}

async fn done(replica: &Store, command: Command) -> Answer {
    let (tx, mut answers) = prepared(replica, &[command]).await;
    tx.commit().await.unwrap();
    answers.remove(0)
}

fn is_sold_out(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::SoldOut { .. }))
}

async fn ceiling(replica: &Store) -> i64 {
    let row = replica.read().query_one_raw(statement(replica.read(), "SELECT ceiling FROM allotment", [])).await;
    row.unwrap().unwrap().try_get("", "ceiling").unwrap()
}

async fn replica(url: &str) -> Store {
    let store = Store::open(url, Clock::system()).await.unwrap();
    store.migrate(MIGRATIONS).await.unwrap();
    store
}

testing::on_each_server! {
    async fn units_raised_while_another_replica_makes_a_bucket_are_sold(db: Db) {
        let (one, other) = (replica(&db.url).await, replica(&db.url).await);
        done(&one, adopt(&room(1, 1, 1))).await.unwrap();
        let (first, answers) = prepared(&one, &[place(&room(1, 1, 1), 1)]).await;
        assert!(answers[0].is_ok(), "{answers:?}");
        done(&other, adopt(&room(1, 2, 10))).await.unwrap();
        first.commit().await.unwrap();
        for replica in [&one, &other, &one] {
            let answer = done(replica, place(&room(1, 2, 10), 3)).await;
            assert!(answer.is_ok(), "{answer:?}");
        }
        assert!(is_sold_out(&done(&other, place(&room(1, 2, 10), 1)).await));
        assert_eq!(ceiling(&one).await, 10);
    }

    async fn units_lowered_while_another_replica_makes_a_bucket_are_not_sold(db: Db) {
        let (one, other) = (replica(&db.url).await, replica(&db.url).await);
        done(&one, adopt(&room(1, 1, 10))).await.unwrap();
        let first = place(&room(1, 1, 10), 3);
        let Command::Place(placed) = &first else { unreachable!() };
        let cancel = Command::Cancel { reservation: placed.id };
        let (first, _) = prepared(&one, &[first]).await;
        done(&other, adopt(&room(1, 2, 2))).await.unwrap();
        first.commit().await.unwrap();
        // What was sold stands, and nothing more is sold.
        assert!(is_sold_out(&done(&other, place(&room(1, 2, 2), 1)).await));
        done(&one, cancel).await.unwrap();
        assert!(done(&one, place(&room(1, 2, 2), 2)).await.is_ok());
        assert!(is_sold_out(&done(&other, place(&room(1, 2, 2), 1)).await));
        assert_eq!(ceiling(&one).await, 2, "the engine, too, refuses a third");
    }
}

#[test]
fn units_lowered_between_the_read_of_an_offering_and_the_lock_on_its_bucket_are_not_sold() {
    testing::run_on(Backend::Postgres, async |db| {
        let (one, other, third) = (replica(&db.url).await, replica(&db.url).await, replica(&db.url).await);
        let (busy, lowered) = (room(1, 1, 10), room(2, 1, 10));
        for offering in [&busy, &lowered] {
            done(&one, adopt(offering)).await.unwrap();
            done(&one, place(offering, 1)).await.unwrap();
        }
        // Its first bucket is another's, so that it waits with what it read of the second.
        let (holder, _) = prepared(&third, &[place(&busy, 1)]).await;
        let wishes = [place(&busy, 1), place(&lowered, 2)];
        let waits = async {
            let sql = "SELECT count(*) AS waiting FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
            eventually("a booking waits for a bucket", SOON, async || {
                let row = third.read().query_one_raw(statement(third.read(), sql, [])).await.unwrap().unwrap();
                check(row.try_get::<i64>("", "waiting").unwrap(), |waiting| *waiting == 1)
            })
            .await;
            done(&other, adopt(&room(2, 2, 1))).await.unwrap();
            holder.commit().await.unwrap();
        };
        let ((waited, answers), ()) = tokio::join!(prepared(&one, &wishes), waits);
        waited.commit().await.unwrap();
        assert!(answers[0].is_ok() && is_sold_out(&answers[1]), "{answers:?}");
    });
}
