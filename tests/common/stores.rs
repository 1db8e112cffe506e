//! AWS's two stores of secrets, on loopback ports.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{NaiveDateTime, TimeDelta};
use hmac::{Hmac, KeyInit, Mac};
use ncp_cert_alert::time;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::servers::{Reply, Request, Server, header, target};

/// The region of everything, and the account that it belongs to.
pub const REGION: &str = "ap-northeast-2";
pub const AWS_ACCOUNT: &str = "123456789012";

/// A store that holds texts by their ids, and answers as it is set to.
pub struct Store {
    pub(super) server: Server,
    state: Arc<Mutex<State>>,
    service: Service,
}

struct State {
    /// Access key, secret key and session token of who may ask, where signatures are checked.
    trusted: [String; 3],
    values: BTreeMap<String, String>,
    reads: Vec<String>,
    script: BTreeMap<String, VecDeque<Reply>>,
    always: BTreeMap<String, Reply>,
}

/// What differs between the stores.
#[derive(Clone, Copy)]
struct Service {
    /// Refuses a request that this store would not take; the id that it asks for.
    asked: fn(&Request, &[String; 3]) -> String,
    /// The answer for an id, from what the store holds.
    find: fn(&Request, &str, &BTreeMap<String, String>) -> Reply,
    /// The body of the answer for an id and its text.
    body: fn(&str, &str) -> String,
}

/// [GetSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html). The signature is
/// checked.
const SECRETS_MANAGER: Service = Service {
    asked: |request, trusted| {
        assert_eq!(header(request, "x-amz-target"), Some("secretsmanager.GetSecretValue"));
        check_signature(request, "secretsmanager", trusted);
        let body: Value = serde_json::from_str(request.body()).unwrap();
        body["SecretId"].as_str().unwrap().to_owned()
    },
    find: |_, id, values| match values.get(id) {
        Some(value) => found(secret(id, value)),
        None => aws_error(400, "ResourceNotFoundException"),
    },
    body: secret,
};

/// [GetParameter](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html) of secure strings. The
/// signature is checked.
const PARAMETER_STORE: Service = Service {
    asked: |request, trusted| {
        assert_eq!((request.method().as_str(), target(request)), ("POST", "/"));
        assert_eq!(header(request, "content-type"), Some("application/x-amz-json-1.1"));
        assert_eq!(header(request, "x-amz-target"), Some("AmazonSSM.GetParameter"));
        check_signature(request, "ssm", trusted);
        let body: BTreeMap<String, Value> = serde_json::from_str(request.body()).unwrap();
        assert!(body.keys().eq(["Name", "WithDecryption"]), "{body:?}");
        body["Name"].as_str().unwrap().to_owned()
    },
    find: |request, name, values| {
        let here = format!("arn:aws:ssm:{REGION}:{AWS_ACCOUNT}:parameter");
        let path = match name.strip_prefix(&here) {
            Some(path) => path,
            None if name.contains(':') => return aws_error(400, "ValidationException"),
            None => name,
        };
        let body: Value = serde_json::from_str(request.body()).unwrap();
        match values.get(path) {
            Some(value) if body["WithDecryption"] == true => found(parameter(path, value)),
            Some(_) => found(parameter(path, "AQICAHjciphertext")),
            None => aws_error(400, "ParameterNotFound"),
        }
    },
    body: parameter,
};

impl Store {
    pub async fn secrets_manager() -> Self {
        Self::start(SECRETS_MANAGER).await
    }

    pub async fn parameter_store() -> Self {
        Self::start(PARAMETER_STORE).await
    }

    async fn start(service: Service) -> Self {
        let state = Arc::new(Mutex::new(State {
            trusted: ["test", "test", ""].map(str::to_owned),
            values: BTreeMap::new(),
            reads: Vec::new(),
            script: BTreeMap::new(),
            always: BTreeMap::new(),
        }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request: Request| {
            let mut state = shared.lock().unwrap();
            let id = (service.asked)(&request, &state.trusted);
            state.reads.push(id.clone());
            let scripted = state.script.get_mut(&id).and_then(VecDeque::pop_front);
            let scripted = scripted.or_else(|| state.always.get(&id).cloned());
            scripted.unwrap_or_else(|| (service.find)(&request, &id, &state.values))
        })
        .await
        .unwrap();
        Self { server, state, service }
    }

    /// Who may ask: access key, secret key and session token.
    pub fn trust(&self, credentials: [&str; 3]) {
        self.state.lock().unwrap().trusted = credentials.map(str::to_owned);
    }

    pub fn set(&self, id: &str, value: impl ToString) {
        self.state.lock().unwrap().values.insert(id.to_owned(), value.to_string());
    }

    /// The body of the answer for an id.
    pub fn answer(&self, id: &str) -> String {
        (self.service.body)(id, &self.state.lock().unwrap().values[id])
    }

    /// Answers the next requests for this id with these replies, one each.
    pub fn script(&self, id: &str, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.entry(id.to_owned()).or_default().extend(replies);
    }

    /// Answers every request for this id with this reply.
    pub fn always(&self, id: &str, reply: Reply) {
        self.state.lock().unwrap().always.insert(id.to_owned(), reply);
    }

    /// Answers as usual again.
    pub fn heal(&self) {
        let mut state = self.state.lock().unwrap();
        state.script.clear();
        state.always.clear();
    }

    /// The ids that were asked for, in order.
    pub fn reads(&self) -> Vec<String> {
        self.state.lock().unwrap().reads.clone()
    }
}

fn secret(id: &str, value: &str) -> String {
    json!({"ARN": format!("arn:{id}"), "Name": id, "SecretString": value, "VersionId": "v"}).to_string()
}

fn parameter(name: &str, value: &str) -> String {
    let arn = format!("arn:aws:ssm:{REGION}:{AWS_ACCOUNT}:parameter/{}", name.trim_start_matches('/'));
    let value = json!({
        "ARN": arn, "DataType": "text", "LastModifiedDate": 1_764_000_000.123, "Name": name, "Type": "SecureString",
        "Value": value, "Version": 1,
    });
    json!({"Parameter": value}).to_string()
}

fn found(body: String) -> Reply {
    Reply::new(200, body).with("content-type", "application/x-amz-json-1.1")
}

/// An error in AWS's JSON protocol.
pub fn aws_error(status: u16, code: &'static str) -> Reply {
    Reply::new(status, json!({"__type": code, "message": "no"}).to_string())
        .with("content-type", "application/x-amz-json-1.1")
}

/// Signs the request again, following [Signature Version
/// 4](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
#[track_caller]
fn check_signature(request: &Request, service: &str, [access_key, secret_key, token]: &[String; 3]) {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let time = header(request, "x-amz-date").unwrap();
    let skew = time::wall() - NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%SZ").unwrap().and_utc();
    assert!(skew.abs() < TimeDelta::minutes(5), "{time}");
    let scope = format!("{}/{REGION}/{service}/aws4_request", &time[..8]);
    let authorization = header(request, "authorization").unwrap();
    let (_, signed) = authorization.split_once("SignedHeaders=").unwrap();
    let signed: Vec<&str> = signed.split(',').next().unwrap().split(';').collect();
    for needed in ["content-type", "host", "x-amz-date", "x-amz-target"] {
        assert!(signed.contains(&needed), "{authorization}");
    }
    if !token.is_empty() {
        assert_eq!(header(request, "x-amz-security-token"), Some(token.as_str()));
        assert!(signed.contains(&"x-amz-security-token"), "{authorization}");
    }
    let headers: Vec<_> = signed.iter().map(|name| format!("{name}:{}\n", header(request, name).unwrap())).collect();
    let headers = headers.concat();
    let (signed, body) = (signed.join(";"), hex(&Sha256::digest(request.body())));
    let canonical = hex(&Sha256::digest(format!("POST\n/\n\n{headers}\n{signed}\n{body}")));
    let key = mac(format!("AWS4{secret_key}").as_bytes(), &time[..8]);
    let key = [REGION, service, "aws4_request"].iter().fold(key, |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}")));
    let expected =
        format!("AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}");
    assert_eq!(authorization, expected);
}
