//! The commands in the documents: what they name exists, and those that can run here print what is shown.

use crate::markdown::Document;
use crate::{document, documents, fan_out, readme, runbook, shell, template};

/// The tools that talk to AWS.
const TOOLS: [&str; 4] = ["aws ", "sam deploy ", "sam delete ", "cargo lambda deploy "];

/// The commands in blocks, and those within sentences.
fn all(document: &Document) -> Vec<shell::Command> {
    let spoken = document.code().filter(|code| TOOLS.iter().any(|tool| code.starts_with(tool)));
    shell::of(document).into_iter().chain(spoken.flat_map(shell::commands)).collect()
}

#[test]
fn every_command_of_aws_names_its_region() {
    let mut seen = 0;
    for path in documents() {
        for command in all(&document(&path)) {
            if TOOLS.iter().any(|tool| command.text.contains(tool)) {
                let named = command.text.contains("--region \"$REGION\"") || command.text.contains("--guided");
                assert!(named, "{path}: {}", command.text);
                seen += 1;
            }
        }
    }
    assert!(seen >= 15, "{seen}");
}

#[test]
fn every_parameter_that_a_command_sets_is_one_of_its_template() {
    let (template, fan_out) = (template(), fan_out());
    let mut seen = 0;
    for command in [readme(), runbook()].iter().flat_map(all) {
        let of_fan_out = command.option("--template-file") == Some("deploy/fan-out.yaml");
        let parameters = &(if of_fan_out { &fan_out } else { &template })["Parameters"];
        for set in command.list("--parameter-overrides") {
            let (name, _) = set.split_once('=').expect("a parameter has a value");
            assert!(parameters.get(name).is_some(), "{}: no parameter {name}", command.text);
            seen += 1;
        }
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn every_output_that_a_command_asks_for_is_one_of_the_template() {
    let outputs = &template()["Outputs"];
    let commands: Vec<_> = [readme(), runbook()].iter().flat_map(shell::of).collect();
    let asked: Vec<&str> = commands
        .iter()
        .filter_map(|command| match command.words.as_slice() {
            [output, name] if output == "output" => Some(name.as_str()),
            [eval, output] if eval == "eval" => output.strip_prefix("$(output ")?.strip_suffix(')'),
            _ => None,
        })
        .collect();
    assert!(asked.len() >= 5, "{asked:?}");
    for name in asked {
        assert!(outputs.get(name).is_some(), "{name}");
    }
}

#[cfg(feature = "cli")]
mod run {
    use std::process::Command;

    use crate::markdown::{self, Part};
    use crate::{document, readme, shell};

    /// The standard output of `cert-alert`, its standard error, and its exit status.
    fn cert_alert(arguments: &[&str]) -> (String, String, Option<i32>) {
        let output = Command::new(env!("CARGO_BIN_EXE_cert-alert")).args(arguments).env_clear().output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.code())
    }

    #[test]
    fn the_digest_of_the_readme_is_what_the_demo_prints() {
        for path in ["README.md", "README.ko.md"] {
            let document = document(path);
            let (comment, Part::Block { text, .. }) = document.commented("cert-alert demo") else { panic!("{path}") };
            // The comment names the command.
            let comment = markdown::read(comment.trim().trim_start_matches("<!--").trim_end_matches("-->"));
            let command = shell::commands(comment.code().next().unwrap()).remove(0);
            let arguments: Vec<&str> = command.words[1..].iter().map(String::as_str).collect();
            let (printed, _, status) = cert_alert(&arguments);
            assert_eq!((text.trim(), status), (printed.trim(), Some(0)), "{path}");
        }
    }

    #[test]
    fn the_commands_of_the_source_are_commands() {
        let commands = shell::of(&readme());
        let run: Vec<_> = commands.iter().filter(|command| command.begins("cargo run")).collect();
        assert_eq!(run.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["cargo run", "cargo run -- check"]);
        assert_eq!(cert_alert(&[]).2, Some(0));
        let (_, complaint, status) = cert_alert(&["check"]);
        assert_eq!(status, Some(3));
        for name in ["NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_KEY"] {
            assert!(complaint.contains(&format!("{name} is not set")), "{complaint}");
        }
    }

    #[test]
    fn the_command_line_has_the_commands_and_options_of_the_readme() {
        for row in readme().table("command") {
            let name = row[0].plain();
            let name = name.strip_prefix("cert-alert ").expect("a command of cert-alert");
            let (help, _, status) = cert_alert(&[name, "--help"]);
            assert_eq!(status, Some(0), "{name}");
            for option in row[1].code().filter(|code| code.starts_with("--")) {
                let option = option.split_whitespace().next().unwrap();
                assert!(help.contains(option), "`{name}` has no {option}");
            }
        }
    }
}
