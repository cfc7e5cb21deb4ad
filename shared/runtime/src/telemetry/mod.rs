//! Logs, spans and metrics of a process, each of which may be off.
mod context;
mod export;
mod process;

use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use crate::config::Env;
pub use context::{continue_from, is_tracing, traceparent};

/// The filter of the logs when `RUST_LOG` is not set.
const FILTER_DEFAULT: &str = "info,sqlx=warn,sea_orm=warn,async_nats=warn";
/// Spans still unsent after so many seconds of shutdown are given up.
const FLUSH_SECONDS_MAX: u64 = 5;
/// How often recorded values are folded into their histograms, in seconds; else they pile up while nobody scrapes.
const UPKEEP_SECONDS: u64 = 5;
/// Buckets of what is measured in seconds: from a group commit up to the longest timeout.
const SECONDS_BUCKETS: [f64; 15] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0];
/// Buckets of everything else, which are counts: of batches, queues, rows.
const COUNT_BUCKETS: [f64; 13] = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0, 8_192.0];

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// What is told about the process, and where.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// `service.name` of the spans.
    pub service: String,
    /// Filter of the logs, in the syntax of `RUST_LOG`.
    pub filter: String,
    /// Logs as JSON lines instead of text.
    pub json: bool,
    /// Base address of an OTLP collector that speaks protobuf over plain HTTP, e.g. `http://collector:4318`.
    /// Spans are not recorded without one.
    pub endpoint: Option<String>,
    /// Share of the traces begun here that is recorded, 0 to 1; the caller's choice is followed for the others.
    pub sample_ratio: f64,
}

impl Telemetry {
    /// Reads `RUST_LOG`, `LOG_FORMAT` (`text` or `json`), `OTEL_EXPORTER_OTLP_ENDPOINT` and `OTEL_TRACES_SAMPLER_ARG`.
    pub fn read(env: &Env, service: impl Into<String>) -> Self {
        let filter = env.text("RUST_LOG").unwrap_or_else(|| FILTER_DEFAULT.to_owned());
        if let Err(error) = EnvFilter::try_new(&filter) {
            env.fault("RUST_LOG", format_args!("cannot be read: {error}"));
        }
        let format = env.text("LOG_FORMAT");
        if !matches!(format.as_deref(), None | Some("json" | "text")) {
            env.fault("LOG_FORMAT", "must be text or json");
        }
        Self {
            service: service.into(),
            filter,
            json: format.as_deref() == Some("json"),
            endpoint: env.text("OTEL_EXPORTER_OTLP_ENDPOINT"),
            sample_ratio: env.within("OTEL_TRACES_SAMPLER_ARG", 1.0, 0.0..=1.0),
        }
    }
}

/// Keeps the export of spans alive; dropping it flushes them.
#[must_use = "dropping the guard ends the export of spans"]
#[derive(Debug)]
pub struct Guard {
    provider: Option<SdkTracerProvider>,
}

/// Starts logs, spans and metrics. The first call in a process wins; a later one changes nothing and is no error.
///
/// # Errors
/// The filter cannot be read, the collector's address is none, or the metrics cannot be set up.
pub fn init(telemetry: &Telemetry) -> anyhow::Result<Guard> {
    let filter = EnvFilter::try_new(&telemetry.filter).context("the log filter cannot be read")?;
    install_metrics()?;
    let provider = telemetry.endpoint.as_deref().map(|endpoint| export::provider(telemetry, endpoint)).transpose()?;
    let logs = fmt::layer().with_writer(io::stderr);
    let logs = if telemetry.json {
        logs.json().flatten_event(true).boxed()
    } else {
        logs.with_ansi(io::stderr().is_terminal()).boxed()
    };
    let spans = provider.as_ref().map(|provider| {
        // The exporter's own client must not be traced, or each export would cause the next.
        let quiet = ["hyper", "hyper_util", "reqwest", "opentelemetry"].map(|target| (target, LevelFilter::OFF));
        let targets = Targets::new().with_default(LevelFilter::INFO).with_targets(quiet);
        tracing_opentelemetry::layer().with_tracer(provider.tracer("yeyak")).with_filter(targets)
    });
    // Each layer has its own filter, so that quieter logs do not lose spans.
    let first = registry().with(spans).with(logs.with_filter(filter)).try_init().is_ok();
    if first && provider.is_some() {
        context::trace();
    }
    Ok(Guard { provider: provider.filter(|_| first) })
}

/// The metrics in Prometheus' text format; empty before [`init`].
#[must_use]
pub fn metrics_text() -> String {
    let Some(metrics) = METRICS.get() else { return String::new() };
    process::measure();
    metrics.render()
}

impl Guard {
    /// Sends what is still queued and ends the export; takes at most 5 s, blocking.
    pub fn shutdown(mut self) {
        self.flush();
    }

    fn flush(&mut self) {
        let Some(provider) = self.provider.take() else {
            return;
        };
        if let Err(error) = provider.shutdown_with_timeout(Duration::from_secs(FLUSH_SECONDS_MAX)) {
            tracing::warn!(%error, "spans may be lost");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.flush();
    }
}

fn install_metrics() -> anyhow::Result<()> {
    let builder = PrometheusBuilder::new()
        .set_buckets(&COUNT_BUCKETS)?
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)?;
    let recorder = builder.build_recorder();
    if METRICS.set(recorder.handle()).is_err() {
        return Ok(());
    }
    metrics::set_global_recorder(recorder).context("another recorder of metrics is installed")?;
    metrics::gauge!("yeyak_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    std::thread::Builder::new().name("metrics-upkeep".to_owned()).spawn(upkeep)?;
    Ok(())
}

fn upkeep() {
    while let Some(handle) = METRICS.get() {
        std::thread::sleep(Duration::from_secs(UPKEEP_SECONDS));
        handle.run_upkeep();
    }
}
