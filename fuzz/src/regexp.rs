//! Regular expressions as Go reads them: made as a tree, written as text, and matched by trying one way after the other.

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};

/// What expressions and texts are made of: what one of the two dialects knows and the other does not.
const CHARS: [char; 24] = [
    'a', 'b', 'k', 's', 'B', 'K', '1', '_', ':', '-', ' ', '.', '&', '~', '[', ']', '^', '<', '\\', '\n', 'é', '日',
    'ſ', '\u{212a}',
];

/// How many ways are tried before nobody cares any more.
const PATIENCE: u32 = 20_000;

#[derive(Debug, Clone)]
enum Node {
    Char(char),
    Dot,
    Perl(char),
    Class { negated: bool, items: Vec<Item> },
    Start,
    End,
    Boundary(bool),
    Group { name: Option<&'static str>, short: bool, body: Box<Node> },
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat { body: Box<Node>, least: usize, most: Option<usize>, greedy: bool },
}

#[derive(Debug, Clone)]
enum Item {
    Char(char),
    Range(char, char),
    Perl(char),
    Posix(&'static str),
}

/// An expression with at most one group `namespace` and one `role`.
#[derive(Debug)]
pub struct Expression {
    root: Node,
    fold: bool,
    groups: usize,
}

const GROUPS: [&str; 2] = ["namespace", "role"];

/// What the two groups hold; "" for one that took no part.
pub type Found = (String, String);

impl<'a> Arbitrary<'a> for Expression {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let fold = input.ratio(1, 4)?;
        let mut maker = Maker { groups: 0, nodes: 0 };
        Ok(Self { root: maker.either(input, 4)?, fold, groups: maker.groups })
    }
}

/// A text that such expressions may match.
pub fn text(input: &mut Unstructured<'_>) -> Result<String> {
    let length = input.int_in_range(0..=12)?;
    (0..length).map(|_| input.choose(&CHARS).copied()).collect()
}

struct Maker {
    groups: usize,
    nodes: usize,
}

impl Maker {
    fn either(&mut self, input: &mut Unstructured<'_>, depth: usize) -> Result<Node> {
        let count = if input.ratio(1, 4)? { 2 } else { 1 };
        let mut all = (0..count).map(|_| self.sequence(input, depth)).collect::<Result<Vec<_>>>()?;
        Ok(if count == 1 { all.remove(0) } else { Node::Either(all) })
    }

    fn sequence(&mut self, input: &mut Unstructured<'_>, depth: usize) -> Result<Node> {
        let count = input.int_in_range(0..=4)?;
        (0..count).map(|_| self.repeated(input, depth)).collect::<Result<_>>().map(Node::Sequence)
    }

    fn repeated(&mut self, input: &mut Unstructured<'_>, depth: usize) -> Result<Node> {
        self.nodes += 1;
        let body = self.atom(input, depth)?;
        let (least, most) = match input.int_in_range(0..=9)? {
            0 => (0, None),
            1 => (1, None),
            2 => (0, Some(1)),
            3 => (2, Some(3)),
            _ => return Ok(body),
        };
        // Engines differ in what a repeated nothing is.
        if !consumes(&body) {
            return Ok(body);
        }
        Ok(Node::Repeat { body: Box::new(body), least, most, greedy: input.arbitrary()? })
    }

    fn atom(&mut self, input: &mut Unstructured<'_>, depth: usize) -> Result<Node> {
        Ok(match input.int_in_range(0..=11)? {
            0 => Node::Dot,
            1 => Node::Perl(*input.choose(&['d', 'D', 's', 'S', 'w', 'W'])?),
            2 | 3 => Node::Class { negated: input.arbitrary()?, items: items(input)? },
            4 if input.arbitrary()? => Node::Start,
            4 => Node::End,
            5 => Node::Boundary(input.arbitrary()?),
            6..=9 if depth > 0 && self.nodes < 24 => {
                let name = if self.groups < 2 && input.ratio(3, 4)? {
                    self.groups += 1;
                    Some(GROUPS[self.groups - 1])
                } else {
                    None
                };
                Node::Group { name, short: input.arbitrary()?, body: Box::new(self.either(input, depth - 1)?) }
            }
            _ => Node::Char(*input.choose(&CHARS)?),
        })
    }
}

fn items(input: &mut Unstructured<'_>) -> Result<Vec<Item>> {
    let count = input.int_in_range(1..=4)?;
    let item = |input: &mut Unstructured<'_>| {
        Ok(match input.int_in_range(0..=5)? {
            0 => Item::Perl(*input.choose(&['d', 'D', 's', 'S', 'w', 'W'])?),
            1 => Item::Posix(input.choose(&["alpha", "digit", "word", "upper"])?),
            2 => {
                let (one, two) = (*input.choose(&CHARS)?, *input.choose(&CHARS)?);
                Item::Range(one.min(two), one.max(two))
            }
            _ => Item::Char(*input.choose(&CHARS)?),
        })
    };
    (0..count).map(|_| item(input)).collect()
}

/// Whether every match has at least one character.
fn consumes(node: &Node) -> bool {
    match node {
        Node::Char(_) | Node::Dot | Node::Perl(_) | Node::Class { .. } => true,
        Node::Start | Node::End | Node::Boundary(_) => false,
        Node::Group { body, .. } => consumes(body),
        Node::Sequence(all) => all.iter().any(consumes),
        Node::Either(all) => all.iter().all(consumes),
        Node::Repeat { body, least, .. } => *least > 0 && consumes(body),
    }
}

impl Expression {
    /// Whether both groups are there, without which no permission can be read.
    pub fn is_complete(&self) -> bool {
        self.groups == 2
    }

    /// The expression as an operator writes it for Go.
    pub fn written(&self) -> String {
        let mut out = String::from(if self.fold { "(?i)" } else { "" });
        write(&self.root, &mut out);
        out
    }

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

fn write(node: &Node, out: &mut String) {
    match node {
        Node::Char(c) => {
            if r"\.+*?()|[]{}^$".contains(*c) || *c == '<' {
                out.push('\\');
            }
            out.push(*c);
        }
        Node::Dot => out.push('.'),
        Node::Perl(c) => out.extend(['\\', *c]),
        Node::Start => out.push('^'),
        Node::End => out.push('$'),
        Node::Boundary(true) => out.push_str(r"\b"),
        Node::Boundary(false) => out.push_str(r"\B"),
        Node::Class { negated, items } => {
            out.push_str(if *negated { "[^" } else { "[" });
            for (index, item) in items.iter().enumerate() {
                match item {
                    // Behind a class a hyphen stands for itself.
                    Item::Char('-') if index > 0 && matches!(items[index - 1], Item::Perl(_)) => out.push('-'),
                    Item::Char(c) => write_in_class(*c, out),
                    Item::Range(from, to) => {
                        write_in_class(*from, out);
                        out.push('-');
                        write_in_class(*to, out);
                    }
                    Item::Perl(c) => out.extend(['\\', *c]),
                    Item::Posix(name) => out.push_str(&format!("[:{name}:]")),
                }
            }
            out.push(']');
        }
        Node::Group { name, short, body } => {
            match name {
                Some(name) => out.push_str(&format!("(?{}<{name}>", if *short { "" } else { "P" })),
                None => out.push_str(if *short { "(" } else { "(?:" }),
            }
            write(body, out);
            out.push(')');
        }
        Node::Sequence(all) => all.iter().for_each(|node| write(node, out)),
        Node::Either(all) => {
            for (index, node) in all.iter().enumerate() {
                out.push_str(if index > 0 { "|" } else { "" });
                write(node, out);
            }
        }
        Node::Repeat { body, least, most, greedy } => {
            write(body, out);
            match (least, most) {
                (0, None) => out.push('*'),
                (1, None) => out.push('+'),
                (0, Some(1)) => out.push('?'),
                (least, most) => out.push_str(&format!("{{{least},{}}}", most.unwrap_or(*least))),
            }
            out.push_str(if *greedy { "" } else { "?" });
        }
    }
}

/// As sparing with backslashes as Go allows: `[`, `&` and `~` stand for themselves there.
fn write_in_class(c: char, out: &mut String) {
    let bracket_before_colon = c == ':' && out.ends_with('[');
    if r"]\-^".contains(c) || bracket_before_colon {
        out.push('\\');
    }
    out.push(c);
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
