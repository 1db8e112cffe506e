//! The command line `cert-alert`.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the one place where the command line reads its environment")]
fn var(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    ncp_cert_alert::cli::main(std::env::args_os(), var).await
}
