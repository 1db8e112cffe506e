//! Settings: environment variables (or command-line options) → one validated [`Config`], with all problems reported at once.

pub(crate) mod fields;
pub mod secrets;

use reqwest::Url;

use crate::message::Style;
use crate::message::words::Language;
use crate::net::http::{check_base, check_url, parse_url};
use crate::probe::Target;
use crate::rules::Thresholds;
use crate::rules::lifetime::Shares;
use crate::secret_store::id;
use crate::text::quote::{Problems, quoted, quoted_name};
use crate::time::zone::Zone;
use crate::{certificate_manager, global_edge};

/// Where the message's first button leads by default. NCP documents no link to Global Edge itself.
pub(crate) const DEFAULT_CONSOLE_URL: &str = "https://console.ncloud.com/";

/// How long a link in messages may be, in characters: it must fit into a message of 2,000, beside what is to be read.
const LONGEST_LINK: usize = 1000;

/// The most days that a threshold can have: ten years, longer than any certificate lives.
pub(crate) const MAX_DAYS: u32 = 3650;

/// The most minutes of grace: a week.
pub(crate) const MAX_GRACE_MINUTES: u32 = 10_080;

/// The highest percentage of a lifetime that a threshold can have: more would warn from the start.
pub(crate) const MAX_SHARE: u8 = 90;

/// What settings and options that name a secret accept.
pub(crate) const SECRET_ID: &str = "the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN";

/// The settings of a run, except the secret ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `NCP_API_URL`: where Global Edge is, unless an account says otherwise.
    pub api_url: Url,
    /// `WARN_DAYS`, `CRITICAL_DAYS`, `PROVISIONING_GRACE_MINUTES`.
    pub thresholds: Thresholds,
    /// `MESSAGE_LANGUAGE`.
    pub language: Language,
    /// `TIME_ZONE`: the zone that dates are shown in.
    pub zone: Zone,
    /// `NOTIFY_WHEN_CLEAR`: whether a run that found nothing says so.
    pub notify_when_clear: bool,
    /// `CONSOLE_URL`: the target of the first button.
    pub console_url: Url,
    /// `RUNBOOK_URL`: the target of the second button, if there is to be one.
    pub runbook_url: Option<Url>,
    /// `CERTIFICATE_DETAILS`: whether the details of urgent findings are read.
    pub details: bool,
    /// `CERTIFICATE_MANAGER_URL`, if `CERTIFICATE_MANAGER` says that it is to be read.
    pub certificate_manager: Option<Url>,
    /// `PROBE_HOSTS`, if `PROBE` says that it is to be looked at what is served.
    pub probe: Option<Vec<Target>>,
}

/// The settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `NCP_SECRET_ID`: the secrets with the keys, one per account.
    pub ncp_secret_ids: Vec<String>,
    /// `WEBHOOK_SECRET_ID`: the secret with the webhooks.
    pub webhook_secret_id: String,
    /// Everything else.
    pub settings: Settings,
}

impl Config {
    /// Reads the function's settings; `var` gives the value of a variable, with U+FFFD in place of anything that is not
    /// UTF-8: no setting accepts that character.
    ///
    /// # Errors
    /// A sentence for every variable that is missing or bad, with its name, its value and what is accepted.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut variables = Variables { var: &var, problems: Vec::new() };
        let ncp = "the name or ARN of the secret with the NCP keys";
        let ncp_secret_ids = variables.required("NCP_SECRET_ID", ncp, secret_ids);
        let webhooks = "the name or ARN of the secret with the webhooks";
        let webhook_secret_id = variables.required("WEBHOOK_SECRET_ID", webhooks, secret_id);
        let settings = variables.settings();
        match (ncp_secret_ids, webhook_secret_id) {
            (Some(ncp_secret_ids), Some(webhook_secret_id)) if variables.problems.is_empty() => {
                Ok(Self { ncp_secret_ids, webhook_secret_id, settings })
            }
            _ => Err(variables.problems),
        }
    }
}

impl Config {
    /// What is wrong with ids that the function cannot read.
    pub(crate) fn local_ids(&self) -> Problems {
        let mut problems = refuse_local("NCP_SECRET_ID", &self.ncp_secret_ids);
        problems.extend(refuse_local("WEBHOOK_SECRET_ID", [&self.webhook_secret_id]));
        problems
    }
}

/// A sentence for each of the ids in `name` that are for the command line alone.
pub(crate) fn refuse_local<'a>(name: &str, ids: impl IntoIterator<Item = &'a String>) -> Problems {
    let local = ids.into_iter().filter(|id| id::is_local(id));
    local
        .map(|id| format!("{name} is {}, which is for the command line alone; accepted: {SECRET_ID}", quoted_name(id)))
        .collect()
}

impl Settings {
    /// Reads the settings that the command line shares with the function; `var` gives the value of a variable.
    ///
    /// # Errors
    /// As [`Config::from_vars`].
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut variables = Variables { var: &var, problems: Vec::new() };
        let settings = variables.settings();
        if variables.problems.is_empty() { Ok(settings) } else { Err(variables.problems) }
    }

    /// How messages look with these settings.
    pub fn style(&self) -> Style {
        let Self { language, zone, console_url, runbook_url, .. } = self;
        let (console_url, runbook_url) = (console_url.clone(), runbook_url.clone());
        Style { language: *language, zone: *zone, console_url, runbook_url }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let url = |text| Url::parse(text).expect("a constant");
        Self {
            api_url: url(global_edge::DEFAULT_URL),
            thresholds: Thresholds::DEFAULT,
            language: Language::English,
            zone: Zone::SEOUL,
            notify_when_clear: false,
            console_url: url(DEFAULT_CONSOLE_URL),
            runbook_url: None,
            details: true,
            certificate_manager: None,
            probe: None,
        }
    }
}

/// Splits a list of secrets at its commas.
///
/// # Errors
/// Says which secret is named twice, what is not a name, or that none is named.
pub(crate) fn secret_ids(text: &str) -> Result<Vec<String>, String> {
    distinct(text.split(',').map(str::trim).filter(|id| !id.is_empty()))
}

/// The same list, if it names at least one secret and each only once.
///
/// # Errors
/// As [`secret_ids`].
pub(crate) fn distinct<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, String> {
    let mut ids = Vec::new();
    for text in texts {
        let id = secret_id(text)?;
        if ids.contains(&id) {
            return Err(format!("names the secret `{id}` twice; name every account once"));
        }
        ids.push(id);
    }
    if ids.is_empty() {
        return Err("names no secret; accepted: names or ARNs, separated by commas".to_owned());
    }
    Ok(ids)
}

/// The id of a secret: its name or ARN, or `ssm:` and the name of a parameter, or the parameter's ARN.
///
/// # Errors
/// Says what is accepted.
pub(crate) fn secret_id(text: &str) -> Result<String, String> {
    let id = text.trim();
    let shown = quoted_name(id);
    if id::is_id(id) {
        Ok(id.to_owned())
    } else if let Some(path) = id.strip_prefix(id::PREFIX)
        && path.contains('/')
        && id::is_id(&format!("{}/{path}", id::PREFIX))
    {
        Err(format!("is {shown}, which lacks a slash: the name of a parameter with a path begins with one (`ssm:/…`)"))
    } else {
        Err(format!("is {shown}; accepted: {SECRET_ID}"))
    }
}

/// A URL that `check` accepts.
pub(crate) fn checked_url(text: &str, check: fn(&Url) -> Result<(), &'static str>) -> Result<Url, String> {
    let url = parse_url(text).map_err(|problem| format!("{problem}; accepted: an https URL"))?;
    check(&url)?;
    Ok(url)
}

struct Variables<'a> {
    var: &'a dyn Fn(&str) -> Option<String>,
    problems: Problems,
}

impl Variables<'_> {
    /// The value of a variable; an empty one counts as unset.
    fn value(&self, name: &str) -> Option<String> {
        (self.var)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn required<T>(&mut self, name: &str, what: &str, parse: fn(&str) -> Result<T, String>) -> Option<T> {
        let Some(text) = self.value(name) else {
            self.problems.push(format!("{name} is not set; set it to {what}"));
            return None;
        };
        parse(&text).map_err(|problem| self.problems.push(format!("{name} {problem}"))).ok()
    }

    /// Reads a variable, or uses its default.
    fn read<T>(&mut self, name: &str, default: T, accepted: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        let Some(value) = self.value(name) else { return default };
        parse(&value).unwrap_or_else(|| {
            self.problems.push(format!("{name} is {}; accepted: {accepted}", quoted(&value)));
            default
        })
    }

    fn number(&mut self, name: &str, default: u32, least: u32, most: u32) -> u32 {
        let accepted = format!("a whole number from {least} to {most}");
        self.read(name, default, &accepted, |value| value.parse().ok().filter(|number| (least..=most).contains(number)))
    }

    fn truth(&mut self, name: &str, default: bool) -> bool {
        self.read(name, default, "`true` or `false`", |value| value.to_ascii_lowercase().parse().ok())
    }

    fn url(&mut self, name: &str, check: fn(&Url) -> Result<(), &'static str>) -> Option<Url> {
        let text = self.value(name)?;
        checked_url(&text, check)
            .map_err(|problem| self.problems.push(format!("{name} is {}, which is refused: {problem}", quoted(&text))))
            .ok()
    }

    /// A URL that goes into every message, as the target of a button.
    fn link(&mut self, name: &str) -> Option<Url> {
        let url = self.url(name, check_url)?;
        let length = url.as_str().len();
        if length > LONGEST_LINK {
            self.problems.push(format!("{name} has {length} characters; accepted: at most {LONGEST_LINK}"));
            return None;
        }
        Some(url)
    }

    fn zone(&mut self, default: Zone) -> Zone {
        let Some(value) = self.value("TIME_ZONE") else { return default };
        Zone::named(&value).unwrap_or_else(|| {
            let nearest: Vec<_> = Zone::nearest(&value).iter().map(|name| format!("`{name}`")).collect();
            let (shown, nearest) = (quoted_name(&value), nearest.join(", "));
            let accepted = "any name of the IANA time zone database";
            self.problems.push(format!("TIME_ZONE is {shown}; accepted: {accepted}; the nearest: {nearest}"));
            default
        })
    }

    fn settings(&mut self) -> Settings {
        let defaults = Settings::default();
        Settings {
            api_url: self.url("NCP_API_URL", check_base).unwrap_or(defaults.api_url),
            certificate_manager: self.certificate_manager(),
            thresholds: Thresholds { shares: self.shares(), ..self.thresholds() },
            language: self.read("MESSAGE_LANGUAGE", defaults.language, &Language::accepted("`"), Language::named),
            zone: self.zone(defaults.zone),
            notify_when_clear: self.truth("NOTIFY_WHEN_CLEAR", defaults.notify_when_clear),
            console_url: self.link("CONSOLE_URL").unwrap_or(defaults.console_url),
            runbook_url: self.link("RUNBOOK_URL"),
            details: self.truth("CERTIFICATE_DETAILS", defaults.details),
            probe: self.probe(),
        }
    }

    fn thresholds(&mut self) -> Thresholds {
        let Thresholds { warn_days, critical_days, grace_minutes, shares } = Thresholds::DEFAULT;
        let before = self.problems.len();
        let warn = self.number("WARN_DAYS", warn_days, 1, MAX_DAYS);
        let critical = self.number("CRITICAL_DAYS", critical_days, 0, MAX_DAYS);
        if self.problems.len() == before && critical > warn {
            let from = |name| if self.value(name).is_some() { "" } else { " (the default)" };
            let (critical_from, warn_from) = (from("CRITICAL_DAYS"), from("WARN_DAYS"));
            self.problems.push(format!(
                "CRITICAL_DAYS is `{critical}`{critical_from}, more than WARN_DAYS, which is `{warn}`{warn_from}; \
                 accepted: a whole number from 0 to WARN_DAYS"
            ));
        }
        let grace_minutes = self.number("PROVISIONING_GRACE_MINUTES", grace_minutes, 0, MAX_GRACE_MINUTES);
        Thresholds { warn_days: warn, critical_days: critical, grace_minutes, shares }
    }

    /// Where Certificate Manager is, if it is to be read. Its URL is checked either way.
    fn certificate_manager(&mut self) -> Option<Url> {
        let is_on = self.truth("CERTIFICATE_MANAGER", false);
        let default = Url::parse(certificate_manager::DEFAULT_URL).expect("a constant");
        let url = self.url("CERTIFICATE_MANAGER_URL", check_base).unwrap_or(default);
        is_on.then_some(url)
    }

    /// The further hosts to look at, if hosts are to be looked at.
    fn probe(&mut self) -> Option<Vec<Target>> {
        let before = self.problems.len();
        let is_on = self.truth("PROBE", false);
        let Some(text) = self.value("PROBE_HOSTS") else { return is_on.then(Vec::new) };
        if !is_on && self.problems.len() == before {
            let problem = "PROBE_HOSTS is set, which needs PROBE; set PROBE to `true`, or take PROBE_HOSTS out";
            self.problems.push(problem.to_owned());
        }
        let mut targets = Vec::new();
        for (number, entry) in (1..).zip(text.split(',').map(str::trim).filter(|entry| !entry.is_empty())) {
            match Target::parse(entry) {
                Some(target) => targets.push(target),
                None => self.problems.push(format!(
                    "PROBE_HOSTS, entry {number}, is {}; accepted, separated by commas: {}, where `host` is a name and `address` an IP address",
                    quoted_name(entry),
                    Target::ACCEPTED
                )),
            }
        }
        is_on.then_some(targets)
    }

    fn shares(&mut self) -> Shares {
        let accepted = format!("a whole number of percent from 1 to {MAX_SHARE}");
        let percent = |value: &str| value.parse().ok().filter(|share| (1..=MAX_SHARE).contains(share)).map(Some);
        let warn = self.read("WARN_SHARE", None, &accepted, percent);
        let critical = self.read("CRITICAL_SHARE", None, &accepted, percent);
        if let (Some(warn), Some(critical)) = (warn, critical)
            && critical > warn
        {
            self.problems.push(format!(
                "CRITICAL_SHARE is `{critical}`, more than WARN_SHARE, which is `{warn}`; \
                 accepted: a whole number of percent from 1 to WARN_SHARE"
            ));
        }
        // A bad value of CERTIFICATE_MANAGER is reported separately.
        let is_off = self.value("CERTIFICATE_MANAGER").is_none_or(|value| value.eq_ignore_ascii_case("false"));
        for (name, share) in [("WARN_SHARE", warn), ("CRITICAL_SHARE", critical)] {
            if let Some(share) = share.filter(|_| is_off) {
                self.problems.push(format!(
                    "{name} is `{share}`, which needs CERTIFICATE_MANAGER: without it no lifetime is known; \
                     set CERTIFICATE_MANAGER to `true`, or remove {name}"
                ));
            }
        }
        Shares { warn, critical }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [(&str, &str); 2] = [("NCP_SECRET_ID", "prod"), ("WEBHOOK_SECRET_ID", "hooks")];

    fn config(vars: &[(&str, &str)]) -> Result<Config, Problems> {
        let value = |name: &str| {
            let all = vars.iter().chain(IDS.iter().filter(|(id, _)| !vars.iter().any(|(name, _)| name == id)));
            all.into_iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        Config::from_vars(value)
    }

    fn problems(vars: &[(&str, &str)]) -> String {
        config(vars).unwrap_err().join("\n")
    }

    #[test]
    fn two_ids_are_enough_and_the_rest_has_defaults() {
        let config = config(&[]).unwrap();
        assert_eq!(config.settings, Settings::default());
        assert_eq!((config.ncp_secret_ids, config.webhook_secret_id), (vec!["prod".into()], "hooks".into()));
    }

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        assert_eq!(config(&[("WARN_DAYS", ""), ("RUNBOOK_URL", " ")]).unwrap().settings, Settings::default());
        assert_eq!(
            problems(&[("NCP_SECRET_ID", "")]),
            "NCP_SECRET_ID is not set; set it to the name or ARN of the secret with the NCP keys"
        );
    }

    #[test]
    fn every_value_is_taken() {
        let config = config(&[
            ("NCP_SECRET_ID", " a , b,"),
            ("NCP_API_URL", "http://127.0.0.1:8080/base/"),
            ("WARN_DAYS", "3650"),
            ("CRITICAL_DAYS", "0"),
            ("PROVISIONING_GRACE_MINUTES", "10080"),
            ("MESSAGE_LANGUAGE", "ko"),
            ("TIME_ZONE", "Europe/Berlin"),
            ("NOTIFY_WHEN_CLEAR", "True"),
            ("CONSOLE_URL", "https://www.gov-ncloud.com/"),
            ("RUNBOOK_URL", "https://wiki.example.com/runbook"),
            ("CERTIFICATE_DETAILS", "false"),
            ("CERTIFICATE_MANAGER", "TRUE"),
            ("CERTIFICATE_MANAGER_URL", "https://certificatemanager.apigw.gov-ntruss.com"),
            ("WARN_SHARE", "90"),
            ("CRITICAL_SHARE", "1"),
        ])
        .unwrap();
        assert_eq!(config.ncp_secret_ids, ["a", "b"]);
        let settings = config.settings;
        let shares = Shares { warn: Some(90), critical: Some(1) };
        let expected = Thresholds { warn_days: 3650, critical_days: 0, grace_minutes: 10_080, shares };
        assert_eq!(settings.thresholds, expected);
        let certificate_manager = settings.certificate_manager.unwrap();
        assert_eq!(certificate_manager.as_str(), "https://certificatemanager.apigw.gov-ntruss.com/");
        assert_eq!((settings.language, settings.zone.name()), (Language::Korean, "Europe/Berlin"));
        assert_eq!((settings.notify_when_clear, settings.details), (true, false));
        assert_eq!(settings.api_url.as_str(), "http://127.0.0.1:8080/base/");
        assert_eq!(settings.console_url.as_str(), "https://www.gov-ncloud.com/");
        assert_eq!(settings.runbook_url.unwrap().as_str(), "https://wiki.example.com/runbook");
    }

    #[test]
    fn all_bad_values_are_reported_together() {
        insta::assert_snapshot!(problems(&[
            ("NCP_SECRET_ID", "a,b,a"),
            ("WEBHOOK_SECRET_ID", ""),
            ("NCP_API_URL", "http://edge.apigw.ntruss.com"),
            ("WARN_DAYS", "thirty"),
            ("CRITICAL_DAYS", "-1"),
            ("PROVISIONING_GRACE_MINUTES", "10081"),
            ("MESSAGE_LANGUAGE", "fr"),
            ("TIME_ZONE", "Mars/Olympus"),
            ("NOTIFY_WHEN_CLEAR", "yes"),
            ("CONSOLE_URL", "console"),
            ("RUNBOOK_URL", "javascript:alert(1)"),
            ("CERTIFICATE_DETAILS", "1"),
            ("CERTIFICATE_MANAGER", "on"),
            ("CERTIFICATE_MANAGER_URL", "http://certificatemanager.apigw.ntruss.com"),
            ("WARN_SHARE", "91"),
            ("CRITICAL_SHARE", "10%"),
        ]), @"
        NCP_SECRET_ID names the secret `a` twice; name every account once
        WEBHOOK_SECRET_ID is not set; set it to the name or ARN of the secret with the webhooks
        NCP_API_URL is (a URL), which is refused: plain http is accepted for loopback hosts only; use https
        CERTIFICATE_MANAGER is `on`; accepted: `true` or `false`
        CERTIFICATE_MANAGER_URL is (a URL), which is refused: plain http is accepted for loopback hosts only; use https
        WARN_SHARE is `91`; accepted: a whole number of percent from 1 to 90
        CRITICAL_SHARE is `10%`; accepted: a whole number of percent from 1 to 90
        WARN_DAYS is `thirty`; accepted: a whole number from 1 to 3650
        CRITICAL_DAYS is `-1`; accepted: a whole number from 0 to 3650
        PROVISIONING_GRACE_MINUTES is `10081`; accepted: a whole number from 0 to 10080
        MESSAGE_LANGUAGE is `fr`; accepted: `en`, `ko`, `ja`
        TIME_ZONE is `Mars/Olympus`; accepted: any name of the IANA time zone database; the nearest: `America/Manaus`, `Africa/Maseru`, `America/Marigot`
        NOTIFY_WHEN_CLEAR is `yes`; accepted: `true` or `false`
        CONSOLE_URL is `console`, which is refused: it is not a URL; accepted: an https URL
        RUNBOOK_URL is `javascript:alert(1)`, which is refused: it names no host
        CERTIFICATE_DETAILS is `1`; accepted: `true` or `false`
        ");
    }

    #[test]
    fn the_function_refuses_what_only_the_command_line_can_read() {
        let ids = ["prod", "file:/run/ncp.json"].map(str::to_owned);
        insta::assert_snapshot!(refuse_local("NCP_SECRET_ID", &ids).join("\n"), @"NCP_SECRET_ID is `file:/run/ncp.json`, which is for the command line alone; accepted: the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN");
    }

    #[test]
    fn a_secret_is_named_by_its_name_or_arn_in_either_store() {
        let arns = [
            "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ncp/prod-AbC12f",
            "arn:aws:ssm:ap-northeast-2:123456789012:parameter/team/ncp/prod",
        ];
        for id in
            ["prod", "team/ncp/prod", "ssm:prod", "ssm:/team/ncp/prod", "ssm:/ncp-prod.v2_a"].into_iter().chain(arns)
        {
            assert_eq!(secret_id(&format!(" {id} ")).as_deref(), Ok(id));
        }
        assert_eq!(secret_ids("ssm:/a, a,ssm:/b").unwrap(), ["ssm:/a", "a", "ssm:/b"]);
        assert!(secret_ids("ssm:/a,ssm:/a").unwrap_err().contains("`ssm:/a` twice"));
        let refused =
            ["team:prod", "ssm:", "ssm:team/prod", "file:", "ssm:/prod:3", "arn:aws:ssm:ap-northeast-2:1:document/x"];
        let refused: Vec<String> = refused.iter().map(|id| secret_id(id).unwrap_err()).collect();
        insta::assert_snapshot!(refused.join("\n"), @"
        is `team:prod`; accepted: the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN
        is `ssm:`; accepted: the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN
        is `ssm:team/prod`, which lacks a slash: the name of a parameter with a path begins with one (`ssm:/…`)
        is `file:`; accepted: the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN
        is `ssm:/prod:3`; accepted: the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN
        is (a text of more than 32 characters); accepted: the name or ARN of a secret, or `ssm:` and the name of a parameter, or its ARN
        ");
    }

    #[test]
    fn a_variable_that_is_not_text_is_a_bad_value_and_not_an_unset_one() {
        let names = [
            "NCP_SECRET_ID",
            "WEBHOOK_SECRET_ID",
            "NCP_API_URL",
            "WARN_DAYS",
            "MESSAGE_LANGUAGE",
            "NOTIFY_WHEN_CLEAR",
            "RUNBOOK_URL",
        ];
        for name in names {
            let shown = problems(&[(name, "https://a\u{fffd}b.example.com")]);
            assert!(shown.starts_with(&format!("{name} is ")) && shown.contains("accepted: "), "{shown}");
            assert_eq!(shown.lines().count(), 1, "{shown}");
        }
    }

    #[test]
    fn thresholds_are_checked_against_each_other() {
        insta::assert_snapshot!(problems(&[("WARN_DAYS", "5"), ("CRITICAL_DAYS", "6")]), @"CRITICAL_DAYS is `6`, more than WARN_DAYS, which is `5`; accepted: a whole number from 0 to WARN_DAYS");
        insta::assert_snapshot!(problems(&[("WARN_DAYS", "5")]), @"CRITICAL_DAYS is `7` (the default), more than WARN_DAYS, which is `5`; accepted: a whole number from 0 to WARN_DAYS");
        assert!(config(&[("WARN_DAYS", "7")]).is_ok());
    }

    #[test]
    fn shares_need_certificate_manager_and_are_checked_against_each_other() {
        insta::assert_snapshot!(problems(&[("WARN_SHARE", "10"), ("CRITICAL_SHARE", "11")]), @"
        CRITICAL_SHARE is `11`, more than WARN_SHARE, which is `10`; accepted: a whole number of percent from 1 to WARN_SHARE
        WARN_SHARE is `10`, which needs CERTIFICATE_MANAGER: without it no lifetime is known; set CERTIFICATE_MANAGER to `true`, or remove WARN_SHARE
        CRITICAL_SHARE is `11`, which needs CERTIFICATE_MANAGER: without it no lifetime is known; set CERTIFICATE_MANAGER to `true`, or remove CRITICAL_SHARE
        ");
        let with = |vars: &[(&str, &str)]| config(&[vars, &[("CERTIFICATE_MANAGER", "true")]].concat());
        let shares = |vars: &[(&str, &str)]| with(vars).unwrap().settings.thresholds.shares;
        assert_eq!(shares(&[]), Shares::NONE);
        assert_eq!(shares(&[("WARN_SHARE", "33")]), Shares { warn: Some(33), critical: None });
        assert_eq!(shares(&[("CRITICAL_SHARE", "90")]), Shares { warn: None, critical: Some(90) });
        for nonsense in ["0", "91", "-1", "33.3", "33%", "256"] {
            assert!(with(&[("WARN_SHARE", nonsense)]).is_err(), "{nonsense}");
        }
        assert_eq!(
            with(&[]).unwrap().settings.certificate_manager.unwrap().host_str(),
            Some("certificatemanager.apigw.ntruss.com")
        );
        assert_eq!(
            config(&[("CERTIFICATE_MANAGER_URL", "https://cm.example.com")]).unwrap().settings,
            Settings::default()
        );
    }

    #[test]
    fn a_link_fits_into_every_message() {
        let link = |length: usize| format!("https://wiki.example.com/{}", "x".repeat(length - 25));
        assert!(config(&[("RUNBOOK_URL", &link(1000))]).is_ok());
        assert_eq!(
            problems(&[("RUNBOOK_URL", &link(1001))]),
            "RUNBOOK_URL has 1001 characters; accepted: at most 1000"
        );
    }

    #[test]
    fn an_unknown_zone_is_quoted_beside_the_nearest_names() {
        insta::assert_snapshot!(problems(&[("TIME_ZONE", "Asia/Seul")]), @"TIME_ZONE is `Asia/Seul`; accepted: any name of the IANA time zone database; the nearest: `Asia/Seoul`, `Asia/Kabul`, `Asia/Oral`");
        // A zone is not a key, even though its name is as long as one.
        let long = problems(&[("TIME_ZONE", "America/Argentina/Buenos_Airs")]);
        assert!(long.starts_with("TIME_ZONE is `America/Argentina/Buenos_Airs`;"), "{long}");
        assert!(long.contains("`America/Argentina/Buenos_Aires`"), "{long}");
    }

    #[test]
    fn what_may_be_a_secret_in_the_wrong_place_is_not_quoted() {
        let url = "https://hooks.slack.com/services/T0/B0/CANARY";
        for name in ["NCP_SECRET_ID", "WEBHOOK_SECRET_ID", "WARN_DAYS", "TIME_ZONE", "MESSAGE_LANGUAGE"] {
            for secret in [url, "ncp_iam_BPASKRCANARY0123456 and its secret key"] {
                let shown = problems(&[(name, secret)]);
                assert!(shown.starts_with(&format!("{name} is (a ")) && !shown.contains("CANARY"), "{shown}");
            }
        }
        assert!(
            problems(&[("WARN_DAYS", "AKIDCANARY0000000000")]).starts_with("WARN_DAYS is (what looks like a key);")
        );
    }

    #[test]
    fn a_base_url_has_no_query_and_no_user() {
        assert!(problems(&[("NCP_API_URL", "https://edge.example.com/?a=b")]).contains("no query"));
        assert!(problems(&[("NCP_API_URL", "https://u:p@edge.example.com/")]).contains("no user name"));
        assert!(problems(&[("CERTIFICATE_MANAGER_URL", "https://cm.example.com/?a=b")]).contains("no query"));
    }
}
