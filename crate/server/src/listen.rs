//! Connections, plain or through TLS with the operator's own certificate.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
    server::TlsStream,
};
use tokio_util::either::Either;

/// A client that says hello has said it by then.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Clients that are saying hello; others wait to be heard.
const HANDSHAKES: usize = 256;

/// The certificate's files, PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The server's certificate, then those between it and the root.
    pub certificates: PathBuf,
    pub key: PathBuf,
}

pub struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    /// Those whose hello is not over, so that a slow one keeps nobody waiting.
    greeted: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

/// Where a connection comes from.
#[derive(Clone, Copy)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Listener {
    pub async fn bind(address: SocketAddr, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        Ok(Self { tcp: TcpListener::bind(address).await?, tls, greeted: JoinSet::new() })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

impl axum::serve::Listener for Listener {
    type Io = Either<TcpStream, TlsStream<TcpStream>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let room = self.greeted.len() < HANDSHAKES;
            tokio::select! {
                (stream, address) = axum::serve::Listener::accept(&mut self.tcp), if room => {
                    // Answers are small or whole buffers: nothing is gained by waiting for more.
                    let _ = stream.set_nodelay(true);
                    let Some(tls) = &self.tls else { return (Either::Left(stream), address) };
                    let hello = tls.accept(stream);
                    self.greeted.spawn(async move { Some((tokio::time::timeout(HANDSHAKE, hello).await.ok()?.ok()?, address)) });
                }
                Some(done) = self.greeted.join_next() => {
                    if let Ok(Some((stream, address))) = done {
                        return (Either::Right(stream), address);
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// TLS 1.2 and 1.3 (RFC 8446) with these files.
///
/// # Errors
/// The file that cannot be used, and why.
pub fn tls(files: &TlsFiles) -> Result<TlsAcceptor, (PathBuf, Box<dyn std::error::Error + Send + Sync>)> {
    fn at<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        file: &Path,
    ) -> impl Fn(E) -> (PathBuf, Box<dyn std::error::Error + Send + Sync>) {
        move |error| (file.to_owned(), error.into())
    }
    let certificates = CertificateDer::pem_file_iter(&files.certificates).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates.map_err(at(&files.certificates))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(at(&files.key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let mut config =
        config.and_then(|config| config.with_no_client_auth().with_single_cert(certificates, key)).map_err(at(&files.certificates))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
