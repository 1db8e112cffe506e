//! A look at what a host serves: one TLS handshake, in which nothing is sent and nothing is trusted.
//!
//! The address is looked up once, checked, and connected to, so that what is checked is what is connected to. The certificate's
//! dates and names are read by rustls's own verifier.

mod address;
mod target;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, crypto};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

pub use self::address::is_public;
pub use self::target::Target;
use crate::net::http;
use crate::rules::served::{Remark, Sight, Validity};
use crate::time;

/// How long the look-up and a handshake may take, and a second handshake.
const LIMIT: Duration = Duration::from_secs(5);

/// A time after the end of every certificate: their dates have four digits of a year.
const AFTER_ALL: Duration = Duration::from_secs(1 << 40);

/// What a look needs: made once a run.
pub struct Probe {
    connector: TlsConnector,
    verifier: Arc<WebPkiServerVerifier>,
}

impl Default for Probe {
    fn default() -> Self {
        Self::with_roots(http::roots())
    }
}

impl Probe {
    /// A probe that knows these issuers.
    fn with_roots(roots: RootCertStore) -> Self {
        let provider = Arc::new(crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = verifier.build().expect("there are roots, and no revocation lists");
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(Arc::clone(&verifier))))
            .with_no_client_auth();
        // A resumed session would show no certificate.
        config.resumption = Resumption::disabled();
        Self { connector: TlsConnector::from(Arc::new(config)), verifier }
    }

    /// Looks at a host, until `until` at the latest. What `is_suspect` is confirmed by a second handshake.
    pub async fn look(&self, target: &Target, until: Instant, is_suspect: impl Fn(Validity) -> bool) -> Sight {
        let (seen, remark) = match self.confirmed(target, until, is_suspect).await {
            Ok((validity, true)) => (Some(validity), None),
            Ok((validity, false)) => (Some(validity), Some(Remark::UnknownIssuer)),
            Err(remark) => (None, Some(remark)),
        };
        target.sight(seen, remark)
    }

    async fn confirmed(
        &self,
        target: &Target,
        until: Instant,
        is_suspect: impl Fn(Validity) -> bool,
    ) -> Result<(Validity, bool), Remark> {
        let name = ServerName::try_from(target.name.clone()).map_err(|_| Remark::NotFound)?;
        let (address, chain) = within(until, self.first(target, &name)).await?;
        let (validity, is_known) = self.read(&chain, &name)?;
        if is_suspect(validity) {
            let again = within(until, async {
                let stream = TcpStream::connect(address).await.map_err(|_| Remark::NoAnswer)?;
                self.handshake(stream, &name).await
            });
            match again.await {
                Ok(again) if again.first() == chain.first() => {}
                Err(Remark::NotLooked) => return Err(Remark::NotLooked),
                _ => return Err(Remark::Unconfirmed),
            }
        }
        Ok((validity, is_known))
    }

    /// The first handshake, and the address that it was made with.
    async fn first(
        &self,
        target: &Target,
        name: &ServerName<'static>,
    ) -> Result<(SocketAddr, Vec<CertificateDer<'static>>), Remark> {
        for address in addresses(target).await? {
            // One that cannot be reached from here, such as an IPv6 one, must not hide the next.
            if let Ok(stream) = TcpStream::connect(address).await {
                return Ok((address, self.handshake(stream, name).await?));
            }
        }
        Err(Remark::NoAnswer)
    }

    /// The certificates that the peer shows and proves to have the key of.
    async fn handshake(
        &self,
        stream: TcpStream,
        name: &ServerName<'static>,
    ) -> Result<Vec<CertificateDer<'static>>, Remark> {
        let stream = self.connector.connect(name.clone(), stream).await.map_err(|error| remark(&error))?;
        let (_, connection) = stream.get_ref();
        connection.peer_certificates().map(<[_]>::to_vec).ok_or(Remark::NoTls)
    }

    /// The dates of a certificate that covers the name, and whether its issuer is known.
    fn read(&self, chain: &[CertificateDer<'_>], name: &ServerName<'_>) -> Result<(Validity, bool), Remark> {
        let (leaf, intermediates) = chain.split_first().ok_or(Remark::NoTls)?;
        let parsed = ParsedCertificate::try_from(leaf).map_err(|_| Remark::NoTls)?;
        verify_server_name(&parsed, name).map_err(|_| Remark::OtherName)?;
        let verified = |time| self.verifier.verify_server_cert(leaf, intermediates, name, &[], time);
        // Before and after its time the verifier says when that is, whoever issued it.
        let ends = match verified(UnixTime::since_unix_epoch(AFTER_ALL)) {
            Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => date(not_after),
            _ => None,
        };
        let begins = match verified(UnixTime::since_unix_epoch(Duration::ZERO)) {
            Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => date(not_before),
            _ => None,
        };
        let validity = begins.zip(ends).map(|(begins, ends)| Validity { begins, ends }).ok_or(Remark::NoTls)?;
        let last = Duration::from_secs(u64::try_from(validity.ends.timestamp()).unwrap_or_default());
        Ok((validity, verified(UnixTime::since_unix_epoch(last)).is_ok()))
    }
}

fn date(time: UnixTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(time.as_secs()).ok()?, 0)
}

/// The addresses to connect to: the one that the settings name, or those of one look-up that are public, IPv4 first, since a
/// function has no IPv6 unless its network gives it some.
async fn addresses(target: &Target) -> Result<Vec<SocketAddr>, Remark> {
    if let Some(address) = target.address {
        return Ok(vec![SocketAddr::new(address, target.port)]);
    }
    let found = lookup_host((target.name.as_str(), target.port)).await.map_err(|_| Remark::NotFound)?;
    let found: Vec<SocketAddr> = found.collect();
    let mut public: Vec<SocketAddr> = found.iter().copied().filter(|address| is_public(address.ip())).collect();
    public.sort_by_key(|address| matches!(address.ip(), IpAddr::V6(_)));
    match (found.is_empty(), public.is_empty()) {
        (true, _) => Err(Remark::NotFound),
        (false, true) => Err(Remark::NotPublic),
        (false, false) => Ok(public),
    }
}

/// Why there was no handshake.
fn remark(error: &io::Error) -> Remark {
    match error.get_ref() {
        Some(inner) if inner.is::<Error>() => Remark::NoTls,
        _ => Remark::NoAnswer,
    }
}

/// What `work` amounts to within its limit, and before `until`.
async fn within<T>(until: Instant, work: impl Future<Output = Result<T, Remark>>) -> Result<T, Remark> {
    let now = time::monotonic();
    if now >= until {
        return Err(Remark::NotLooked);
    }
    let limit = now + LIMIT;
    let cut = if limit <= until { Remark::NoAnswer } else { Remark::NotLooked };
    timeout_at(limit.min(until), work).await.unwrap_or(Err(cut))
}

/// Accepts every certificate, since it is only to be read; that the peer has its key is verified.
#[derive(Debug)]
struct AnyCertificate(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

    /// An authority that is valid forever.
    fn authority(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params
    }

    #[test]
    fn dates_are_read_whoever_has_issued_the_certificate_and_its_issuer_is_known_or_not() {
        let key = || KeyPair::generate().unwrap();
        let root = CertifiedIssuer::self_signed(authority("root"), key()).unwrap();
        let intermediate = CertifiedIssuer::signed_by(authority("intermediate"), key(), &root).unwrap();
        let mut params = CertificateParams::new(vec!["*.example.kr".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 2), date_time_ymd(2021, 2, 3));
        let leaf = params.clone().signed_by(&key(), &intermediate).unwrap().der().clone();
        let own = params.self_signed(&key()).unwrap().der().clone();

        let mut roots = RootCertStore::empty();
        roots.add(root.der().clone()).unwrap();
        let probe = Probe::with_roots(roots);
        let read = |chain: &[CertificateDer<'static>], name: &'static str| {
            let read = probe.read(chain, &ServerName::try_from(name).unwrap());
            read.map(|(validity, is_known)| {
                let day = |time: DateTime<Utc>| time.date_naive().to_string();
                assert_eq!((day(validity.begins), day(validity.ends)), ("2020-01-02".into(), "2021-02-03".into()));
                assert_eq!(validity.ends - validity.begins, TimeDelta::days(398));
                is_known
            })
        };
        let whole = [leaf.clone(), intermediate.der().clone()];
        assert_eq!(read(&whole, "www.example.kr"), Ok(true), "known, although it has expired");
        assert_eq!(read(&[leaf], "www.example.kr"), Ok(false), "its intermediate is missing");
        assert_eq!(read(&[own], "www.example.kr"), Ok(false), "it has signed itself");
        assert_eq!(read(&whole, "example.kr"), Err(Remark::OtherName));
        assert_eq!(read(&whole, "a.www.example.kr"), Err(Remark::OtherName));
        assert_eq!(read(&[CertificateDer::from(vec![1, 2, 3])], "www.example.kr"), Err(Remark::NoTls));
        assert_eq!(read(&[], "www.example.kr"), Err(Remark::NoTls));
    }

    #[test]
    fn what_is_not_reached_in_time_was_not_looked_at() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let hang = async || std::future::pending::<Result<(), Remark>>().await;
            let now = time::monotonic();
            assert_eq!(within(now, hang()).await, Err(Remark::NotLooked));
            assert_eq!(within(now + LIMIT * 2, hang()).await, Err(Remark::NoAnswer));
            assert_eq!(within(now + LIMIT * 3 / 2, hang()).await, Err(Remark::NotLooked));
        });
    }
}
