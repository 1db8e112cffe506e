//! The secret with the keys of an account, or of several.

use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::label;
use crate::ncp::signature::KeyPair;
use crate::net::http::check_base;
use crate::secret_store::{Flaw, Mistake};
use crate::settings::fields::{Fields, object_with_doubled, unmarked};
use crate::text::json;

/// What an account's secret holds.
#[derive(Debug, Clone)]
pub struct AccountSecret {
    /// What it is called, before accounts with the same name are numbered.
    pub label: String,
    /// Its keys.
    pub keys: KeyPair,
    /// Its own Global Edge, if it has one.
    pub api_url: Option<Url>,
    /// Its own Certificate Manager. An account with its own Global Edge alone is not asked of Certificate Manager.
    pub certificate_manager_url: Option<Url>,
}

/// An account, or what is wrong with it; preceded by what it is called.
pub type AccountEntry = (String, Result<AccountSecret, Vec<Flaw>>);

/// Reads the secret with the keys of an account, or of several (`accounts`). `name` is what Secrets Manager calls the secret.
/// If one of several is bad, the others can still be used.
///
/// # Errors
/// A sentence for everything that is wrong with the secret as a whole; never with a value from it.
pub fn accounts(name: &str, text: &SecretString) -> Result<Vec<AccountEntry>, Vec<Flaw>> {
    let accepted =
        "accepted: a JSON object with `access_key` and `secret_key`; or with `accounts`, a list of such objects";
    let (mut fields, doubled) = object_with_doubled(unmarked(text), accepted)?;
    if fields.get("accounts").is_none_or(Value::is_null) {
        fields.remove("accounts");
        let (label, read) = account(fields, String::new(), Some(name));
        return Ok(vec![(label, doubled.map_or(read, |doubled| Err(vec![Flaw::doubled(&doubled)])))]);
    }
    if let Some(doubled) = doubled.filter(|doubled| doubled.is_outermost) {
        return Err(vec![Flaw::doubled(&doubled)]);
    }
    let mut problems = Vec::new();
    let mut take = Fields { left: fields, at: String::new(), problems: &mut problems };
    let list = take.list("accounts", "account");
    take.refuse_rest("accounts alone");
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut doubled = json::doubled_in_each(unmarked(text), "accounts").into_iter();
    let mut entries = Vec::new();
    for (number, value) in list.into_iter().enumerate() {
        let at = format!("accounts[{number}]");
        let doubled = doubled.next().flatten();
        if let Value::Object(fields) = value {
            let (label, read) = account(fields, format!("{at}."), None);
            entries.push((label, doubled.map_or(read, |doubled| Err(vec![Flaw::doubled_in(&at, &doubled)]))));
        } else {
            let text = "is not an object; accepted: an object with `name`, `access_key` and `secret_key`";
            entries.push((label::shown(&at), Err(vec![Flaw::of(Mistake::WrongType, &format!("`{at}`"), text)])));
        }
    }
    Ok(entries)
}

/// Reads the keys of one account, which is `at` a place in its secret. Without a name it is named after the secret;
/// one of several needs a name.
fn account(fields: Map<String, Value>, at: String, secret: Option<&str>) -> AccountEntry {
    let mut problems = Vec::new();
    let entry = at.trim_end_matches('.').to_owned();
    let mut take = Fields { left: fields, at, problems: &mut problems };
    let access_key = take.key(["access_key", "accessKey"]);
    let secret_key = take.key(["secret_key", "secretKey"]);
    let name = match secret {
        Some(_) => take.text("name"),
        None => take.needed("name", "each of several accounts needs a name"),
    };
    let label = match (label::shown(&name.unwrap_or_default()), secret) {
        (name, _) if !name.is_empty() => name,
        (_, Some(secret)) => label::of_secret(secret),
        (_, None) => entry,
    };
    let api_url = take.url("api_url", check_base);
    let certificate_manager_url = take.url("certificate_manager_url", check_base);
    take.refuse_rest("access_key, secret_key, name, api_url, certificate_manager_url");
    let read = match (access_key, secret_key) {
        (Some(access_key), Some(secret_key)) if problems.is_empty() => {
            let keys = KeyPair::new(access_key, secret_key);
            Ok(AccountSecret { label: label.clone(), keys, api_url, certificate_manager_url })
        }
        _ => Err(problems),
    };
    (label, read)
}

impl Fields<'_> {
    /// A key, under either of its spellings. It goes into a header, so it is visible ASCII.
    fn key(&mut self, spellings: [&str; 2]) -> Option<String> {
        let [field, other] = spellings;
        let values = spellings.map(|spelling| self.left.remove(spelling));
        let (mistake, problem) = match values {
            [Some(_), Some(_)] => (Mistake::Doubled, &*format!("stands beside `{other}`; one of them is enough")),
            [None | Some(Value::Null), None] | [None, Some(Value::Null)] => (Mistake::Missing, "is missing"),
            [Some(Value::String(key)), None] | [None, Some(Value::String(key))] => {
                if key.is_empty() {
                    (Mistake::Empty, "is empty")
                } else if key.len() > 1 && ['"', '\''].iter().any(|mark| key.starts_with(*mark) && key.ends_with(*mark))
                {
                    (Mistake::InQuotes, "is enclosed in quotation marks; remove them")
                } else if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                    (
                        Mistake::BadCharacter,
                        "contains a space, a line break or another character that no key contains; paste it again",
                    )
                } else {
                    return Some(key);
                }
            }
            _ => (Mistake::WrongType, "is not a string"),
        };
        self.flaw(mistake, field, problem);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_store::flaw;

    /// What an account in a secret is called, and its access key or what is wrong with it.
    type Read = (String, Result<String, String>);

    fn read(text: &str) -> Result<Vec<Read>, String> {
        let entries =
            accounts("team/ncp/prod", &text.into()).map_err(|problems| flaw::sentences(&problems).join("\n"))?;
        let read = |(label, read): AccountEntry| {
            let key = read.map(|account| {
                assert_eq!(account.label, label);
                account.keys.access_key().to_owned()
            });
            (label.clone(), key.map_err(|problems| flaw::sentences(&problems).join("\n")))
        };
        Ok(entries.into_iter().map(read).collect())
    }

    /// What is wrong with the one account of a secret.
    fn problems(text: &str) -> String {
        read(text).unwrap().remove(0).1.unwrap_err()
    }

    #[test]
    fn keys_are_read_in_both_spellings() {
        for (text, name) in [
            (r#"{"access_key":"AK","secret_key":"SK"}"#, "prod"),
            (r#"{"accessKey":"AK","secretKey":"SK","name":null,"accounts":null}"#, "prod"),
            ("{\"access_key\":\"AK\",\"secret_key\":\"SK\",\"name\":\" \u{200b}\"}", "prod"),
            (
                r#"{"access_key":"AK","secret_key":"SK","name":"shop","api_url":"https://edge.apigw.gov-ntruss.com"}"#,
                "shop",
            ),
        ] {
            assert_eq!(read(text), Ok(vec![(name.to_owned(), Ok("AK".to_owned()))]), "{text}");
            let (_, account) = accounts("prod", &text.into()).unwrap().remove(0);
            let account = account.unwrap();
            assert_eq!((account.keys.secret_key(), account.api_url.is_some()), ("SK", name == "shop"));
        }
    }

    #[test]
    fn everything_wrong_with_keys_is_said_without_a_value() {
        insta::assert_snapshot!(read("AKIDEXAMPLE").unwrap_err(), @"it cannot be read as JSON: line 1, column 1; accepted: a JSON object with `access_key` and `secret_key`; or with `accounts`, a list of such objects");
        insta::assert_snapshot!(problems("{}"), @"
        `access_key` is missing
        `secret_key` is missing
        ");
        insta::assert_snapshot!(problems(r#"{"access_key":"AK\n","accessKey":"AK","secret_key":7,"region":"KR","name":[],"api_url":"http://edge.example.com"}"#), @"
        `access_key` stands beside `accessKey`; one of them is enough
        `secret_key` is not a string
        `name` is not a string
        `api_url` is refused: plain http is accepted for loopback hosts only; use https
        unknown key `region`; accepted: access_key, secret_key, name, api_url, certificate_manager_url
        ");
        insta::assert_snapshot!(problems(r#"{"access_key":"AK 1","secret_key":"","api_url":"https://ed ge.kr"}"#), @"
        `access_key` contains a space, a line break or another character that no key contains; paste it again
        `secret_key` is empty
        `api_url` is refused: it contains a space, a control character or an invisible one; accepted: an https URL
        ");
    }

    #[test]
    fn what_was_stored_by_mistake_is_said_to_be_that() {
        for (text, said) in [
            ("\n{\n \"access_key\": \"SECRET\" \"x\"}", "it cannot be read as JSON: line 3, column 25; accepted: "),
            ("file://keys.json", "it is a `file://` path in place of the file's content; store the content"),
            (r#""{\"access_key\":\"SECRET\"}""#, "it is JSON inside a string; store the object itself"),
            (r#"["SECRET"]"#, "it is not a JSON object; accepted: "),
            ("", "it cannot be read as JSON: line 1, column 0; accepted: "),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.starts_with(said) && !problem.contains("SECRET"), "{text}: {problem}");
        }
        insta::assert_snapshot!(problems(r#"{"access_key":"\"AK\"","secret_key":"'SK'","ncp":"{\"access_key\":1}"}"#), @"
        `access_key` is enclosed in quotation marks; remove them
        `secret_key` is enclosed in quotation marks; remove them
        unknown key `ncp` (its value is JSON inside a string: store that alone); accepted: access_key, secret_key, name, api_url, certificate_manager_url
        ");
    }

    #[test]
    fn an_account_with_a_bad_key_keeps_the_name_that_its_secret_gives_it() {
        for bad in
            [r#""access_key":"A K","secret_key":"SK""#, r#""access_key":"AK","access_key":"BK","secret_key":"SK""#]
        {
            let (name, account) = read(&format!(r#"{{{bad},"name":"shop"}}"#)).unwrap().remove(0);
            assert_eq!((name.as_str(), account.is_err()), ("shop", true), "{bad}");
        }
    }

    #[test]
    fn an_account_may_have_a_certificate_manager_of_its_own() {
        let text =
            r#"{"access_key":"AK","secret_key":"SK","certificate_manager_url":"https://cm.apigw.gov-ntruss.com"}"#;
        let account = accounts("prod", &text.into()).unwrap().remove(0).1.unwrap();
        assert_eq!(account.certificate_manager_url.unwrap().host_str(), Some("cm.apigw.gov-ntruss.com"));
    }

    #[test]
    fn an_account_is_named_after_its_secret() {
        for (id, name) in [
            ("prod", "prod"),
            ("team/ncp/prod", "prod"),
            ("prod-AbCdEf", "prod-AbCdEf"),
            ("arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ncp/prod-a-AbC12f", "prod-a"),
            ("arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:prod", "prod"),
            ("ssm:/team/ncp/prod", "prod"),
            ("ssm:prod", "prod"),
            ("arn:aws:ssm:ap-northeast-2:123456789012:parameter/team/ncp/prod", "prod"),
            ("arn:aws:ssm:ap-northeast-2:123456789012:parameter/prod-AbC12f", "prod-AbC12f"),
        ] {
            assert_eq!(label::of_secret(id), name);
        }
    }

    #[test]
    fn accounts_of_one_name_are_numbered() {
        let labels = |ids: &[&str]| label::tell_apart(ids.iter().map(|id| label::of_secret(id)).collect());
        assert_eq!(labels(&["tenants/1/ncp", "prod", "c/x//ncp/"]), ["ncp", "prod", "ncp (2)"]);
        let given = ["a", "b", "A", "a (2)", "a"].map(str::to_owned);
        assert_eq!(label::tell_apart(given.into()), ["a", "b", "A (2)", "a (2) (2)", "a (3)"]);
    }

    #[test]
    fn a_secret_may_hold_many_accounts_and_a_bad_one_costs_itself_alone() {
        let entries = read(
            r#"{"accounts":[{"name":"shop","access_key":"AK1"},7,{"access_key":"AK2","secret_key":"SK2"},
                {"name":" web ","accessKey":"AK3","secretKey":"SK3"},{"name":7,"access_key":"AK 4","secret_key":"SK4","key":1}]}"#,
        );
        let shown: Vec<String> = entries.unwrap().into_iter().map(|(name, read)| format!("{name}: {read:?}")).collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        shop: Err("`accounts[0].secret_key` is missing")
        accounts[1]: Err("`accounts[1]` is not an object; accepted: an object with `name`, `access_key` and `secret_key`")
        accounts[2]: Err("`accounts[2].name` is missing; each of several accounts needs a name")
        web: Ok("AK3")
        accounts[4]: Err("`accounts[4].access_key` contains a space, a line break or another character that no key contains; paste it again\n`accounts[4].name` is not a string\nunknown key `key` in `accounts[4]`; accepted: access_key, secret_key, name, api_url, certificate_manager_url")
        "#);
    }

    #[test]
    fn a_key_that_stands_twice_costs_its_account_alone() {
        let entries = read(
            r#"{"accounts":[{"name":"a","access_key":"AK1","access_key":"AK2","secret_key":"SK"},
                {"name":"b","access_key":"AK3","secret_key":"SK"},{"name":"c","access_key":"AK4","secret_key":{"x":1,"x":2}}]}"#,
        );
        let twice = |at: u8, key: &str| {
            Err(format!("`accounts[{at}]`: the key `{key}` occurs twice in one object; write it once"))
        };
        let expected = [("a", twice(0, "access_key")), ("b", Ok("AK3".to_owned())), ("c", twice(2, "x"))];
        assert_eq!(entries.unwrap(), expected.map(|(name, read)| (name.to_owned(), read)));
        let whole = read(r#"{"accounts":[],"accounts":[{"name":"a","access_key":"A","secret_key":"S"}]}"#).unwrap_err();
        assert_eq!(whole, "the key `accounts` occurs twice in one object; write it once");
    }

    #[test]
    fn a_secret_with_a_list_holds_nothing_else_and_at_least_one_account() {
        insta::assert_snapshot!(read(r#"{"accounts":[{"name":"a","access_key":"A","secret_key":"S"}],"access_key":"AK","name":"x"}"#).unwrap_err(), @"
        unknown key `access_key`; accepted: accounts alone
        unknown key `name`; accepted: accounts alone
        ");
        assert_eq!(
            read(r#"{"accounts":"[{\"name\":\"a\"}]"}"#).unwrap_err(),
            "`accounts` is JSON inside a string; store the list itself"
        );
        for bad in [r#"{"accounts":[]}"#, r#"{"accounts":{}}"#, r#"{"accounts":"shop"}"#] {
            assert_eq!(read(bad).unwrap_err(), "`accounts` must be a list of at least one account");
        }
    }
}
