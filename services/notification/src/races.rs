//! A refund and its guest, in transactions of two replicas at once: whichever is first, the other sees it.

use crate::command::Command;
use crate::permutations::{self, command};
use crate::store;
use crate::text::Role;
use crate::text::Template;
use choreography::{Backend, Store, statement};
use kernel::Clock;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use testing::{SOON, check, eventually};

async fn take(tx: DatabaseTransaction, command: Command) {
    let mut working = store::load(&tx, &[&command]).await.unwrap();
    permutations::take(&mut working, &command);
    store::save(&tx, working).await.unwrap();
    tx.commit().await.unwrap();
}

/// Whether a transaction waits for another's lock.
async fn is_blocked(store: &Store) -> bool {
    let sql = if store.backend() == Backend::MariaDb {
        "SELECT 1 FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id \
         WHERE trx_state = 'LOCK WAIT' AND db = database()"
    } else {
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    };
    store.read().query_one_raw(statement(store.read(), sql, [])).await.unwrap().is_some()
}

testing::on_each_server! {
    async fn r14_a_refund_meets_its_guest_in_another_replica(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(crate::MIGRATIONS).await.unwrap();
        for (number, templates) in
            [(1, [Template::Refunded, Template::Held]), (2, [Template::Held, Template::Refunded])]
        {
            let [first, second] = [0, 1].map(|place| command(number, place, templates[place]));
            let tx = store.begin().await.unwrap();
            let mut working = store::load(&tx, &[&first]).await.unwrap();
            let other = tokio::spawn(take(store.begin().await.unwrap(), second));
            eventually("the other to wait", SOON, async || {
                check(other.is_finished() || is_blocked(&store).await, |met| *met)
            })
            .await;
            permutations::take(&mut working, &first);
            store::save(&tx, working).await.unwrap();
            tx.commit().await.unwrap();
            other.await.unwrap();
        }
        let page = store::list(&store, ("mina", &[Role::Guest]), None, 9).await.unwrap();
        let mut told: Vec<(u128, &str)> =
            page.rows.iter().map(|told| (told.correlation.as_u128(), told.template.as_str())).collect();
        told.sort_unstable();
        let both = ["payment-refunded", "reservation-held"];
        assert_eq!(told, [1, 2].into_iter().flat_map(|number| both.map(|told| (number, told))).collect::<Vec<_>>());
    }
}
