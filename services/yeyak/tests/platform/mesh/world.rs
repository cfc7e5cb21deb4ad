//! The platform behind real proxies that do what the charts say: the gateway, and reservation's own in front of payment.

use super::translate::{Rendered, endpoints};
use crate::fixture::SERVICES;
use crate::fixture::client::{Client, Door};
use crate::fixture::separate::Separate;
use serde_json::Value;
use std::path::PathBuf;
use testing::helm::Helm;
use testing::{Backend, Envoy, Issuer, SOON, check, eventually};

/// The ports that the charts give to every service.
pub const HTTP: u16 = 8080;
pub const INTERNAL: u16 = 8082;
/// Enough to book: two pods of each side of the call that a booking makes.
pub const BOOKING: [(&str, usize); 3] = [("catalog", 1), ("reservation", 2), ("payment", 2)];

/// Two busy cores must not look like an outage: how long a proxy waits is as the services' own patience, all else is the
/// chart's.
const PATIENT: [&str; 6] = [
    "mesh.edge.read.timeout=15s",
    "mesh.edge.read.retries.perTryTimeout=15s",
    "mesh.edge.keyed.timeout=15s",
    "mesh.edge.write.timeout=15s",
    "mesh.calls.write.timeout=8s",
    "mesh.profiles.standard.connectionPool.tcp.connectTimeout=5s",
];

/// A running proxy, and the rules it was made from.
pub struct Proxy {
    envoy: Envoy,
    rendered: Rendered,
    client: Client,
}

/// What a proxy knows of one process.
#[derive(Debug)]
pub struct Pod {
    pub port: u16,
    pub is_left_out: bool,
    /// Requests that were sent to it.
    pub asked: u64,
}

impl Proxy {
    /// Says who answers for a service's port from now on.
    pub fn tell(&self, (service, port): (&str, u16), urls: &[String]) {
        endpoints::tell(self.envoy.dir(), (&self.rendered.host(service), port), urls);
    }

    pub fn url(&self) -> String {
        self.envoy.url()
    }

    /// The sum of the statistics whose names end so.
    pub async fn count(&self, ending: &str) -> u64 {
        let told = self.client.fetch(&format!("{}/stats?format=json", self.envoy.admin_url())).await.unwrap();
        let stats = told["stats"].as_array().unwrap().iter();
        let named = stats.filter(|stat| stat["name"].as_str().is_some_and(|name| name.ends_with(ending)));
        named.map(|stat| stat["value"].as_u64().unwrap()).sum()
    }

    /// The processes that answer for a service, as the proxy sees them, by port.
    pub async fn pods(&self, service: &str) -> Vec<Pod> {
        let told = self.client.fetch(&format!("{}/clusters?format=json", self.envoy.admin_url())).await.unwrap();
        let host = self.rendered.host(service);
        let clusters = told["cluster_statuses"].as_array().unwrap().iter();
        let own = clusters.filter(|cluster| cluster["name"].as_str().unwrap().ends_with(&host));
        let pods = own.flat_map(|cluster| cluster["host_statuses"].as_array().into_iter().flatten());
        let mut pods: Vec<Pod> = pods.map(pod).collect();
        pods.sort_by_key(|pod| pod.port);
        pods
    }

    /// Waits until it has heard that so many processes answer for a service.
    pub async fn until_knows(&self, service: &str, count: usize) {
        eventually(&format!("{count} of {service}"), SOON, async || {
            check(self.pods(service).await, |pods| pods.len() == count)
        })
        .await;
    }

    /// The folder in which it is told who answers, and a service's full name.
    pub fn endpoints(&self, service: &str) -> (PathBuf, String) {
        (self.envoy.dir().to_owned(), self.rendered.host(service))
    }

    /// What it wrote about the requests that failed at the gateway or behind it.
    pub fn failures(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.envoy.dir().join("access.log")).unwrap_or_default();
        log.lines().filter(|line| line.contains("\" 50")).map(str::to_owned).collect()
    }
}

fn pod(status: &Value) -> Pod {
    let stats = status["stats"].as_array().unwrap().iter();
    // A number is a text in Envoy's JSON, and a 0 is left out.
    let asked = stats.filter(|stat| stat["name"] == "rq_total").filter_map(|stat| stat["value"].as_str());
    Pod {
        port: u16::try_from(status["address"]["socket_address"]["port_value"].as_u64().unwrap()).unwrap(),
        is_left_out: status["health_status"]["failed_outlier_check"] == true,
        asked: asked.map(|value| value.parse::<u64>().unwrap()).sum(),
    }
}

/// Services in processes of their own behind the proxies.
pub struct World {
    pub platform: Separate,
    /// Comes in through the gateway.
    pub client: Client,
    pub edge: Proxy,
    /// Stands between reservation and payment.
    pub calls: Proxy,
}

/// The mesh objects of the charts with these values; none where there is no helm.
fn rendered(sets: &[&str]) -> Option<Rendered> {
    Some(Rendered::of(Helm::find()?.template("istio", &[], &[&PATIENT, sets].concat()).unwrap()))
}

impl World {
    /// These processes on Postgres, all of them ready, behind proxies made from the charts with these values; none on a
    /// machine without the tools.
    pub async fn start(plan: &[(&'static str, usize)], sets: &[&str], extra: &[(&str, &str)]) -> Option<Self> {
        Self::start_some(plan, usize::MAX, sets, extra).await
    }

    /// As [`World::start`], but only the first `running` processes of each service run; the others may follow later.
    pub async fn start_some(
        plan: &[(&'static str, usize)],
        running: usize,
        sets: &[&str],
        extra: &[(&str, &str)],
    ) -> Option<Self> {
        let mut calls = Envoy::prepare().await?;
        let url = calls.url();
        let extra: Vec<(&str, &str)> = extra.iter().copied().chain([("PAYMENT_URL", url.as_str())]).collect();
        let rules = rendered(sets)?;
        let mut platform = Separate::prepare(Backend::Postgres, plan, &extra).await;
        for (service, replicas) in plan {
            (0..running.min(*replicas)).for_each(|replica| platform.begin_one(service, replica));
        }
        platform.until_ready().await;
        let resources = rules.outbound(("payment", INTERNAL), calls.port(), calls.dir());
        calls.start(&resources).await;
        let calls = Proxy { envoy: calls, rendered: rules, client: platform.client().clone() };
        calls.tell(("payment", INTERNAL), &internal(&platform.doors("payment")));
        calls.until_knows("payment", platform.doors("payment").len()).await;
        let edge = gateway(&platform, sets).await?;
        Some(Self { client: through(&edge), edge, platform, calls })
    }

    /// As [`World::start_some`], where the gateway and the services ask for tokens of this provider.
    pub async fn with_tokens(issuer: &Issuer, plan: &[(&'static str, usize)], running: usize) -> Option<Self> {
        let environment = issuer.environment();
        let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
        let audience = environment.iter().find(|(name, _)| *name == "AUTH_AUDIENCE").unwrap().1;
        let sets = [
            format!("auth.issuer={}", issuer.url()),
            format!("auth.audience={audience}"),
            format!("auth.jwksUri={}/jwks", issuer.url()),
        ];
        Self::start_some(plan, running, &sets.each_ref().map(String::as_str), &environment).await
    }

    /// Puts another gateway before the same processes.
    pub async fn behind(&mut self, sets: &[&str]) {
        self.edge = gateway(&self.platform, sets).await.unwrap();
        self.client = through(&self.edge);
    }
}

/// A gateway that knows every process of the platform.
async fn gateway(platform: &Separate, sets: &[&str]) -> Option<Proxy> {
    let (mut envoy, rendered) = (Envoy::prepare().await?, rendered(sets)?);
    // A mesh fetches the keys and hands them to its proxies.
    let keys = match rendered.keys_at() {
        Some(url) => Some(platform.client().fetch(&url).await.unwrap().expect(200).body.to_string()),
        None => None,
    };
    let resources = rendered.ingress(envoy.port(), envoy.dir(), keys.as_deref());
    envoy.start(&resources).await;
    let edge = Proxy { envoy, rendered, client: platform.client().clone() };
    for (service, doors) in platform.client().doors() {
        edge.tell((service, HTTP), &doors.iter().map(|door| door.public.clone()).collect::<Vec<_>>());
        edge.until_knows(service, doors.len()).await;
    }
    Some(edge)
}

fn internal(doors: &[Door]) -> Vec<String> {
    doors.iter().map(|door| door.internal.clone()).collect()
}

/// A client that knows nothing but the gateway.
fn through(edge: &Proxy) -> Client {
    let door = Door { public: edge.url(), admin: String::new(), internal: String::new() };
    Client::new(SERVICES.into_iter().map(|service| (service, vec![door.clone()])).collect())
}
