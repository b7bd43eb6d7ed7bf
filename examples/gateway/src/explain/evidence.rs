//! What the claim mapper finds in the credentials, step by step.

use std::sync::Arc;

use temporal_authz::{AuthInfo, ClaimError, ClaimMapper};
use temporal_claim_mapper::{CertificateClaimMapper, CredentialMode, JwtClaimMapper, Outcome};
use temporal_key_provider::{JwksKeyProvider, SourceStatus};

use super::{report::Report, roles};
use crate::log_text::bounded;

/// Most keys of a source that are not used that are shown.
const LISTED: usize = 10;

/// The claim mapper of the gateway and its parts.
pub(super) struct Evidence {
    pub(super) mode: CredentialMode,
    pub(super) mapper: Arc<dyn ClaimMapper>,
    pub(super) tokens: Option<JwtClaimMapper>,
    pub(super) certificates: Option<CertificateClaimMapper>,
    pub(super) keys: Option<JwksKeyProvider>,
}

impl Evidence {
    /// Tells the checks of the credentials that count.
    pub(super) async fn tell(&self, info: &AuthInfo<'_>, report: &mut Report) {
        if self.tokens.is_none() && self.certificates.is_none() {
            report.note("credentials", "not looked at: `claimMapper` is empty, and everybody is a system admin");
            return;
        }
        let (token, certificate) = (!info.auth_token().is_empty(), info.peer().is_some());
        if !info.has_credentials() {
            report.note("credentials", "none: nobody has shown who it is");
        }
        if certificate {
            self.tell_certificate(info, report).await;
        }
        match &self.tokens {
            None if token => report.note("token", "not looked at with `mode: certificate`"),
            // The mapper refuses a token without its certificate unread.
            Some(_) if self.mode == CredentialMode::TokenAndCertificate && !certificate => {}
            Some(tokens) if token => {
                self.tell_keys(report);
                tell_token(tokens, info, report).await;
            }
            _ => {}
        }
    }

    /// Tells why the mapper refuses the credentials, if no step has told yet.
    pub(super) async fn tell_refusal(&self, info: &AuthInfo<'_>, report: &mut Report) {
        if report.failure().is_none()
            && let Err(error) = self.mapper.get_claims(info).await
        {
            report.fail("credentials", described(&error));
        }
    }

    async fn tell_certificate(&self, info: &AuthInfo<'_>, report: &mut Report) {
        let Some(certificates) = &self.certificates else {
            report.note("certificate", "not looked at with `mode: token`");
            return;
        };
        if self.mode == CredentialMode::TokenOrCertificate && !info.auth_token().is_empty() {
            report.note("certificate", "not looked at beside a token with `mode: tokenOrCertificate`");
            return;
        }
        report.note("certificate", "taken as one that the handshake verified: its chain is not looked at here");
        match certificates.get_claims(info).await {
            Ok(Some(claims)) => report.ok("certificate", roles::caller(&claims)),
            Ok(None) => {}
            Err(error) => report.fail("certificate", described(&error)),
        }
    }

    fn tell_keys(&self, report: &mut Report) {
        for source in self.keys.iter().flat_map(JwksKeyProvider::status) {
            tell_source(&source, report);
        }
    }
}

/// One source. That it failed denies nothing by itself: another one may have the key.
fn tell_source(status: &SourceStatus, report: &mut Report) {
    let SourceStatus { source, keys, last_error, skipped, .. } = status;
    let keys = if *keys == 1 { "1 key".to_owned() } else { format!("{keys} keys") };
    match last_error {
        None => report.ok("keys", format_args!("{source}: {keys}")),
        Some(error) => report.note("keys", format_args!("{source}: {keys}; the last attempt failed: {error}")),
    }
    for key in skipped.iter().take(LISTED) {
        report.note("keys", format_args!("kid \"{}\" is not used: {}", key.kid, key.reason));
    }
}

async fn tell_token(tokens: &JwtClaimMapper, info: &AuthInfo<'_>, report: &mut Report) {
    for step in tokens.explain(info).await.steps() {
        match step.outcome() {
            Outcome::Passed => report.ok(step.name(), step.text()),
            Outcome::Failed => report.fail(step.name(), step.text()),
            _ => report.note(step.name(), step.text()),
        }
    }
}

/// With its causes, where they are no credentials' but the operator's.
fn described(error: &ClaimError) -> String {
    match error {
        ClaimError::Unavailable { .. } => bounded(error),
        error => error.to_string(),
    }
}
