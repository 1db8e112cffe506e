//! Log lines: one flat JSON object per line where Lambda asks for JSON, readable text elsewhere.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html>. Only this program's own
//! events are written below WARN: HTTP libraries would print headers, and so keys, at DEBUG. Release builds have no line below
//! INFO at all (`Cargo.toml`).

use std::fmt::{self, Write as _};
use std::io::Write as _;

use chrono::SecondsFormat;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::time::Clock;

/// The field that distinguishes invocations: in the invocation's span, and in every line within it.
pub const REQUEST_ID: &str = "requestId";

/// How lines look and which are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    json: bool,
    level: LevelFilter,
}

impl Format {
    /// Reads `AWS_LAMBDA_LOG_FORMAT` and `AWS_LAMBDA_LOG_LEVEL`, which Lambda sets from the function's logging configuration.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Self {
        let level = match var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default().to_ascii_uppercase().as_str() {
            "TRACE" => LevelFilter::TRACE,
            "DEBUG" => LevelFilter::DEBUG,
            "WARN" => LevelFilter::WARN,
            "ERROR" | "FATAL" => LevelFilter::ERROR,
            _ => LevelFilter::INFO,
        };
        Self { json: var("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json")), level }
    }
}

/// Passes lines on: to standard output, where Lambda reads log lines and metrics, or to a test.
pub type WriteLine = fn(&str);

/// Starts writing log lines.
pub fn listen(format: Format, clock: Clock, write: WriteLine) {
    // A second call keeps the first one's settings; there is only one process to log for.
    let _ = subscriber(format, clock, write).try_init();
}

/// Starts writing log lines, with one for a panic.
pub fn init(format: Format, clock: Clock, write: WriteLine) {
    listen(format, clock, write);
    // The default hook would print the panic's text, which may hold anything.
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "panicked");
    }));
}

/// What turns events into lines.
pub fn subscriber(format: Format, clock: Clock, write: WriteLine) -> impl Subscriber + Send + Sync {
    tracing_subscriber::registry().with(LogLayer { format, clock, write })
}

/// Writes one line to standard output.
pub fn print(line: &str) {
    // If standard output is gone, there is nowhere left to report it.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Writes one line to standard error.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// The layer that turns events into lines.
struct LogLayer {
    format: Format,
    clock: Clock,
    write: WriteLine,
}

/// The request that a span belongs to.
struct RequestId(String);

/// The fields of an event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl LogLayer {
    fn line(&self, level: Level, request: Option<&str>, mut fields: Map<String, Value>) -> String {
        let time = (self.clock)().to_rfc3339_opts(SecondsFormat::Millis, true);
        let message = fields.remove("message").unwrap_or_default();
        if self.format.json {
            let mut line = Map::new();
            line.insert("timestamp".to_owned(), time.into());
            line.insert("level".to_owned(), level.as_str().into());
            line.insert("message".to_owned(), message);
            line.extend(request.map(|id| (REQUEST_ID.to_owned(), id.into())));
            line.extend(fields);
            return Value::Object(line).to_string();
        }
        let mut line = format!("{time} {level:5} {}", message.as_str().unwrap_or_default());
        for (name, value) in &fields {
            // A text keeps its quotes, so that every line stays one line.
            let _ = write!(line, " {name}={value}");
        }
        line
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogLayer {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        // The runtime logs a handler's error as well; it was logged where it was handled.
        if metadata.target().starts_with("lambda_runtime::layers::panic") {
            return false;
        }
        let own = metadata.target().starts_with(env!("CARGO_CRATE_NAME"));
        let most = if own || metadata.is_span() { self.format.level } else { self.format.level.min(LevelFilter::WARN) };
        metadata.is_span() || metadata.level() <= &most
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(Value::String(request)), Some(span)) = (fields.0.remove(REQUEST_ID), context.span(id)) {
            span.extensions_mut().insert(RequestId(request));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let scope = context.event_scope(event).into_iter().flatten();
        let request = scope.into_iter().find_map(|span| span.extensions().get::<RequestId>().map(|id| id.0.clone()));
        (self.write)(&self.line(*event.metadata().level(), request.as_deref(), fields.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    thread_local! {
        static WRITTEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    fn written(vars: &[(&str, &str)], log: impl FnOnce()) -> Vec<String> {
        let format = Format::from_vars(|name| {
            vars.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        });
        let write = |line: &str| WRITTEN.with_borrow_mut(|lines| lines.push(line.to_owned()));
        let clock = || chrono::DateTime::from_timestamp_millis(1_800_000_000_123).unwrap();
        tracing::subscriber::with_default(subscriber(format, clock, write), log);
        WRITTEN.take()
    }

    #[test]
    fn a_json_line_is_flat_and_knows_its_request() {
        let lines = written(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")], || {
            let span = tracing::info_span!("invocation", requestId = "r-1");
            let _entered = span.enter();
            tracing::warn!(account = "prod", pages = 3, whole = true, "read\n{}", "twice");
        });
        assert_eq!(
            lines,
            [
                r#"{"account":"prod","level":"WARN","message":"read\ntwice","pages":3,"requestId":"r-1","timestamp":"2027-01-15T08:00:00.123Z","whole":true}"#
            ]
        );
    }

    #[test]
    fn a_text_line_is_one_line() {
        let lines = written(&[], || tracing::info!(error = "a\nb", "failed"));
        assert_eq!(lines, [r#"2027-01-15T08:00:00.123Z INFO  failed error="a\nb""#]);
    }

    #[test]
    fn others_are_logged_from_warn_up_whatever_the_level() {
        let log = || {
            tracing::trace!(target: "hyper::proto", "header: secret");
            tracing::debug!(target: "reqwest::connect", "url: secret");
            tracing::info!(target: "aws_smithy_runtime", "secret");
            tracing::warn!(target: "lambda_runtime", "heard");
            tracing::trace!("own");
        };
        let count = |level| written(&[("AWS_LAMBDA_LOG_LEVEL", level)], log).len();
        assert_eq!([count("TRACE"), count("INFO"), count("ERROR"), count("FATAL"), count("")], [2, 1, 0, 0, 1]);
    }
}
