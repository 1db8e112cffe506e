//! template.yaml and deploy/fan-out.yaml: variables, metrics and events are those of the code. What they make of an account is in
//! tests/e2e.

use std::collections::BTreeSet;

use ncp_cert_alert::lambda::event;
use ncp_cert_alert::message::words::Language;
use serde_json::{Map, Value};

use crate::yaml::Node;
use crate::{code, fan_out, runbook, shell, template, text};

#[test]
fn the_template_sets_every_variable_and_no_other() {
    let template = template();
    let set = template["Resources"]["Function"]["Properties"]["Environment"]["Variables"].keys();
    assert_eq!(set.map(str::to_owned).collect::<BTreeSet<_>>(), code::variables());
}

#[test]
fn the_template_offers_every_language() {
    let template = template();
    let offered = template["Parameters"]["MessageLanguage"]["AllowedValues"].list().iter().map(Node::text);
    assert_eq!(offered.collect::<Vec<_>>(), Language::ALL.map(Language::code));
}

#[test]
fn the_alarms_watch_metrics_that_are_written() {
    let template = template();
    let own = template
        .every()
        .into_iter()
        .filter(|node| node.get("Namespace").is_some_and(|namespace| namespace.text() == "NcpCertAlert"));
    let watched: BTreeSet<String> = own.map(|node| node["MetricName"].text().to_owned()).collect();
    assert!(watched.contains("RunsCompleted"), "{watched:?}");
    assert_eq!(watched.difference(&code::metrics()).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// A text of `Fn::Sub`, with a 1 for everything that is substituted.
fn substituted(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |done, part| done + "1" + part.split_once('}').expect("`${` has its end").1)
}

#[test]
fn the_dashboard_shows_every_metric_that_is_written() {
    let template = template();
    let body = substituted(template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"].text());
    let body: Value = serde_json::from_str(&body).expect("the dashboard is JSON");
    let mut shown = BTreeSet::new();
    for widget in body["widgets"].as_array().unwrap() {
        let mut above = ["", ""];
        for metric in widget["properties"]["metrics"].as_array().unwrap() {
            for (place, above) in above.iter_mut().enumerate() {
                // A dot repeats the value of the metric above.
                *above = metric[place].as_str().filter(|one| *one != ".").unwrap_or(above);
            }
            shown.insert(above.map(str::to_owned));
        }
    }
    let own = code::metrics().into_iter().map(|name| ["NcpCertAlert".to_owned(), name]);
    let lambdas = ["Duration", "Errors"].map(|name| ["AWS/Lambda", name].map(str::to_owned));
    assert_eq!(shown, own.chain(lambdas).collect());
}

/// The lists of batches in the fan-out's comment and in the runbook.
fn lists() -> [Value; 2] {
    let template = text("deploy/fan-out.yaml");
    let comment: String = template.lines().filter_map(|line| line.strip_prefix('#')).collect();
    let list = comment.find('[').map(|start| serde_json::Deserializer::from_str(&comment[start..]));
    let commented = list.unwrap().into_iter().next().unwrap().expect("a list is JSON");
    let runbook = runbook();
    let [block] = runbook.blocks("json")[..] else { panic!("the list is all the JSON of the runbook") };
    [commented, serde_json::from_str(block).expect("a list is JSON")]
}

/// `tests/e2e/test_fan_out.py` tests what the state machine makes of batch and options.
#[test]
fn what_the_fan_out_sends_is_an_event_that_the_function_accepts() {
    let fan_out = fan_out();
    let by_hand = shell::commands(fan_out["Outputs"]["DryRun"]["Value"]["Fn::Sub"].text());
    let by_hand = by_hand[0].option("--input").unwrap();
    let scheduled = |schedule: &str| &fan_out["Resources"][schedule]["Properties"]["Target"]["Input"];
    let summary = scheduled("SummarySchedule").text();
    let [_, daily, plain] = scheduled("DailySchedule")["Fn::If"].list() else { panic!("with a summary, or without") };
    let daily = daily["Fn::Sub"].text().replace("${FreshHours}", fan_out["Parameters"]["FreshHours"]["Default"].text());
    for batch in lists().iter().flat_map(|list| list.as_array().unwrap()) {
        for options in [daily.as_str(), plain.text(), summary, by_hand, "{}"] {
            let mut event: Map<String, Value> = batch.as_object().unwrap().clone();
            let options: Map<String, Value> = serde_json::from_str(options).unwrap();
            event.extend(options);
            event.insert("execution_id".to_owned(), "arn:aws:states:…".into());
            let options = event::read(&event.into()).unwrap();
            assert!(options.ncp_secret_ids.is_some_and(|ids| !ids.is_empty()));
        }
    }
}

/// `tests/e2e/test_fan_out.py` tests that such a call is retried, and a failed run is not.
#[test]
fn the_fan_out_never_repeats_a_run() {
    let fan_out = fan_out();
    let batches =
        &fan_out["Resources"]["StateMachine"]["Properties"]["Definition"]["States"]["Batches"]["ItemProcessor"];
    // Executions of the type EXPRESS are at least once.
    // https://docs.aws.amazon.com/step-functions/latest/dg/express-at-least-once-execution.html
    assert_eq!(batches["ProcessorConfig"]["ExecutionType"].text(), "STANDARD");
    let run = &batches["States"]["Run"];
    assert_eq!(run["Resource"].text(), "arn:aws:states:::lambda:invoke", "synchronous, so that nobody else repeats it");
    let [retry] = run["Retry"].list() else { panic!("{:?}", run["Retry"]) };
    // Lambda gives these before it starts the function. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    let not_started = ["TooManyRequests", "Service", "ResourceNotReady", "ENILimitReached", "EC2Throttled"];
    let errors: Vec<&str> = retry["ErrorEquals"].list().iter().map(Node::text).collect();
    assert_eq!(errors, not_started.map(|name| format!("Lambda.{name}Exception")));
    // The longest run ends by itself.
    let template = template();
    let seconds = [&run["TimeoutSeconds"], &template["Parameters"]["TimeoutSeconds"]["MaxValue"]];
    let [batch, function] = seconds.map(|one| one.text().parse::<u32>().unwrap());
    assert!(batch > function, "{batch} s for a function of {function} s");
}
