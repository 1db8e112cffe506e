//! `cert-alert doctor`: the first contact with an account, step by step, by what `list`, `check` and `run` use.
//!
//! The answers are recorded on their way, so that their shapes can be looked at: by the steps, and by whoever gets the report.

mod account;
mod report;
mod shapes;
mod steps;
mod words;

use chrono::NaiveDate;
use serde_json::{Value, json};

use self::steps::{Outcome, Steps};
use self::words::Subject;
use super::{ACCOUNT, CliError, DEMO, TIME, args, at_demo, demo_edge, keys, proxy, terminal, webhook_url};
use crate::chat;
use crate::message::words::{Advice, Language};
use crate::ncp::signature::KeyPair;
use crate::net::http;
use crate::report::Failure;
use crate::run::{AccountEntry, RunSecrets, read_accounts, read_webhooks};
use crate::secret_store::flaw::sentences;
use crate::secret_store::{self, AwsSettings, Flaw, Mistake, Problem, SecretStore};
use crate::settings::secrets::{AccountSecret, WebhookSecret, label};
use crate::settings::{Settings, secret_id, secret_ids};
use crate::text::quote::Problems;
use crate::time::{self, Deadlines};
use crate::webhook::Webhook;

/// The version of the report. Fields may be added to it without another one.
const REPORT_VERSION: u32 = 1;

/// Examines everything that a run needs, and returns the exit status: 0, or 1 if a step failed.
pub(super) async fn doctor(
    doctor: args::Doctor,
    var: impl Fn(&str) -> Option<String> + 'static,
) -> Result<u8, CliError> {
    // What is wrong with the settings is said in the language that is wanted, if that is one.
    let language = doctor.settings.over(&var)("MESSAGE_LANGUAGE").and_then(|code| Language::named(code.trim()));
    let mut steps = Steps::new(language.unwrap_or(Language::English));
    let accounts = match Wanted::read(&doctor, &var) {
        Err(problems) => {
            let fix = steps.say(&words::CORRECT_SETTINGS, &[]);
            steps.add(Subject::Settings, Outcome::Failed(Advice { fix, ..advice(&problems) }))?;
            steps.skip(&account::SUBJECTS, &words::NOT_CHECKED)?;
            steps.skip(&[Subject::Webhook], &words::NOT_CHECKED)?;
            Vec::new()
        }
        Ok(wanted) if doctor.demo => {
            let (server, keys) = demo_edge(args::DEMO_COUNT, time::wall()).await?;
            let settings = at_demo(&server, wanted.settings);
            steps.add(Subject::Settings, steps.ok(&words::VALID, &[&settings.api_url]))?;
            let secrets = RunSecrets::of(DEMO, keys, Vec::new());
            let accounts = examine(&mut steps, &settings, &wanted.http, secrets, doctor.report.is_some()).await?;
            steps.skip(&[Subject::Webhook], &words::DEMO)?;
            accounts
        }
        Ok(wanted) => {
            let (settings, http, has_webhooks) = (wanted.settings.clone(), wanted.http.clone(), wanted.has_webhooks);
            steps.add(Subject::Settings, steps.ok(&words::VALID, &[&settings.api_url]))?;
            let secrets = wanted.secrets(var).await;
            let accounts = examine(&mut steps, &settings, &http, secrets, doctor.report.is_some()).await?;
            if !has_webhooks {
                steps.skip(&[Subject::Webhook], &words::NO_WEBHOOK)?;
            }
            accounts
        }
    };
    if let Some(file) = &doctor.report {
        let report = json!({
            "reportVersion": REPORT_VERSION,
            "version": env!("CARGO_PKG_VERSION"),
            "steps": steps.kept,
            "accounts": accounts,
        });
        if let Err(error) = std::fs::write(file, format!("{report:#}\n")) {
            terminal::complain(&[format!("--report: {} cannot be written: {error}", file.display())]);
            return Ok(1);
        }
        terminal::hint(&[&steps.say(&words::REPORT_WRITTEN, &[&file.display()])]);
    }
    let ending = match steps.failed {
        0 => steps.say(&words::NOTHING_FAILED, &[]),
        failed => steps.say(&words::SOME_FAILED, &[&failed]),
    };
    terminal::hint(&[&ending]);
    Ok(u8::from(steps.failed > 0))
}

/// What is to be examined, by settings that are all good.
struct Wanted {
    settings: Settings,
    /// The client of everything that is asked.
    http: http::Client,
    /// The secrets with keys, and the one with webhooks, which win over the variables that hold these.
    ncp_ids: Option<Vec<String>>,
    webhook_id: Option<String>,
    has_webhooks: bool,
}

impl Wanted {
    /// # Errors
    /// A sentence for each bad setting.
    fn read(doctor: &args::Doctor, var: &impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let is_set = |text: &String| !text.trim().is_empty();
        let id = |name: &str| var(name).filter(|text| is_set(text) && !doctor.demo);
        let settings = Settings::from_vars(doctor.settings.over(var));
        let ncp_ids = id("NCP_SECRET_ID").map(|text| secret_ids(&text)).transpose();
        let webhook_id = id("WEBHOOK_SECRET_ID").map(|text| secret_id(&text)).transpose();
        // A demo goes to this machine alone.
        let http = proxy::client(|name| if doctor.demo { None } else { var(name) });
        match (settings, ncp_ids, webhook_id, http) {
            (Ok(settings), Ok(ncp_ids), Ok(webhook_id), Ok(http)) => {
                let http = http.until(Deadlines::new(time::monotonic(), TIME).notice);
                let has_webhooks = webhook_id.is_some() || var("WEBHOOK_URL").as_ref().is_some_and(is_set);
                Ok(Self { settings, http, ncp_ids, webhook_id, has_webhooks })
            }
            (settings, ncp_ids, webhook_id, http) => {
                let mut problems = settings.err().unwrap_or_default();
                problems.extend(ncp_ids.err().map(|problem| format!("NCP_SECRET_ID {problem}")));
                problems.extend(webhook_id.err().map(|problem| format!("WEBHOOK_SECRET_ID {problem}")));
                problems.extend(http.err().into_iter().flatten());
                Err(problems)
            }
        }
    }

    /// Reads keys and webhooks, from the stores or the variables.
    async fn secrets(self, var: impl Fn(&str) -> Option<String> + 'static) -> RunSecrets {
        let Self { settings, http, ncp_ids, webhook_id, has_webhooks } = self;
        let keys = keys(&var);
        let urls = if has_webhooks && webhook_id.is_none() { webhook_url::webhooks(&var) } else { Ok(Vec::new()) };
        let store = SecretStore::new(AwsSettings::from_vars(&var), &http).with_local(Box::new(var));
        let accounts = match ncp_ids {
            Some(ids) => read_accounts(&ids, &store, None, http.deadline()).await,
            None => vec![entry(keys)],
        };
        let today: NaiveDate = settings.zone.local(time::wall()).date_naive();
        let webhooks = match webhook_id {
            Some(id) => read_webhooks(&id, &store, None, http.deadline(), today).await,
            None => urls
                .map(|webhooks| WebhookSecret { webhooks, mutes: Vec::new(), heartbeat: None })
                .map_err(of_variables),
        };
        RunSecrets { accounts, webhooks }
    }
}

/// The account of the variables.
fn entry(keys: Result<KeyPair, Problems>) -> AccountEntry {
    let label = ACCOUNT.to_owned();
    let account = keys.map_err(of_variables).map(|keys| AccountSecret {
        label: label.clone(),
        keys,
        api_url: None,
        certificate_manager_url: None,
    });
    AccountEntry { secret_id: String::new(), index: 0, label, account }
}

/// What is wrong with variables that stand for a secret.
fn of_variables(problems: Problems) -> secret_store::Error {
    let flaws = problems.into_iter().map(|problem| Flaw::whole(Mistake::Other, problem)).collect();
    secret_store::Error { id: String::new(), problem: Problem::Invalid(flaws) }
}

/// Examines accounts and webhooks, one after another. Returns what the report says of the accounts.
async fn examine(
    steps: &mut Steps,
    settings: &Settings,
    http: &http::Client,
    secrets: RunSecrets,
    is_reported: bool,
) -> Result<Vec<Value>, CliError> {
    let http = http.with_secrets(secrets.known());
    let RunSecrets { accounts, webhooks } = secrets;
    let mut reports = Vec::new();
    let has_names = accounts.iter().any(|entry| !entry.secret_id.is_empty());
    let names = label::tell_apart(accounts.iter().map(|entry| entry.label.clone()).collect());
    for (index, (entry, name)) in accounts.into_iter().zip(names).enumerate() {
        steps.account = Some(index);
        if has_names {
            terminal::print_text(&format!("\n{}\n", steps.language.phrases().account(&name)))?;
        }
        match entry.account {
            Ok(account) => reports.push(account::examine(steps, settings, account, &http, is_reported).await?),
            Err(error) => {
                reports.push(Value::Null);
                for subject in account::SUBJECTS {
                    let is_about_keys = subject == Subject::Keys;
                    let failed = || Outcome::Failed(of_secret(&error, Some(&words::MAKE_KEYS), steps));
                    let outcome = if is_about_keys { failed() } else { steps.skipped(&words::NOT_CHECKED) };
                    steps.add(subject, outcome)?;
                }
            }
        }
    }
    steps.account = None;
    if has_names {
        terminal::print_text("\n")?;
    }
    match webhooks {
        Ok(secret) => {
            for webhook in &secret.webhooks {
                reach(steps, webhook, &http).await?;
            }
        }
        Err(error) => steps.add(Subject::Webhook, Outcome::Failed(of_secret(&error, None, steps)))?,
    }
    Ok(reports)
}

/// Whether a webhook's host answers. Only the root of the host is asked for: nothing is posted, and nothing of the URL is sent that
/// makes it a credential.
async fn reach(steps: &mut Steps, webhook: &Webhook, http: &http::Client) -> Result<(), CliError> {
    let root = webhook.url.root();
    let mut more = json!({"kind": webhook.kind.as_str()});
    let outcome = match http.fetch(http.get(root.as_str()), 0).await {
        Ok(answer) => {
            more["httpStatus"] = answer.status.into();
            steps.ok(&words::ANSWERS, &[&root.host_str().unwrap_or_default()])
        }
        Err(fault) => {
            more["noAnswer"] = fault.to_string().into();
            Outcome::Failed(steps.language.phrases().undelivered(webhook.kind, &chat::Error::Http(fault)))
        }
    };
    let title = format!("{} {}", Subject::Webhook.title(steps.language), webhook.name);
    steps.add_of(Subject::Webhook, &title, more, outcome)
}

/// What is wrong, where each sentence says what is accepted.
fn advice(problems: &[String]) -> Advice {
    Advice { what: problems.join("\n"), fix: String::new() }
}

/// What is wrong with a secret, or with the variables in its place. There is no log that has the sentences about what it holds, so
/// they are shown, a line each.
fn of_secret(error: &secret_store::Error, fix_of_variables: Option<&words::Text>, steps: &Steps) -> Advice {
    let said = steps.language.phrases().failure(&Failure::Secret(error.clone()));
    match &error.problem {
        Problem::Invalid(flaws) if error.id.is_empty() => {
            let fix = fix_of_variables.map(|fix| steps.say(fix, &[])).unwrap_or_default();
            Advice { fix, ..advice(&sentences(flaws)) }
        }
        Problem::Invalid(flaws) if steps.language == Language::English => {
            advice(&[format!("secret `{}`: {}", error.id, sentences(flaws).join("\n"))])
        }
        // Other languages sum up in a few words, but for what is rare.
        Problem::Invalid(flaws) => {
            let whole = flaws.iter().filter(|flaw| flaw.mistake != Mistake::Other).map(Flaw::to_string).collect();
            advice(&[vec![said.what], whole].concat())
        }
        _ => said,
    }
}
