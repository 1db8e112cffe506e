//! What the command line takes.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand};

use crate::language::Language;
use crate::webhook::Kind;

/// Which certificates on NAVER Cloud Platform's Global Edge expire soon or are not running?
#[derive(Debug, Parser)]
#[command(name = "cert-alert", version, args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the digest of a simulated account: needs no account, key or network (the default)
    Demo(Demo),
    /// Check a real account, with `NCLOUD_ACCESS_KEY` and `NCLOUD_SECRET_KEY`
    ///
    /// The exit status is that of monitoring plugins: 0 healthy, 1 warning, 2 critical, 3 could not check.
    Check(Check),
    /// Print the message for Slack or Teams, ready to paste into Block Kit Builder or the Adaptive Cards designer
    Preview(Preview),
}

impl Default for Command {
    fn default() -> Self {
        Self::Demo(Demo { count: DEMO_COUNT, language: Language::English, now: None })
    }
}

/// How many certificates the demo account has.
const DEMO_COUNT: usize = 37;

#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// How many certificates the account has
    #[arg(long, value_name = "N", default_value_t = DEMO_COUNT)]
    pub(super) count: usize,
    /// Language of the digest: en, ko, ja
    #[arg(long, default_value = "en", value_parser = language)]
    pub(super) language: Language,
    /// Judge as if it were then (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<DateTime<Utc>>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Print the result as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Also post the digest to the webhooks in `WEBHOOK_URL` (comma-separated; `slack=` or `teams=` before other hosts' URLs)
    #[arg(long)]
    pub(super) post: bool,
    /// Judge as if it were then (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct Preview {
    /// For which chat: slack, teams
    #[arg(long, default_value = "slack", value_parser = kind)]
    pub(super) kind: Kind,
    /// Of the account that `check` reads, instead of the demo account
    #[arg(long)]
    pub(super) real: bool,
    /// How many certificates the demo account has
    #[arg(long, value_name = "N", default_value_t = DEMO_COUNT)]
    pub(super) count: usize,
    /// Which message of a digest that is split
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) part: usize,
    /// Only the part that the designer takes: the blocks, or the card
    #[arg(long)]
    pub(super) card: bool,
    /// Write a page that shows the messages for both, instead
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Judge as if it were then (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

/// The function's settings as options; each wins over the environment variable of the same name.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Settings (or the environment variables of the same names)")]
pub(super) struct SettingsArgs {
    /// Base URL of Global Edge
    #[arg(long, value_name = "URL")]
    ncp_api_url: Option<String>,
    /// Days left from which a certificate is a warning
    #[arg(long, value_name = "DAYS")]
    warn_days: Option<String>,
    /// Days left from which a certificate is critical
    #[arg(long, value_name = "DAYS")]
    critical_days: Option<String>,
    /// Age from which a deployment is stuck
    #[arg(long, value_name = "MINUTES")]
    provisioning_grace_minutes: Option<String>,
    /// Language of the digest: en, ko, ja
    #[arg(long, value_name = "CODE", visible_alias = "language")]
    message_language: Option<String>,
    /// Time zone of the dates, an IANA name
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Whether to post when all is clear: true, false
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    notify_when_clear: Option<String>,
    /// Target of the message's first button
    #[arg(long, value_name = "URL")]
    console_url: Option<String>,
    /// Target of the second button
    #[arg(long, value_name = "URL")]
    runbook_url: Option<String>,
    /// Whether to read the details of urgent findings: true, false
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    certificate_details: Option<String>,
    /// Whether to ask Certificate Manager for lifetimes and issuers: true, false
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    certificate_manager: Option<String>,
    /// Base URL of Certificate Manager
    #[arg(long, value_name = "URL")]
    certificate_manager_url: Option<String>,
    /// Share of its lifetime left from which a certificate is a warning, where that is later than the days
    #[arg(long, value_name = "PERCENT")]
    warn_share: Option<String>,
    /// Share of its lifetime left from which a certificate is critical, where that is later than the days
    #[arg(long, value_name = "PERCENT")]
    critical_share: Option<String>,
}

impl SettingsArgs {
    /// The value of a variable: of the option with its name, else of the environment.
    pub(super) fn over(self, var: impl Fn(&str) -> Option<String>) -> impl Fn(&str) -> Option<String> {
        let Self {
            ncp_api_url,
            warn_days,
            critical_days,
            provisioning_grace_minutes,
            message_language,
            time_zone,
            notify_when_clear,
            console_url,
            runbook_url,
            certificate_details,
            certificate_manager,
            certificate_manager_url,
            warn_share,
            critical_share,
        } = self;
        let options = [
            ("NCP_API_URL", ncp_api_url),
            ("WARN_DAYS", warn_days),
            ("CRITICAL_DAYS", critical_days),
            ("PROVISIONING_GRACE_MINUTES", provisioning_grace_minutes),
            ("MESSAGE_LANGUAGE", message_language),
            ("TIME_ZONE", time_zone),
            ("NOTIFY_WHEN_CLEAR", notify_when_clear),
            ("CONSOLE_URL", console_url),
            ("RUNBOOK_URL", runbook_url),
            ("CERTIFICATE_DETAILS", certificate_details),
            ("CERTIFICATE_MANAGER", certificate_manager),
            ("CERTIFICATE_MANAGER_URL", certificate_manager_url),
            ("WARN_SHARE", warn_share),
            ("CRITICAL_SHARE", critical_share),
        ];
        move |name| {
            let option = options.iter().find(|(one, _)| *one == name);
            option.and_then(|(_, value)| value.clone()).or_else(|| var(name))
        }
    }
}

fn language(code: &str) -> Result<Language, &'static str> {
    Language::named(code).ok_or("accepted: en, ko, ja")
}

fn kind(text: &str) -> Result<Kind, &'static str> {
    Kind::named(text).ok_or("accepted: slack, teams")
}

fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
    time.map_err(|_| "accepted: an RFC 3339 time such as 2026-12-24T09:00:00+09:00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn an_option_wins_over_its_variable() {
        let args = Args::try_parse_from(["cert-alert", "check", "--warn-days", "9", "--notify-when-clear"]).unwrap();
        let Some(Command::Check(check)) = args.command else { panic!("{args:?}") };
        let var = check.settings.over(|name| Some(format!("env {name}")));
        assert_eq!(var("WARN_DAYS").unwrap(), "9");
        assert_eq!(var("NOTIFY_WHEN_CLEAR").unwrap(), "true");
        assert_eq!(var("CRITICAL_DAYS").unwrap(), "env CRITICAL_DAYS");
    }
}
