//! Faulty values: each is refused with a sentence that names what is wrong.

use serde_json::Value;
use testing::helm::Helm;

/// A profile, what is set wrongly in it, and words of the answer.
const FAULTS: &[(&str, &[&str], &[&str])] = &[
    // Typos, at each depth.
    ("demo", &["service.catalog.replicas=2"], &["additional properties 'service' not allowed"]),
    ("demo", &["services.catalogue.replicas=2"], &["catalogue", "'catalog'"]),
    ("demo", &["services.catalog.replica=2"], &["/services/catalog", "'replica' not allowed"]),
    ("demo", &["services.catalog.autoscaling.maximum=4"], &["/services/catalog/autoscaling", "'maximum' not allowed"]),
    ("demo", &["services.catalog.env.log-format=json"], &["invalid propertyName 'log-format'"]),
    ("demo", &["nats.enable=true"], &["/nats", "'enable' not allowed"]),
    ("demo", &["defaults.resources.limits.mem=1Gi"], &["/defaults/resources/limits", "'mem' not allowed"]),
    ("demo", &["networkPolicies.enabled=yes"], &["/networkPolicies/enabled", "want boolean"]),
    // Values out of bounds.
    ("demo", &["image.tag=latest"], &["/image/tag"]),
    ("demo", &["image.digest=sha256:12"], &["/image/digest", "pattern"]),
    ("demo", &["services.catalog.replicas=0"], &["/services/catalog/replicas", "minimum"]),
    ("demo", &["services.catalog.autoscaling.by=hpa"], &["'none', 'cpu', 'lag'"]),
    ("demo", &["broker.replicas=2"], &["/broker/replicas"]),
    ("demo", &["telemetry.sampleRatio=2"], &["/telemetry/sampleRatio", "maximum"]),
    ("demo", &["postgres.password=a@b"], &["/postgres/password"]),
    ("default", &[r"broker.url=nats://a\,b:4222"], &["/broker/url", "pattern"]),
    ("demo", &["auth.issuer=login.example.org"], &["/auth/issuer"]),
    ("demo", &["services.catalog.secrets.DATABASE_URL.name=only"], &["/services/catalog/secrets", "'key'"]),
    // Settings that only together make no sense.
    ("demo", &["image.repository="], &["no image for catalog, dashboard", "set image.repository"]),
    ("demo", &["nats.enabled=false"], &["no broker: set broker.url or broker.secret.name, or nats.enabled=true"]),
    (
        "demo",
        &["postgres.enabled=false"],
        &["no database for catalog, dashboard", "set databases.secret", "postgres.enabled"],
    ),
    ("demo", &["broker.url=nats://elsewhere:4222"], &["two brokers"]),
    ("demo", &["databases.secret=mine"], &["two databases"]),
    ("demo", &["nats.storage=2T"], &["/nats/storage", "pattern"]),
    ("demo", &["broker.eventsBytesMax=17179869184"], &["may fill 16106127360 bytes, three quarters of nats.storage"]),
    ("demo", &["broker.replicas=3"], &["one server", "three servers"]),
    ("demo", &["services.payment.replicas=2"], &["services.payment.volumes.ledger is an emptyDir", "replicas=1"]),
    ("demo", &["services.payment.enabled=false"], &["reservation calls payment, which is disabled", "PAYMENT_URL"]),
    ("demo", &["services.catalog.calls={till}"], &["services.catalog.calls: no service is called `till`"]),
    (
        "demo",
        &["services.catalog.autoscaling.min=11"],
        &["services.catalog.autoscaling: min is 11, above max, which is 10"],
    ),
    ("demo", &["defaults.enabled=false"], &["every service is disabled"]),
    ("demo", &["ports.admin=8080"], &["http, admin and internal must be three ports"]),
    ("demo", &["auth.issuer=https://i"], &["auth.issuer is set and reservation calls other services"]),
    (
        "default",
        &["services.payment.volumes.ledger.source=null"],
        &["services.payment.volumes.ledger.source: say where it lies"],
    ),
    (
        "default",
        &["services.catalog.autoscaling.by=lag"],
        &["services.catalog.autoscaling.by is lag: set broker.monitoring"],
    ),
    ("default", &["services.catalog.pdb.maxUnavailable=2"], &["maxUnavailable is 2 of 2 replicas"]),
    ("production", &["services.notification.env.SMTP_URL=smtp://x"], &["SMTP_URL stands in env and in secrets"]),
];

#[test]
fn faulty_values_are_refused_with_a_sentence() {
    let Some(helm) = Helm::find() else { return };
    for (profile, sets, words) in FAULTS {
        let refused =
            helm.template("helm", &[&format!("helm/ci/{profile}-values.yaml")], sets).map(|objects| objects.len());
        let said = refused.expect_err(&format!("{sets:?} is accepted"));
        assert!(words.iter().all(|word| said.contains(word)), "{sets:?}: {words:?} is not in: {said}");
    }
}

/// Nothing is assumed where only the installer can know: without values, everything that is missing is told at once.
#[test]
fn what_must_be_said_is_asked_for_at_once() {
    let Some(helm) = Helm::find() else { return };
    let said = helm.template("helm", &[], &[]).unwrap_err();
    for word in ["no image", "no broker", "no database", "ledger.source"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

/// The mesh team's chart refuses the same typos.
#[test]
fn both_charts_have_one_schema() {
    let Some(helm) = Helm::find() else { return };
    let said = helm.template("istio", &[], &["services.catalog.path=/x"]).unwrap_err();
    assert!(said.contains("'path' not allowed"), "{said}");
    let read = |path: &str| -> Value { serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() };
    let schema = read(testing::helm::workspace().join("helm/values.schema.json").to_str().unwrap());
    assert_eq!(schema["additionalProperties"], false);
}
