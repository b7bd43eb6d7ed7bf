//! What this module writes to the log.

use std::path::Path;

use super::{AuthorizationConfig, DynamicConfig};

const TARGET: &str = "temporal_interceptor::config";

pub(super) fn start(config: &AuthorizationConfig) {
    let sections = config.ignored_sections();
    if !sections.is_empty() {
        tracing::info!(target: TARGET, sections = sections.join(", "), "sections of the configuration that are for others");
    }
    for warning in config.warnings() {
        tracing::warn!(target: TARGET, "{warning}");
    }
    for line in config.summary() {
        tracing::info!(target: TARGET, "{line}");
    }
}

pub(super) fn dynamic_config_read(file: &Path, config: &DynamicConfig) {
    tracing::info!(target: TARGET, file = %file.display(), settings = ?config, "dynamic settings are now these");
}

pub(super) fn dynamic_config_broken(error: &str) {
    tracing::error!(target: TARGET, error, "dynamic settings cannot be read; the last good ones stay");
}
