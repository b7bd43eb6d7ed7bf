//! Temporal's dynamic settings, the four of them that concern authorization.

use std::{collections::BTreeMap, fs, path::Path};

use super::{error::ConfigError, lines::Lines, yaml};

/// The file that `dynamicConfigClient` names, read: `key: [{value, constraints: {namespace}}]`.
///
/// Keys are matched in any case, as by Temporal's `fileBasedClient`. Keys other than the four pass unread. Where Temporal
/// warns of a wrong value of one of the four and takes the default, this is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DynamicConfig {
    pub(super) cross_namespace_commands: bool,
    pub(super) streaming_authorizer_disabled: bool,
    pub(super) expose_authorizer_errors: bool,
    pub(super) principal_propagation: PerNamespace,
}

/// A setting that can differ from namespace to namespace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PerNamespace {
    pub(super) everywhere: bool,
    pub(super) by_namespace: BTreeMap<String, bool>,
}

impl DynamicConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, is no YAML, or has a wrong value for one of the four settings.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { file: file.clone(), source })?;
        Self::read(&file, &text)
    }

    /// Reads a text. Errors name the file `dynamic configuration`.
    ///
    /// # Errors
    /// The text is no YAML, or has a wrong value for one of the four settings.
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        Self::read("dynamic configuration", text)
    }

    /// Whether commands to other namespaces are judged as calls there (`system.enableCrossNamespaceCommands`).
    pub fn cross_namespace_commands(&self) -> bool {
        self.cross_namespace_commands
    }

    /// Whether streams pass unjudged (`system.disableStreamingAuthorizer`).
    pub fn streaming_authorizer_disabled(&self) -> bool {
        self.streaming_authorizer_disabled
    }

    /// Whether a caller sees the error of an authorizer that failed (`frontend.exposeAuthorizerErrors`).
    pub fn expose_authorizer_errors(&self) -> bool {
        self.expose_authorizer_errors
    }

    /// Whether the handler is told who is calling in this namespace (`frontend.enablePrincipalPropagation`).
    pub fn principal_propagation(&self, namespace: &str) -> bool {
        let PerNamespace { everywhere, by_namespace } = &self.principal_propagation;
        by_namespace.get(namespace).copied().unwrap_or(*everywhere)
    }

    pub(super) fn read(file: &str, text: &str) -> Result<Self, ConfigError> {
        let read = yaml::read::<Option<Self>>(file, text, &Lines::of(text));
        read.map(Option::unwrap_or_default).map_err(|problem| ConfigError::Invalid { problems: vec![problem] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_settings_are_read_in_any_case_and_others_pass() {
        let config = DynamicConfig::from_yaml(
            "matching.numTaskqueueReadPartitions:
  - value: 5
    constraints: { taskQueueName: x }
SYSTEM.EnableCrossNamespaceCommands: [{ value: true }]
system.disableStreamingAuthorizer: [{ value: true, constraints: {} }, { value: false }]
frontend.exposeAuthorizerErrors:
frontend.enablePrincipalPropagation:
  - value: false
    constraints: { Namespace: quiet }
  - value: true
    constraints: { namespace: quiet }
  - value: true
limit.blobSize: 3
",
        )
        .unwrap();
        assert!(config.cross_namespace_commands());
        assert!(config.streaming_authorizer_disabled());
        assert!(!config.expose_authorizer_errors());
        for (namespace, propagated) in [("quiet", false), ("Quiet", true), ("other", true), ("", true)] {
            assert_eq!(config.principal_propagation(namespace), propagated, "{namespace}");
        }
    }

    #[test]
    fn an_empty_file_says_no_to_everything() {
        for text in ["", "# nothing\n", "{}"] {
            assert_eq!(DynamicConfig::from_yaml(text).unwrap(), DynamicConfig::default(), "{text:?}");
        }
        assert!(!DynamicConfig::default().principal_propagation("any"));
    }

    #[test]
    fn a_wrong_value_of_one_of_the_four_is_an_error_with_its_place() {
        for (text, error) in [
            (
                "system.disableStreamingAuthorizer: true",
                "dynamic configuration:1: key `system.disableStreamingAuthorizer`: expected a list",
            ),
            (
                "other: 1\nsystem.disableStreamingAuthorizer:\n  - value: hunter2",
                "dynamic configuration:3: key `system.disableStreamingAuthorizer[0].value`: expected true or false",
            ),
            (
                "frontend.exposeAuthorizerErrors:\n  - value: \"true\"",
                "dynamic configuration:2: key `frontend.exposeAuthorizerErrors[0].value`: expected true or false",
            ),
            (
                "frontend.exposeAuthorizerErrors:\n  - constraints: {}",
                "dynamic configuration:2: key `frontend.exposeAuthorizerErrors[0]`: `value` is missing",
            ),
            (
                "frontend.exposeAuthorizerErrors:\n  - value: true\n    constraint: { namespace: a }",
                "dynamic configuration:3: key `frontend.exposeAuthorizerErrors[0].constraint`: unknown key; did you mean \
                 `constraints`?",
            ),
            (
                "frontend.exposeAuthorizerErrors:\n  - value: true\n    constraints: { namespace: a }",
                "dynamic configuration:1: key `frontend.exposeAuthorizerErrors`: a constraint: this setting is the same \
                 for all namespaces",
            ),
            (
                "frontend.enablePrincipalPropagation:\n  - value: true\n    constraints: { shardID: 1 }",
                "dynamic configuration:3: key `frontend.enablePrincipalPropagation[0].constraints`: this setting knows no \
                 other constraint than `namespace`",
            ),
            (
                "frontend.exposeAuthorizerErrors: []\nFrontend.exposeAuthorizerErrors: []",
                "dynamic configuration:2: key `Frontend.exposeAuthorizerErrors`: the key stands here for the second time, \
                 in another case",
            ),
            ("a: 1\na: 2", "dynamic configuration:2: key `a`: the key stands here for the second time"),
            ("- a", "dynamic configuration:1: expected a mapping"),
        ] {
            assert_eq!(DynamicConfig::from_yaml(text).unwrap_err().to_string(), error);
        }
    }
}
