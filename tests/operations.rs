//! The runbook, the fan-out and the release workflow agree with the code and with the template.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use ncp_cert_alert::lambda::metrics::{self, Ending};
use ncp_cert_alert::lambda::{event, sample};
use ncp_cert_alert::response::ErrorType;
use ncp_cert_alert::time;
use serde_json::{Map, Value};

const RUNBOOK: &str = include_str!("../docs/operations.md");
const TEMPLATE: &str = include_str!("../template.yaml");
const FAN_OUT: &str = include_str!("../deploy/fan-out.yaml");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

type Row = Vec<String>;

/// The rows of the runbook's table whose first column's heading is this one.
fn table(heading: &str) -> Vec<Row> {
    let start =
        RUNBOOK.lines().position(|line| line.starts_with(&format!("| {heading} |"))).expect("the table is there");
    let rows = RUNBOOK.lines().skip(start + 2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backticks in `text`. Fenced blocks have none of their own.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("```"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The names that stand at this depth below a top-level section of a template.
fn names<'a>(template: &'a str, section: &str) -> BTreeSet<&'a str> {
    let body = template.split(&format!("\n{section}:\n")).nth(1).expect("the section is there");
    let lines = body.lines().take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    lines
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with([' ', '#']))?.strip_suffix(':'))
        .collect()
}

/// The logical ids of a template's alarms.
fn alarms(template: &str) -> BTreeSet<&str> {
    let of_type = template.split("\n    Type: AWS::CloudWatch::Alarm\n");
    let mut before: Vec<&str> = of_type.map(|before| before.lines().last().unwrap_or_default()).collect();
    before.pop();
    before.into_iter().map(|line| line.trim().trim_end_matches(':')).collect()
}

/// The metrics that a run writes.
fn written() -> BTreeSet<String> {
    let now = time::wall();
    let digest = sample::report(ncp_cert_alert::rules::Thresholds::DEFAULT, now, now.date_naive());
    let line: Value =
        serde_json::from_str(&metrics::line("f", &digest, Ending { deliveries_failed: 0, completed: true }, now))
            .unwrap();
    let declared = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    declared.iter().map(|metric| metric["Name"].as_str().unwrap().to_owned()).collect()
}

/// The text of the sources, without their tests, and with one blank wherever there is any.
fn sources() -> String {
    fn read(directory: &Path, all: &mut String) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, all);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                all.push_str(text.split("#[cfg(test)]\nmod tests").next().unwrap());
            }
        }
    }
    let mut all = String::new();
    read(&Path::new(ROOT).join("src"), &mut all);
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_alarm_has_its_row_and_every_row_its_alarm() {
    let rows: BTreeSet<String> = table("alarm").iter().map(|row| row[0].replace('`', "")).collect();
    let (own, of_the_fan_out) = (alarms(TEMPLATE), alarms(FAN_OUT));
    assert!(own.len() >= 5 && own.contains("MissedRunAlarm") && of_the_fan_out.len() == 2, "{own:?}");
    assert_eq!(rows, own.union(&of_the_fan_out).map(|&name| name.to_owned()).collect());
    for row in table("alarm") {
        assert!(row.len() == 4 && row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
}

#[test]
fn every_error_type_has_its_row_in_the_order_of_the_code() {
    let rows: Vec<String> = table("error type").iter().map(|row| row[0].replace('`', "")).collect();
    assert_eq!(rows, ErrorType::ALL.map(|kind| format!("{kind:?}")));
}

#[test]
fn the_runbooks_metrics_are_those_that_are_written() {
    let rows: BTreeSet<String> =
        table("metric").iter().flat_map(|row| quoted(&row[0]).map(str::to_owned).collect::<Vec<_>>()).collect();
    assert_eq!(rows, written());
}

#[test]
fn the_runbooks_log_lines_are_those_that_the_code_writes() {
    let sources = sources();
    let lines: Vec<&str> = ["tracing::info!(", "tracing::warn!(", "tracing::error!("]
        .iter()
        .flat_map(|start| sources.split(start).skip(1).map(|rest| rest.split(");").next().unwrap()))
        .collect();
    let message = |line: &str| line.rsplit('"').nth(1).unwrap().to_owned();
    let rows = table("`message`");
    let documented: BTreeSet<String> = rows.iter().map(|row| row[0].replace('`', "")).collect();
    assert_eq!(documented, lines.iter().map(|line| message(line)).collect());
    for row in rows {
        let line = lines.iter().find(|line| format!("`{}`", message(line)) == row[0]).unwrap();
        // What stands behind a colon are values and words, not fields.
        for field in quoted(row[1].split(':').next().unwrap()) {
            assert!(line.contains(field), "{}: no field {field}", row[0]);
        }
    }
}

#[test]
fn what_the_runbook_names_exists() {
    let mut known: BTreeSet<String> = written();
    known.insert("FanOutsCompleted".to_owned());
    assert!(FAN_OUT.contains("MetricName: FanOutsCompleted"));
    known.extend(ErrorType::ALL.map(|kind| format!("{kind:?}")));
    known.extend(["NcpCertAlert", "FunctionName"].map(str::to_owned));
    for (template, section) in
        [TEMPLATE, FAN_OUT].iter().flat_map(|one| ["Parameters", "Resources", "Outputs"].map(|section| (one, section)))
    {
        known.extend(names(template, section).into_iter().map(str::to_owned));
    }
    let sources = sources();
    let is_name = |word: &&str| {
        word.chars().all(char::is_alphanumeric)
            && word.chars().filter(|letter| letter.is_uppercase()).count() > 1
            && word.chars().any(char::is_lowercase)
    };
    for name in quoted(RUNBOOK).filter(is_name) {
        // A field of an API stands in the source as a text.
        assert!(known.contains(name) || sources.contains(&format!("\"{name}\"")), "the runbook names `{name}`");
    }
    let parameters = names(FAN_OUT, "Parameters");
    let overrides = RUNBOOK.split("--parameter-overrides ").nth(1).unwrap().lines().next().unwrap();
    for name in overrides.split_whitespace().map(|one| one.split('=').next().unwrap()) {
        assert!(parameters.contains(name), "deploy/fan-out.yaml has no parameter {name}");
    }
    for example in RUNBOOK.split("--example ").skip(1).map(|rest| rest.split_whitespace().next().unwrap()) {
        assert!(Path::new(ROOT).join(format!("examples/{example}.rs")).exists(), "{example}");
    }
}

#[test]
fn the_runbooks_links_lead_somewhere() {
    let anchor = |heading: &str| {
        let kept = heading.to_lowercase().replace(' ', "-");
        kept.chars().filter(|letter| letter.is_alphanumeric() || *letter == '-').collect::<String>()
    };
    let anchors: BTreeSet<String> = RUNBOOK
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| format!("#{}", anchor(line.trim_start_matches(['#', ' ']))))
        .collect();
    let links = RUNBOOK.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    for link in links.filter(|link| !link.starts_with("https://")) {
        let (path, _) = link.split_once('#').unwrap_or((link, ""));
        let exists =
            if path.is_empty() { anchors.contains(link) } else { Path::new(ROOT).join("docs").join(path).exists() };
        assert!(exists, "{link}");
    }
    let security = fs::read_to_string(Path::new(ROOT).join("SECURITY.md")).unwrap();
    for link in security.split("docs/operations.md#").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(anchors.contains(&format!("#{link}")), "SECURITY.md: {link}");
    }
}

/// The lists of batches that the fan-out's comment and the runbook show.
fn lists() -> [Value; 2] {
    let comment: Vec<&str> = FAN_OUT
        .lines()
        .skip_while(|line| !line.starts_with("#   ["))
        .map_while(|line| line.strip_prefix("#   "))
        .collect();
    let block = RUNBOOK.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    [comment.join("\n"), block.to_owned()].map(|list| serde_json::from_str(&list).expect("a list is JSON"))
}

#[test]
fn what_the_fan_out_sends_is_an_event_that_the_function_accepts() {
    let input = FAN_OUT.split("        Input: '").nth(1).unwrap().split('\'').next().unwrap();
    let by_hand = FAN_OUT.split("--input '").nth(1).unwrap().split('\'').next().unwrap();
    // What the state machine makes of the two is in tests/e2e/test_fan_out.py.
    for batch in lists().iter().flat_map(|list| list.as_array().unwrap()) {
        for options in [input, by_hand, "{}"] {
            let mut event: Map<String, Value> = batch.as_object().unwrap().clone();
            let options: Map<String, Value> = serde_json::from_str(options).unwrap();
            event.extend(options);
            event.insert("execution_id".to_owned(), "arn:aws:states:…".into());
            let options = event::read(&event.into()).unwrap();
            assert!(options.ncp_secret_ids.is_some_and(|ids| !ids.is_empty()));
        }
    }
}

#[test]
fn the_fan_out_never_repeats_a_run() {
    let run = FAN_OUT.split("                Run:\n").nth(1).unwrap();
    let run = run.split("                  End: true\n").next().unwrap();
    let (before, retry) = run.split_once("                  Retry:\n").unwrap();
    assert!(
        before.contains("Resource: arn:aws:states:::lambda:invoke\n"),
        "synchronous, so that nobody else repeats it"
    );
    let repeated: Vec<&str> = retry.lines().filter_map(|line| line.trim().strip_prefix("- ")).collect();
    let (first, errors) = repeated.split_first().unwrap();
    assert_eq!(*first, "ErrorEquals:");
    // Lambda gives these before it starts the function. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    let not_started = ["TooManyRequests", "Service", "ResourceNotReady", "ENILimitReached", "EC2Throttled"];
    assert_eq!(errors, not_started.map(|name| format!("Lambda.{name}Exception")));
    assert!(!run.contains("Catch:"), "a failed batch stays a failed batch");
}

#[test]
fn the_release_uses_the_tools_and_actions_that_were_tested() {
    let read = |path: &str| fs::read_to_string(Path::new(ROOT).join(path));
    // A packaged crate has no workflows.
    let Ok(release) = read(".github/workflows/release.yaml") else { return };
    let (ci, requirements) = (read(".github/workflows/ci.yaml").unwrap(), read("tests/e2e/requirements.txt").unwrap());
    let actions = |workflow: &str| -> BTreeMap<String, String> {
        let uses = workflow.lines().filter_map(|line| line.split_once("uses: ")?.1.split_once('@'));
        uses.map(|(action, version)| (action.to_owned(), version.to_owned())).collect()
    };
    let (of_release, of_ci) = (actions(&release), actions(&ci));
    assert!(of_release.contains_key("actions/checkout"));
    // What hands programs on from job to job is all that CI has no use for.
    for (action, version) in &of_release {
        let is_pinned = version.split(' ').next().unwrap().len() == 40;
        assert!(is_pinned && (action.ends_with("load-artifact") || of_ci.get(action) == Some(version)), "{action}");
    }
    for tool in ["cargo-lambda", "ziglang"] {
        let pin = requirements.lines().find(|line| line.starts_with(&format!("{tool}=="))).unwrap();
        let pin = pin.split_whitespace().next().unwrap();
        assert!(release.split_whitespace().any(|word| word == pin), "{pin}");
    }
    // The files are made by the script that the end-to-end tests try.
    assert!(release.contains(".github/release-assets dist "));
    for file in ["bootstrap-arm64.zip", "SHA256SUMS"] {
        assert!(RUNBOOK.contains(file), "{file}");
    }
}

/// The commands of the fenced shell blocks, with continued lines joined.
fn commands(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .flat_map(|block| block.replace("\\\n", " ").lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn every_command_of_aws_names_its_region() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let mut seen = 0;
    for text in [RUNBOOK, &readme] {
        // The others stand in a sentence.
        let flowing = text.replace('\n', " ");
        let spoken = quoted(&flowing).filter(|words| words.starts_with("aws ")).map(str::to_owned);
        for command in commands(text).into_iter().chain(spoken) {
            if ["aws ", "sam deploy ", "sam delete ", "cargo lambda deploy "].iter().any(|tool| command.contains(tool))
            {
                assert!(command.contains("--region \"$REGION\"") || command.contains("--guided"), "{command}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 15, "{seen}");
}

#[test]
fn the_readme_lists_what_the_guide_asks_in_its_order() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let listed = readme.split("The template's parameters in their order;").nth(1).unwrap();
    let listed = listed.split("-->").nth(1).unwrap().split("then whether to confirm").next().unwrap();
    let asked = TEMPLATE.split("\nParameters:\n").nth(1).unwrap().split("\nMappings:\n").next().unwrap();
    let asked = asked.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let asked: Vec<&str> = asked.filter_map(|line| line.trim().strip_suffix(':')).collect();
    assert!(asked.len() > 30);
    assert_eq!(quoted(listed).collect::<Vec<_>>(), asked);
}

#[test]
fn the_readme_asks_for_a_mail_address_wherever_it_deploys() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let deploying: Vec<String> = commands(&readme)
        .into_iter()
        .filter(|command| command.starts_with("sam deploy ") || command.starts_with("aws cloudformation deploy "))
        .collect();
    assert_eq!(deploying.len(), 3);
    for command in deploying {
        assert!(command.contains("AlarmEmail=") && command.contains("--stack-name ncp-cert-alert"), "{command}");
    }
    assert!(readme.contains("confirm the mail") && readme.contains("eval \"$(output Alarms)\""));
    assert!(readme.contains("--maximum-retry-attempts 0"));
    assert!(RUNBOOK.contains("\"RetryPolicy\": {\"MaximumRetryAttempts\": 10, \"MaximumEventAgeInSeconds\": 3600}"));
}

#[test]
fn advisories_are_checked_with_the_tool_of_ci() {
    let read = |path: &str| fs::read_to_string(Path::new(ROOT).join(path));
    // A packaged crate has neither.
    let (Ok(advisories), Ok(ci)) = (read(".github/workflows/advisories.yaml"), read(".ci/run")) else { return };
    let version = ci.split("cargo_deny=").nth(1).unwrap().lines().next().unwrap();
    assert!(advisories.contains(&format!("cargo-deny@{version}\n")));
}

#[test]
fn how_many_accounts_a_run_reads_at_once_is_told_as_it_is() {
    let at_once = ncp_cert_alert::lambda::ACCOUNTS_AT_ONCE;
    let texts = [include_str!("../docs/operations.md"), include_str!("../deploy/fan-out.yaml")];
    assert!(texts[0].contains(&format!("`MaxConcurrency` × {at_once} accounts")));
    assert!(texts[1].contains(&format!("up to {at_once} accounts at a time")));
}
