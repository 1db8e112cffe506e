//! The Lambda function `ncp-cert-alert`.

use chrono::DateTime;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use ncp_cert_alert::event::Payload;
use ncp_cert_alert::lambda::Function;
use ncp_cert_alert::net::retry::Timing;
use ncp_cert_alert::{lambda::logging, time};
use tracing::Instrument;

#[expect(clippy::disallowed_methods, reason = "the one place where the function reads its environment")]
fn var(name: &str) -> Option<String> {
    // A value that is not UTF-8 is bad, not unset: it becomes U+FFFD, which no setting accepts.
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    logging::init(logging::Format::from_vars(var), time::wall, logging::print);
    let function = Function::new(var, time::wall, Timing::DEFAULT, logging::print);
    function.prefetch().await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Payload>| {
        let LambdaEvent { payload, context } = event;
        let deadline = DateTime::from(context.deadline());
        let span = tracing::info_span!("invocation", requestId = context.request_id);
        function.handle(&payload, deadline).instrument(span).await.map_err(Diagnostic::from)
    }))
    .await
}
