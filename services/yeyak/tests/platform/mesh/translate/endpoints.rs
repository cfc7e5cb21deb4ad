//! Who answers for a cluster: a file that Envoy watches, as a mesh tells its proxies.

use super::clusters;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The file that tells the endpoints of `cluster`.
pub fn file(folder: &Path, cluster: &str) -> PathBuf {
    folder.join(format!("{}.json", cluster.replace('|', "-")))
}

/// Tells who answers for a host's port from now on; `urls` are loopback addresses.
pub fn tell(folder: &Path, (host, port): (&str, u16), urls: &[String]) {
    let cluster = clusters::name(host, port);
    let endpoints: Vec<Value> = urls.iter().map(|url| endpoint(url)).collect();
    let assignment = json!({ "version_info": "", "resources": [{
        "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": cluster, "endpoints": [{ "lb_endpoints": endpoints }],
    }] });
    // Envoy looks when something is moved into the folder.
    let draft = folder.join("draft");
    std::fs::write(&draft, assignment.to_string()).unwrap();
    std::fs::rename(draft, file(folder, &cluster)).unwrap();
}

fn endpoint(url: &str) -> Value {
    let port: u16 = url.rsplit(':').next().unwrap().parse().unwrap();
    json!({ "endpoint": { "address": { "socket_address": { "address": "127.0.0.1", "port_value": port } } } })
}
