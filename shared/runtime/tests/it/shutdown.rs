//! A signal to the whole process; only one, because the second ends it.
use std::process::Command;
use std::time::Duration;

use runtime::shutdown::signal;

#[tokio::test]
async fn sigterm_cancels_the_token() {
    let token = signal();
    assert!(!token.is_cancelled());
    let process = std::process::id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    tokio::time::timeout(Duration::from_secs(5), token.cancelled()).await.unwrap();
}
