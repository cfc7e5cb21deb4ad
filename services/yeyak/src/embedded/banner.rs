//! What a person sees who typed `cargo run`.

use super::directory::Directory;
use crate::host::Addresses;
use std::io::Write;

/// Tells where everything is, and three commands to begin with.
pub fn show(
    Addresses { public: entry, admin, internal: _ }: Addresses,
    directory: &Directory,
    nats: &str,
    issuer: Option<&str>,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "yeyak takes bookings at http://{entry}")?;
    writeln!(out, "  admin   http://{admin}  (/livez /readyz /metrics)")?;
    writeln!(out, "  broker  {nats}")?;
    writeln!(out, "  data    {}", directory.root().display())?;
    match issuer {
        Some(issuer) => writeln!(out, "  tokens  of {issuer}; without one, only what everybody may see")?,
        None => writeln!(out, "  open to everyone who reaches this port: no token is asked for")?,
    }
    writeln!(out)?;
    writeln!(out, "Publish an offering, book it, look at the overview:")?;
    writeln!(out)?;
    writeln!(
        out,
        "  offering=$(curl -s http://{entry}/offerings -H 'content-type: application/json' -d \
         '{{\"business\":\"seaside\",\"name\":\"Double room\",\"kind\":\"nights\",\"units\":10,\"timezone\":\"Asia/Seoul\",\
         \"price\":{{\"amount\":120000,\"currency\":\"KRW\"}},\"payment\":\"prepay\"}}' | sed 's/.*\"id\":\"\\([^\"]*\\)\".*/\\1/')"
    )?;
    writeln!(
        out,
        "  curl -s http://{entry}/reservations -H 'content-type: application/json' -H \"Idempotency-Key: $offering\" -d \
         \"{{\\\"offering_id\\\":\\\"$offering\\\",\\\"guest_id\\\":\\\"mina\\\",\\\"quantity\\\":1,\\\"from\\\":\\\"2027-05-01\\\",\
         \\\"to\\\":\\\"2027-05-03\\\",\\\"payment_method\\\":\\\"card-ok\\\"}}\""
    )?;
    writeln!(out, "  sleep 1; curl -s http://{entry}/dashboard/offerings")?;
    writeln!(out)?;
    writeln!(out, "Ctrl-C ends it; the next start finds everything again.")?;
    out.flush()?;
    Ok(())
}
