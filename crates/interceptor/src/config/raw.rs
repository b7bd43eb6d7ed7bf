//! The keys as they stand in the file: names and types, nothing judged. An unknown key in a section of ours is an error,
//! in `File`, `Global` and `Tls`, which hold Temporal's other sections too, it is not.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::duration::GoDuration;

/// A list in which Go reads a blank entry as "".
pub(super) type Texts = Vec<Option<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct File {
    pub(super) global: Option<Global>,
    pub(super) dynamic_config_client: Option<DynamicConfigClient>,
    pub(super) gateway: Option<Gateway>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Global {
    pub(super) authorization: Option<Authorization>,
    pub(super) tls: Option<Tls>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Authorization {
    pub(super) jwt_key_provider: Option<JwtKeyProvider>,
    pub(super) permissions_claim_name: Option<String>,
    pub(super) permissions_regex: Option<String>,
    pub(super) authorizer: Option<String>,
    pub(super) claim_mapper: Option<String>,
    pub(super) auth_header_name: Option<String>,
    pub(super) auth_extra_header_name: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) remote_cluster_auth: Option<RemoteClusterAuth>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JwtKeyProvider {
    #[serde(rename = "keySourceURIs")]
    pub(super) key_source_uris: Option<Texts>,
    #[serde(rename = "refreshInterval")]
    pub(super) refresh_interval: Option<GoDuration>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RemoteClusterAuth {
    pub(super) require: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DynamicConfigClient {
    pub(super) filepath: Option<String>,
    pub(super) poll_interval: Option<GoDuration>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tls {
    pub(super) frontend: Option<GroupTls>,
    pub(super) refresh_interval: Option<GoDuration>,
    pub(super) expiration_checks: Option<ExpirationChecks>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GroupTls {
    pub(super) server: Option<ServerTls>,
    pub(super) client: Option<ClientTls>,
    pub(super) host_overrides: Option<BTreeMap<String, Option<ServerTls>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ServerTls {
    pub(super) cert_file: Option<String>,
    pub(super) key_file: Option<String>,
    pub(super) cert_data: Option<String>,
    pub(super) key_data: Option<String>,
    pub(super) client_ca_files: Option<Texts>,
    pub(super) client_ca_data: Option<Texts>,
    pub(super) require_client_auth: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ClientTls {
    pub(super) server_name: Option<String>,
    pub(super) disable_host_verification: Option<bool>,
    pub(super) root_ca_files: Option<Texts>,
    pub(super) root_ca_data: Option<Texts>,
    #[serde(rename = "forceTLS")]
    pub(super) force_tls: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExpirationChecks {
    pub(super) warning_window: Option<GoDuration>,
    pub(super) error_window: Option<GoDuration>,
    pub(super) check_interval: Option<GoDuration>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Gateway {
    pub(super) listen: Option<String>,
    pub(super) client_certificates: Option<String>,
    pub(super) upstream: Option<Upstream>,
    pub(super) authorization: Option<Profile>,
    pub(super) limits: Option<Limits>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Upstream {
    pub(super) address: Option<String>,
    pub(super) connections: Option<u32>,
    pub(super) forward_authorization: Option<bool>,
    pub(super) credential: Option<Credential>,
    pub(super) tls: Option<UpstreamTls>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Credential {
    pub(super) token_file: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpstreamTls {
    pub(super) server_name: Option<String>,
    pub(super) disable_host_verification: Option<bool>,
    pub(super) root_ca_files: Option<Texts>,
    pub(super) root_ca_data: Option<Texts>,
    pub(super) cert_file: Option<String>,
    pub(super) key_file: Option<String>,
    pub(super) cert_data: Option<String>,
    pub(super) key_data: Option<String>,
    #[serde(rename = "forceTLS")]
    pub(super) force_tls: Option<bool>,
}

/// `gateway.authorization`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) policy: Option<String>,
    pub(super) allow_everyone: Option<bool>,
    pub(super) issuers: Option<Vec<Issuer>>,
    pub(super) mode: Option<String>,
    pub(super) certificates: Option<Vec<CertificateRule>>,
    pub(super) cross_namespace_commands: Option<String>,
    pub(super) methods: Option<Vec<Method>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Issuer {
    pub(super) issuer: Option<String>,
    pub(super) discovery: Option<bool>,
    #[serde(rename = "keySourceURIs")]
    pub(super) key_source_uris: Option<Texts>,
    pub(super) audiences: Option<Texts>,
    pub(super) algorithms: Option<Texts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateRule {
    #[serde(rename = "match")]
    pub(super) matches: Option<CertificateMatch>,
    pub(super) permissions: Option<Texts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateMatch {
    pub(super) subject: Option<Subject>,
    pub(super) dns: Option<String>,
    pub(super) uri: Option<String>,
    pub(super) email: Option<String>,
    pub(super) spiffe: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subject {
    #[serde(rename = "CN")]
    pub(super) common_name: Option<String>,
    #[serde(rename = "O")]
    pub(super) organization: Option<String>,
    #[serde(rename = "OU")]
    pub(super) organizational_unit: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Method {
    pub(super) path: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) access: Option<String>,
    pub(super) namespace_field: Option<u32>,
    pub(super) streaming: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) max_token_bytes: Option<u64>,
    pub(super) max_header_list_bytes: Option<u64>,
    pub(super) max_namespace_bytes: Option<u64>,
    pub(super) max_request_bytes: Option<u64>,
    pub(super) request_timeout: Option<GoDuration>,
    pub(super) max_buffered_bytes: Option<u64>,
    pub(super) claim_mapper_timeout: Option<GoDuration>,
    pub(super) authorizer_timeout: Option<GoDuration>,
    pub(super) max_permissions: Option<u64>,
    pub(super) max_targets: Option<u64>,
    pub(super) max_jwks_bytes: Option<u64>,
    pub(super) max_jwks_keys: Option<u64>,
    pub(super) max_failures_per_second: Option<u32>,
    pub(super) jwks_timeout: Option<GoDuration>,
}
