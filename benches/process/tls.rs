//! A TLS server with a chain as servers usually have: a leaf and an intermediate certificate, under its own root.

use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_rustls::TlsAcceptor;

use crate::programs::{figures, millis};

pub(crate) struct Server {
    address: SocketAddr,
    /// The root, for a client that should trust it.
    root: PathBuf,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let authority = || -> Result<(CertificateParams, KeyPair), rcgen::Error> {
            let mut params = CertificateParams::new(vec![])?;
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            Ok((params, KeyPair::generate()?))
        };
        let (params, key) = authority()?;
        let root = folder.join("root.der");
        fs::write(&root, params.self_signed(&key)?.der())?;
        let issuer = Issuer::new(params, key);
        let (params, key) = authority()?;
        let intermediate: CertificateDer<'static> = params.signed_by(&key, &issuer)?.into();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &issuer)?.into();
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf, intermediate], key)?;
        let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind(("127.0.0.1", 0)).await?);
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // The client reports what went wrong, if anything did.
                let _ = answer(acceptor.clone(), connection).await;
            }
        });
        Ok(Self { address, root, task })
    }

    /// Makes `client` send a request. Returns the milliseconds of processor time for making the client, and for the request.
    pub(crate) async fn call(&self, client: &Path) -> Result<(f64, f64), Box<dyn Error>> {
        let mut command = Command::new(client);
        command.arg(format!("https://{}/", self.address)).arg(&self.root);
        let [client, request] = figures(spawn_blocking(move || command.output()).await??)?;
        Ok((millis(client), millis(request)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(acceptor: TlsAcceptor, connection: tokio::net::TcpStream) -> std::io::Result<()> {
    let mut connection = acceptor.accept(connection).await?;
    let mut request = [0; 4096];
    let _ = connection.read(&mut request).await?;
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").await?;
    connection.shutdown().await
}
