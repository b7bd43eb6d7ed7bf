//! A document that borrows its text.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text, which is a copy only if it has escapes.
    Text(Cow<'t, str>),
    /// An array.
    List(Vec<Json<'t>>),
    /// An object.
    Object(Members<'t>),
}

/// The members of an object in the order of the text, each name once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members<'t>(Vec<(Cow<'t, str>, Json<'t>)>);

impl<'t> Json<'t> {
    /// The text; `None` for anything else.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number; `None` for anything else.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// The elements of an array; `None` for anything else.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Json<'t>]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The same document with its own texts.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone().into_owned()),
            Self::List(list) => Value::Array(list.iter().map(Json::to_value).collect()),
            Self::Object(members) => Value::Object(members.to_map()),
        }
    }
}

impl<'t> Members<'t> {
    /// The members, unless two have one name.
    pub(super) fn unique(members: Vec<(Cow<'t, str>, Json<'t>)>) -> Option<Self> {
        let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
        // Lengths first: they tell most names apart.
        names.sort_unstable_by_key(|name| (name.len(), *name));
        let repeated = names.iter().zip(names.iter().skip(1)).any(|(one, next)| one == next);
        (!repeated).then_some(Self(members))
    }

    /// The member with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json<'t>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same members with their own texts.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.0.iter().map(|(name, value)| (name.clone().into_owned(), value.to_value())).collect()
    }
}

impl<'t> From<&'t Value> for Json<'t> {
    fn from(value: &'t Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(text.into()),
            Value::Array(list) => Self::List(list.iter().map(Self::from).collect()),
            Value::Object(map) => Self::Object(map.into()),
        }
    }
}

impl<'t> From<&'t Map<String, Value>> for Members<'t> {
    fn from(map: &'t Map<String, Value>) -> Self {
        Self(map.iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}
