//! One call, judged as the gateway judges it, with every step told.

use std::sync::Arc;

use anyhow::bail;
use http::HeaderMap;
use temporal_authz::{
    AuthInfo, CallTarget, Denial, Embedded, Guard, Identity, MethodInfo, PeerCertificate, Permit, Reason, Scope,
    Targets,
};
use temporal_interceptor::config::{AuthorizationConfig, DynamicSettings, Judge};

use super::{Verdict, credentials::Credentials, evidence::Evidence, report::Report, roles};
use crate::{
    check::{HOW_TO_ASK, asks_for_certificates},
    methods::{access_name, is_open, namespace_seen, scope_name},
};

/// A call to judge, and what judges it.
pub(super) struct Judgement<'a> {
    config: &'a AuthorizationConfig,
    path: &'a str,
    named_namespace: &'a str,
    guard: Guard,
    settings: DynamicSettings,
    evidence: Evidence,
}

impl<'a> Judgement<'a> {
    /// Makes the judge that the gateway would have, which loads keys.
    pub(super) async fn new(
        config: &'a AuthorizationConfig,
        path: &'a str,
        named_namespace: &'a str,
    ) -> anyhow::Result<Self> {
        let longest = config.limits().call.max_namespace_bytes;
        if named_namespace.len() > longest {
            bail!("--namespace is longer than the {longest} bytes of `gateway.limits.maxNamespaceBytes`");
        }
        let Judge { guard, mapper, tokens, certificates, keys, settings, .. } = config.judge().await?;
        let evidence = Evidence { mode: config.profile().mode, mapper, tokens, certificates, keys };
        Ok(Self { config, path, named_namespace, guard: guard.build(), settings, evidence })
    }

    /// The steps and the verdict for a caller with these credentials, in the order of the gateway.
    pub(super) async fn of(&self, credentials: &Credentials) -> (Report, Verdict) {
        let mut report = Report::default();
        let verdict = self.judge(credentials, &mut report).await;
        (report, verdict)
    }

    async fn judge(&self, credentials: &Credentials, report: &mut Report) -> Verdict {
        let method = self.guard.method(self.path);
        self.tell_method(method, report);
        // A method that is not listed by its own path counts as a stream too, and does not pass.
        let listed = method.path() == self.path;
        if method.is_streaming() && listed && self.settings.current().streaming_authorizer_disabled() {
            report.conclude("allow unjudged: `system.disableStreamingAuthorizer` is on, and the method streams");
            return Verdict::Allow;
        }
        let certificate = match self.certificate(credentials, report) {
            Ok(certificate) => certificate,
            Err(reason) => return deny(report, reason, ""),
        };
        let headers = HeaderMap::new();
        let info = AuthInfo::new(&headers).with_auth_token(&credentials.token).with_peer(certificate);
        self.evidence.tell(&info, report).await;
        let identity = match self.guard.authenticate(self.path, &info).await {
            Ok(identity) => identity,
            Err(denial) => {
                self.evidence.tell_refusal(&info, report).await;
                return deny(report, denial.reason(), "");
            }
        };
        if let Some(claims) = identity.claims() {
            report.ok("caller", roles::caller(claims));
        }
        let namespace = namespace_seen(method, self.named_namespace);
        let target = CallTarget::new(self.path, method).with_namespace(namespace);
        match self.guard.authorize(&identity, &Targets::new(target)).await {
            Ok(permit) => self.allowed(&permit, method, namespace, report),
            Err(denial) => denied(&denial, &identity, method, namespace, report),
        }
    }

    fn tell_method(&self, method: &MethodInfo, report: &mut Report) {
        if is_open(method) {
            report.ok("method", format_args!("{}: open to everybody whose credentials are not bad", self.path));
            return;
        }
        if method.scope() == Scope::Unknown {
            report.note("method", format_args!("{}: no table says who may call it", self.path));
            return;
        }
        let (scope, access) = (scope_name(method.scope()), access_name(method.access()));
        report.ok("method", format_args!("{}: scope {scope}, access {access}", self.path));
        if method.scope() == Scope::Namespace && namespace_seen(method, self.named_namespace).is_empty() {
            let why = if self.named_namespace.is_empty() { "no namespace is named" } else { "its request names none" };
            report.note("namespace", format_args!("{why}: only a role in the system counts"));
        }
    }

    /// The certificate that reaches the judge; an error when it is nobody's identity.
    fn certificate(
        &self,
        credentials: &Credentials,
        report: &mut Report,
    ) -> Result<Option<Arc<PeerCertificate>>, Reason> {
        match &credentials.certificate {
            None => Ok(None),
            Some(_) if !asks_for_certificates(self.config.frontend_tls()) => {
                report.note("certificate", format_args!("never sent: the listener asks for none: {HOW_TO_ASK}"));
                Ok(None)
            }
            Some(Ok(certificate)) => Ok(Some(Arc::clone(certificate))),
            Some(Err(error)) => {
                report.fail("certificate", error);
                Err(Reason::MalformedCredentials)
            }
        }
    }

    fn allowed(&self, permit: &Permit, method: &MethodInfo, namespace: &str, report: &mut Report) -> Verdict {
        if let Some(claims) = permit.claims().filter(|_| permit.principal().is_some()) {
            report.ok("role", roles::comparison(claims, method, namespace));
        }
        if method.embedded() == Embedded::Commands {
            report.note("commands", "those to other namespaces are judged one by one, and are not known here");
        }
        match permit.principal() {
            Some(principal) => report.conclude(format_args!("allow as {}", roles::principal(principal))),
            None => report.conclude("allow: no role is asked for"),
        }
        Verdict::Allow
    }
}

fn denied(denial: &Denial, identity: &Identity, method: &MethodInfo, namespace: &str, report: &mut Report) -> Verdict {
    let why = match (denial.reason(), identity.claims()) {
        (Reason::InsufficientRole, Some(claims)) => {
            let comparison = roles::comparison(claims, method, namespace);
            report.fail("role", &comparison);
            if let Some(hint) = roles::other_case(claims, namespace) {
                report.note("role", hint);
            }
            comparison
        }
        (Reason::NoClaims | Reason::MissingCredentials, _) => "nobody has shown who it is".to_owned(),
        (Reason::UnknownMethod, _) => {
            "no table says who may call this method: `gateway.authorization.methods` can".to_owned()
        }
        _ => String::new(),
    };
    deny(report, denial.reason(), &why)
}

/// The last line. Without a `why` it is that of the step that failed.
fn deny(report: &mut Report, reason: Reason, why: &str) -> Verdict {
    let why = if why.is_empty() { report.failure().unwrap_or_default() } else { why };
    let verdict = if why.is_empty() { format!("deny ({reason})") } else { format!("deny ({reason}): {why}") };
    report.conclude(verdict);
    Verdict::Deny
}
