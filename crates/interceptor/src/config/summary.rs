//! What guards what, in a few lines for the log of a start.

use std::fmt::Display;

use temporal_authz::Escaped;
use temporal_claim_mapper::CredentialMode;

use super::{AuthorizationConfig, CrossNamespaceCommands, Issuer, Plugin, Policy};

impl AuthorizationConfig {
    /// About five lines that say what guards what: policy, keys, audience, headers, commands. No query strings, no
    /// credentials.
    ///
    /// ```
    /// use temporal_interceptor::config::AuthorizationConfig;
    ///
    /// let config = AuthorizationConfig::from_yaml("
    /// global:
    ///   authorization:
    ///     jwtKeyProvider: { keySourceURIs: ['https://user:pass@issuer.example/jwks.json?key=x'], refreshInterval: 1m }
    ///     authorizer: default
    ///     claimMapper: default
    /// ", "").unwrap();
    /// assert_eq!(config.summary(), [
    ///     "policy: temporal; callers show a token",
    ///     "keys of any issuer: https://issuer.example/jwks.json; loaded again every 60s",
    ///     "audience: not looked at",
    ///     "headers: authorization, authorization-extras",
    ///     "commands to other namespaces: always judged",
    /// ]);
    /// ```
    pub fn summary(&self) -> Vec<String> {
        let mut lines = vec![self.policy_line()];
        if self.needs_keys() {
            lines.extend(self.key_lines());
            lines.push(self.audience_line());
        }
        lines.push(format!("headers: {}, {}", self.authorization.auth_header, self.authorization.extra_header));
        let commands = match self.profile.cross_namespace_commands {
            CrossNamespaceCommands::Always => "always judged",
            CrossNamespaceCommands::Follow => "judged when system.enableCrossNamespaceCommands says so",
        };
        lines.push(format!("commands to other namespaces: {commands}"));
        lines
    }

    fn policy_line(&self) -> String {
        let policy = match self.profile.policy {
            Policy::Temporal => "temporal",
            Policy::Strict => "strict",
        };
        let who = match (self.authorization.claim_mapper, self.profile.mode) {
            (Plugin::AllowEveryone, _) => "EVERYBODY IS A SYSTEM ADMIN",
            (_, CredentialMode::Token) => "callers show a token",
            (_, CredentialMode::Certificate) => "callers show a certificate",
            (_, CredentialMode::TokenOrCertificate) => "callers show a token or a certificate",
            _ => "callers show a token and a certificate",
        };
        let what = match self.authorization.authorizer {
            Plugin::Default => "",
            Plugin::AllowEveryone => "; EVERYBODY MAY DO EVERYTHING",
        };
        format!("policy: {policy}; {who}{what}")
    }

    fn key_lines(&self) -> Vec<String> {
        let (with, without): (Vec<&Issuer>, Vec<&Issuer>) =
            self.profile.issuers.iter().partition(|issuer| !issuer.sources.is_empty());
        let again = match self.authorization.refresh_interval {
            Some(interval) => format!("loaded again every {interval:?}"),
            None => "loaded once, and again for an unknown key id".to_owned(),
        };
        let mut lines: Vec<String> = with
            .iter()
            .map(|issuer| format!("keys of {}: {}; {again}", Escaped(&issuer.issuer), listed(&issuer.sources)))
            .collect();
        let whose = match (self.profile.issuers.is_empty(), without.as_slice()) {
            (true, _) => "any issuer".to_owned(),
            (false, []) => return lines,
            (false, without) => listed(without.iter().map(|issuer| Escaped(&issuer.issuer))),
        };
        lines.push(format!("keys of {whose}: {}; {again}", listed(&self.authorization.key_sources)));
        lines
    }

    fn audience_line(&self) -> String {
        let own = self.profile.issuers.iter().filter(|issuer| !issuer.audiences.is_empty());
        let own = own.map(|issuer| {
            let audiences = listed(issuer.audiences.iter().map(|audience| Escaped(audience)));
            format!("; of {}: {audiences}", Escaped(&issuer.issuer))
        });
        let all = self.authorization.audience.as_deref().map_or("not looked at".to_owned(), |a| Escaped(a).to_string());
        format!("audience: {all}{}", own.collect::<String>())
    }
}

fn listed(items: impl IntoIterator<Item = impl Display>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
