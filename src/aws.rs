//! AWS Secrets Manager, through the one HTTP client.
//!
//! Credentials come from the environment, where Lambda puts them; the SDK's chain of other places would only add size.

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::Config;
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use reqwest::Url;
use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};

use crate::config::{Problems, parse_url, quoted};
use crate::http::{self, Fault};
use crate::redact::{Redactor, Remote};
use crate::secrets::Problem;

/// The longest answer of Secrets Manager that is held in memory.
const ANSWER_LIMIT: usize = 64 << 10;

/// The most characters of an error code that are shown.
const CODE_LIMIT: usize = 80;

/// How often a secret is asked for, by the SDK's own rules of what is worth another attempt.
const ATTEMPTS: u32 = 3;

/// Where Secrets Manager is, and who asks: the variables that every AWS SDK honours.
#[derive(Debug, Clone)]
pub struct Settings {
    region: String,
    endpoint: Option<Url>,
    credentials: Credentials,
}

impl Settings {
    /// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, which Lambda sets, and
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER` and `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// A sentence for each that is missing or bad.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let value = |name: &str| var(name).filter(|value| !value.trim().is_empty());
        let mut problems = Vec::new();
        let mut required = |names: &[&str], what: &str| {
            names.iter().find_map(|name| value(name)).unwrap_or_else(|| {
                problems.push(format!("{} is not set; it takes {what}", names[0]));
                String::new()
            })
        };
        let region = required(&["AWS_REGION", "AWS_DEFAULT_REGION"], "the region of the secrets");
        let key = required(&["AWS_ACCESS_KEY_ID"], "an AWS access key; Lambda sets it");
        let secret = required(&["AWS_SECRET_ACCESS_KEY"], "an AWS secret key; Lambda sets it");
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            if value(name).is_some_and(|value| value.contains(char::REPLACEMENT_CHARACTER)) {
                problems.push(format!("{name} is not valid UTF-8; Lambda sets it"));
            }
        }
        let credentials = Credentials::new(key, secret, value("AWS_SESSION_TOKEN"), None, "environment");
        let names = ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"];
        let endpoint = names.into_iter().find_map(|name| Some((name, value(name)?))).and_then(|(name, text)| {
            let url = parse_url(&text).and_then(|url| http::check_url(&url).map(|()| url));
            url.map_err(|problem| problems.push(format!("{name} is {}, and {problem}", quoted(&text)))).ok()
        });
        if problems.is_empty() { Ok(Self { region, endpoint, credentials }) } else { Err(problems) }
    }

    /// Has the credentials taken out of what is shown from now on.
    pub fn hide_by(&self, redactor: &Redactor) {
        let (key, secret) = (self.credentials.access_key_id(), self.credentials.secret_access_key());
        for secret in [Some(key), Some(secret), self.credentials.session_token()].into_iter().flatten() {
            redactor.learn(secret);
        }
    }
}

/// A client of Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    sdk: aws_sdk_secretsmanager::Client,
    http: http::Client,
}

/// What a secret holds, and how Secrets Manager calls it.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its friendly name.
    pub name: String,
    /// Its value.
    pub text: SecretString,
}

impl SecretsManager {
    /// A client that sends through `http`.
    pub fn new(settings: &Settings, http: http::Client) -> Self {
        let timing = http.timing();
        // The SDK waits a random share of its back-off, so that it has to be longer for the same wait.
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(timing.first_wait * 4)
            .with_max_backoff(timing.longest_wait * 4);
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(settings.credentials.clone()))
            .http_client(Connector(http.clone()))
            .retry_config(retries)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(endpoint) = &settings.endpoint {
            config = config.endpoint_url(endpoint.as_str().trim_end_matches('/'));
        }
        Self { sdk: aws_sdk_secretsmanager::Client::new(&config.build()), http }
    }

    /// Reads a secret, until `until` at the latest. What Secrets Manager says is shown without what `redactor` knows.
    ///
    /// # Errors
    /// Says what has to be done for it to be readable.
    pub async fn read(&self, id: &str, until: Instant, redactor: &Redactor) -> Result<Secret, Problem> {
        let time = TimeoutConfig::builder().operation_attempt_timeout(self.http.attempt_time(until)).build();
        let request = self.sdk.get_secret_value().secret_id(id).customize();
        let request = request.config_override(Config::builder().timeout_config(time));
        let answer = timeout_at(until, request.send()).await;
        let value = answer.map_err(|_| unavailable(&Fault::TimedOut))?.map_err(|error| problem(&error, redactor))?;
        let binary = || value.secret_binary.as_ref().and_then(|bytes| String::from_utf8(bytes.as_ref().to_vec()).ok());
        let text = value.secret_string.clone().or_else(binary);
        let text =
            text.ok_or_else(|| Problem::Invalid(vec!["it holds neither a string nor text in UTF-8".to_owned()]))?;
        Ok(Secret { name: value.name.unwrap_or_else(|| id.to_owned()), text: text.into() })
    }
}

fn unavailable(why: &impl ToString) -> Problem {
    Problem::Unavailable(why.to_string().as_str().into())
}

/// What an SDK error means for someone who has to mend it. Of its text only the code is kept.
fn problem(error: &SdkError<GetSecretValueError, HttpResponse>, redactor: &Redactor) -> Problem {
    match error {
        SdkError::ServiceError(context) => match context.err().code() {
            Some("ResourceNotFoundException") => Problem::NotFound,
            Some("AccessDeniedException") => Problem::AccessDenied,
            Some("DecryptionFailure" | "KMSAccessDeniedException") => Problem::NotDecrypted,
            Some("InvalidRequestException") => Problem::Deleted,
            // What is no name of an error is no code, and may be an echo of anything.
            Some(code) if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Problem::Unavailable(Remote::new(code, CODE_LIMIT, redactor))
            }
            _ => unavailable(&format!("HTTP {}", context.raw().status().as_u16())),
        },
        SdkError::TimeoutError(_) => unavailable(&Fault::TimedOut),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => unavailable(&Fault::TimedOut),
        SdkError::DispatchFailure(failure) => {
            let fault = failure
                .as_connector_error()
                .and_then(|error| std::error::Error::source(error)?.downcast_ref::<Fault>());
            fault.map_or_else(|| unavailable(&Fault::Interrupted), unavailable)
        }
        SdkError::ResponseError(_) => unavailable(&"its answer cannot be read"),
        _ => unavailable(&"the request could not be made"),
    }
}

/// Sends the SDK's requests through the client that everything else uses: one TLS stack, one set of roots, one pool.
#[derive(Debug, Clone)]
struct Connector(http::Client);

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

/// The SDK tries a time-out or a broken connection again, if it is told that it was one.
fn failed(fault: Fault) -> ConnectorError {
    match fault {
        Fault::TimedOut => ConnectorError::timeout(fault.into()),
        Fault::Connect(_) | Fault::Interrupted => ConnectorError::io(fault.into()),
        Fault::TooLarge { .. } => ConnectorError::other(fault.into(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AK"), ("AWS_SECRET_ACCESS_KEY", "secret0000")];

    fn settings(vars: &[(&str, &str)]) -> Result<Settings, String> {
        let value =
            |name: &str| vars.iter().chain(&KEYS).find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
        Settings::from_vars(value).map_err(|problems| problems.join("\n"))
    }

    #[test]
    fn the_services_own_endpoint_wins() {
        let both = [
            ("AWS_REGION", "ap-northeast-2"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://vpce.example.com"),
        ];
        assert_eq!(settings(&both).unwrap().endpoint.unwrap().as_str(), "https://vpce.example.com/");
        assert_eq!(settings(&both[..2]).unwrap().endpoint.unwrap().as_str(), "http://127.0.0.1:1/");
        assert_eq!(settings(&both[..1]).unwrap().endpoint, None);
    }

    #[test]
    fn secrets_do_not_go_over_plain_http() {
        let problem = settings(&[("AWS_REGION", "x"), ("AWS_ENDPOINT_URL", "http://moto.example.com")]).unwrap_err();
        assert!(problem.contains("AWS_ENDPOINT_URL") && problem.contains("loopback"), "{problem}");
        assert!(settings(&[]).unwrap_err().contains("AWS_REGION"));
        let problem = settings(&[("AWS_REGION", "x"), ("AWS_ACCESS_KEY_ID", "")]).unwrap_err();
        assert!(problem.contains("AWS_ACCESS_KEY_ID"), "{problem}");
    }

    #[test]
    fn credentials_do_not_print_themselves() {
        let printed = format!("{:?}", settings(&[("AWS_REGION", "x")]).unwrap());
        assert!(!printed.contains("secret0000"), "{printed}");
    }
}
