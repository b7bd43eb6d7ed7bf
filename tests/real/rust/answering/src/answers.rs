//! The plug-in: mapper and authorizer in one.

use async_trait::async_trait;
use temporal_authz::{
    AuthInfo, AuthorizeError, Authorizer, CallTarget, ClaimError, ClaimMapper, Claims, Decision, DefaultAuthorizer,
    Principal, Reason, Role, WireStatus,
};

/// Answers as the extra header says, which the mapper puts into the claims. The header is one of
/// `mapper-error`, `mapper-panic`, `panic`, `error:TEXT`, `status:CODE:HEX of a google.rpc.Status, or nothing:MESSAGE`, `deny`,
/// `deny:REASON`, `allow`, `allow-as:TYPE:NAME` and `system:MASK`, which has the default authorizer judge claims with that
/// role. A caller without claims is denied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answering;

/// The extra header, among the claims.
struct Answer(String);

#[async_trait]
impl ClaimMapper for Answering {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        let answer = info.extra_data();
        let (kind, text) = answer.split_once(':').unwrap_or((answer, ""));
        let system = match kind {
            "mapper-error" => return Err(ClaimError::failed("the mapper was told to fail")),
            "mapper-panic" => panic!("the mapper was told to panic"),
            "system" => Role::from_bits_retain(text.parse().map_err(ClaimError::failed)?),
            _ => Role::empty(),
        };
        let claims = Claims::builder("test", "somebody").system(system).extension(Answer(answer.to_owned()));
        claims.build().map(Some).map_err(ClaimError::failed)
    }
}

#[async_trait]
impl Authorizer for Answering {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        let Some(Answer(answer)) = claims.and_then(Claims::extension) else {
            return Ok(Decision::deny(Reason::NoClaims));
        };
        let (kind, text) = answer.split_once(':').unwrap_or((answer, ""));
        match kind {
            "panic" => panic!("the authorizer was told to panic"),
            "error" => Err(AuthorizeError::new(text)),
            "status" => Err(AuthorizeError::new("a status").with_status(status(text)?)),
            "allow" => Ok(Decision::allow()),
            "allow-as" => {
                let (kind, name) = text.split_once(':').unwrap_or((text, ""));
                Ok(Decision::allow_as(Principal::new(kind.to_owned(), name)))
            }
            "system" => Ok(DefaultAuthorizer::new().judge(claims, target)),
            _ if text.is_empty() => Ok(Decision::deny(Reason::DeniedByPolicy)),
            _ => Ok(Decision::deny_with(text)),
        }
    }
}

fn status(text: &str) -> Result<WireStatus, AuthorizeError> {
    let mut parts = text.splitn(3, ':');
    let mut next = || parts.next().unwrap_or_default();
    let code = next().parse().map_err(AuthorizeError::new)?;
    let details = bytes(next())?.into();
    Ok(WireStatus { code, details, message: next().to_owned() })
}

fn bytes(hex: &str) -> Result<Vec<u8>, AuthorizeError> {
    let digits = |at: usize| hex.get(at..at + 2).unwrap_or_default();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(digits(at), 16).map_err(AuthorizeError::new)).collect()
}
