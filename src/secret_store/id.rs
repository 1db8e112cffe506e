//! What a secret's id says: where the secret is kept, and what it is called there.

use std::fmt;

/// The prefix of a parameter's name, where an id could mean either store.
pub const PREFIX: &str = "ssm:";

/// The prefixes of a file's path and of an environment variable's name, which only the command line reads.
pub const FILE: &str = "file:";
/// See [`FILE`].
pub const VARIABLE: &str = "env:";

/// Whether only the command line can read this secret.
pub fn is_local(id: &str) -> bool {
    id.starts_with(FILE) || id.starts_with(VARIABLE)
}

/// Where a secret is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// AWS Secrets Manager: a name, or the ARN of a secret.
    SecretsManager,
    /// Parameter Store of AWS Systems Manager: `ssm:` and a name, or the ARN of a parameter.
    ParameterStore,
}

impl Store {
    /// The store of this secret.
    pub fn of(id: &str) -> Self {
        if parameter(id).is_some() { Self::ParameterStore } else { Self::SecretsManager }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SecretsManager => "Secrets Manager",
            Self::ParameterStore => "Parameter Store",
        })
    }
}

/// What to ask Parameter Store for, if this is the id of a parameter: its name or ARN.
pub fn parameter(id: &str) -> Option<&str> {
    let is_arn = || arn(id).is_some_and(|arn| arn.service == "ssm");
    id.strip_prefix(PREFIX).or_else(|| is_arn().then_some(id))
}

/// Whether an id is well-formed. A parameter is given with its whole path and without a version: its current value is read.
///
/// Sources: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>,
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>.
pub fn is_id(id: &str) -> bool {
    if is_local(id) {
        return id.split_once(':').is_some_and(|(_, name)| !name.trim().is_empty() && !name.contains(char::is_control));
    }
    let is_made_of = |text: &str, marks: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
    };
    let is_secret_name = |text: &str| is_made_of(text, "/_+=.@!-");
    let is_parameter_name = |name: &str| match name.strip_prefix('/') {
        Some(path) => path.split('/').all(|part| is_made_of(part, "_.-")),
        None => is_made_of(name, "_.-"),
    };
    let is_arn = |text: &str| text.strip_prefix("arn:").is_some_and(|rest| rest.split(':').all(is_secret_name));
    match (id.strip_prefix(PREFIX), arn(id)) {
        (Some(name), _) => is_parameter_name(name),
        // The ARN of `/team/prod` ends in `parameter/team/prod`.
        (None, Some(Arn { service: "ssm", resource, .. })) => {
            is_arn(id)
                && resource
                    .strip_prefix("parameter")
                    .is_some_and(|name| name.starts_with('/') && is_parameter_name(name))
        }
        (None, Some(_)) => is_arn(id),
        (None, None) => is_secret_name(id),
    }
}

/// The name of a secret or parameter, with its path. The ARN of a secret ends in the name and a random suffix.
pub fn name(id: &str) -> &str {
    if let Some(name) = id.strip_prefix(FILE).or_else(|| id.strip_prefix(VARIABLE)) {
        return name;
    }
    match (id.strip_prefix(PREFIX), arn(id)) {
        (Some(name), _) => name,
        (None, Some(Arn { service: "ssm", resource, .. })) => resource.strip_prefix("parameter").unwrap_or(resource),
        (None, Some(Arn { resource, .. })) => {
            let name = resource.strip_prefix("secret:").unwrap_or(resource);
            match name.rsplit_once('-') {
                Some((name, suffix)) if suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric()) => name,
                _ => name,
            }
        }
        (None, None) => id,
    }
}

/// The region in the ARN of a secret or parameter.
pub fn region(id: &str) -> Option<&str> {
    arn(id).map(|arn| arn.region)
}

/// The parts of an ARN that identify what it names: `arn:partition:service:region:account:resource`.
struct Arn<'a> {
    service: &'a str,
    region: &'a str,
    resource: &'a str,
}

fn arn(id: &str) -> Option<Arn<'_>> {
    let mut parts = id.strip_prefix("arn:")?.splitn(5, ':');
    let (service, region) = (parts.nth(1)?, parts.next()?);
    Some(Arn { service, region, resource: parts.nth(1)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/team/ncp/prod-AbC12f";

    #[test]
    fn an_id_says_its_store_and_what_that_is_asked_for() {
        for (id, asked, called) in [
            ("ssm:/team/ncp/prod", "/team/ncp/prod", "/team/ncp/prod"),
            ("ssm:prod", "prod", "prod"),
            (ARN, ARN, "/team/ncp/prod-AbC12f"),
            (
                "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/prod",
                "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/prod",
                "/prod",
            ),
        ] {
            assert_eq!((Store::of(id), parameter(id), name(id)), (Store::ParameterStore, Some(asked), called));
            assert!(is_id(id), "{id}");
        }
        assert_eq!((region(ARN), region("ssm:prod")), (Some("ap-northeast-2"), None));
        let secret = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ssm/prod-AbC12f";
        for (id, called) in [("prod", "prod"), ("ssm/prod", "ssm/prod"), (secret, "ssm/prod")] {
            assert_eq!((Store::of(id), parameter(id), name(id)), (Store::SecretsManager, None, called));
            assert!(is_id(id), "{id}");
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_parameter_is_no_id() {
        let arn = |resource: &str| format!("arn:aws:ssm:ap-northeast-2:123456789012:{resource}");
        for id in [
            "ssm:",
            "ssm:/",
            "ssm:team/prod",
            "ssm:/team/",
            "ssm:/team//prod",
            "ssm:/prod:3",
            "ssm:/pröd",
            "ssm:/a@b",
            "SSM:/prod",
        ] {
            assert!(!is_id(id), "{id}");
        }
        for resource in [
            "document/x",
            "parameter",
            "parameter/",
            "parameterprod",
            "parameter/prod:3",
            "parameter:prod",
            "parameter/a//b",
        ] {
            assert!(!is_id(&arn(resource)), "{resource}");
        }
        assert!(!is_id("arn:aws:ssm::123456789012:parameter/prod"));
    }
}
