//! Signature v2 against known vectors, stage by stage: first the string to sign, then the signature.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use chrono::DateTime;
use ncp_cert_alert::ncp::signature::{
    ACCESS_KEY_HEADER, KeyPair, SIGNATURE_HEADER, StringToSign, TIMESTAMP_HEADER, sign,
};
use serde_json::Value;

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("data/signature-v2-vectors.json")).unwrap()
}

#[test]
fn every_vector_gives_its_string_and_its_signature() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 13);
    for vector in vectors {
        let field = |name: &str| vector[name].as_str().unwrap();
        let (method, target, timestamp) = (field("method"), field("url"), field("timestamp"));
        let (access_key, secret_key) = (field("access_key"), field("secret_key"));

        let text = StringToSign { method, target, timestamp, access_key }.to_string();
        assert_eq!(
            text.split('\n').collect::<Vec<_>>(),
            [format!("{method} {target}").as_str(), timestamp, access_key],
            "{}",
            field("id")
        );

        let time = DateTime::from_timestamp_millis(timestamp.parse().unwrap()).unwrap();
        let headers = sign(method, target, time, &KeyPair::new(access_key, secret_key));
        assert_eq!(
            headers,
            [
                (TIMESTAMP_HEADER, timestamp.to_owned()),
                (ACCESS_KEY_HEADER, access_key.to_owned()),
                (SIGNATURE_HEADER, field("signature").to_owned()),
            ],
            "{}",
            field("id")
        );
    }
}

#[test]
fn keys_do_not_print_themselves() {
    let keys = KeyPair::new("AKIDEXAMPLE000000000", "secretEXAMPLE");
    assert_eq!(format!("{keys:?}"), "KeyPair([redacted])");
}

#[test]
fn a_pair_is_the_same_only_when_both_keys_are() {
    let pair = KeyPair::new("a", "b");
    assert!(pair.is(&KeyPair::new("a", "b")));
    for (access_key, secret_key) in [("a", "c"), ("c", "b"), ("b", "a"), ("A", "B")] {
        assert!(!pair.is(&KeyPair::new(access_key, secret_key)), "{access_key} {secret_key}");
    }
}
