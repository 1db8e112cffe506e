//! Where secrets are kept: AWS Secrets Manager, or Parameter Store, where a standard parameter is free; for the command line also
//! files and environment variables. The id says which.

pub mod flaw;
pub mod id;
#[cfg(feature = "cli")]
pub mod local;
pub mod parameter_store;
pub mod secret;
pub mod secrets_manager;
pub mod settings;

pub use flaw::{Flaw, Mistake};
pub use id::Store;
pub use secret::{Error, Problem, Secret};
pub use settings::AwsSettings;

use tokio::time::Instant;

use crate::net::http;
use crate::secret_store::parameter_store::ParameterStore;
use crate::secret_store::secrets_manager::SecretsManager;
use crate::text::quote::Problems;

/// A client of all stores.
pub struct SecretStore {
    /// AWS's, or why they cannot be asked.
    aws: Result<(SecretsManager, ParameterStore), Problems>,
    #[cfg(feature = "cli")]
    local: Option<local::Var>,
}

impl SecretStore {
    /// A client of AWS's stores that sends through `http`.
    pub fn new(settings: Result<AwsSettings, Problems>, http: &http::Client) -> Self {
        let aws = settings.map(|settings| {
            let secrets_manager = SecretsManager::new(&settings, http.clone());
            (secrets_manager, ParameterStore::new(settings, http.clone()))
        });
        Self {
            aws,
            #[cfg(feature = "cli")]
            local: None,
        }
    }

    /// The same client, which also reads files and environment variables.
    #[cfg(feature = "cli")]
    pub fn with_local(self, var: local::Var) -> Self {
        Self { local: Some(var), ..self }
    }

    /// Reads a secret from the store that its id names, until `until` at the latest.
    ///
    /// # Errors
    /// Says what to do to make it readable.
    pub async fn read(&self, id: &str, until: Instant) -> Result<Secret, Problem> {
        #[cfg(feature = "cli")]
        if let Some(read) = self.local.as_ref().and_then(|var| local::read(id, var)) {
            return read;
        }
        let flaw = |problem: &String| Flaw::whole(Mistake::Other, problem);
        let (secrets_manager, parameter_store) =
            self.aws.as_ref().map_err(|problems| Problem::Invalid(problems.iter().map(flaw).collect()))?;
        match id::parameter(id) {
            Some(name) => {
                let text = parameter_store.read(name, until).await?;
                Ok(Secret { name: id.to_owned(), text })
            }
            None => secrets_manager.read(id, until).await,
        }
    }
}
