//! Tokens and certificates together.

use std::sync::Arc;

use async_trait::async_trait;
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, Reason};

/// Which credentials count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialMode {
    /// The token alone; a certificate is not looked at.
    Token,
    /// The certificate alone; a token is not looked at.
    Certificate,
    /// The token when there is one, else the certificate. A bad token is refused, however good the certificate is.
    TokenOrCertificate,
    /// Both must be there and be good. The claims are the token's; the certificate must match a rule, which may be one
    /// that grants nothing.
    TokenAndCertificate,
}

/// Asks a mapper for tokens and a mapper for certificates, as its mode says. A credential that is there and bad is never
/// made up for by the other one.
///
/// The claims are always those of one mapper as it made them. With [`CredentialMode::TokenAndCertificate`] they end with
/// the token; the certificate's dates are looked at in each call.
#[derive(Debug, Clone)]
pub struct CombinedClaimMapper {
    mode: CredentialMode,
    token: Arc<dyn ClaimMapper>,
    certificate: Arc<dyn ClaimMapper>,
}

/// Who is to be asked about a call.
enum Ask {
    Token,
    Certificate,
    Both,
    Nobody,
}

impl CombinedClaimMapper {
    /// A mapper for calls with these credentials.
    pub fn new(mode: CredentialMode, token: impl ClaimMapper, certificate: impl ClaimMapper) -> Self {
        Self { mode, token: Arc::new(token), certificate: Arc::new(certificate) }
    }

    fn ask(&self, info: &AuthInfo<'_>) -> Result<Ask, ClaimError> {
        let (token, certificate) = (!info.auth_token_bytes().is_empty(), info.peer().is_some());
        match self.mode {
            CredentialMode::Token => Ok(Ask::Token),
            CredentialMode::Certificate => Ok(Ask::Certificate),
            CredentialMode::TokenOrCertificate if certificate && !token => Ok(Ask::Certificate),
            CredentialMode::TokenOrCertificate => Ok(Ask::Token),
            CredentialMode::TokenAndCertificate => match (token, certificate) {
                (true, true) => Ok(Ask::Both),
                (false, false) => Ok(Ask::Nobody),
                (true, false) => Err(missing("a client certificate is required beside the token")),
                (false, true) => Err(missing("a token is required beside the client certificate")),
            },
        }
    }
}

#[async_trait]
impl ClaimMapper for CombinedClaimMapper {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        match self.ask(info)? {
            Ask::Token => self.token.get_claims(info).await,
            Ask::Certificate => self.certificate.get_claims(info).await,
            // The certificate first: it costs nothing, and a token may cost a fetch.
            Ask::Both => match self.certificate.get_claims(info).await? {
                Some(_) => self.token.get_claims(info).await,
                None => Err(ClaimError::rejected(Reason::CertificateNotMapped)),
            },
            Ask::Nobody => Ok(None),
        }
    }

    fn claims_at_hand(&self, info: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        match self.ask(info).ok()? {
            Ask::Token => self.token.claims_at_hand(info),
            Ask::Certificate => self.certificate.claims_at_hand(info),
            Ask::Both => match self.certificate.claims_at_hand(info)? {
                Ok(Some(_)) => self.token.claims_at_hand(info),
                _ => None,
            },
            Ask::Nobody => Some(Ok(None)),
        }
    }

    fn auth_info_required(&self) -> bool {
        match self.mode {
            CredentialMode::Token | CredentialMode::TokenOrCertificate => self.token.auth_info_required(),
            CredentialMode::Certificate => self.certificate.auth_info_required(),
            CredentialMode::TokenAndCertificate => true,
        }
    }
}

fn missing(detail: &str) -> ClaimError {
    ClaimError::rejected_with(Reason::MissingCredentials, detail)
}
