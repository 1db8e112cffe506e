//! The workflows: a release uses what CI and the end-to-end tests have tested. `tests/e2e/test_workflows.py` tests whether
//! actions are pinned, and whatever else linters find.

use std::collections::BTreeSet;

use crate::shell::{self, Command};
use crate::yaml::{self, Node};
use crate::{runbook, text};

fn workflow(name: &str) -> Node {
    yaml::read(&text(&format!(".github/workflows/{name}.yaml")))
}

/// What is under this key in the steps of every job.
fn steps<'a>(workflow: &'a Node, key: &str) -> Vec<&'a str> {
    let jobs = workflow["jobs"].entries().iter();
    jobs.flat_map(|(_, job)| job["steps"].list()).filter_map(|step| step.get(key)).map(Node::text).collect()
}

fn commands(workflow: &Node) -> Vec<Command> {
    steps(workflow, "run").into_iter().flat_map(shell::commands).collect()
}

/// The only command that begins like this.
fn only<'a>(commands: &'a [Command], begins: &str) -> &'a Command {
    let mut found = commands.iter().filter(|command| command.begins(begins));
    let command = found.next().unwrap_or_else(|| panic!("no command begins with `{begins}`"));
    assert!(found.next().is_none(), "two commands begin with `{begins}`");
    command
}

#[test]
fn every_action_is_the_one_that_ci_tries() {
    let of_ci = workflow("ci");
    let of_ci: BTreeSet<&str> = steps(&of_ci, "uses").into_iter().collect();
    for name in ["release", "advisories"] {
        let workflow = workflow(name);
        let used = steps(&workflow, "uses");
        assert!(used.iter().any(|action| action.starts_with("actions/checkout@")), "{name}: {used:?}");
        // Passing programs on from job to job is the only thing that CI has no use for.
        let handing = |action: &str| action.split('@').next().is_some_and(|name| name.ends_with("load-artifact"));
        let untried: Vec<_> = used.into_iter().filter(|one| !of_ci.contains(one) && !handing(one)).collect();
        assert_eq!(untried, [""; 0], "{name}");
    }
}

#[test]
fn a_release_is_built_with_the_tools_that_the_end_to_end_tests_package_with() {
    let requirements = text("tests/e2e/requirements.txt");
    let tested: BTreeSet<&str> = requirements.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let commands = commands(&workflow("release"));
    let tools: Vec<&str> =
        only(&commands, "pip install ").words.iter().map(String::as_str).filter(|word| word.contains("==")).collect();
    assert_eq!(
        tools.iter().map(|tool| tool.split("==").next().unwrap()).collect::<Vec<_>>(),
        ["cargo-lambda", "ziglang"]
    );
    for tool in tools {
        assert!(tested.contains(tool), "{tool}");
    }
}

/// What the script makes of them, and the README's path from there to a stack, is tested in `tests/e2e/test_release.py`.
#[test]
fn a_release_has_the_files_that_the_runbook_deploys() {
    let released = commands(&workflow("release"));
    let made = only(&released, ".github/release-assets dist ");
    let runbook = shell::of(&runbook());
    let deployed = only(&runbook, "aws lambda update-function-code ");
    let architecture = deployed.option("--architectures").unwrap();
    assert!(made.words.iter().any(|one| one.starts_with(&format!("{architecture}="))), "{architecture}");
    assert_eq!(deployed.option("--zip-file"), Some(format!("fileb://bootstrap-{architecture}.zip").as_str()));
    for command in [only(&released, "sha256sum --check "), only(&runbook, "sha256sum --check ")] {
        assert_eq!(command.words.last().unwrap(), "SHA256SUMS");
    }
}

#[test]
fn advisories_are_checked_with_the_tool_of_ci() {
    let ci = shell::commands(&text(".ci/run"));
    let version = ci.iter().find_map(|command| command.words[0].strip_prefix("cargo_deny=")).unwrap();
    let commands = commands(&workflow("advisories"));
    assert_eq!(only(&commands, "cargo install ").words.last().unwrap(), &format!("cargo-deny@{version}"));
}
