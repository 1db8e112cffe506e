//! Listing the accounts of a run.

use std::collections::HashSet;

use futures_util::future;
use reqwest::Url;
use tokio::sync::Semaphore;

use super::Task;
use super::secrets::{AccountEntry, reread};
use crate::certificate::Certificate;
use crate::certificate_manager;
use crate::global_edge::{self, ListError};
use crate::ncp::signature::KeyPair;
use crate::ncp::{self, Error};
use crate::net::disclosure::Secrets;
use crate::net::http;
use crate::report::Failure;
use crate::rules::lifetime::Holdings;
use crate::secret_store::{self, SecretStore};
use crate::settings::Settings;
use crate::settings::secrets::AccountSecret;

/// How many accounts are listed at once.
const ACCOUNTS_AT_ONCE: usize = 16;

/// An account after its list was read, or could not be.
#[derive(Debug)]
pub struct ListedAccount {
    /// What it is called, before accounts with the same name are numbered.
    pub label: String,
    /// Its certificates; a slot may have several rows.
    pub rows: Vec<Certificate>,
    /// How many slots that are.
    pub checked: u64,
    /// How many there are, by NCP's count.
    pub total: u64,
    /// How many pages the list had.
    pub pages: u64,
    /// Why it was not read completely, if it was not.
    pub failure: Option<Failure>,
    /// What Certificate Manager holds for it, if it was to be asked.
    pub holdings: Option<Result<Holdings, Error>>,
    /// What its details are read with.
    pub(super) access: Option<Access>,
}

/// What an account is asked with.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) client: ncp::Client,
    pub(super) api_url: Url,
    keys: KeyPair,
}

impl ListedAccount {
    /// An account whose keys could not be read.
    fn without_keys(label: String, error: secret_store::Error) -> Self {
        let failure = Some(Failure::Secret(error));
        Self { label, rows: Vec::new(), checked: 0, total: 0, pages: 0, failure, holdings: None, access: None }
    }

    /// Adds the keys that it was read with to the secrets of the run: they may have been rotated.
    pub(super) fn add_keys_to(&self, secrets: &mut Secrets) {
        self.access.iter().for_each(|access| access.keys.add_to(secrets));
    }

    /// Adds the slots that an `earlier` reading found, unless this one is complete.
    fn with_earlier(mut self, earlier: Self) -> Self {
        if self.failure.is_none() {
            return self;
        }
        let slots: HashSet<i64> = self.rows.iter().map(|row| row.slot_id).collect();
        let mut beyond = earlier.rows;
        beyond.retain(|row| !slots.contains(&row.slot_id));
        let added: HashSet<i64> = beyond.iter().map(|row| row.slot_id).collect();
        self.checked += added.len() as u64;
        self.rows.extend(beyond);
        // A reading that got no page does not know the total.
        if self.pages == 0 {
            (self.total, self.pages) = (earlier.total, earlier.pages);
        }
        self
    }
}

/// Lists all accounts, not one after another: a slow one must not hold up those after it.
pub(super) async fn all(
    task: &Task,
    accounts: Vec<AccountEntry>,
    http: &http::Client,
    store: Option<&SecretStore>,
    progress: impl Fn(u64, u64),
) -> Vec<ListedAccount> {
    let permits = &Semaphore::new(ACCOUNTS_AT_ONCE);
    let progress = &progress;
    let list = async |entry: AccountEntry| {
        let _permit = permits.acquire().await;
        list_entry(&task.settings, entry, http, store, progress).await
    };
    future::join_all(accounts.into_iter().map(list)).await
}

/// Lists an account. When NCP refuses its keys, they are read once more, since they may have been rotated in the meantime. What
/// was found until then counts, unless the whole account is read with the new ones.
async fn list_entry(
    settings: &Settings,
    entry: AccountEntry,
    http: &http::Client,
    store: Option<&SecretStore>,
    progress: &impl Fn(u64, u64),
) -> ListedAccount {
    let AccountEntry { secret_id, index, label, account } = entry;
    let account = match account {
        Ok(account) => account,
        Err(error) => return ListedAccount::without_keys(label, error),
    };
    let keys = account.keys.clone();
    let listed = list_account(settings, account, http, progress).await;
    let is_unauthorized = matches!(&listed.failure, Some(Failure::Api(Error::Unauthorized { .. })));
    let Some(store) = store.filter(|_| is_unauthorized) else { return listed };
    match reread(store, &secret_id, index, &label, http.deadline()).await {
        Some(renewed) if !renewed.keys.is(&keys) => {
            tracing::info!(account = %label, "the keys were rotated meanwhile; the new ones are tried");
            let mut secrets = http.secrets().clone();
            renewed.keys.add_to(&mut secrets);
            list_account(settings, renewed, &http.with_secrets(secrets), progress).await.with_earlier(listed)
        }
        _ => listed,
    }
}

/// Lists an account, and at the same time asks Certificate Manager about it if the settings want that.
pub async fn list_account(
    settings: &Settings,
    account: AccountSecret,
    http: &http::Client,
    progress: &impl Fn(u64, u64),
) -> ListedAccount {
    let AccountSecret { label, keys, api_url, certificate_manager_url } = account;
    let client = ncp::Client::new(http.clone(), keys.clone());
    let certificate_manager = match (&settings.certificate_manager, certificate_manager_url) {
        (Some(_), None) if api_url.is_some() => {
            tracing::warn!(
                account = %label,
                "Certificate Manager is not asked about this account: it has api_url, but no certificate_manager_url"
            );
            None
        }
        (Some(url), own) => Some(own.unwrap_or_else(|| url.clone())),
        (None, _) => None,
    };
    let api_url = api_url.unwrap_or_else(|| settings.api_url.clone());
    let holdings = async {
        match &certificate_manager {
            Some(url) => Some(certificate_manager::holdings(&client, url).await),
            None => None,
        }
    };
    let (listing, holdings) = future::join(global_edge::list(&client, &api_url, progress), holdings).await;
    let failure = match (listing.failure, &holdings) {
        (Some(ListError::Page(error)), _) => Some(Failure::Api(error)),
        (Some(ListError::Incomplete(incomplete)), _) => Some(Failure::Incomplete(incomplete)),
        (None, Some(Err(error))) => Some(Failure::CertificateManager(error.clone())),
        (None, _) => None,
    };
    ListedAccount {
        label,
        rows: listing.rows,
        checked: listing.checked,
        total: listing.total,
        pages: listing.pages,
        failure,
        holdings,
        access: Some(Access { client, api_url, keys }),
    }
}
