//! The command line `cert-alert`.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the one place where the command line reads its environment")]
fn var(name: &str) -> Option<String> {
    // A value that is not UTF-8 is bad, not unset: it becomes U+FFFD, which no setting accepts.
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    ncp_cert_alert::cli::main(std::env::args_os(), var).await
}
