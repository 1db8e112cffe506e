//! `cert-alert run`: the function's own run, anywhere.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::args::RunArgs;
use super::{CliError, proxy, terminal};
use crate::event::Payload;
use crate::lambda::{Function, logging};
use crate::response::ErrorType;
use crate::time;

/// Runs once, prints what the function would have returned, and returns the exit status.
pub(super) async fn run(run: RunArgs, var: impl Fn(&str) -> Option<String> + 'static) -> Result<u8, CliError> {
    logging::init(logging::Format::from_vars(&var), time::wall, logging::complain);
    let deadline = time::wall() + TimeDelta::seconds(run.timeout.into());
    let failed = |kind: String, message: String| json!({"errorType": kind, "errorMessage": message});
    let (answer, status) = match (event(&run), proxy::client(&var)) {
        (Err(problem), _) => (failed(format!("{:?}", ErrorType::EventError), problem), 1),
        (_, Err(problems)) => (failed(format!("{:?}", ErrorType::ConfigError), problems.join("; ")), 1),
        (Ok(event), Ok(http)) => {
            let function = Function::anywhere(var, http);
            match function.handle(&event, deadline).await {
                Ok(response) => (serde_json::to_value(response).expect("a response is JSON"), 0),
                Err(failures) => {
                    let error = lambda_runtime::Diagnostic::from(failures);
                    (failed(error.error_type, error.error_message), 1)
                }
            }
        }
    };
    terminal::print_json(&answer)?;
    Ok(status)
}

/// The event: what `--event` says, with the other options in it.
fn event(run: &RunArgs) -> Result<Payload, String> {
    let text = match run.event.strip_prefix('@') {
        None => run.event.clone(),
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| format!("--event: {file} cannot be read: {error}"))?
        }
    };
    let mut options = Map::new();
    for (name, is_set) in [("summary", run.summary), ("dry_run", run.dry_run), ("test", run.test)] {
        if is_set {
            options.insert(name.to_owned(), true.into());
        }
    }
    options.extend(run.fresh_hours.map(|hours| ("fresh_hours".to_owned(), hours.into())));
    if options.is_empty() {
        return serde_json::from_str(&text).map_err(|error| format!("--event is not JSON: {error}"));
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(event)) if !event.contains_key("detail-type") => {
            if let Some(name) = options.keys().find(|name| event.contains_key(*name)) {
                return Err(format!("`{name}` is both in --event and an option; write it once"));
            }
            Ok(Value::Object(event.into_iter().chain(options).collect()).into())
        }
        _ => Err("--event is no object of options; write the other options into its `detail`".to_owned()),
    }
}
