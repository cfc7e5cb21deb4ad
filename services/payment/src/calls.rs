//! Calls to the provider: each in a task of its own, between the commit that asks for it and the command that tells its
//! outcome.

use crate::provider::{Charge, Provider, ProviderError, Refund};
use crate::service::Payments;
use choreography::{Origin, Reply, Request, Writer};
use kernel::ReservationId;
use payment_domain::{Command, Giving, Outcome, Payment, Work};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

/// Calls that are out at once.
const CALLS_MAX: usize = 256;
/// Calls that wait for a place; the sweep finds one more when its lease is over.
const ORDERS_MAX: usize = 16_384;
/// A call that waited longer is left to the sweep: its lease of 30 s must outlive the two calls it may take.
const WAIT_SECONDS_MAX: u64 = 10;
/// A single call's bound.
const CALL_SECONDS_MAX: u64 = 9;

/// A call that a commit asked for.
#[derive(Debug)]
pub struct Order {
    reservation: ReservationId,
    charge: Charge,
    work: Work,
    since: Instant,
    /// Where the command that asked for it came from.
    origin: Origin,
}

impl Order {
    /// `work` for `payment`, which this process has on lease from now.
    pub fn new(payment: &Payment, work: Work, origin: Origin) -> Self {
        let charge = Charge {
            key: payment.id(),
            reservation: payment.reservation,
            total: payment.terms.total,
            method: payment.terms.method.clone(),
        };
        Self { reservation: payment.reservation, charge, work, since: Instant::now(), origin }
    }
}

/// Where commits leave their calls.
#[derive(Clone, Debug)]
pub struct Queue(mpsc::Sender<Order>);

impl Queue {
    /// A queue and its end.
    pub fn new() -> (Self, mpsc::Receiver<Order>) {
        let (sender, orders) = mpsc::channel(ORDERS_MAX);
        (Self(sender), orders)
    }

    /// Leaves an order; where there is no room, the sweep finds the case when its lease is over.
    pub fn put(&self, order: Order) {
        if let Err(refused) = self.0.try_send(order) {
            left_to_sweep().increment(1);
            tracing::debug!(%refused, "a call is left to the sweep");
        }
    }

    /// Orders that fit.
    pub fn room(&self) -> usize {
        self.0.capacity()
    }
}

/// Makes the calls; cheap to clone.
pub struct Caller<P> {
    writer: Writer<Payments>,
    provider: Arc<P>,
    places: Arc<Semaphore>,
}

impl<P: Provider> Caller<P> {
    /// A caller of `provider` that tells outcomes to `writer`.
    pub fn new(writer: Writer<Payments>, provider: Arc<P>) -> Self {
        // An alert must not miss the first of them: what begins at one has not risen.
        for counter in [left_to_sweep(), refunds_refused()] {
            counter.increment(0);
        }
        Self { writer, provider, places: Arc::new(Semaphore::new(CALLS_MAX)) }
    }

    /// Runs until `stop`. A call that is out then and does not end in time is taken up after the next start.
    pub async fn run(self, mut orders: mpsc::Receiver<Order>, stop: CancellationToken) {
        let caller = Arc::new(self);
        loop {
            // A place first, so that what has none yet stays in the queue and counts as waiting.
            let next = async {
                let place = Arc::clone(&caller.places).acquire_owned().await.ok()?;
                Some((orders.recv().await?, place))
            };
            let next = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                next = next => next,
            };
            let Some((order, place)) = next else { return stop.cancelled().await };
            if order.since.elapsed() > Duration::from_secs(WAIT_SECONDS_MAX) {
                left_to_sweep().increment(1);
                continue;
            }
            let caller = Arc::clone(&caller);
            let span = span(&order);
            let call = async move {
                caller.make(&order).await;
                drop(place);
            };
            tokio::spawn(call.instrument(span));
        }
    }

    async fn make(&self, order: &Order) {
        let (reservation, started) = (order.reservation, Instant::now());
        let command = match order.work {
            Work::Capture { find_first } => {
                Command::Settle { reservation, outcome: self.capture(&order.charge, find_first).await }
            }
            Work::Ascertain => Command::Settle { reservation, outcome: self.ascertain(&order.charge).await },
            Work::Refund { amount, goal } => {
                Command::Give { reservation, giving: self.refund(&order.charge, amount, goal).await }
            }
        };
        metrics::histogram!("yeyak_payment_call_seconds", "call" => word(order.work)).record(started.elapsed());
        match self.writer.ask(Request { cause: order.origin.cause, ..Request::own(command) }).await {
            Ok(Reply::Decided(Ok(_))) => {}
            Ok(Reply::Decided(Err(refusal))) => tracing::error!(%refusal, %reservation, "an outcome without a payment"),
            Ok(Reply::Repeat(_)) => tracing::error!(%reservation, "an outcome cannot be a repeat"),
            Ok(Reply::Faulty(reason)) => tracing::error!(%reason, %reservation, "an outcome cannot be stored"),
            Err(unavailable) => {
                tracing::warn!(%unavailable, %reservation, "an outcome is not stored; the sweep will ask the provider");
            }
        }
    }

    async fn capture(&self, charge: &Charge, find_first: bool) -> Outcome {
        if find_first {
            match self.ascertain(charge).await {
                Outcome::NotCharged { .. } => {}
                known @ (Outcome::Captured { .. } | Outcome::Declined { .. } | Outcome::Unknown) => return known,
            }
        }
        match bounded(self.provider.capture(charge)).await {
            Ok(charged) => Outcome::Captured { at: charged.at },
            Err(ProviderError::Refused { reason }) => Outcome::Declined { reason },
            Err(fault @ (ProviderError::Failed | ProviderError::NoAnswer)) => {
                tracing::warn!(%fault, reservation = %charge.reservation, "a capture's outcome is not known");
                Outcome::Unknown
            }
        }
    }

    async fn ascertain(&self, charge: &Charge) -> Outcome {
        match bounded(self.provider.find(charge)).await {
            Ok(Some(charged)) => Outcome::Captured { at: charged.at },
            Ok(None) => Outcome::NotCharged { charges_within: self.provider.charges_within(charge) },
            Err(fault) => {
                tracing::warn!(%fault, reservation = %charge.reservation, "the provider cannot be asked");
                Outcome::Unknown
            }
        }
    }

    async fn refund(&self, charge: &Charge, amount: i64, goal: i64) -> Giving {
        let refund = Refund { charge: charge.clone(), amount, goal };
        match bounded(self.provider.refund(&refund)).await {
            Ok(()) => Giving::Given { total: goal },
            Err(ProviderError::Refused { reason }) => {
                refunds_refused().increment(1);
                tracing::error!(%reason, amount, reservation = %charge.reservation, "the provider refuses a refund");
                Giving::Refused
            }
            Err(fault @ (ProviderError::Failed | ProviderError::NoAnswer)) => {
                tracing::warn!(%fault, reservation = %charge.reservation, "a refund's outcome is not known");
                Giving::Unknown
            }
        }
    }
}

fn left_to_sweep() -> metrics::Counter {
    metrics::counter!("yeyak_payment_orders_left_to_sweep_total")
}

fn refunds_refused() -> metrics::Counter {
    metrics::counter!("yeyak_payment_refunds_refused_total")
}

/// The span of a call, below whatever asked for it.
fn span(order: &Order) -> Span {
    if !runtime::telemetry::is_tracing() {
        return Span::none();
    }
    let span = tracing::info_span!("provider", call = word(order.work), reservation = %order.reservation);
    runtime::telemetry::continue_from(&span, order.origin.traceparent.as_deref());
    span
}

const fn word(work: Work) -> &'static str {
    match work {
        Work::Capture { .. } => "capture",
        Work::Ascertain => "find",
        Work::Refund { .. } => "refund",
    }
}

/// A call whose answer takes too long counts as lost.
async fn bounded<T>(call: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    let answer = tokio::time::timeout(Duration::from_secs(CALL_SECONDS_MAX), call).await;
    answer.unwrap_or(Err(ProviderError::NoAnswer))
}
