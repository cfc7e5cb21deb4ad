//! R19: each service chooses its own store.

use super::outages::{bookings, offerings};
use crate::fixture::run;
use crate::fixture::separate::{ONE_EACH, Separate, TWO_EACH};
use testing::{Backend, mariadb, postgres};

/// Books on a platform, and looks whether all its services agree in the end.
async fn books(platform: &Separate, count: usize) {
    let client = platform.client();
    let (prepaid, later) = offerings(client, 20).await;
    let known = bookings(client, (&prepaid, &later), count).await;
    platform.truth().of([prepaid.as_str(), &later]).knowing(known).holds().await;
}

#[test]
fn r19_each_service_chooses_its_own_store() {
    run(async {
        let Some(mariadb) = mariadb().await else { return };
        // Neither of these databases is there yet.
        let [review, notification] =
            [mariadb.database().await, mariadb.database().await].map(|url| format!("{url}_new"));
        let reservation = postgres().await.database().await;
        let chosen = [
            ("REVIEW_DATABASE_URL", review.as_str()),
            ("NOTIFICATION_DATABASE_URL", &notification),
            ("RESERVATION_DATABASE_URL", &reservation),
        ];
        books(&Separate::start(Backend::Sqlite, &ONE_EACH, &chosen).await, 40).await;
    });
}

#[test]
fn r19_two_replicas_of_each_service_on_mariadb() {
    run(async {
        if mariadb().await.is_some() {
            books(&Separate::start(Backend::MariaDb, &TWO_EACH, &[]).await, 200).await;
        }
    });
}
