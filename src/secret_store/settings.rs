//! Where the stores are, and who is asking: the variables that every AWS SDK honours.

use aws_sdk_secretsmanager::config::Credentials;
use reqwest::Url;

use crate::net::http::{self, parse_url};
use crate::text::quote::{Problems, quoted};

/// The longest answer of a store that is read. A secret has at most 65 536 bytes, and grows as a JSON string: quotation marks
/// and line breaks take two bytes, and a three-byte character takes six when escaped.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
pub const ANSWER_LIMIT: usize = 256 << 10;

/// How many times a secret is requested at most.
pub const ATTEMPTS: u32 = 3;

/// Region, endpoints and credentials. All of them may stand in a request.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// `AWS_REGION`: where the secrets are kept.
    pub(super) region: String,
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`, or where Secrets Manager is in this region.
    pub(super) secrets_manager: Url,
    /// `AWS_ENDPOINT_URL_SSM`, or where Parameter Store is in this region.
    pub(super) parameter_store: Url,
    /// The credentials of the function's role.
    pub(super) credentials: Credentials,
}

impl AwsSettings {
    /// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, which Lambda sets, and
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`, `AWS_ENDPOINT_URL_SSM` and `AWS_ENDPOINT_URL`, which applies to either.
    ///
    /// # Errors
    /// A sentence for each that is missing or bad.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let value = |name: &str| var(name).filter(|value| !value.trim().is_empty());
        let mut problems = Vec::new();
        let region = value("AWS_REGION").or_else(|| value("AWS_DEFAULT_REGION"));
        let [key, secret, token] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(|name| {
            let value = value(name)?;
            if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
                problems.push(format!("{name} contains a character that no key contains; Lambda sets it"));
            }
            Some(value)
        });
        for (name, value, what) in [
            ("AWS_REGION", &region, "the region of the secrets"),
            ("AWS_ACCESS_KEY_ID", &key, "an AWS access key; Lambda sets it"),
            ("AWS_SECRET_ACCESS_KEY", &secret, "an AWS secret key; Lambda sets it"),
        ] {
            if value.is_none() {
                problems.push(format!("{name} is not set; set it to {what}"));
            }
        }
        if let Some(region) = region.as_ref().filter(|region| !is_region(region)) {
            problems.push(format!("AWS_REGION is {}; set it to the region of the secrets", quoted(region)));
        }
        let [any, secrets_manager, parameter_store] =
            ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SSM"].map(|name| {
                let text = value(name)?;
                let url = parse_url(&text).and_then(|url| http::check_url(&url).map(|()| url));
                url.map_err(|problem| problems.push(format!("{name} is {}, and {problem}", quoted(&text)))).ok()
            });
        match (region, key, secret) {
            (Some(region), Some(key), Some(secret)) if problems.is_empty() => Ok(Self {
                secrets_manager: secrets_manager
                    .or_else(|| any.clone())
                    .unwrap_or_else(|| endpoint("secretsmanager", &region)),
                parameter_store: parameter_store.or(any).unwrap_or_else(|| endpoint("ssm", &region)),
                credentials: Credentials::new(key, secret, token, None, "environment"),
                region,
            }),
            _ => Err(problems),
        }
    }
}

/// Where a service is in a region: <https://docs.aws.amazon.com/general/latest/gr/rande.html>.
fn endpoint(service: &str, region: &str) -> Url {
    let domain = match region {
        china if china.starts_with("cn-") => "amazonaws.com.cn",
        europe if europe.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    Url::parse(&format!("https://{service}.{region}.{domain}")).expect("a region is a part of a host")
}

/// Whether `text` can be a region. What precedes the domain decides whose host it is.
fn is_region(text: &str) -> bool {
    let is_end = |end: Option<u8>| end.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let bytes = text.as_bytes();
    is_end(bytes.first().copied())
        && is_end(bytes.last().copied())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AK"), ("AWS_SECRET_ACCESS_KEY", "secret0000")];

    fn settings(vars: &[(&str, &str)]) -> Result<AwsSettings, String> {
        let value = |name: &str| {
            vars.iter().chain(&KEYS).find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        AwsSettings::from_vars(value).map_err(|problems| problems.join("\n"))
    }

    #[test]
    fn a_stores_own_endpoint_wins() {
        let endpoints = |vars: &[(&str, &str)]| {
            let settings = settings(vars).unwrap();
            [settings.secrets_manager, settings.parameter_store].map(String::from)
        };
        let [secrets, parameters] = ["https://vpce-a.example.com/", "https://vpce-b.example.com/"];
        let any = "http://127.0.0.1:1/";
        let mut vars = vec![("AWS_REGION", "ap-northeast-2")];
        let own = ["secretsmanager", "ssm"].map(|service| format!("https://{service}.ap-northeast-2.amazonaws.com/"));
        assert_eq!(endpoints(&vars), own);
        vars.push(("AWS_ENDPOINT_URL", any));
        assert_eq!(endpoints(&vars), [any, any]);
        vars.push(("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets));
        assert_eq!(endpoints(&vars), [secrets, any]);
        vars.push(("AWS_ENDPOINT_URL_SSM", parameters));
        assert_eq!(endpoints(&vars), [secrets, parameters]);
    }

    #[test]
    fn every_region_has_its_host_and_nothing_else_has() {
        for (region, host) in [
            ("us-gov-west-1", "https://ssm.us-gov-west-1.amazonaws.com/"),
            ("cn-north-1", "https://ssm.cn-north-1.amazonaws.com.cn/"),
            ("eusc-de-east-1", "https://ssm.eusc-de-east-1.amazonaws.eu/"),
        ] {
            assert_eq!(settings(&[("AWS_REGION", region)]).unwrap().parameter_store.as_str(), host);
        }
        for no_region in ["evil.example.com/", "a@b", "a.b", "a b", "a#", "-", "서울"] {
            let problem = settings(&[("AWS_REGION", no_region)]).unwrap_err();
            assert_eq!(problem, format!("AWS_REGION is `{no_region}`; set it to the region of the secrets"));
        }
    }

    #[test]
    fn what_no_request_can_hold_is_refused() {
        for token in ["line\nbreak", "\u{fffd}", "a b"] {
            let problem = settings(&[("AWS_REGION", "x"), ("AWS_SESSION_TOKEN", token)]).unwrap_err();
            assert_eq!(problem, "AWS_SESSION_TOKEN contains a character that no key contains; Lambda sets it");
        }
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
