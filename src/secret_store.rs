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
#[cfg(feature = "cli")]
mod shared_config;

pub use flaw::{Flaw, Mistake};
pub use id::Store;
pub use secret::{Error, Problem, Secret};
pub use settings::AwsSettings;

use tokio::time::Instant;

use crate::net::http;
use crate::secret_store::parameter_store::ParameterStore;
use crate::secret_store::secrets_manager::SecretsManager;
use crate::text::quote::Problems;

/// Clients of AWS's stores, or why they cannot be asked.
type Aws = Result<(SecretsManager, ParameterStore), Problems>;

/// A client of all stores.
pub struct SecretStore {
    aws: Aws,
    #[cfg(feature = "cli")]
    http: http::Client,
    #[cfg(feature = "cli")]
    local: Option<Local>,
}

/// What the command line has beside.
#[cfg(feature = "cli")]
struct Local {
    var: local::Var,
    /// AWS's stores with credentials that are not in the environment. They are looked for when a secret of AWS's is read.
    aws: tokio::sync::OnceCell<Aws>,
}

impl SecretStore {
    /// A client of AWS's stores that sends through `http`.
    pub fn new(settings: Result<AwsSettings, Problems>, http: &http::Client) -> Self {
        Self {
            aws: connected(settings, http),
            #[cfg(feature = "cli")]
            http: http.clone(),
            #[cfg(feature = "cli")]
            local: None,
        }
    }

    /// The same client, which also reads files and environment variables, and finds AWS's credentials outside of them.
    #[cfg(feature = "cli")]
    pub fn with_local(self, var: local::Var) -> Self {
        Self { local: Some(Local { var, aws: tokio::sync::OnceCell::new() }), ..self }
    }

    /// AWS's stores.
    #[cfg(feature = "cli")]
    async fn aws(&self, until: Instant) -> &Aws {
        match &self.local {
            Some(Local { var, aws }) if self.aws.is_err() => {
                let found = async || connected(shared_config::settings(var, &self.http, until).await, &self.http);
                aws.get_or_init(found).await
            }
            _ => &self.aws,
        }
    }

    /// AWS's stores.
    #[cfg(not(feature = "cli"))]
    #[expect(clippy::unused_async, reason = "the command line's has to search")]
    async fn aws(&self, _: Instant) -> &Aws {
        &self.aws
    }

    /// Reads a secret from the store that its id names, until `until` at the latest.
    ///
    /// # Errors
    /// Says what to do to make it readable.
    pub async fn read(&self, id: &str, until: Instant) -> Result<Secret, Problem> {
        #[cfg(feature = "cli")]
        if let Some(read) = self.local.as_ref().and_then(|local| local::read(id, &local.var)) {
            return read;
        }
        let flaw = |problem: &String| Flaw::whole(Mistake::Other, problem);
        let aws = self.aws(until).await.as_ref();
        let (secrets_manager, parameter_store) =
            aws.map_err(|problems| Problem::Invalid(problems.iter().map(flaw).collect()))?;
        match id::parameter(id) {
            Some(name) => {
                let text = parameter_store.read(name, until).await?;
                Ok(Secret { name: id.to_owned(), text })
            }
            None => secrets_manager.read(id, until).await,
        }
    }
}

/// Clients that send through `http`.
fn connected(settings: Result<AwsSettings, Problems>, http: &http::Client) -> Aws {
    let settings = settings?;
    let secrets_manager = SecretsManager::new(&settings, http.clone());
    Ok((secrets_manager, ParameterStore::new(settings, http.clone())))
}
