//! AWS Secrets Manager, through the one HTTP client.

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::Config;
use aws_sdk_secretsmanager::config::SharedCredentialsProvider;
use aws_sdk_secretsmanager::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tokio::time::{Instant, timeout_at};

use crate::net::http::{self, HttpError};
use crate::secret_store::flaw::{Flaw, Mistake};
use crate::secret_store::secret::{Problem, Secret};
use crate::secret_store::settings::{ANSWER_LIMIT, ATTEMPTS, AwsSettings};

/// A client of Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    sdk: aws_sdk_secretsmanager::Client,
    region: String,
    http: http::Client,
}

impl SecretsManager {
    /// A client that sends through `http`.
    pub fn new(settings: &AwsSettings, http: http::Client) -> Self {
        let timing = http.timing();
        // The SDK waits a random share of its back-off, so the back-off has to be longer for the same wait.
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(timing.first_wait * 4)
            .with_max_backoff(timing.longest_wait * 4);
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(settings.credentials.clone()))
            .http_client(Connector(http.clone()))
            .retry_config(retries)
            .endpoint_url(settings.secrets_manager.as_str().trim_end_matches('/'))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        // By default a process has one retry quota for all of its calls, which only successes refill: after an outage, one
        // transient error would fail an account. The number of attempts per secret is bounded anyway.
        let unlimited = RetryPartition::custom("secrets").token_bucket(TokenBucket::unlimited()).build();
        let config = Config::from(&config.build()).to_builder().retry_partition(unlimited).build();
        Self { sdk: aws_sdk_secretsmanager::Client::from_conf(config), region: settings.region.clone(), http }
    }

    /// Reads a secret, until `until` at the latest.
    ///
    /// # Errors
    /// Says what to do to make it readable.
    pub async fn read(&self, id: &str, until: Instant) -> Result<Secret, Problem> {
        let time = TimeoutConfig::builder().operation_attempt_timeout(self.http.until(until).attempt_time()).build();
        let request = self.sdk.get_secret_value().secret_id(id).customize();
        let request = request.config_override(Config::builder().timeout_config(time));
        let answer = timeout_at(until, request.send()).await;
        let value =
            answer.map_err(|_| HttpError::TimedOut)?.map_err(|error| problem(&error).in_region(id, &self.region))?;
        let binary = || value.secret_binary.as_ref().and_then(|bytes| String::from_utf8(bytes.as_ref().to_vec()).ok());
        let text = value.secret_string.clone().or_else(binary);
        let text = text.ok_or_else(|| {
            Problem::Invalid(vec![Flaw::whole(Mistake::Other, "it holds neither a string nor text in UTF-8")])
        })?;
        Ok(Secret { name: value.name.unwrap_or_else(|| id.to_owned()), text: text.into() })
    }
}

/// What an SDK error means to whoever has to fix it.
fn problem(error: &SdkError<GetSecretValueError, HttpResponse>) -> Problem {
    match error {
        SdkError::ServiceError(context) => {
            let (code, message) = (context.err().code(), context.err().message());
            let status = context.raw().status().as_u16();
            Problem::of_refusal(code.unwrap_or_default(), message.unwrap_or_default(), status)
        }
        SdkError::TimeoutError(_) => HttpError::TimedOut.into(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => HttpError::TimedOut.into(),
        SdkError::DispatchFailure(failure) => {
            let fault = failure
                .as_connector_error()
                .and_then(|error| std::error::Error::source(error)?.downcast_ref::<HttpError>());
            fault.cloned().unwrap_or(HttpError::Interrupted).into()
        }
        _ => Problem::Unreadable,
    }
}

/// Sends the SDK's requests through the client that everything else uses: one TLS stack, one set of roots, one pool.
#[derive(Debug, Clone)]
pub(super) struct Connector(pub(super) http::Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let http = self.0.clone();
        HttpConnectorFuture::new(async move { send(&http, request).await })
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

async fn send(http: &http::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let request = request.map(|body| reqwest::Body::from(body.bytes().unwrap_or_default().to_vec()));
    let request =
        reqwest::Request::try_from(request).map_err(|error| ConnectorError::user(error.without_url().into()))?;
    let (response, body) = http.execute(request, ANSWER_LIMIT).await.map_err(failed)?;
    let mut answer = HttpResponse::new(response.status().as_u16().try_into().expect("a status"), SdkBody::from(body));
    for (name, value) in response.headers() {
        if let Ok(value) = value.to_str() {
            answer.headers_mut().append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(answer)
}

/// The SDK retries a timeout or a broken connection if it learns that it was one.
fn failed(fault: HttpError) -> ConnectorError {
    match fault {
        HttpError::TimedOut => ConnectorError::timeout(fault.into()),
        HttpError::Connect(_) | HttpError::Interrupted => ConnectorError::io(fault.into()),
        HttpError::TooLarge { .. } => ConnectorError::other(fault.into(), None),
    }
}
