//! A DestinationRule as Envoy's cluster, as istiod's `cluster_traffic_policy.go` has it.

use super::fields::Fields;
use serde_json::{Value, json};
use std::path::Path;

/// What no rule bounds is not bounded.
const UNBOUNDED: u32 = u32::MAX;
/// Istio's mesh-wide default.
const CONNECT_TIMEOUT: &str = "10.000s";

/// Istio's name of the cluster of a host's port, seen from who calls it.
pub fn name(host: &str, port: u16) -> String {
    format!("outbound|{port}||{host}")
}

/// The cluster `name`, whose endpoints are told in a file of `endpoints`.
pub fn cluster(name: &str, rule: Option<&Value>, endpoints: &Path) -> Value {
    let file = super::endpoints::file(endpoints, name);
    let mut cluster = json!({
        "name": name, "type": "EDS", "lb_policy": "LEAST_REQUEST", "connect_timeout": CONNECT_TIMEOUT,
        "eds_cluster_config": { "service_name": name, "eds_config": {
            "resource_api_version": "V3",
            "path_config_source": { "path": file, "watched_directory": { "path": endpoints } },
        } },
        "circuit_breakers": { "thresholds": [{
            "max_connections": UNBOUNDED, "max_pending_requests": UNBOUNDED, "max_requests": UNBOUNDED,
            "max_retries": UNBOUNDED,
        }] },
    });
    let Some(rule) = rule else { return cluster };
    let mut spec = Fields::of(format!("DestinationRule of {name}"), rule);
    spec.take("host");
    if let Some(mut policy) = spec.object("trafficPolicy") {
        policy.object("connectionPool").into_iter().for_each(|pool| connection_pool(&mut cluster, pool));
        policy.object("loadBalancer").into_iter().for_each(|balancer| load_balancer(&mut cluster, balancer));
        policy.object("retryBudget").into_iter().for_each(|budget| retry_budget(&mut cluster, budget));
        policy.object("outlierDetection").into_iter().for_each(|outlier| outlier_detection(&mut cluster, outlier));
    }
    cluster
}

fn connection_pool(cluster: &mut Value, mut pool: Fields) {
    let mut common = json!({});
    let threshold = |cluster: &mut Value, name: &str, bound: Option<u64>| {
        // istiod cannot tell 0 from nothing.
        if let Some(bound) = bound.filter(|bound| *bound > 0) {
            cluster["circuit_breakers"]["thresholds"][0][name] = bound.into();
        }
    };
    if let Some(mut tcp) = pool.object("tcp") {
        threshold(cluster, "max_connections", tcp.number("maxConnections"));
        if let Some(timeout) = tcp.duration("connectTimeout") {
            cluster["connect_timeout"] = timeout.into();
        }
        if let Some(mut keepalive) = tcp.object("tcpKeepalive") {
            let mut whole = |name: &str| {
                let text = keepalive.duration(name)?;
                Some(text.split('.').next()?.parse::<u64>().unwrap())
            };
            cluster["upstream_connection_options"] = json!({ "tcp_keepalive": { "keepalive_time": whole("time"), "keepalive_interval": whole("interval") } });
        }
    }
    if let Some(mut http) = pool.object("http") {
        threshold(cluster, "max_pending_requests", http.number("http1MaxPendingRequests"));
        threshold(cluster, "max_requests", http.number("http2MaxRequests"));
        threshold(cluster, "max_retries", http.number("maxRetries"));
        if let Some(timeout) = http.duration("idleTimeout") {
            common["idle_timeout"] = timeout.into();
        }
        if let Some(requests) = http.number("maxRequestsPerConnection").filter(|requests| *requests > 0) {
            common["max_requests_per_connection"] = requests.into();
        }
    }
    cluster["typed_extension_protocol_options"] = json!({ "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": { "http_protocol_options": {} }, "common_http_protocol_options": common,
    } });
}

fn load_balancer(cluster: &mut Value, mut balancer: Fields) {
    assert_eq!(balancer.text("simple"), "LEAST_REQUEST", "the others are not translated");
    if let Some(mut warmup) = balancer.object("warmup") {
        cluster["least_request_lb_config"] =
            json!({ "slow_start_config": { "slow_start_window": warmup.duration("duration") } });
    }
}

fn retry_budget(cluster: &mut Value, mut budget: Fields) {
    let (percent, concurrency) = (budget.number("percent"), budget.number("minRetryConcurrency"));
    cluster["circuit_breakers"]["thresholds"][0]["retry_budget"] = json!({ "budget_percent": { "value": percent.unwrap_or(20) }, "min_retry_concurrency": concurrency.unwrap_or(3) });
}

fn outlier_detection(cluster: &mut Value, mut outlier: Fields) {
    // Statistics over pods need more of them than a service has.
    let mut out = json!({ "enforcing_success_rate": 0 });
    let enforced = |count: u64| if count > 0 { 100 } else { 0 };
    if let Some(count) = outlier.number("consecutive5xxErrors") {
        out["consecutive_5xx"] = count.into();
        out["enforcing_consecutive_5xx"] = enforced(count).into();
    }
    if let Some(count) = outlier.number("consecutiveGatewayErrors") {
        out["consecutive_gateway_failure"] = count.into();
        out["enforcing_consecutive_gateway_failure"] = enforced(count).into();
    }
    for (istio, envoy) in [("interval", "interval"), ("baseEjectionTime", "base_ejection_time")] {
        if let Some(duration) = outlier.duration(istio) {
            out[envoy] = duration.into();
        }
    }
    if let Some(percent) = outlier.number("maxEjectionPercent").filter(|percent| *percent > 0) {
        out["max_ejection_percent"] = percent.into();
    }
    let local = outlier.number("consecutiveLocalOriginFailures");
    if outlier.flag("splitExternalLocalOriginErrors") == Some(true) {
        out["split_external_local_origin_errors"] = true.into();
        if let Some(count) = local.filter(|count| *count > 0) {
            out["consecutive_local_origin_failure"] = count.into();
            out["enforcing_consecutive_local_origin_failure"] = 100.into();
        }
        out["enforcing_local_origin_success_rate"] = 0.into();
    }
    cluster["outlier_detection"] = out;
    // Left out means left out, even if it is everybody.
    let panic = outlier.number("minHealthPercent").unwrap_or(0);
    cluster["common_lb_config"] = json!({ "healthy_panic_threshold": { "value": panic } });
}
