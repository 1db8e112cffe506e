//! Where secrets are kept: AWS Secrets Manager, or Parameter Store, where a standard parameter is free. The id tells which.

pub mod id;
pub mod parameter_store;
pub mod secret;
pub mod secrets_manager;
pub mod settings;

pub use id::Store;
pub use secret::{Error, Problem, Secret, Unavailable};
pub use settings::AwsSettings;

use tokio::time::Instant;

use crate::net::http;
use crate::net::redact::Redactor;
use crate::secret_store::parameter_store::ParameterStore;
use crate::secret_store::secrets_manager::SecretsManager;
use crate::time::Clock;

/// A client of both stores.
#[derive(Debug, Clone)]
pub struct SecretStore {
    secrets_manager: SecretsManager,
    parameter_store: ParameterStore,
}

impl SecretStore {
    /// A client that sends through `http` and signs with the time of `clock`.
    pub fn new(settings: &AwsSettings, http: http::Client, clock: Clock) -> Self {
        let secrets_manager = SecretsManager::new(settings, http.clone());
        Self { secrets_manager, parameter_store: ParameterStore::new(settings, http, clock) }
    }

    /// Reads a secret from the store that its id names, until `until` at the latest. The store's replies are shown without
    /// what `redactor` knows.
    ///
    /// # Errors
    /// Says what to do to make it readable.
    pub async fn read(&self, id: &str, until: Instant, redactor: &Redactor) -> Result<Secret, Problem> {
        match id::parameter(id) {
            Some(name) => {
                let text = self.parameter_store.read(name, until, redactor).await?;
                Ok(Secret { name: id.to_owned(), text })
            }
            None => self.secrets_manager.read(id, until, redactor).await,
        }
    }
}
