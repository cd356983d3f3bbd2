//! Whom to trust over TLS: the machine's certificate authorities (or those in `SSL_CERT_FILE`), and one more file.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::error::Error;

/// Returns the client's side of TLS. If no authority is known at all, that is an error only where one is `needed`: an
/// image may have no bundle, and plain http needs none.
///
/// The provider of cryptography is named here, so that none has to be installed for the process.
pub(super) fn config(ca_file: Option<&Path>, needed: bool) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        add_file(&mut roots, path).map_err(|source| Error::CaFile { path: path.to_owned(), source })?;
    }
    if needed && roots.is_empty() {
        return Err(Error::NoCertificates);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Client(error.into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Adds the certificates of a file. All have to be good ones, and there has to be one: whoever names a file relies on
/// it.
fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?;
    if certificates.is_empty() {
        return Err("it holds no certificate".into());
    }
    for certificate in certificates {
        roots.add(certificate)?;
    }
    Ok(())
}
