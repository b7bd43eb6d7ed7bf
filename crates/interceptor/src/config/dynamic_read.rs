//! The form of the dynamic file: `key: [{value, constraints: {namespace}}]`.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};

use super::dynamic::{DynamicConfig, PerNamespace};

impl<'de> Deserialize<'de> for DynamicConfig {
    fn deserialize<D: Deserializer<'de>>(yaml: D) -> Result<Self, D::Error> {
        yaml.deserialize_map(File)
    }
}

struct File;

impl<'de> Visitor<'de> for File {
    type Value = DynamicConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<DynamicConfig, M::Error> {
        let (mut commands, mut streams, mut errors, mut principals) = (None, None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.to_lowercase().as_str() {
                "system.enablecrossnamespacecommands" => once(&mut map, &mut commands)?,
                "system.disablestreamingauthorizer" => once(&mut map, &mut streams)?,
                "frontend.exposeauthorizererrors" => once(&mut map, &mut errors)?,
                "frontend.enableprincipalpropagation" => once(&mut map, &mut principals)?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let global = |value: Option<Option<Global>>| value.flatten().unwrap_or_default().0;
        Ok(DynamicConfig {
            cross_namespace_commands: global(commands),
            streaming_authorizer_disabled: global(streams),
            expose_authorizer_errors: global(errors),
            principal_propagation: principals.flatten().unwrap_or_default(),
        })
    }
}

/// Reads the value of a key that may have stood there before, in another case.
fn once<'de, T: Deserialize<'de>, M: MapAccess<'de>>(map: &mut M, value: &mut Option<T>) -> Result<(), M::Error> {
    if value.is_some() {
        map.next_value::<Repeated>()?;
    }
    *value = Some(map.next_value()?);
    Ok(())
}

struct Repeated;

impl<'de> Deserialize<'de> for Repeated {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("the key stands here for the second time, in another case"))
    }
}

/// A setting of the whole server: Temporal looks only at values without constraints.
#[derive(Default)]
struct Global(bool);

impl<'de> Deserialize<'de> for Global {
    fn deserialize<D: Deserializer<'de>>(yaml: D) -> Result<Self, D::Error> {
        let values = Vec::<Value>::deserialize(yaml)?;
        if values.iter().any(|value| value.namespace().is_some()) {
            return Err(D::Error::custom("a constraint: this setting is the same for all namespaces"));
        }
        Ok(Self(values.first().is_some_and(|value| value.value.0)))
    }
}

impl<'de> Deserialize<'de> for PerNamespace {
    fn deserialize<D: Deserializer<'de>>(yaml: D) -> Result<Self, D::Error> {
        let mut settings = Self::default();
        // As Temporal's findMatch: of values with the same constraints the first counts.
        for Value { value, constraints } in Vec::<Value>::deserialize(yaml)?.into_iter().rev() {
            match constraints.unwrap_or_default().0 {
                Some(namespace) => drop(settings.by_namespace.insert(namespace, value.0)),
                None => settings.everywhere = value.0,
            }
        }
        Ok(settings)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    value: Switch,
    constraints: Option<Constraints>,
}

impl Value {
    fn namespace(&self) -> Option<&str> {
        self.constraints.as_ref().and_then(|constraints| constraints.0.as_deref())
    }
}

/// A boolean and nothing that looks like one: to Temporal, which reads into `any`, `"true"` and `yes` are texts.
struct Switch(bool);

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(yaml: D) -> Result<Self, D::Error> {
        yaml.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl Visitor<'_> for AnyValue {
    type Value = Switch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Switch, E> {
        Ok(Switch(value))
    }
}

/// The namespace that a value is for. Other constraints exist in Temporal, for other settings.
#[derive(Default)]
struct Constraints(Option<String>);

impl<'de> Deserialize<'de> for Constraints {
    fn deserialize<D: Deserializer<'de>>(yaml: D) -> Result<Self, D::Error> {
        let mut namespace = None;
        for (name, value) in BTreeMap::<String, String>::deserialize(yaml)? {
            if !name.eq_ignore_ascii_case("namespace") {
                return Err(D::Error::custom("this setting knows no other constraint than `namespace`"));
            }
            namespace = Some(value).filter(|value| !value.is_empty());
        }
        Ok(Self(namespace))
    }
}
