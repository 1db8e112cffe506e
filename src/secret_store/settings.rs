//! Where the stores are, and who is asking: the variables that every AWS SDK honours.

use aws_sdk_secretsmanager::config::Credentials;
use reqwest::Url;

use crate::net::http::{self, parse_url};
use crate::net::redact::Redactor;
use crate::text::quote::{Problems, quoted};

/// The longest answer of a store that is held in memory. A secret has at most 65 536 bytes, and grows as a JSON string:
/// quotation marks and line breaks take two bytes, and a three-byte character takes six when escaped.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
pub const ANSWER_LIMIT: usize = 256 << 10;

/// How many times a secret is requested at most.
pub const ATTEMPTS: u32 = 3;

/// The endpoint of every service without one of its own.
const ANY_SERVICE: &str = "AWS_ENDPOINT_URL";

/// Region, endpoints and credentials.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// `AWS_REGION`: where the secrets are kept.
    pub region: String,
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`, if it is not AWS's own.
    pub secrets_manager: Option<Url>,
    /// `AWS_ENDPOINT_URL_SSM`, if it is not AWS's own.
    pub parameter_store: Option<Url>,
    /// The credentials of the function's role.
    pub credentials: Credentials,
}

impl AwsSettings {
    /// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, which Lambda sets, and
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`, `AWS_ENDPOINT_URL_SSM` and `AWS_ENDPOINT_URL`, which applies to either.
    ///
    /// Credentials come from the environment alone, where Lambda puts them; the SDK's chain of other sources would only add
    /// size.
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
        let [any, secrets_manager, parameter_store] =
            [ANY_SERVICE, "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SSM"].map(|name| {
                let text = value(name)?;
                let url = parse_url(&text).and_then(|url| http::check_url(&url).map(|()| url));
                url.map_err(|problem| problems.push(format!("{name} is {}, and {problem}", quoted(&text)))).ok()
            });
        let secrets_manager = secrets_manager.or_else(|| any.clone());
        let parameter_store = parameter_store.or(any);
        if problems.is_empty() {
            Ok(Self { region, secrets_manager, parameter_store, credentials })
        } else {
            Err(problems)
        }
    }

    /// Has the credentials removed from everything that is shown from now on.
    pub fn hide_by(&self, redactor: &Redactor) {
        let (key, secret) = (self.credentials.access_key_id(), self.credentials.secret_access_key());
        for secret in [Some(key), Some(secret), self.credentials.session_token()].into_iter().flatten() {
            redactor.learn(secret);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AK"), ("AWS_SECRET_ACCESS_KEY", "secret0000")];

    fn settings(vars: &[(&str, &str)]) -> Result<AwsSettings, String> {
        let value =
            |name: &str| vars.iter().chain(&KEYS).find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
        AwsSettings::from_vars(value).map_err(|problems| problems.join("\n"))
    }

    #[test]
    fn a_stores_own_endpoint_wins() {
        let endpoints = |vars: &[(&str, &str)]| {
            let settings = settings(vars).unwrap();
            [settings.secrets_manager, settings.parameter_store].map(|url| url.map(String::from))
        };
        let [secrets, parameters] = ["https://vpce-a.example.com/", "https://vpce-b.example.com/"];
        let any = "http://127.0.0.1:1/";
        let mut vars = vec![("AWS_REGION", "ap-northeast-2")];
        assert_eq!(endpoints(&vars), [None, None]);
        vars.push(("AWS_ENDPOINT_URL", any));
        assert_eq!(endpoints(&vars), [any, any].map(|url| Some(url.to_owned())));
        vars.push(("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets));
        assert_eq!(endpoints(&vars), [secrets, any].map(|url| Some(url.to_owned())));
        vars.push(("AWS_ENDPOINT_URL_SSM", parameters));
        assert_eq!(endpoints(&vars), [secrets, parameters].map(|url| Some(url.to_owned())));
    }

    #[test]
    fn secrets_do_not_go_over_plain_http() {
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SSM"] {
            let problem = settings(&[("AWS_REGION", "x"), (name, "http://moto.example.com")]).unwrap_err();
            assert!(problem.starts_with(&format!("{name} is ")) && problem.contains("loopback"), "{problem}");
        }
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
