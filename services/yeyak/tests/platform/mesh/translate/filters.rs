//! Tokens, who needs one, and the rate limit, as the gateway's filters.

use super::fields::Fields;
use serde_json::{Value, json};

const JWT: &str = "envoy.filters.http.jwt_authn";

/// A RequestAuthentication, with the keys that its issuer shows: a token that is there must be good.
pub fn tokens(authentication: &Value, keys: &str) -> Value {
    let mut spec = Fields::of("RequestAuthentication", authentication);
    spec.take("selector");
    let mut rules = spec.objects("jwtRules");
    assert_eq!(rules.len(), 1, "several issuers are not translated");
    let rule = &mut rules[0];
    rule.take("jwksUri");
    let mut provider = json!({
        "issuer": rule.text("issuer"), "local_jwks": { "inline_string": keys },
        "forward": rule.flag("forwardOriginalToken").unwrap_or(false), "payload_in_metadata": "payload",
    });
    let audiences = rule.texts("audiences");
    if !audiences.is_empty() {
        provider["audiences"] = audiences.into();
    }
    filter(
        JWT,
        "jwt_authn.v3.JwtAuthentication",
        json!({
            "providers": { "origins-0": provider },
            "rules": [{ "match": { "prefix": "/" }, "requires": { "requires_any": { "requirements": [
                { "provider_name": "origins-0" }, { "allow_missing": {} },
            ] } } }],
            "bypass_cors_preflight": true,
        }),
    )
}

/// An AuthorizationPolicy of the gateway.
pub fn authorization(policy: &Value) -> Value {
    let mut spec = Fields::of("AuthorizationPolicy", policy);
    spec.take("selector");
    let action = spec.text("action");
    let mut policies = json!({});
    for (index, mut rule) in spec.objects("rules").into_iter().enumerate() {
        let principals: Vec<Value> = rule.objects("from").into_iter().map(source).collect();
        let permissions: Vec<Value> = rule.objects("to").into_iter().map(operation).collect();
        policies[format!("rule-{index}")] = json!({ "permissions": permissions, "principals": principals });
    }
    filter("envoy.filters.http.rbac", "rbac.v3.RBAC", json!({ "rules": { "action": action, "policies": policies } }))
}

fn source(mut from: Fields) -> Value {
    let mut source = from.object("source").unwrap();
    assert_eq!(source.texts("notRequestPrincipals"), ["*"], "others are not translated");
    let claim = |name: &str| {
        json!({ "metadata": { "filter": JWT, "path": [{ "key": "payload" }, { "key": name }],
            "value": { "string_match": { "safe_regex": { "regex": ".+" } } } } })
    };
    json!({ "not_id": { "and_ids": { "ids": [claim("iss"), claim("sub")] } } })
}

fn operation(mut to: Fields) -> Value {
    let mut operation = to.object("operation").unwrap();
    let mut all = Vec::new();
    let hosts = operation.texts("hosts");
    assert!(hosts.is_empty(), "hosts are not translated: every test's host is 127.0.0.1");
    let paths = operation.texts("notPaths");
    if !paths.is_empty() {
        let paths: Vec<Value> = paths.iter().map(|path| json!({ "url_path": { "path": text_match(path) } })).collect();
        all.push(json!({ "not_rule": { "or_rules": { "rules": paths } } }));
    }
    let methods = operation.texts("notMethods");
    if !methods.is_empty() {
        let method = |method: &String| json!({ "header": { "name": ":method", "string_match": text_match(method) } });
        all.push(json!({ "not_rule": { "or_rules": { "rules": methods.iter().map(method).collect::<Vec<_>>() } } }));
    }
    json!({ "and_rules": { "rules": all } })
}

fn text_match(text: &str) -> Value {
    text.strip_suffix('*').map_or_else(|| json!({ "exact": text }), |prefix| json!({ "prefix": prefix }))
}

/// What an EnvoyFilter changes at the gateway.
pub enum Patch {
    /// A filter before the router.
    Filter(Value),
    /// Fields of the virtual host of this name.
    Host(String, Value),
}

pub fn patches(filter: &Value) -> Vec<Patch> {
    let mut spec = Fields::of("EnvoyFilter", filter);
    spec.take("workloadSelector");
    let patches = spec.objects("configPatches").into_iter().map(|mut patch| {
        let (kind, place) = (patch.text("applyTo"), patch.take("match").unwrap());
        let mut change = patch.object("patch").unwrap();
        let (operation, value) = (change.text("operation"), change.take("value").unwrap());
        match (kind.as_str(), operation.as_str()) {
            ("HTTP_FILTER", "INSERT_BEFORE") => {
                let before = json!({ "context": "GATEWAY", "listener": { "filterChain": { "filter": {
                    "name": "envoy.filters.network.http_connection_manager",
                    "subFilter": { "name": "envoy.filters.http.router" },
                } } } });
                assert_eq!(place, before, "other places are not translated");
                Patch::Filter(value)
            }
            ("VIRTUAL_HOST", "MERGE") => {
                let name = place["routeConfiguration"]["vhost"]["name"].as_str().unwrap();
                let of_host = json!({ "context": "GATEWAY", "routeConfiguration": { "vhost": { "name": name } } });
                assert_eq!(place, of_host, "other places are not translated");
                Patch::Host(name.to_owned(), value)
            }
            other => panic!("{other:?} is not translated"),
        }
    });
    patches.collect()
}

/// The last filter.
pub fn router() -> Value {
    filter("envoy.filters.http.router", "router.v3.Router", json!({}))
}

fn filter(name: &str, kind: &str, mut config: Value) -> Value {
    config["@type"] = format!("type.googleapis.com/envoy.extensions.filters.http.{kind}").into();
    json!({ "name": name, "typed_config": config })
}
