//! Reads `global.tls.frontend` and `gateway.upstream.tls`, stricter than Temporal where it is silent about a mistake.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    ClientCertificates, ClientTls, ExpirationChecks, FrontendTls, PemSource, ServerTls, duration::GoDuration,
    problems::Problems, raw,
};

const FRONTEND: &str = "global.tls.frontend";

/// What `gateway.clientCertificates` adds to Temporal's own keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// As `requireClientAuth` says.
    Follow,
    /// Of every listener that has a CA.
    Optional,
}

/// Reads what both kinds of section have in common. Relative paths are relative to `base`.
pub(super) struct TlsReader<'p, 'a> {
    pub(super) problems: &'p mut Problems<'a>,
    pub(super) base: &'p Path,
}

impl TlsReader<'_, '_> {
    pub(super) fn frontend(&mut self, raw: Option<raw::Tls>, asked: Asked) -> FrontendTls {
        let raw = raw.unwrap_or_default();
        let frontend = raw.frontend.unwrap_or_default();
        let server = frontend.server.and_then(|server| self.server(&format!("{FRONTEND}.server"), server, asked));
        if asked == Asked::Optional && server.as_ref().is_none_or(|server| server.client_ca.is_empty()) {
            self.problems.error(
                "gateway.clientCertificates",
                "`optional` needs a certificate and a client CA in `global.tls.frontend.server`",
            );
        }
        let host_overrides = self.host_overrides(frontend.host_overrides.unwrap_or_default(), asked);
        if server.is_none() && !host_overrides.is_empty() {
            let key = format!("{FRONTEND}.hostOverrides");
            self.problems
                .error(&key, "without a certificate in `server` the listener has no TLS, and these have no use");
        }
        let checks = raw.expiration_checks.unwrap_or_default();
        FrontendTls {
            server,
            host_overrides,
            client: frontend.client.map(|client| self.client(&format!("{FRONTEND}.client"), client.into())),
            refresh_interval: or_zero(raw.refresh_interval),
            expiration_checks: ExpirationChecks {
                warning_window: or_zero(checks.warning_window),
                error_window: or_zero(checks.error_window),
                check_interval: or_zero(checks.check_interval),
            },
        }
    }

    pub(super) fn client(&mut self, key: &str, raw: raw::UpstreamTls) -> ClientTls {
        ClientTls {
            server_name: raw.server_name.filter(|name| !name.is_empty()),
            disable_host_verification: raw.disable_host_verification.unwrap_or_default(),
            root_ca: self.authorities(key, "rootCa", raw.root_ca_files, raw.root_ca_data),
            identity: self.identity(key, raw.cert_file, raw.cert_data, raw.key_file, raw.key_data),
            force_tls: raw.force_tls.unwrap_or_default(),
        }
    }

    fn host_overrides(
        &mut self,
        raw: BTreeMap<String, Option<raw::ServerTls>>,
        asked: Asked,
    ) -> BTreeMap<String, ServerTls> {
        let mut overrides = BTreeMap::new();
        for (name, server) in raw {
            let key = format!("{FRONTEND}.hostOverrides.{name}");
            let server = server.unwrap_or_default();
            if server.cert_file.is_none() && server.cert_data.is_none() {
                self.problems.error(&key, "has no certificate");
            }
            let Some(server) = self.server(&key, server, asked) else { continue };
            match overrides.entry(name.to_ascii_lowercase()) {
                Entry::Vacant(entry) => {
                    entry.insert(server);
                }
                Entry::Occupied(_) => self.problems.error(&key, "the name stands here twice, in another case"),
            }
        }
        overrides
    }

    fn server(&mut self, key: &str, raw: raw::ServerTls, asked: Asked) -> Option<ServerTls> {
        let client_ca = self.authorities(key, "clientCa", raw.client_ca_files, raw.client_ca_data);
        let required = raw.require_client_auth.unwrap_or_default();
        let identity = self.identity(key, raw.cert_file, raw.cert_data, raw.key_file, raw.key_data);
        // Temporal would trust every authority that the system knows.
        if required && client_ca.is_empty() {
            let key = format!("{key}.requireClientAuth");
            self.problems.error(&key, "needs `clientCaFiles` or `clientCaData`: whose certificates are good?");
        }
        if !required && !client_ca.is_empty() && asked == Asked::Follow {
            let reason = "has no effect: no client certificate is asked for without `requireClientAuth: true` or \
                          `gateway.clientCertificates: optional`";
            let name =
                if matches!(client_ca.first(), Some(PemSource::File(_))) { "clientCaFiles" } else { "clientCaData" };
            self.problems.warn(&format!("{key}.{name}"), reason);
        }
        if required && identity.is_none() {
            let key = format!("{key}.requireClientAuth");
            self.problems.error(&key, "without a certificate there is no TLS, and so no client certificate");
        }
        let (certificate, key) = identity?;
        let client_certificates = match (required, asked) {
            (true, _) => ClientCertificates::Required,
            (false, Asked::Optional) if !client_ca.is_empty() => ClientCertificates::Optional,
            _ => ClientCertificates::NotAsked,
        };
        Some(ServerTls { certificate, key, client_ca, client_certificates })
    }

    // Temporal turns TLS on for `keyFile` or `keyData` alone: a certificate without a key silently serves plaintext.
    fn identity(
        &mut self,
        key: &str,
        cert_file: Option<String>,
        cert_data: Option<String>,
        key_file: Option<String>,
        key_data: Option<String>,
    ) -> Option<(PemSource, PemSource)> {
        let certificate = self.one(key, "cert", cert_file, cert_data);
        let private_key = self.one(key, "key", key_file, key_data);
        match (certificate, private_key) {
            (Some(certificate), Some(private_key)) => Some((certificate, private_key)),
            (Some(certificate), None) => {
                let key = format!("{key}.cert{}", suffix(&certificate));
                self.problems.error(&key, "needs a private key: `keyFile` or `keyData`");
                None
            }
            (None, Some(private_key)) => {
                let key = format!("{key}.key{}", suffix(&private_key));
                self.problems.error(&key, "needs a certificate: `certFile` or `certData`");
                None
            }
            (None, None) => None,
        }
    }

    fn one(&mut self, key: &str, what: &str, file: Option<String>, data: Option<String>) -> Option<PemSource> {
        let file = file.filter(|file| !file.is_empty());
        let data = data.filter(|data| !data.is_empty());
        if file.is_some() && data.is_some() {
            self.problems
                .error(&format!("{key}.{what}Data"), format!("stands beside `{what}File`: only one of the two"));
        }
        match file {
            Some(file) => Some(PemSource::File(self.base.join(file))),
            None => data.map(|data| self.decoded(&format!("{key}.{what}Data"), &data)),
        }
    }

    fn authorities(
        &mut self,
        key: &str,
        what: &str,
        files: Option<raw::Texts>,
        data: Option<raw::Texts>,
    ) -> Vec<PemSource> {
        let files: Vec<String> = files.into_iter().flatten().flatten().filter(|file| !file.is_empty()).collect();
        let data = data.unwrap_or_default();
        let has_data = data.iter().flatten().any(|data| !data.is_empty());
        if !files.is_empty() && has_data {
            self.problems
                .error(&format!("{key}.{what}Data"), format!("stands beside `{what}Files`: only one of the two"));
        }
        if !files.is_empty() {
            return files.into_iter().map(|file| PemSource::File(self.base.join(file))).collect();
        }
        let entries = data.into_iter().enumerate().filter_map(|(index, data)| Some((index, data?)));
        entries
            .filter(|(_, data)| !data.is_empty())
            .map(|(index, data)| self.decoded(&format!("{key}.{what}Data[{index}]"), &data))
            .collect()
    }

    // An empty text after an error: it was there, so that nothing else is reported missing.
    fn decoded(&mut self, key: &str, data: &str) -> PemSource {
        // As Go's decoder, which skips line breaks.
        let data: String = data.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        let decoded = STANDARD.decode(data).map_err(|_| "not base64");
        PemSource::Data(self.problems.check(key, decoded).unwrap_or_default())
    }
}

// The end of the key that a source came from.
fn suffix(source: &PemSource) -> &'static str {
    match source {
        PemSource::File(_) => "File",
        PemSource::Data(_) => "Data",
    }
}

fn or_zero(duration: Option<GoDuration>) -> Duration {
    duration.unwrap_or_default().0
}

impl From<raw::ClientTls> for raw::UpstreamTls {
    fn from(raw: raw::ClientTls) -> Self {
        Self {
            server_name: raw.server_name,
            disable_host_verification: raw.disable_host_verification,
            root_ca_files: raw.root_ca_files,
            root_ca_data: raw.root_ca_data,
            force_tls: raw.force_tls,
            ..Self::default()
        }
    }
}
