//! A VirtualService as Envoy's virtual host, as istiod's `route.go` and `retry.go` have it.

use super::clusters;
use super::fields::Fields;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The virtual host of a VirtualService on a listener of `port`, and the host and port of every destination it names.
pub fn virtual_host(service: &Value, port: u16) -> (Value, BTreeSet<(String, u16)>) {
    let mut spec = Fields::of("VirtualService", service);
    // Who it is for has been looked at by whom chose it, and every test's host is 127.0.0.1.
    spec.take("gateways");
    let hosts = spec.texts("hosts");
    assert_eq!(hosts.len(), 1, "several hosts are not translated");
    let (mut routes, mut destinations) = (Vec::new(), BTreeSet::new());
    for route in spec.objects("http") {
        routes.extend(self::routes(route, port, &mut destinations));
    }
    (json!({ "name": format!("{}:{port}", hosts[0]), "domains": ["*"], "routes": routes }), destinations)
}

fn routes(mut http: Fields, port: u16, destinations: &mut BTreeSet<(String, u16)>) -> Vec<Value> {
    let name = http.text("name");
    let mut targets = http.objects("route");
    assert_eq!(targets.len(), 1, "{name}: shares of the traffic are not translated");
    let mut destination = targets[0].object("destination").unwrap();
    let to = destination.object("port").and_then(|mut port| port.number("number"));
    let to = (destination.text("host"), to.map_or(port, |port| u16::try_from(port).unwrap()));
    let mut action = json!({
        "cluster": clusters::name(&to.0, to.1),
        "timeout": http.duration("timeout").unwrap_or_else(|| "0s".into()),
    });
    if let Some(policy) = retries(http.object("retries")) {
        action["retry_policy"] = policy;
    }
    let rules = http.objects("match");
    let everything = rules.is_empty().then(|| json!({ "prefix": "/" }));
    let matches: Vec<Value> = rules.into_iter().filter_map(|one| matcher(one, port)).chain(everything).collect();
    if !matches.is_empty() {
        destinations.insert(to);
    }
    matches.into_iter().map(|one| json!({ "name": name, "match": one, "route": action })).collect()
}

/// The condition of a route; none where it is about another port.
fn matcher(mut rule: Fields, port: u16) -> Option<Value> {
    let here = rule.number("port").is_none_or(|number| number == u64::from(port));
    let mut out = match rule.object("uri") {
        None => json!({ "prefix": "/" }),
        Some(mut uri) => match (uri.take("exact"), uri.take("prefix"), uri.take("regex")) {
            (Some(path), None, None) => json!({ "path": path }),
            (None, Some(prefix), None) => json!({ "prefix": prefix }),
            (None, None, Some(regex)) => json!({ "safe_regex": { "regex": regex } }),
            other => panic!("one of exact, prefix, regex: {other:?}"),
        },
    };
    let mut headers = Vec::new();
    if let Some(method) = rule.object("method") {
        headers.push(json!({ "name": ":method", "string_match": text_match(method) }));
    }
    if let Some(mut named) = rule.object("headers") {
        // The one header that decides between routes.
        if let Some(key) = named.object("idempotency-key") {
            headers.push(json!({ "name": "idempotency-key", "string_match": text_match(key) }));
        }
    }
    out["headers"] = headers.into();
    here.then_some(out)
}

fn text_match(mut rule: Fields) -> Value {
    match (rule.take("exact"), rule.take("prefix"), rule.take("regex")) {
        (Some(text), None, None) => json!({ "exact": text }),
        (None, Some(prefix), None) => json!({ "prefix": prefix }),
        (None, None, Some(regex)) => json!({ "safe_regex": { "regex": regex } }),
        other => panic!("one of exact, prefix, regex: {other:?}"),
    }
}

/// What a route retries; Istio's default where it says nothing, nothing at 0 attempts.
fn retries(rule: Option<Fields>) -> Option<Value> {
    let previous_hosts = json!([{
        "name": "envoy.retry_host_predicates.previous_hosts",
        "typed_config": { "@type":
            "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate" },
    }]);
    let mut policy = json!({
        "num_retries": 2, "retry_on": "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes",
        "retry_host_predicate": previous_hosts, "host_selection_retry_max_attempts": 5,
    });
    let Some(mut rule) = rule else { return Some(policy) };
    let attempts = rule.number("attempts").unwrap_or(0);
    policy["num_retries"] = attempts.into();
    let (codes, mut words): (Vec<String>, Vec<String>) = rule
        .text("retryOn")
        .split(',')
        .map(|word| word.trim().to_owned())
        .partition(|word| word.parse::<u16>().is_ok());
    if !codes.is_empty() {
        policy["retriable_status_codes"] = codes.iter().map(|code| code.parse::<u16>().unwrap()).collect();
        words.push("retriable-status-codes".into());
    }
    policy["retry_on"] = words.join(",").into();
    if let Some(timeout) = rule.duration("perTryTimeout") {
        policy["per_try_timeout"] = timeout.into();
    }
    if let Some(pause) = rule.duration("backoff") {
        policy["retry_back_off"] = json!({ "base_interval": pause });
    }
    if rule.flag("retryIgnorePreviousHosts") == Some(false) {
        policy["retry_host_predicate"] = json!([]);
    }
    (attempts > 0).then_some(policy)
}
