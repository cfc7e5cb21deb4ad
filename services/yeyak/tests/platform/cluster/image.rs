//! The image of the Dockerfile: built and started for real where `buildah` is there, from the program under test.

use crate::fixture::booking::offering;
use crate::fixture::client::{Client, Doors};
use crate::fixture::folder;
use crate::fixture::process::{PROGRAM, Process};
use crate::fixture::run;
use crate::fixture::separate::door;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use testing::{Nats, SOON, check, eventually};

/// What the Dockerfile's second stage needs of the first one's image: a shell, its tools, and certificates.
const TOOLS: &str = r#"
strip -o "$1/yeyak" "$2"
for program in sh bash ldd cp mkdir grep; do program=$(command -v $program); echo $program; ldd $program || true; done |
    grep -o '/[^ ]*' | sort -u | xargs cp --parents --dereference -t "$1"
cp --parents --dereference $(ldd "$2" | grep -o '/[^ ]*') /etc/ssl/certs/ca-certificates.crt "$1"
mkdir -p "$1/bin" && cp --dereference /bin/sh /bin/bash "$1/bin/"
"#;
/// As a container runtime starts it: its own root, which it cannot write to, one volume, and the names it is given.
const CONTAINER: &str = r#"
set -e
mount --bind "$1" "$1"
mkdir -p "$1/data" && mount --bind "$2" "$1/data"
touch "$1/etc/hosts" && mount --bind "$2/../hosts" "$1/etc/hosts"
mount -o remount,bind,ro "$1"
user=$3 root=$1
shift 3
exec chroot --userspec="$user" "$root" "$@"
"#;

/// A store of images, which is removed with it.
struct Store(PathBuf);

impl Store {
    /// None, and a line that says why, where images cannot be built and started.
    fn open() -> Option<Self> {
        let works = |command: &[&str]| {
            let output = Command::new(command[0]).args(&command[1..]).output();
            output.is_ok_and(|output| output.status.success())
        };
        if works(&["buildah", "--version"]) && works(&["unshare", "--mount", "chroot", "/", "true"]) {
            return Some(Self(folder().join("store")));
        }
        // Not printed, because the test runner shows nothing of what a test that passes prints.
        writeln!(std::io::stderr(), "skipped: an image needs buildah (Debian: buildah) and a root who may mount")
            .unwrap();
        None
    }

    fn buildah(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("buildah");
        command.args(["--storage-driver", "vfs", "--root"]).arg(self.0.join("root"));
        command.arg("--runroot").arg(self.0.join("run")).args(arguments);
        said(command.env("TMPDIR", self.0.parent().unwrap()))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let dir = self.0.parent().unwrap();
        if let Err(fault) = std::fs::remove_dir_all(dir) {
            eprintln!("{} is left: {fault}", dir.display());
        }
    }
}

#[track_caller]
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Builds the image with the program under test in place of a release's; its second and its last stage are the real.
fn build(store: &Store) {
    let built = store.0.join("built");
    std::fs::create_dir_all(&built).unwrap();
    said(Command::new("sh").args(["-ec", TOOLS, "sh"]).arg(&built).arg(PROGRAM));
    let container = store.buildah(&["from", "scratch"]);
    store.buildah(&["copy", "--quiet", &container, built.to_str().unwrap(), "/"]);
    store.buildah(&["commit", "--quiet", "--rm", &container, "built"]);
    let project = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let built = ["bud", "--isolation", "chroot", "--pull-never", "--build-arg", "BUILT=localhost/built"];
    store.buildah(&[&built[..], &["--format", "docker", "--tag", "yeyak", project]].concat());
}

/// All files below `root`, as a container sees them.
fn files(root: &Path) -> BTreeSet<String> {
    let list = said(Command::new("find").arg(root).args(["-type", "f", "-printf", "/%P\n"]));
    list.lines().map(str::to_owned).collect()
}

#[test]
fn r18_the_image_holds_no_more_than_the_program_and_serves_from_a_read_only_root() {
    let Some(store) = Store::open() else { return };
    run(async {
        build(&store);
        let container = store.buildah(&["from", "--pull-never", "yeyak"]);
        let root = PathBuf::from(store.buildah(&["mount", &container]));
        let files = files(&root);
        let own = ["/yeyak", "/etc/nsswitch.conf", "/etc/ssl/certs/ca-certificates.crt"];
        let library = |file: &String| file.contains("/ld-linux") || (file.contains(".so") && file.starts_with("/lib"));
        assert!(own.iter().all(|file| files.contains(*file)), "{files:?}");
        assert!(files.iter().all(|file| own.contains(&file.as_str()) || library(file)), "{files:?}");
        let version = store.buildah(&["run", "--isolation", "chroot", &container, "--", "/yeyak", "--version"]);
        assert!(version.starts_with("yeyak "), "{version}");
        let inspected: Value = serde_json::from_str(&store.buildah(&["inspect", "--type", "image", "yeyak"])).unwrap();
        let config = &inspected["Docker"]["config"];
        assert_eq!((&config["User"], &config["Entrypoint"][0]), (&"65532:65532".into(), &"/yeyak".into()));
        assert_eq!(config["Healthcheck"]["Test"], serde_json::json!(["CMD", "/yeyak", "selfcheck"]));
        assert!(config["Env"].as_array().unwrap().contains(&"BIND=0.0.0.0".into()));
        serves(&root, config["User"].as_str().unwrap()).await;
        store.buildah(&["umount", &container]);
    });
}

/// Starts `serve catalog` in `root` as `user`, on SQLite in a volume, and asks it.
async fn serves(root: &Path, user: &str) {
    let (nats, door) = (Nats::start().await, door());
    let port = |url: &str| url.rsplit(':').next().unwrap().to_owned();
    let dir = folder().join("container");
    let volume = dir.join("volume");
    std::fs::create_dir_all(&volume).unwrap();
    chown(&volume, Some(65_532), Some(65_532)).unwrap();
    std::fs::write(dir.join("hosts"), "127.0.0.1 broker\n").unwrap();
    let (root, volume) = (root.to_str().unwrap(), volume.to_str().unwrap());
    let command = ["unshare", "--mount", "sh", "-c", CONTAINER, "sh", root, volume, user];
    let environment = [
        ("NATS_URL", nats.url().replace("127.0.0.1", "broker")),
        ("DATABASE_URL", "sqlite:/data/catalog.sqlite".into()),
        ("BIND", "127.0.0.1".into()),
        ("PORT", port(&door.public)),
        ("ADMIN_PORT", port(&door.admin)),
        ("INTERNAL_PORT", port(&door.internal)),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    let mut process = Process::of(dir, &[&command[..], &["/yeyak", "serve", "catalog"]].concat(), &environment);
    process.start();
    let client = Client::new(Doors::from([("catalog", vec![door.clone()])]));
    eventually("the container", SOON, async || {
        let mut checked = Command::new("chroot");
        checked.args(["--userspec", user, root, "/yeyak", "selfcheck", "--url", &door.admin]);
        let checked = checked.output().unwrap();
        check(checked.status.success(), |healthy| *healthy).map_err(|_| String::from_utf8(checked.stderr).unwrap())
    })
    .await;
    let published = client.post("/offerings", &offering("nights", 3)).await.expect(201).id();
    client.get(&format!("/offerings/{published}")).await.expect(200);
    eventually("the broker, found by its name", SOON, async || {
        let metrics = client.fetch(&format!("{}/metrics", door.admin)).await.unwrap().body;
        let mut lines = metrics.as_str().unwrap().lines();
        let gauge = lines.find(|line| line.starts_with("yeyak_broker_connected{"));
        check(gauge.map(str::to_owned), |gauge| gauge.as_ref().is_some_and(|line| line.ends_with(" 1")))
    })
    .await;
    let proc = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", process.pid().unwrap())).unwrap();
    assert!(proc("status").contains("Uid:\t65532\t65532\t65532\t65532"), "{}", proc("status"));
    let mounts = proc("mountinfo");
    let of_root = mounts.lines().find(|line| line.split(' ').nth(4) == Some("/")).unwrap_or(&mounts);
    assert_eq!(of_root.split(' ').nth(5).map(|options| options.starts_with("ro")), Some(true), "{of_root}");
    assert_eq!(process.end("TERM"), 0, "{}", process.last_words());
}
