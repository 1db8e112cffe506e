//! The two kinds of secrets: text → accounts' keys and webhooks. Strict: an unknown key is an error that names it, and
//! everything wrong with a secret is reported at once.
//!
//! Pure; [`crate::secret_store`] reads the texts.

mod accounts;
pub(crate) mod label;
mod mutes;
pub(crate) mod webhooks;

pub use self::accounts::{AccountEntry, AccountSecret, accounts};
pub use self::webhooks::{WebhookSecret, hooks};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_store::flaw;
    use chrono::NaiveDate;
    use proptest::prelude::*;

    const SLACK: &str = "https://hooks.slack.com/services/T000/B000/secret0000";
    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();

    #[test]
    fn a_key_that_stands_twice_is_refused_and_a_byte_order_mark_is_passed_over() {
        let twice = |key: &str| vec![format!("the key `{key}` occurs twice in one object; write it once")];
        let keys = |text: &str| accounts("prod", &text.into()).map_err(|flaws| flaw::sentences(&flaws));
        let hooks = |text: String| hooks(&text.into(), TODAY).map_err(|flaws| flaw::sentences(&flaws));
        let (_, account) = keys(r#"{"access_key":"AK","access_key":"AL","secret_key":"SK"}"#).unwrap().remove(0);
        assert_eq!(flaw::sentences(&account.unwrap_err()), twice("access_key"));
        let hook = format!(r#"{{"url":"{SLACK}","url":"{SLACK}"}}"#);
        assert_eq!(hooks(format!(r#"{{"webhooks":[{hook}]}}"#)).unwrap_err(), twice("url"));
        assert_eq!(hooks(r#"{"webhooks":[],"webhooks":[]}"#.to_owned()).unwrap_err(), twice("webhooks"));
        let mute = r#"{"what":"71","until":"2026-12-31","until":"2027-12-31"}"#;
        assert_eq!(
            hooks(format!(r#"{{"webhooks":[{{"url":"{SLACK}"}}],"mutes":[{mute}]}}"#)).unwrap_err(),
            twice("until")
        );
        assert!(keys("\u{feff}{\"access_key\":\"AK\",\"secret_key\":\"SK\"}").is_ok());
        assert_eq!(hooks(format!("\u{feff}{SLACK}\n")).unwrap().webhooks.len(), 1);
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        let webhooks = hooks(&SLACK.into(), TODAY).unwrap();
        let account = accounts("prod", &r#"{"access_key":"AKIDEXAMPLE","secret_key":"secret0000"}"#.into()).unwrap();
        let printed = format!("{webhooks:?} {account:?}");
        assert!(!printed.contains("secret0000") && !printed.contains("AKID") && !printed.contains("T000"), "{printed}");
    }

    proptest! {
        #[test]
        fn no_text_panics_a_parser(text in any::<String>()) {
            let _ = accounts("prod", &text.clone().into());
            let _ = hooks(&format!("https://hooks.slack.com/{text}").into(), TODAY);
            let _ = hooks(&text.into(), TODAY);
        }
    }
}
