//! The formats that the chats document: what they take, and what they answer.

use serde_json::Value;

use super::schema::assert_valid;
use super::servers::{Request, header};

/// The schema that relays are promised.
pub const WEBHOOK_SCHEMA: &str = include_str!("../../docs/webhook.schema.json");

/// The status and body by which a webhook says that it took a message.
pub fn usual_answer(kind: &str) -> (u16, &'static str) {
    match kind {
        "slack" => (200, "ok"),
        "line_works" => (200, r#"{"code":200,"description":"success"}"#),
        "jandi" => (200, ""),
        "dooray" => (200, r#"{"header":{"isSuccessful":true,"resultCode":0,"resultMessage":""},"result":null}"#),
        "json" => (204, ""),
        _ => (202, ""),
    }
}

/// Fails if a message does not have the form that the chat documents: an undocumented field, a missing one, an empty text, or a
/// header that is not as required.
pub fn check(kind: &str, request: &Request, body: &Value) {
    let text = |value: &Value| assert!(value.as_str().is_some_and(|text| !text.trim().is_empty()), "{kind}: {body}");
    let fields = |value: &Value, required: &[&str], optional: &[&str]| {
        let fields = value.as_object().unwrap_or_else(|| panic!("{kind}: {body}"));
        for name in fields.keys() {
            assert!([required, optional].concat().contains(&name.as_str()), "{kind}: {name} in {body}");
        }
        assert!(required.iter().all(|name| fields.contains_key(*name)), "{kind}: {body}");
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let color = |value: &Value| {
        let digits = value.as_str().and_then(|text| text.strip_prefix('#')).unwrap_or_default();
        assert!(digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{kind}: {body}");
    };
    match kind {
        "line_works" => {
            fields(body, &["title", "body"], &["button"]);
            fields(&body["body"], &["text"], &[]);
            text(&body["title"]);
            text(&body["body"]["text"]);
            if let Some(button) = body.get("button") {
                fields(button, &["label", "url"], &[]);
                text(&button["label"]);
                assert!(button["url"].as_str().unwrap().starts_with("http"), "{body}");
            }
        }
        "jandi" => {
            assert_eq!(header(request, "accept"), Some("application/vnd.tosslab.jandi-v2+json"));
            fields(body, &["body"], &["connectColor", "connectInfo"]);
            text(&body["body"]);
            color(&body["connectColor"]);
            for info in list(&body["connectInfo"]) {
                fields(&info, &["title", "description"], &["imageUrl"]);
                text(&info["title"]);
                text(&info["description"]);
            }
        }
        "dooray" => {
            fields(body, &["botName", "text"], &["botIconImage", "attachments"]);
            text(&body["botName"]);
            text(&body["text"]);
            for attachment in list(&body["attachments"]) {
                fields(&attachment, &["title", "text", "color"], &["titleLink"]);
                text(&attachment["title"]);
                text(&attachment["text"]);
                color(&attachment["color"]);
            }
        }
        "json" => assert_valid(WEBHOOK_SCHEMA, body),
        _ => {}
    }
}
