//! The sections that are for others.

use super::{lines::Lines, nearest::close, problems::Problems};

/// The sections that Temporal's own file shares with us, and the keys in them that are ours.
const SHARED: [(&str, &[&str]); 3] = [
    ("", &["global", "dynamicConfigClient", "gateway"]),
    ("global", &["authorization", "tls"]),
    ("global.tls", &["frontend", "refreshInterval", "expirationChecks"]),
];

/// Lists what is not read. A section whose name is almost one of ours is an error: ignored, it would protect nothing.
pub(super) fn sections(problems: &mut Problems<'_>, lines: &Lines) -> Vec<String> {
    let mut ignored = Vec::new();
    for (section, ours) in SHARED {
        let others = lines.children(section).iter().filter(|name| !ours.contains(&name.as_str()));
        for name in others {
            let path = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
            match close(name, ours.iter().copied(), usize::from(name.len() > 4).saturating_add(1)) {
                Some(near) => problems.error(&path, format!("unknown key; did you mean `{near}`?")),
                None => ignored.push(path),
            }
        }
    }
    ignored
}
