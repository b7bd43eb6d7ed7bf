//! Matching, by trying one way after the other.

use super::{
    make::CHARS,
    tree::{Expression, GROUPS, Item, Node},
};

/// How many ways are tried before nobody cares any more.
const PATIENCE: u32 = 20_000;

/// What the two groups hold; "" for one that took no part.
pub type Found = (String, String);

impl Expression {
    /// What is found in `text`: anywhere, or as the whole of it. `Err` when the search takes too long.
    pub fn find(&self, text: &str, whole: bool) -> std::result::Result<Option<Found>, ()> {
        // Which letters are the same is known of these alone.
        if self.fold && text.chars().any(|c| !c.is_ascii() && !CHARS.contains(&c)) {
            return Err(());
        }
        let text: Vec<char> = text.chars().collect();
        let last_start = if whole { 0 } else { text.len() };
        let mut search = Search { text: &text, fold: self.fold, steps: 0 };
        for start in 0..=last_start {
            let mut found = None;
            search.matches(&self.root, start, &Captures::default(), &mut |_, end, captures| {
                let good = !whole || end == text.len();
                if good {
                    found = Some(captures.clone());
                }
                good
            });
            if search.steps >= PATIENCE {
                return Err(());
            }
            if let Some(captures) = found {
                let [namespace, role] =
                    captures.map(|range| range.map_or(String::new(), |(from, to)| text[from..to].iter().collect()));
                return Ok(Some((namespace, role)));
            }
        }
        Ok(None)
    }
}

/// Where the two groups begin and end.
#[derive(Debug, Clone, Default)]
struct Captures([Option<(usize, usize)>; 2]);

impl Captures {
    fn map<T>(&self, read: impl Fn(Option<(usize, usize)>) -> T) -> [T; 2] {
        self.0.map(read)
    }
}

struct Search<'t> {
    text: &'t [char],
    fold: bool,
    steps: u32,
}

type Then<'k, 't> = &'k mut dyn FnMut(&mut Search<'t>, usize, &Captures) -> bool;

impl<'t> Search<'t> {
    /// Tries every way to match `node` at `at`, the preferred first, until `then` is content with where one ends.
    fn matches(&mut self, node: &Node, at: usize, captures: &Captures, then: Then<'_, 't>) -> bool {
        self.steps += 1;
        if self.steps >= PATIENCE {
            return false;
        }
        let next = self.text.get(at).copied();
        match node {
            Node::Char(_) | Node::Dot | Node::Perl(_) | Node::Class { .. } => {
                next.is_some_and(|c| self.is_one(node, c)) && then(self, at + 1, captures)
            }
            Node::Start => at == 0 && then(self, at, captures),
            Node::End => at == self.text.len() && then(self, at, captures),
            Node::Boundary(wanted) => {
                let before = at.checked_sub(1).is_some_and(|before| is_perl('w', self.text[before]));
                let is_boundary = before != next.is_some_and(|c| is_perl('w', c));
                is_boundary == *wanted && then(self, at, captures)
            }
            Node::Group { name, body, .. } => self.matches(body, at, captures, &mut |search, end, captures| {
                let mut captures = captures.clone();
                if let Some(slot) = GROUPS.iter().position(|group| Some(*group) == *name) {
                    captures.0[slot] = Some((at, end));
                }
                then(search, end, &captures)
            }),
            Node::Sequence(all) => self.sequence(all, at, captures, then),
            Node::Either(all) => all.iter().any(|node| self.matches(node, at, captures, then)),
            Node::Repeat { body, least, most, greedy } => self.repeat(body, *least, *most, *greedy, at, captures, then),
        }
    }

    fn sequence(&mut self, all: &[Node], at: usize, captures: &Captures, then: Then<'_, 't>) -> bool {
        match all {
            [] => then(self, at, captures),
            [first, rest @ ..] => self
                .matches(first, at, captures, &mut |search, end, captures| search.sequence(rest, end, captures, then)),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a state that is written out")]
    fn repeat(
        &mut self,
        body: &Node,
        least: usize,
        most: Option<usize>,
        greedy: bool,
        at: usize,
        captures: &Captures,
        then: Then<'_, 't>,
    ) -> bool {
        let may_stop = least == 0;
        let may_go_on = most != Some(0);
        if may_stop && !greedy && then(self, at, captures) {
            return true;
        }
        let (least, most) = (least.saturating_sub(1), most.map(|most| most.saturating_sub(1)));
        let went_on = may_go_on
            && self.matches(body, at, captures, &mut |search, end, captures| {
                search.repeat(body, least, most, greedy, end, captures, then)
            });
        went_on || (may_stop && greedy && then(self, at, captures))
    }

    fn is_one(&self, node: &Node, c: char) -> bool {
        let variants = if self.fold { same_letters(c) } else { vec![c] };
        let any = |is: &dyn Fn(char) -> bool| variants.iter().any(|c| is(*c));
        match node {
            Node::Char(wanted) => any(&|c| c == *wanted),
            Node::Dot => c != '\n',
            Node::Perl(class) => class.is_ascii_lowercase() == any(&|c| is_perl(class.to_ascii_lowercase(), c)),
            Node::Class { negated, items } => {
                items.iter().any(|item| match item {
                    Item::Char(wanted) => any(&|c| c == *wanted),
                    Item::Range(from, to) => any(&|c| (*from..=*to).contains(&c)),
                    Item::Perl(class) => class.is_ascii_lowercase() == any(&|c| is_perl(class.to_ascii_lowercase(), c)),
                    Item::Posix("alpha") => any(&|c| c.is_ascii_alphabetic()),
                    Item::Posix("digit") => any(&|c| c.is_ascii_digit()),
                    Item::Posix("upper") => any(&|c| c.is_ascii_uppercase()),
                    Item::Posix(_) => any(&|c| is_perl('w', c)),
                }) != *negated
            }
            _ => false,
        }
    }
}

fn is_perl(class: char, c: char) -> bool {
    match class {
        'd' => c.is_ascii_digit(),
        's' => matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' '),
        _ => c.is_ascii_alphanumeric() || c == '_',
    }
}

/// What differs from `c` in case alone, for the characters that texts are made of.
fn same_letters(c: char) -> Vec<char> {
    for orbit in ["kK\u{212a}", "sSſ", "éÉ"] {
        if orbit.contains(c) {
            return orbit.chars().collect();
        }
    }
    vec![c.to_ascii_lowercase(), c.to_ascii_uppercase()]
}
