//! Where each key stands, so that a check names a key and the reader of its message gets a line.

use std::{collections::HashMap, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::yaml;

/// The keys of a YAML text by their path (`global.authorization`, `gateway.authorization.issuers[0].issuer`).
#[derive(Debug, Default)]
pub(super) struct Lines {
    keys: HashMap<String, u64>,
    positions: HashMap<(u64, u64), String>,
    children: HashMap<String, Vec<String>>,
}

impl Lines {
    /// Reads as much as can be read. What cannot is left to the reader of the values to complain about.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self::default();
        let _ = yaml::with(text, yaml::PassRepeatedKeys(true), |yaml| {
            Node { lines: &mut lines, path: String::new() }.deserialize(yaml)
        });
        lines
    }

    /// The line of a key; if it is not there, of the section that it should stand in.
    pub(super) fn line(&self, key: &str) -> Option<u64> {
        let mut key = key;
        loop {
            if let Some(line) = self.keys.get(key) {
                return Some(*line);
            }
            (key, _) = key.rsplit_once(['.', '['])?;
        }
    }

    /// The line of a key that is there.
    pub(super) fn exact(&self, key: &str) -> Option<u64> {
        self.keys.get(key).copied()
    }

    /// The key that stands at a line and a column.
    pub(super) fn key_at(&self, line: u64, column: u64) -> Option<&str> {
        self.positions.get(&(line, column)).map(String::as_str)
    }

    /// The names of the keys of a section, in the order of the file, merged ones last; of the whole file for "".
    pub(super) fn children(&self, section: &str) -> &[String] {
        self.children.get(section).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, section: &str, name: &str, line: u64, column: u64) -> String {
        let path = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
        self.keys.entry(path.clone()).or_insert(line);
        if section.ends_with(']') {
            // An entry of a list begins with its first key.
            self.keys.entry(section.to_owned()).or_insert(line);
        }
        self.positions.entry((line, column)).or_insert_with(|| path.clone());
        self.children.entry(section.to_owned()).or_default().push(name.to_owned());
        path
    }
}

/// A node of the text, walked for its keys.
struct Node<'a> {
    lines: &'a mut Lines,
    path: String,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, yaml: D) -> Result<(), D::Error> {
        yaml.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<Spanned<Option<String>>>()? {
            // For a merged key (`<<`) the place where it was written, not where it was merged.
            let at = key.defined;
            let name = key.value.unwrap_or_else(|| "null".to_owned());
            let path = self.lines.add(&self.path, &name, at.line(), at.column());
            map.next_value_seed(Node { lines: &mut *self.lines, path })?;
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        for index in 0_usize.. {
            let path = format!("{}[{index}]", self.path);
            if seq.next_element_seed(Node { lines: &mut *self.lines, path })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u128<E>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line_and_a_missing_one_that_of_its_section() {
        let lines = Lines::of(
            "a: &a\n  b: 1\nc:\n  <<: *a\n  d:\n    - e: x\n    - {e: y}\nlog:\n  ? [complex, key]\n  : unread\n",
        );
        for (key, line) in [
            ("a", Some(1)),
            ("a.b", Some(2)),
            ("c.b", Some(2)),
            ("c.d[0].e", Some(6)),
            ("c.d[1].e", Some(7)),
            ("c.d[1].missing.too", Some(7)),
            ("c.d[2]", Some(5)),
            ("c.missing", Some(3)),
            ("missing", None),
        ] {
            assert_eq!(lines.line(key), line, "{key}");
        }
        assert_eq!(lines.key_at(7, 8), Some("c.d[1].e"));
        assert_eq!(lines.children(""), ["a", "c", "log"]);
        assert_eq!(lines.children("c"), ["d", "b"]);
    }
}
