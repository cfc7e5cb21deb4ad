//! The demonstration's broker: the stream must fit into what its server may fill, and that into what it claims.

use super::{containers, pods};
use crate::profiles::by_name;
use serde_json::Value;
use std::collections::BTreeSet;
use testing::helm::Helm;

const GIB: u64 = 1 << 30;
/// Of a disk that it may use, nats-server takes no more unless told.
const SHARE_MAX_PERCENT: u64 = 75;

#[test]
fn the_stream_fits_into_what_the_demonstration_claims() {
    let Some(helm) = Helm::find() else { return };
    for (gib, sets) in [(20, vec![]), (4, vec!["nats.storage=4Gi"])] {
        let objects = by_name(helm.template("helm", &["helm/ci/demo-values.yaml"], &sets).unwrap());
        let claim = &objects["StatefulSet/nats"]["spec"]["volumeClaimTemplates"][0]["spec"]["resources"];
        assert_eq!(claim["requests"]["storage"], format!("{gib}Gi"));
        let told = objects["ConfigMap/nats"]["data"]["nats.conf"].as_str().unwrap();
        let told = told.lines().find_map(|line| line.trim().strip_prefix("max_file_store: ")).unwrap();
        let server: u64 = told.parse().unwrap();
        assert!(server <= gib * GIB * SHARE_MAX_PERCENT / 100, "the server may fill {server} of {gib} GiB");
        // Whoever comes first makes the stream.
        let maps = objects.values().filter(|one| one["kind"] == "ConfigMap").map(|one| &one["data"]);
        let services = maps.filter(|data| data.get("NATS_URL").is_some()).map(|data| &data["EVENTS_BYTES_MAX"]);
        let services: Vec<&Value> = services.collect();
        assert_eq!(services.len(), 8);
        let job = pods(&objects).filter(|(name, ..)| name.starts_with("Job/")).flat_map(|(.., spec)| containers(spec));
        let job = job.flat_map(|container| container["env"].as_array().unwrap());
        let job = job.filter(|entry| entry["name"] == "EVENTS_BYTES_MAX").map(|entry| &entry["value"]);
        let streams: BTreeSet<&str> = services.into_iter().chain(job).map(|value| value.as_str().unwrap()).collect();
        let [stream] = Vec::from_iter(streams).try_into().unwrap();
        assert!(stream.parse::<u64>().unwrap() < server, "a stream of {stream} on a server that has {server}");
    }
}
