//! The secrets of a run: all of them are read before anything is listed.

use std::time::Duration;

use chrono::NaiveDate;
use futures_util::future;
use tokio::time::Instant;

use crate::ncp::signature::KeyPair;
use crate::net::disclosure::Secrets;
use crate::secret_store::{self, Problem, Secret, SecretStore};
use crate::settings::secrets::{self, AccountSecret, WebhookSecret, label};
use crate::time;
use crate::webhook::Webhook;

/// Secrets that were read this recently need not be read again.
const FRESH: Duration = Duration::from_mins(1);

/// The secrets of a run, or why they could not be read.
#[derive(Debug)]
pub struct RunSecrets {
    /// The accounts.
    pub accounts: Vec<AccountEntry>,
    /// The webhooks.
    pub webhooks: Result<WebhookSecret, secret_store::Error>,
}

/// An account of a secret.
#[derive(Debug)]
pub struct AccountEntry {
    /// The secret; empty if the keys are no secret of a store.
    pub secret_id: String,
    /// The index of the account in the secret.
    pub index: usize,
    /// What it is called, before accounts with the same name are numbered.
    pub label: String,
    /// Its keys.
    pub account: Result<AccountSecret, secret_store::Error>,
}

/// Secrets that were read ahead of a run, by their id.
#[derive(Debug)]
pub struct Prefetched {
    at: Instant,
    secrets: Vec<(String, Secret)>,
}

impl Prefetched {
    /// Reads these secrets until `until`. What fails is left to the run.
    pub async fn read(ids: impl Iterator<Item = &String>, store: &SecretStore, until: Instant) -> Self {
        let at = time::monotonic();
        let read = ids.map(|id| async move { Some((id.clone(), store.read(id, until).await.ok()?)) });
        Self { at, secrets: future::join_all(read).await.into_iter().flatten().collect() }
    }

    fn get(&self, id: &str) -> Option<Secret> {
        let is_fresh = self.at.elapsed() < FRESH;
        self.secrets.iter().find(|(other, _)| is_fresh && other == id).map(|(_, secret)| secret.clone())
    }
}

impl RunSecrets {
    /// Keys and webhooks that come from no store.
    pub fn of(account: &str, keys: KeyPair, webhooks: Vec<Webhook>) -> Self {
        let label = account.to_owned();
        let account = AccountSecret { label: label.clone(), keys, api_url: None, certificate_manager_url: None };
        let entry = AccountEntry { secret_id: String::new(), index: 0, label, account: Ok(account) };
        Self { accounts: vec![entry], webhooks: Ok(WebhookSecret { webhooks, mutes: Vec::new(), heartbeat: None }) }
    }

    /// Reads the secrets of these accounts and of the webhooks, all at once, until `until`. `today` is what mutes are checked
    /// against.
    pub async fn read(
        accounts: &[String],
        webhooks: &str,
        store: &SecretStore,
        prefetched: Option<&Prefetched>,
        until: Instant,
        today: NaiveDate,
    ) -> Self {
        let accounts = read_accounts(accounts, store, prefetched, until);
        let webhooks = read_webhooks(webhooks, store, prefetched, until, today);
        let (accounts, webhooks) = future::join(accounts, webhooks).await;
        Self { accounts, webhooks }
    }

    /// What no text that is shown may hold.
    pub fn known(&self) -> Secrets {
        let mut known = Secrets::default();
        for account in self.accounts.iter().filter_map(|entry| entry.account.as_ref().ok()) {
            account.keys.add_to(&mut known);
        }
        if let Ok(secret) = &self.webhooks {
            let urls = secret.webhooks.iter().map(|webhook| &webhook.url).chain(&secret.heartbeat);
            urls.for_each(|url| url.add_to(&mut known));
        }
        known
    }
}

/// A secret: as it was read ahead of the run, or from the store.
async fn read(
    id: &str,
    store: &SecretStore,
    prefetched: Option<&Prefetched>,
    until: Instant,
) -> Result<Secret, Problem> {
    match prefetched.and_then(|prefetched| prefetched.get(id)) {
        Some(secret) => Ok(secret),
        None => store.read(id, until).await,
    }
}

/// The accounts of these secrets, which are read at once, until `until`.
pub async fn read_accounts(
    ids: &[String],
    store: &SecretStore,
    prefetched: Option<&Prefetched>,
    until: Instant,
) -> Vec<AccountEntry> {
    let read = ids.iter().map(async |id| account_entries(id, read(id, store, prefetched, until).await));
    future::join_all(read).await.into_iter().flatten().collect()
}

/// The webhooks of this secret, which is read until `until`.
pub async fn read_webhooks(
    id: &str,
    store: &SecretStore,
    prefetched: Option<&Prefetched>,
    until: Instant,
    today: NaiveDate,
) -> Result<WebhookSecret, secret_store::Error> {
    let secret = read(id, store, prefetched, until).await;
    let hooks = secret.and_then(|secret| secrets::hooks(&secret.text, today).map_err(Problem::Invalid));
    hooks.map_err(|problem| secret_store::Error { id: id.to_owned(), problem })
}

/// The accounts of a secret; one if it could not be read.
fn account_entries(id: &str, secret: Result<Secret, Problem>) -> Vec<AccountEntry> {
    let error = |problem| secret_store::Error { id: id.to_owned(), problem };
    let entry = |(index, (label, account))| AccountEntry { secret_id: id.to_owned(), index, label, account };
    match secret.and_then(|secret| secrets::accounts(&secret.name, &secret.text).map_err(Problem::Invalid)) {
        Err(problem) => vec![entry((0, (label::of_secret(id), Err(error(problem)))))],
        Ok(read) => {
            let read = read
                .into_iter()
                .map(|(label, account)| (label, account.map_err(|problems| error(Problem::Invalid(problems)))));
            read.enumerate().map(entry).collect()
        }
    }
}

/// The keys of an account, read once more: they may have been rotated. If several accounts of the secret have its label, it is the
/// one at the same index: another one's keys would report another account under its name.
pub(super) async fn reread(
    store: &SecretStore,
    secret_id: &str,
    index: usize,
    label: &str,
    until: Instant,
) -> Option<AccountSecret> {
    let mut entries = account_entries(secret_id, store.read(secret_id, until).await);
    entries.retain(|entry| entry.label == *label);
    if entries.len() > 1 {
        entries.retain(|entry| entry.index == index);
    }
    entries.pop()?.account.ok()
}
