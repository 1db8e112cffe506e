//! A simulated Global Edge on a loopback port.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::global_edge::GlobalEdge;
use crate::time::Clock;

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves `edge` on a free port of 127.0.0.1. `clock` decides how old a request is.
    ///
    /// # Errors
    /// If the machine has no free port.
    pub async fn start(edge: GlobalEdge, clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let edge = Arc::new(edge);
        let task = tokio::spawn(async move {
            // The connections live as long as the server: they are dropped with it.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let edge = Arc::clone(&edge);
                connections.spawn(async move {
                    let service =
                        service_fn(|request| std::future::ready(Ok::<_, Infallible>(edge.answer(&request, clock()))));
                    // A client that disconnects midway is not the server's concern.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { address, task })
    }

    /// The URL that it listens on.
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}/", self.address)).expect("an address is a host")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
