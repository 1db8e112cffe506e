//! AWS's credentials outside Lambda, found where AWS's own command line finds them: in the environment, in the profile of
//! `AWS_PROFILE`, by a web identity (Kubernetes, CI), and from a container or an instance. IAM Identity Center would need two more
//! SDKs; its users export what they signed in for.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>

use std::error::Error;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::meta::region::ProvideRegion as _;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_sdk_secretsmanager::config::{Credentials, ProvideCredentials as _, Region};
use tokio::time::{Instant, timeout_at};

use super::local::Var;
use super::secrets_manager::Connector;
use super::settings::AwsSettings;
use crate::net::http;
use crate::text::quote::{Problems, quoted_name};
use crate::time;

/// How long the search may take: where there is no instance to ask, that is known only by waiting.
const SEARCH: Duration = Duration::from_secs(10);

/// The longest description of what went wrong, in graphemes.
const SAID: usize = 300;

/// Region and credentials as AWS's command line would find them, and the endpoints of the environment; until `until`.
///
/// # Errors
/// A sentence for each that is missing or bad.
pub(super) async fn settings(var: &Var, http: &http::Client, until: Instant) -> Result<AwsSettings, Problems> {
    let config = ProviderConfig::without_region()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_http_client(Connector(http.clone()));
    let set = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().filter_map(var).find(|region| !region.trim().is_empty());
    let region = match set {
        Some(region) => Some(Region::new(region)),
        None => ProfileFileRegionProvider::builder().configure(&config).build().region().await,
    };
    let Some(region) = region else {
        return Err(vec![
            "AWS_REGION is not set, nor `region` in the AWS profile; set it to the region of the secrets".to_owned(),
        ]);
    };
    let end = until.min(time::monotonic() + SEARCH);
    let found = async {
        let chain = DefaultCredentialsChain::builder().configure(config).region(region.clone()).build().await;
        chain.provide_credentials().await
    };
    let problem = match timeout_at(end, found).await {
        Ok(Ok(found)) => return with(var, &region, &found),
        Ok(Err(error)) => problem(&error, http),
        Err(_) => None,
    };
    Err(vec![problem.unwrap_or_else(|| not_found(var))])
}

/// The settings of the environment, with this region and these credentials.
fn with(var: &Var, region: &Region, found: &Credentials) -> Result<AwsSettings, Problems> {
    AwsSettings::from_vars(|name| match name {
        "AWS_REGION" => Some(region.as_ref().to_owned()),
        "AWS_ACCESS_KEY_ID" => Some(found.access_key_id().to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some(found.secret_access_key().to_owned()),
        "AWS_SESSION_TOKEN" => found.session_token().map(str::to_owned),
        _ => var(name),
    })
}

/// What the SDK's error means; `None`: that there are no credentials.
fn problem(error: &dyn Error, http: &http::Client) -> Option<String> {
    // The one error of the chain where no provider had anything to offer.
    if error.to_string().starts_with("the credential provider was not enabled") {
        return None;
    }
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    if cause.contains("cargo feature") {
        let export = "eval \"$(aws configure export-credentials --format env)\"";
        return Some(format!(
            "the AWS profile signs in by IAM Identity Center; export its credentials first: {export}"
        ));
    }
    Some(format!("the AWS credentials cannot be used: {}", http.secrets().words_of(&cause, SAID)))
}

fn not_found(var: &Var) -> String {
    let profile = var("AWS_PROFILE").filter(|name| !name.is_empty());
    let profile = profile.map(|name| format!(", and the profile {} has none", quoted_name(&name))).unwrap_or_default();
    format!("no AWS credentials were found{profile}; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
}
