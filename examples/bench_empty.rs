//! A function that does nothing, on the same runtime with the same features as ours: what `benches/process.rs` measures beside it.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| Ok::<Value, lambda_runtime::Error>(event.payload)))
        .await
}
