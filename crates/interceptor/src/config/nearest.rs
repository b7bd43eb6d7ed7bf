//! "Did you mean": the known name that is nearest to one that is not known.

/// A hint for somebody who wrote `name` where one of `known` was expected.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match close(name, known.clone(), (name.len() / 3).saturating_add(1)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// The one of `known` that is at most `within` edits away, whatever the case.
pub(super) fn close<'a>(name: &str, known: impl Iterator<Item = &'a str>, within: usize) -> Option<&'a str> {
    known
        .map(|other| (distance(&name.to_ascii_lowercase(), &other.to_ascii_lowercase()), other))
        .filter(|(distance, _)| *distance <= within)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// Levenshtein's distance: letters added, left out or replaced.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i.saturating_add(1);
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let above = *cell;
            let replaced = diagonal.saturating_add(usize::from(x != y));
            *cell = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            (diagonal, left) = (above, *cell);
        }
        if let Some(first) = row.first_mut() {
            *first = i.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_edits() {
        for (a, b, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("refreshintervall", "refreshinterval", 1),
            ("flaw", "lawn", 2),
        ] {
            assert_eq!(distance(a, b), edits, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_name_is_proposed_if_it_is_near() {
        let known = ["audience", "authorizer", "claimMapper"];
        assert_eq!(nearest("authoriser", known.into_iter()), "did you mean `authorizer`?");
        assert_eq!(nearest("claimmapper", known.into_iter()), "did you mean `claimMapper`?");
        assert_eq!(nearest("tls", known.into_iter()), "known here: audience, authorizer, claimMapper");
    }
}
