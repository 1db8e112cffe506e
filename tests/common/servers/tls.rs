//! A host as the probe meets it: a TLS server on a loopback port that shows what a test gives it, and ones that do not get so far.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::crypto::ring::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ProtocolVersion, ServerConfig, SupportedProtocolVersion, version};

/// A certificate with its key, and what is shown with it.
#[derive(Debug, Clone)]
pub struct Shown(Arc<CertifiedKey>);

/// The authority that issues these certificates, with an intermediate one. No browser knows it.
#[derive(Debug)]
pub struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
}

impl Default for Authority {
    fn default() -> Self {
        let authority = |name: &str| {
            let mut params = CertificateParams::default();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(DnType::CommonName, name);
            params
        };
        let key = || KeyPair::generate().expect("ring makes keys");
        let root = CertifiedIssuer::self_signed(authority("Example Root"), key()).expect("ring signs");
        let intermediate =
            CertifiedIssuer::signed_by(authority("Example Intermediate"), key(), &root).expect("ring signs");
        Self { root, intermediate }
    }
}

impl Authority {
    /// The root, as a client trusts it.
    pub fn root(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    /// A certificate for these names, valid from and until then, with its intermediate.
    pub fn issue(&self, names: &[&str], begins: DateTime<Utc>, ends: DateTime<Utc>) -> Shown {
        self.issued(names, begins, ends, vec![self.intermediate.der().clone()])
    }

    /// The same without its intermediate.
    pub fn issue_alone(&self, names: &[&str], begins: DateTime<Utc>, ends: DateTime<Utc>) -> Shown {
        self.issued(names, begins, ends, Vec::new())
    }

    fn issued(
        &self,
        names: &[&str],
        begins: DateTime<Utc>,
        ends: DateTime<Utc>,
        others: Vec<CertificateDer<'static>>,
    ) -> Shown {
        let key = KeyPair::generate().expect("ring makes keys");
        let certificate = params(names, begins, ends).signed_by(&key, &self.intermediate).expect("ring signs");
        shown(certificate.der().clone(), others, &key)
    }
}

/// A certificate that nobody but itself has signed.
pub fn self_signed(names: &[&str], begins: DateTime<Utc>, ends: DateTime<Utc>) -> Shown {
    let key = KeyPair::generate().expect("ring makes keys");
    let certificate = params(names, begins, ends).self_signed(&key).expect("ring signs");
    shown(certificate.der().clone(), Vec::new(), &key)
}

fn params(names: &[&str], begins: DateTime<Utc>, ends: DateTime<Utc>) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("the names are names");
    let time = |time: DateTime<Utc>| {
        rcgen::date_time_ymd(1970, 1, 1)
            + Duration::from_secs(u64::try_from(time.timestamp()).expect("a time after 1970"))
    };
    (params.not_before, params.not_after) = (time(begins), time(ends));
    params
}

fn shown(leaf: CertificateDer<'static>, others: Vec<CertificateDer<'static>>, key: &KeyPair) -> Shown {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen writes keys");
    let chain = [vec![leaf], others].concat();
    Shown(Arc::new(CertifiedKey::new(chain, any_supported_type(&key).expect("ring reads its keys"))))
}

/// What a host does with a connection.
#[derive(Debug, Clone)]
pub enum Manner {
    /// Shows the first of these, the next on the next connection, and so on; the last one from then on.
    Shows(Vec<Shown>),
    /// The same, by the name that is asked for; other names are refused.
    ByName(Vec<(String, Shown)>),
    /// The same with TLS 1.2 alone.
    Tls12(Shown),
    /// Refuses every version but TLS 1.0, as its alert says.
    Tls10,
    /// Answers in plain HTTP.
    PlainHttp,
    /// Takes the connection and says nothing.
    Hangs,
    /// Closes the connection once it was greeted.
    Closes,
    /// Answers one byte a second.
    ByteASecond,
}

/// A host on a loopback port; it stops when dropped.
#[derive(Debug)]
pub struct Host {
    address: SocketAddr,
    task: JoinHandle<()>,
    connections: Arc<Mutex<usize>>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Host {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (connections, heard) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counted, hearing) = (Arc::clone(&connections), Arc::clone(&heard));
        let acceptor = acceptor(&manner);
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                *counted.lock().expect("no thread panics with it") += 1;
                let (acceptor, manner, hearing) = (acceptor.clone(), manner.clone(), Arc::clone(&hearing));
                open.spawn(async move {
                    match acceptor {
                        Some(acceptor) => {
                            // A client that gives up is its own affair. What it sends after the handshake is kept.
                            let Ok(mut stream) = acceptor.accept(stream).await else { return };
                            let mut sent = Vec::new();
                            let _ = stream.read_to_end(&mut sent).await;
                            hearing.lock().expect("no thread panics with it").extend(sent);
                        }
                        None => misbehave(stream, &manner).await,
                    }
                });
            }
        });
        Self { address, task, connections, heard }
    }

    /// The entry of `PROBE_HOSTS` that leads here when this name is asked for.
    pub fn entry(&self, name: &str) -> String {
        format!("{name}={}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        *self.connections.lock().expect("no thread panics with it")
    }

    /// What was sent after a handshake.
    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().expect("no thread panics with it").clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn acceptor(manner: &Manner) -> Option<TlsAcceptor> {
    let both: &[&SupportedProtocolVersion] = &[&version::TLS12, &version::TLS13];
    let (versions, resolver) = match manner {
        Manner::Shows(shown) => (both, Resolver::InTurn(Mutex::new(shown.clone().into()))),
        Manner::ByName(shown) => (both, Resolver::ByName(shown.clone())),
        Manner::Tls12(shown) => (&both[..1], Resolver::InTurn(Mutex::new(VecDeque::from([shown.clone()])))),
        Manner::Tls10 | Manner::PlainHttp | Manner::Hangs | Manner::Closes | Manner::ByteASecond => return None,
    };
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_protocol_versions(versions);
    let config = config
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    Some(TlsAcceptor::from(Arc::new(config)))
}

/// Which certificate is shown.
#[derive(Debug)]
enum Resolver {
    InTurn(Mutex<VecDeque<Shown>>),
    ByName(Vec<(String, Shown)>),
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match self {
            Self::InTurn(shown) => {
                let mut shown = shown.lock().expect("no thread panics with it");
                let next = if shown.len() > 1 { shown.pop_front() } else { shown.front().cloned() };
                next.map(|Shown(key)| key)
            }
            Self::ByName(shown) => {
                let asked = hello.server_name()?;
                shown.iter().find(|(name, _)| name == asked).map(|(_, Shown(key))| Arc::clone(key))
            }
        }
    }
}

async fn misbehave(mut stream: TcpStream, manner: &Manner) {
    let mut hello = [0; 4096];
    let _ = stream.read(&mut hello).await;
    // A fatal alert of TLS, as a server sends it that speaks only TLS 1.0 (RFC 8446, 6).
    let alert = |description: u8| {
        let [major, minor] = u16::from(ProtocolVersion::TLSv1_0).to_be_bytes();
        [21, major, minor, 0, 2, 2, description]
    };
    match manner {
        Manner::Tls10 => _ = stream.write_all(&alert(70)).await,
        Manner::PlainHttp => {
            let answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(answer).await;
        }
        Manner::Hangs => std::future::pending().await,
        Manner::ByteASecond => {
            for byte in [22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3] {
                let _ = stream.write_all(&[byte]).await;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Manner::Closes | Manner::Shows(_) | Manner::ByName(_) | Manner::Tls12(_) => {}
    }
}
