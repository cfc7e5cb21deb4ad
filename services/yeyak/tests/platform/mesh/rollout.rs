//! R18: a rolling restart of reservation under steady bookings, as the rendered Deployment asks Kubernetes for it.

use super::translate::endpoints;
use super::world::{HTTP, World};
use crate::crowds::arrivals::{Arrivals, Visit};
use crate::fixture::alone;
use crate::fixture::booking::{offering, seats, with};
use crate::fixture::client::Door;
use crate::load::run::{K6, Script};
use serde_json::{Value, json};
use std::time::Duration;
use testing::helm::Helm;
use testing::{Issuer, Principal, SOON, check, eventually};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// A second of the chart takes so long here.
const SECOND: Duration = Duration::from_millis(200);
/// The proxies hear of a pod's coming and going so much later, which is longer than a process that was asked to end goes
/// on answering. Neither goes faster here than in a cluster.
const HEARD_AFTER: Duration = Duration::from_secs(1);
/// 100 bookings a second.
const PACE: Duration = Duration::from_millis(10);
/// Before and after the restart.
const STEADY: Duration = Duration::from_secs(2);
/// A restart that takes longer has found a bug.
const RESTART_MAX: Duration = Duration::from_secs(120);
const PODS: usize = 2;
/// Two pods, and those that take their places.
const PLAN: [(&str, usize); 3] = [("catalog", 1), ("reservation", PODS * 2), ("payment", 1)];
const SEATS: i64 = 100_000;
/// 10 prepaid bookings a second with a token, for longer than a slow machine needs to restart. Each costs a build without
/// optimizations so much that more of them would test the machine.
const PREPAID: Script = Script { name: "rollout", duration_scale: "0.6", vus_scale: "0.1", run: "rollout" };
/// So many of them before the restart, and after it.
const PREPAID_STEADY: u64 = 20;

/// What a Deployment says about the life of its pods.
struct Life {
    /// Paths on the admin port that must answer, one after the other, and how often each is asked.
    probes: Vec<(String, Duration)>,
    ready_for: Duration,
    pre_stop: Duration,
    /// What is left of the grace after the preStop; the process itself lives no faster than in a cluster.
    to_end: Duration,
}

impl Life {
    fn of(deployment: &Value) -> Self {
        let strategy = &deployment["spec"]["strategy"]["rollingUpdate"];
        assert_eq!((&strategy["maxUnavailable"], &strategy["maxSurge"]), (&json!(0), &json!(1)));
        let pod = &deployment["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        let count = |value: &Value| u32::try_from(value.as_u64().unwrap_or(0)).unwrap();
        let seconds = |value: &Value| SECOND * count(value);
        let pre_stop = &container["lifecycle"]["preStop"]["sleep"]["seconds"];
        let probes = ["startupProbe", "readinessProbe"].map(|name| &container[name]).into_iter();
        let probes = probes.filter(|probe| !probe.is_null()).map(|probe| {
            assert_eq!(probe["httpGet"]["port"], "admin");
            (probe["httpGet"]["path"].as_str().unwrap().to_owned(), seconds(&probe["periodSeconds"]))
        });
        Self {
            probes: probes.collect(),
            ready_for: seconds(&deployment["spec"]["minReadySeconds"]),
            pre_stop: seconds(pre_stop),
            to_end: Duration::from_secs((count(&pod["terminationGracePeriodSeconds"]) - count(pre_stop)).into()),
        }
    }

    /// Waits until the pod counts as ready, which without a probe it does at once.
    async fn ready(&self, world: &World, door: &Door) {
        for (path, period) in &self.probes {
            let url = format!("{}{path}", door.admin);
            let answers = async || world.client.fetch(&url).await.is_ok_and(|answer| answer.status == 200);
            let ready = async {
                while !answers().await {
                    sleep(*period).await;
                }
            };
            timeout(SOON, ready).await.unwrap();
        }
        sleep(self.ready_for).await;
    }
}

/// The chart's Deployment of reservation.
fn deployment() -> Option<Value> {
    let objects = Helm::find()?.template("helm", &["helm/ci/demo-values.yaml"], &[]).unwrap();
    let found = |object: &Value| object["kind"] == "Deployment" && object["metadata"]["name"] == "reservation";
    Some(objects.into_iter().find(found).unwrap())
}

/// Tells the gateway who answers, as late as a mesh does.
fn late(world: &World) -> UnboundedSender<(Instant, Vec<String>)> {
    let (told, mut heard) = unbounded_channel::<(Instant, Vec<String>)>();
    let (folder, host) = world.edge.endpoints("reservation");
    tokio::spawn(async move {
        while let Some((at, urls)) = heard.recv().await {
            sleep_until(at + HEARD_AFTER).await;
            endpoints::tell(&folder, (&host, HTTP), &urls);
        }
    });
    told
}

/// Replaces every pod, one after the other.
async fn restart(world: &mut World, life: &Life) {
    let doors = world.platform.doors("reservation");
    let mesh = late(world);
    let mut listed: Vec<String> = doors[..PODS].iter().map(|door| door.public.clone()).collect();
    let (begun, mut asked_at) = (Instant::now(), Vec::new());
    for old in 0..PODS {
        let new = &doors[PODS + old];
        world.platform.begin_one("reservation", PODS + old);
        life.ready(world, new).await;
        listed.push(new.public.clone());
        mesh.send((Instant::now(), listed.clone())).unwrap();
        // The pod's end is told, and its preStop begins, at the same moment.
        listed.retain(|url| *url != doors[old].public);
        mesh.send((Instant::now(), listed.clone())).unwrap();
        sleep(life.pre_stop).await;
        world.platform.ask_to_end("reservation", old);
        asked_at.push(Instant::now());
    }
    for (old, asked_at) in asked_at.into_iter().enumerate() {
        assert_eq!(world.platform.end_one("reservation", old, "CONT"), 0);
        assert!(asked_at.elapsed() < life.to_end, "a pod that takes longer is killed");
    }
    world.platform.until_ready().await;
    println!("restarted in {:?}", begun.elapsed());
}

/// What guests of a steady pace saw before, while and after every pod of reservation was replaced.
async fn seen(world: &mut World, life: &Life) -> Vec<Visit> {
    let id = world.client.publish(&with(offering("seats", SEATS), json!({ "payment": "settle_later" }))).await;
    let mut arrivals = Arrivals::new(&world.client, vec![seats(&id, 1)]);
    let (over, ends) = oneshot::channel::<()>();
    let guests = tokio::spawn(async move {
        tokio::select! {
            () = arrivals.come(PACE, RESTART_MAX) => panic!("the restart does not end"),
            ended = ends => ended.unwrap(),
        }
        arrivals.seen().await
    });
    sleep(STEADY).await;
    restart(world, life).await;
    sleep(STEADY).await;
    over.send(()).unwrap();
    guests.await.unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn availability(visits: &[Visit]) -> f64 {
    let served = visits.iter().filter(|visit| visit.status() == 202).count();
    let share = 100.0 * served as f64 / visits.len() as f64;
    let lasted = visits.last().unwrap().at - visits[0].at;
    println!("{served} of {} bookings in {lasted:?}: {share:.2} %", visits.len());
    share
}

/// Two pods run, and their successors are known but not started.
async fn world() -> Option<World> {
    World::start_some(&PLAN, PODS, &[], &[]).await
}

/// It is the order of things that does it: the mesh had nothing to hide.
async fn nothing_was_tried_twice(world: &World) {
    for count in ["upstream_rq_retry", "upstream_cx_connect_fail"] {
        assert_eq!(world.edge.count(&format!("reservation.default.svc.cluster.local.{count}")).await, 0, "{count}");
    }
}

#[test]
fn r18_a_rolling_restart_refuses_nobody() {
    alone(async {
        let (Some(deployment), Some(mut world)) = (deployment(), world().await) else { return };
        let visits = seen(&mut world, &Life::of(&deployment)).await;
        let failed: Vec<&Visit> = visits.iter().filter(|visit| visit.status() != 202).collect();
        availability(&visits);
        assert!(failed.is_empty(), "{} failed: {:?} {:?}", failed.len(), failed[0], world.edge.failures());
        nothing_was_tried_twice(&world).await;
    });
}

/// Waits until k6 has made more bookings; one that has ended has not seen the whole restart.
async fn more(world: &World) {
    let asked = async || world.edge.count("reservation.default.svc.cluster.local.upstream_rq_total").await;
    let before = asked().await;
    eventually("bookings of k6", SOON, async || check(asked().await, |asked| *asked >= before + PREPAID_STEADY)).await;
}

#[test]
fn r18_a_rolling_restart_refuses_nobody_who_prepays_with_a_token() {
    alone(async {
        let (Some(deployment), Some(k6), Some(issuer)) = (deployment(), K6::find().await, Issuer::start().await) else {
            return;
        };
        let plan = [&PLAN[..], &[("dashboard", 1)]].concat();
        let Some(mut world) = World::with_tokens(&issuer, &plan, PODS).await else { return };
        let guests = world.client.showing(&issuer.token(&Principal::operator("k6")).await);
        let meanwhile = async {
            more(&world).await;
            restart(&mut world, &Life::of(&deployment)).await;
            more(&world).await;
        };
        let (ended, ()) = tokio::join!(k6.run(&PREPAID, &guests), meanwhile);
        // The script demands a confirmation at the first try of everybody, and holds the books against the truth.
        assert_eq!(ended.passed().summary["availability_percent"], 100.0, "{:?}", world.edge.failures());
        nothing_was_tried_twice(&world).await;
    });
}

#[test]
fn r18_without_probes_and_pre_stop_a_rolling_restart_refuses_some() {
    alone(async {
        let (Some(mut deployment), Some(mut world)) = (deployment(), world().await) else { return };
        deployment["spec"]["minReadySeconds"] = json!(0);
        let container = deployment["spec"]["template"]["spec"]["containers"][0].as_object_mut().unwrap();
        for part in ["startupProbe", "readinessProbe", "lifecycle"] {
            assert!(container.remove(part).is_some(), "{part}");
        }
        let visits = seen(&mut world, &Life::of(&deployment)).await;
        assert!(availability(&visits) < 100.0);
        let steady = visits[0].at + STEADY;
        assert!(visits.iter().filter(|visit| visit.at < steady).all(|visit| visit.status() == 202));
    });
}
