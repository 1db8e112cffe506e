//! The arguments of the command line.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgMatches, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::chat::Kind;
use crate::message::words::Language;

/// Alerts before a NAVER Cloud Global Edge certificate expires, or when its deployment is stuck
///
/// Without a command: the demo, which needs no account, key or network.
#[derive(Debug, Parser)]
#[command(name = "cert-alert", version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// The options of the demo.
    #[command(flatten)]
    pub(super) demo: Demo,
}

/// What goes below the main help.
const AFTER_HELP: &str = "\
Environment:
  NCLOUD_ACCESS_KEY, NCLOUD_SECRET_KEY  the keys of the account that `check`, `list` and `doctor` read
  WEBHOOK_URL                           where `check --post` posts: slack=https://…, teams=, line_works=, jandi=, dooray=, json=
  NO_COLOR                              no colours
  and the settings above

Examples:
  cert-alert                                   a demo
  cert-alert doctor                            what works with your account, and what does not
  cert-alert check -v                          what expires soon, with details
  cert-alert check --plugin                    for Nagios, Icinga, Zabbix
  cert-alert list --html certificates.html     everything, on one page
  cert-alert list --json | jq -r '.certificates[] | select(.daysLeft < 30) | .commonName'
  cert-alert run --fresh-hours 26              what is new or critical, every day
  cert-alert preview --kind teams --card       a message, for the Adaptive Cards designer
  eval \"$(cert-alert completions bash)\"        completion in this shell
  cert-alert man | man -l -                    the manual page";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the digest of a simulated account: needs no account, key or network (the default)
    Demo(Demo),
    /// List every certificate of a real account, the soonest expiry first
    ///
    /// Reads the account of `NCLOUD_ACCESS_KEY` and `NCLOUD_SECRET_KEY`. The exit status is 0, or 3 if the list could not be read
    /// completely; what was read is shown in any case.
    List(List),
    /// Check a real account, with `NCLOUD_ACCESS_KEY` and `NCLOUD_SECRET_KEY`
    ///
    /// The exit status is that of monitoring plugins: 0 healthy, 1 warning, 2 critical, 3 could not check or deliver. An account
    /// without certificates is a warning.
    Check(Check),
    /// Check step by step what works, and what to do about the rest: settings, clock, keys, permission, list, webhooks
    ///
    /// Reads the account of `NCLOUD_ACCESS_KEY` and `NCLOUD_SECRET_KEY` and looks at the webhooks of `WEBHOOK_URL`, or at all accounts
    /// of `NCP_SECRET_ID` and the webhooks of `WEBHOOK_SECRET_ID` where these are set. Nothing is posted. The exit status is 0, or 1
    /// if a step failed.
    Doctor(Doctor),
    /// Run once as the function does, from cron, Kubernetes or a CI schedule
    ///
    /// The settings, secrets, posts and result are the function's. `NCP_SECRET_ID` and `WEBHOOK_SECRET_ID` name AWS's secrets,
    /// files (`file:PATH`) or environment variables (`env:NAME`). Log lines go to standard error. The exit status is 0, or 1 if
    /// anything failed; standard output then holds `errorType` and `errorMessage`.
    Run(RunArgs),
    /// Print the message for a chat, for Slack and Teams ready to paste into Block Kit Builder or the Adaptive Cards designer
    Preview(Preview),
    /// Print a shell's completions
    Completions {
        /// For which shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// How many certificates the demo account has.
pub(super) const DEMO_COUNT: usize = 37;

/// The most: a demo is meant to be looked at.
const MOST: usize = 100_000;

#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// How many certificates the account has
    #[arg(long, value_name = "N", default_value_t = DEMO_COUNT, value_parser = count)]
    pub(super) count: usize,
    /// Show all that is known about each finding
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Judge as of this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    pub(super) format: Format,
    /// Use the simulated account: needs no account, key or network
    #[arg(long)]
    pub(super) demo: bool,
    /// How many certificates the simulated account has
    #[arg(long, value_name = "N", default_value_t = DEMO_COUNT, value_parser = count, requires = "demo")]
    pub(super) count: usize,
    /// Judge as of this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

/// In which form the list is given; a table for people by default.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct Format {
    /// Print JSON (docs/list.schema.json)
    #[arg(long)]
    pub(super) json: bool,
    /// Print CSV (RFC 4180, UTF-8)
    #[arg(long)]
    pub(super) csv: bool,
    /// Write one page with a timeline of twelve months and the table
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) format: CheckFormat,
    /// Show all that is known about each finding
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Also post the digest to the webhooks in `WEBHOOK_URL`: URLs, separated by commas; `slack=`, `teams=`, `line_works=`,
    /// `jandi=`, `dooray=` or `json=` before a URL whose host does not reveal its kind
    #[arg(long)]
    pub(super) post: bool,
    /// Use the simulated account: needs no account, key or network
    #[arg(long, conflicts_with = "post")]
    pub(super) demo: bool,
    /// How many certificates the simulated account has
    #[arg(long, value_name = "N", default_value_t = DEMO_COUNT, value_parser = count, requires = "demo")]
    pub(super) count: usize,
    /// Judge as of this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

/// In which form the result is given; a digest for people by default.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct CheckFormat {
    /// Print the result as JSON (docs/check.schema.json)
    #[arg(long)]
    pub(super) json: bool,
    /// Print what monitoring plugins print: a line with performance data, then a line for each finding
    #[arg(long)]
    pub(super) plugin: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    /// Write what NCP's answers look like as JSON, for a public issue: names of fields, types and statuses, no value of the account
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Of the simulated account: needs no account, key or network
    #[arg(long)]
    pub(super) demo: bool,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// The event, as the function gets it: JSON, or a file with it
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}")]
    pub(super) event: String,
    /// Of warnings and infos, report only those that became so within this many hours
    #[arg(long, value_name = "N")]
    pub(super) fresh_hours: Option<u32>,
    /// Report everything, with recent deployments and an outlook
    #[arg(long)]
    pub(super) summary: bool,
    /// Do everything but post; the result holds the messages
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Post a sample to every webhook, without asking NCP
    #[arg(long)]
    pub(super) test: bool,
    /// How long the run may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(super) timeout: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct Preview {
    /// For which chat
    #[arg(long, value_enum, default_value = "slack")]
    pub(super) kind: Kind,
    /// Of the account that `check` reads, instead of the demo account
    #[arg(long)]
    pub(super) real: bool,
    /// How many certificates the demo account has
    #[arg(long, value_name = "N", default_value_t = DEMO_COUNT, value_parser = count)]
    pub(super) count: usize,
    /// Which message of a digest that is split
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) part: usize,
    /// Only the part to paste into the designer: the blocks, or the card
    #[arg(long)]
    pub(super) card: bool,
    /// Judge as of this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

/// A setting of the function, as an option.
struct Setting {
    /// Its name, which is that of its environment variable in lower case and with dashes.
    option: &'static str,
    /// What its value is called in the help.
    value: &'static str,
    /// What applies where neither is given.
    default: &'static str,
    help: &'static str,
}

const fn setting(option: &'static str, value: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { option, value, default, help }
}

const HEADING: &str = "Settings (each wins over its environment variable)";

/// The settings that `demo`, `list`, `check`, `doctor` and `preview` take.
const SETTINGS: [Setting; 16] = [
    setting("ncp-api-url", "URL", crate::global_edge::DEFAULT_URL, "Base URL of Global Edge"),
    setting("warn-days", "DAYS", "30", "Days left from which a certificate is a warning"),
    setting("critical-days", "DAYS", "7", "Days left from which a certificate is critical"),
    setting("provisioning-grace-minutes", "MINUTES", "120", "Age from which a deployment is stuck"),
    setting("message-language", "CODE", "en", "Language"),
    setting("time-zone", "ZONE", "Asia/Seoul", "Time zone of the dates, an IANA name"),
    setting("notify-when-clear", "BOOL", "false", "Whether to post when all is clear"),
    setting("console-url", "URL", crate::settings::DEFAULT_CONSOLE_URL, "Target of the message's first button"),
    setting("runbook-url", "URL", "none", "Target of the second button"),
    setting("certificate-details", "BOOL", "true", "Whether to read the details of urgent findings"),
    setting("certificate-manager", "BOOL", "false", "Whether to ask Certificate Manager for lifetimes and issuers"),
    setting(
        "certificate-manager-url",
        "URL",
        crate::certificate_manager::DEFAULT_URL,
        "Base URL of Certificate Manager",
    ),
    setting("probe", "BOOL", "false", "Whether to look at what is served at the names of RUNNING slots"),
    setting(
        "probe-hosts",
        "HOSTS",
        "none",
        "Further hosts to look at, separated by commas: host, host:port, host=address or host=address:port",
    ),
    setting(
        "warn-share",
        "PERCENT",
        "none",
        "Share of its lifetime left from which a certificate is a warning, where that is later than the days",
    ),
    setting(
        "critical-share",
        "PERCENT",
        "none",
        "Share of its lifetime left from which a certificate is critical, where that is later than the days",
    ),
];

impl Setting {
    fn variable(&self) -> String {
        self.option.replace('-', "_").to_uppercase()
    }

    fn arg(&self) -> Arg {
        let Self { option, value, default, help } = self;
        let arg = Arg::new(*option).long(*option).value_name(*value).help_heading(HEADING);
        let arg = arg.help(format!("{help} [{}, default: {default}]", self.variable()));
        match (*option, *value) {
            ("message-language", _) => {
                arg.visible_alias("language").value_parser(Listed(Language::ALL.map(Language::code).to_vec()))
            }
            (_, "BOOL") => {
                arg.num_args(0..=1).default_missing_value("true").value_parser(Listed(vec!["true", "false"]))
            }
            _ => arg,
        }
    }
}

/// The values that the help and completions list. A wrong one is not refused here, but with all other bad settings.
#[derive(Clone)]
struct Listed(Vec<&'static str>);

impl TypedValueParser for Listed {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(|value| PossibleValue::new(*value))))
    }
}

/// The settings that were typed as options: their variables and values.
#[derive(Debug, Clone)]
pub(super) struct SettingsArgs(Vec<(String, String)>);

impl clap::Args for SettingsArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(SETTINGS.iter().map(Setting::arg))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingsArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = |setting: &Setting| {
            let value = matches.get_one::<String>(setting.option)?;
            Some((setting.variable(), value.clone()))
        };
        Ok(Self(SETTINGS.iter().filter_map(typed).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl SettingsArgs {
    /// The value of a variable: from the option of its name, or else from the environment.
    pub(super) fn over(&self, var: impl Fn(&str) -> Option<String>) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let typed = self.0.iter().find(|(variable, _)| variable == name);
            typed.map(|(_, value)| value.clone()).or_else(|| var(name))
        }
    }
}

fn count(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|count| *count <= MOST).ok_or("accepted: a whole number from 0 to 100000")
}

fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
    time.map_err(|_| "accepted: an RFC 3339 time such as 2026-12-24T09:00:00+09:00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use crate::settings::Settings;
    use clap::CommandFactory;

    fn check(arguments: &[&str]) -> SettingsArgs {
        let args = Args::try_parse_from([&["cert-alert", "check"], arguments].concat()).unwrap();
        let Some(Command::Check(check)) = args.command else { panic!("{args:?}") };
        check.settings
    }

    #[test]
    fn the_definitions_are_consistent() {
        Args::command().debug_assert();
        assert!(
            count(&MOST.to_string()).is_ok() && count(&(MOST + 1).to_string()).unwrap_err().contains(&MOST.to_string())
        );
    }

    #[test]
    fn the_help_names_every_kind_of_chat_and_completions_know_what_is_listed() {
        for kind in Kind::ALL {
            assert!(AFTER_HELP.contains(&format!("{kind}=")), "{kind}");
        }
        let preview = Args::command().find_subcommand("preview").unwrap().clone();
        let listed = |option: &str| -> Vec<String> {
            let arg = preview.get_arguments().find(|arg| arg.get_long() == Some(option)).unwrap();
            arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
        };
        assert_eq!(listed("kind"), Kind::ALL.map(Kind::as_str));
        assert_eq!(listed("message-language"), ["en", "ko", "ja"]);
        assert_eq!(listed("notify-when-clear"), ["true", "false"]);
    }

    #[test]
    fn an_option_wins_over_its_variable() {
        let settings = check(&["--warn-days", "9", "--notify-when-clear"]);
        let var = settings.over(|name| Some(format!("env {name}")));
        assert_eq!(var("WARN_DAYS").unwrap(), "9");
        assert_eq!(var("NOTIFY_WHEN_CLEAR").unwrap(), "true");
        assert_eq!(var("CRITICAL_DAYS").unwrap(), "env CRITICAL_DAYS");
    }

    #[test]
    fn every_setting_is_an_option_whose_help_gives_its_default() {
        let asked = RefCell::new(BTreeSet::new());
        let defaults = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            let setting = SETTINGS.iter().find(|setting| setting.variable() == name)?;
            (setting.default != "none").then(|| setting.default.to_owned())
        };
        assert_eq!(Settings::from_vars(defaults), Ok(Settings::default()));
        assert_eq!(SETTINGS.iter().map(Setting::variable).collect::<BTreeSet<String>>(), asked.into_inner());
    }
}
