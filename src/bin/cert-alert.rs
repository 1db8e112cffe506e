//! The command line `cert-alert`.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the one place where the command line reads its environment")]
fn var(name: &str) -> Option<String> {
    // A value that is not UTF-8 is bad, not unset: it becomes U+FFFD, which no setting accepts.
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn main() -> ExitCode {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("threads and timers can be had");
    let status = runtime.block_on(ncp_cert_alert::cli::main(std::env::args_os(), var));
    // A name whose look-up hangs must not hold up the end.
    runtime.shutdown_background();
    status
}
