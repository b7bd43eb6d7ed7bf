//! `gateway.authorization`: the policy, and what it needs beyond Temporal's own keys.

use temporal_authz::MethodTable;
use temporal_claim_mapper::{CertificateRule, CredentialMode};

use super::{Issuer, certificates, issuers, methods, problems::Problems, raw};

const SECTION: &str = "gateway.authorization";

/// What `gateway.authorization` says.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Profile {
    /// How strictly tokens are read and how openly callers are answered (`policy`, `temporal`).
    pub policy: Policy,
    /// The only issuers whose tokens are taken (`issuers`); tokens of any issuer when empty.
    pub issuers: Vec<Issuer>,
    /// Which credentials count (`mode`, `token`).
    pub mode: CredentialMode,
    /// What certificates are worth (`certificates`); every rule that matches grants.
    pub certificates: Vec<CertificateRule>,
    /// When commands to other namespaces are judged (`crossNamespaceCommands`, `always`).
    pub cross_namespace_commands: CrossNamespaceCommands,
    /// Temporal's methods and those of `methods`.
    pub methods: MethodTable,
}

/// One of the two profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// As Temporal's own server.
    Temporal,
    /// Tokens must have an expiry, an audience and an issuer that are checked; callers learn whether to authenticate or
    /// to come again; streams end with their tokens.
    Strict,
}

/// When commands to other namespaces are judged as calls there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrossNamespaceCommands {
    /// Always.
    Always,
    /// As the dynamic setting `system.enableCrossNamespaceCommands` says.
    Follow,
}

/// Whether tokens are looked at.
pub(super) fn uses_tokens(mode: CredentialMode) -> bool {
    mode != CredentialMode::Certificate
}

/// Whether certificates are looked at.
pub(super) fn uses_certificates(mode: CredentialMode) -> bool {
    mode != CredentialMode::Token
}

pub(super) fn read(problems: &mut Problems<'_>, raw: raw::Profile) -> Profile {
    let policies = [("temporal", Policy::Temporal), ("strict", Policy::Strict)];
    let modes = [
        ("token", CredentialMode::Token),
        ("certificate", CredentialMode::Certificate),
        ("tokenOrCertificate", CredentialMode::TokenOrCertificate),
        ("tokenAndCertificate", CredentialMode::TokenAndCertificate),
    ];
    let commands = [("always", CrossNamespaceCommands::Always), ("follow", CrossNamespaceCommands::Follow)];
    let policy = problems.word(&key("policy"), raw.policy.as_deref(), &policies, Policy::Temporal);
    let mode = problems.word(&key("mode"), raw.mode.as_deref(), &modes, CredentialMode::Token);
    let when = raw.cross_namespace_commands.as_deref();
    let cross_namespace_commands =
        problems.word(&key("crossNamespaceCommands"), when, &commands, CrossNamespaceCommands::Always);
    Profile {
        policy,
        issuers: issuers::read(problems, raw.issuers.unwrap_or_default()),
        mode,
        certificates: certificates::read(problems, mode, raw.certificates.unwrap_or_default()),
        cross_namespace_commands,
        methods: methods::read(problems, raw.methods.unwrap_or_default()),
    }
}

fn key(name: &str) -> String {
    format!("{SECTION}.{name}")
}
