//! Spans to an OTLP collector, in batches, from a thread of their own.
use std::time::Duration;

use anyhow::Context;
use opentelemetry_otlp::{Protocol, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::{Builder, Runtime};

use super::Telemetry;

/// A collector that takes longer for a batch loses it, in seconds.
const EXPORT_SECONDS_MAX: u64 = 5;

pub(super) fn provider(telemetry: &Telemetry, endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    let inner = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(Duration::from_secs(EXPORT_SECONDS_MAX))
        .build()
        .context("the spans' exporter cannot be made")?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(telemetry.sample_ratio)));
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(Exporter { inner, runtime })
        .with_sampler(sampler)
        .with_resource(Resource::builder().with_service_name(telemetry.service.clone()).build())
        .build())
}

/// The SDK exports from a plain thread, the HTTP client needs a runtime: so it brings its own, which also outlives
/// the process's runtime for the last flush.
#[derive(Debug)]
struct Exporter {
    inner: opentelemetry_otlp::SpanExporter,
    runtime: Runtime,
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        // Blocks on purpose: the thread has nothing else to do.
        self.runtime.block_on(self.inner.export(batch))
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
