//! E-mail by SMTP: plain text, one message to one address, behind a breaker.

use super::{Bounds, reason_of};
use crate::delivery::Outcome;
use crate::store::Job;
use jiff::Timestamp;
use lettre::message::{Mailbox, Message, SinglePart};
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use runtime::breaker::{self, Breaker, Rejected, State};
use runtime::config::Env;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, timeout};

/// Mails on their way at the same time, each with a connection of its own.
pub const AT_ONCE_MAX: usize = CONNECTIONS_MAX as usize;
const CONNECTIONS_MAX: u32 = 8;
/// How long a connection waits for the next mail.
const IDLE_SECONDS_MAX: u64 = 30;
/// Bounds of the pause in which an unreachable server is left alone, in milliseconds.
const REST_MS: std::ops::RangeInclusive<u64> = 250..=15_000;

/// Replies to a sender that is not let in, and not to a mail.
const AUTHENTICATION_CODES: std::ops::RangeInclusive<u16> = 530..=538;

/// A mail server, and from whom mail comes.
#[derive(Clone, Debug)]
pub struct Server {
    builder: AsyncSmtpTransportBuilder,
    from: Mailbox,
}

impl Server {
    /// Reads `SMTP_URL` and `SMTP_FROM`; without the first there is no e-mail.
    pub fn read(env: &Env) -> Option<Self> {
        let url = env.text("SMTP_URL")?;
        let from = env.required("SMTP_FROM");
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(|fault| {
            // Without the URL itself, which may hold a password.
            env.fault("SMTP_URL", format_args!("is not a URL such as smtps://user:password@mail.example: {fault}"));
        });
        let from = Some(from).filter(|from| !from.is_empty())?.parse().map_err(|fault| {
            env.fault("SMTP_FROM", format_args!("is not an address such as Yeyak <no-reply@example.org>: {fault}"));
        });
        Some(Self { builder: builder.ok()?, from: from.ok()? })
    }
}

/// Sends mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    bounds: Bounds,
    breaker: Breaker,
    /// Until when the breaker lets nothing through.
    resumes_at: Mutex<Option<Instant>>,
}

/// The server was not reached, so that it cannot have taken anything.
struct Unreached(String);

impl Mailer {
    /// A mailer that connects when there is something to send.
    pub fn new(server: Server, bounds: Bounds) -> Self {
        let pool = PoolConfig::new().max_size(CONNECTIONS_MAX).idle_timeout(Duration::from_secs(IDLE_SECONDS_MAX));
        let transport = server.builder.timeout(Some(bounds.timeout())).pool_config(pool).build();
        let breaker = breaker::Settings {
            timeout_ms: u64::from(bounds.timeout_ms),
            backoff_ms_min: *REST_MS.start(),
            backoff_ms_max: *REST_MS.end(),
            in_flight_max: AT_ONCE_MAX,
        };
        Self {
            transport,
            from: server.from,
            bounds,
            breaker: Breaker::new("smtp", breaker),
            resumes_at: Mutex::default(),
        }
    }

    /// How many mails may be tried beside those under way: one probe at a time while the server is thought to be down.
    pub fn room(&self, under_way: usize) -> usize {
        let resumes_at = self.resumes_at.lock().map_or(None, |at| *at);
        let rests = resumes_at.is_some_and(|at| at > Instant::now());
        match self.breaker.state() {
            State::Closed => AT_ONCE_MAX.saturating_sub(under_way),
            State::HalfOpen | State::Open => usize::from(under_way == 0 && !rests),
        }
    }

    pub async fn attempt(&self, job: &Job) -> Outcome {
        let Some(address) = job.recipient.as_ref().and_then(|reader| reader.email.as_deref()) else {
            return Outcome::Refused("the recipient has no e-mail address any more".into());
        };
        let mail = match self.mail(job, address) {
            Ok(mail) => mail,
            Err(reason) => return Outcome::Refused(reason),
        };
        let unreached =
            |reason: &str| Outcome::Unreached { reason: reason_of(&reason), pause_ms: self.bounds.pause_ms(0) };
        match self.breaker.call(self.send(job, mail)).await {
            Ok(outcome) => outcome,
            Err(Rejected::Inner(Unreached(reason))) => unreached(&reason),
            Err(Rejected::Open { retry_after_ms }) => {
                if let Ok(mut resumes_at) = self.resumes_at.lock() {
                    *resumes_at = Some(Instant::now() + Duration::from_millis(retry_after_ms));
                }
                unreached("the mail server is down")
            }
            Err(Rejected::Full) => unreached("too many mails are on their way"),
            // Whether it took the mail is not known, so that the attempt counts.
            Err(Rejected::Timeout) => self.bounds.later(job, &"the mail server did not answer in time"),
        }
    }

    /// Reaches the server first: what fails there has no effect, and costs the delivery no attempt.
    async fn send(&self, job: &Job, mail: Message) -> Result<Outcome, Unreached> {
        match timeout(self.bounds.timeout() / 2, self.transport.test_connection()).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return Err(Unreached("the mail server hung up".into())),
            Ok(Err(fault)) => return Err(Unreached(fault.to_string())),
            Err(_) => return Err(Unreached("the mail server did not greet in time".into())),
        }
        Ok(match self.transport.send(mail).await {
            Ok(_) => Outcome::Sent,
            Err(fault) if is_final(&fault) => Outcome::Refused(reason_of(&fault)),
            Err(fault) => self.bounds.later(job, &fault),
        })
    }

    /// The same mail at each attempt: its id is the delivery's, its date the message's.
    fn mail(&self, job: &Job, address: &str) -> Result<Message, String> {
        let to = address.parse().map_err(|fault| format!("the address does not read: {fault}"))?;
        let id = format!("<{}@{}>", job.delivery.id, self.from.email.domain());
        let date = Timestamp::from_microsecond(job.message.created_us).unwrap_or(Timestamp::UNIX_EPOCH);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .message_id(Some(id))
            .date(SystemTime::from(date))
            // A line break in an offering's name must not begin a header of its own.
            .subject(job.message.subject.replace(char::is_control, " "))
            .singlepart(SinglePart::plain(job.message.body.clone()))
            .map_err(|fault| reason_of(&fault))
    }
}

/// A refusal of this mail that will not change. One of who sends it may: somebody repairs the password.
fn is_final(fault: &Error) -> bool {
    let of_us = fault.status().is_some_and(|code| AUTHENTICATION_CODES.contains(&u16::from(code)));
    (fault.is_permanent() || fault.is_client()) && !of_us
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_cannot_be_is_a_fault_of_the_configuration() {
        let read = |url: &str, from: &str| {
            let env = Env::of([("SMTP_URL", url), ("SMTP_FROM", from)]);
            let server = Server::read(&env);
            (server.is_some(), env.finish().map_err(|faults| faults.lines().len()))
        };
        assert_eq!(read("", ""), (false, Ok(())));
        for url in ["smtp://localhost:2525", "smtps://mina:secret@mail.example", "smtp://mail.example?tls=required"] {
            assert_eq!(read(url, "Yeyak <no-reply@example.org>"), (true, Ok(())), "{url}");
        }
        assert_eq!(read("smtp://localhost", ""), (false, Err(1)));
        assert_eq!(read("mail.example", "no-reply@example.org"), (false, Err(1)));
        assert_eq!(read("ftp://mail.example", "nobody"), (false, Err(2)));
    }
}
