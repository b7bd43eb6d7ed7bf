//! Expressions, and texts that they may match, out of what the fuzzer has.

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};

use super::tree::{Expression, GROUPS, Item, Node};

/// What expressions and texts are made of: what one of the two dialects knows and the other does not.
pub(super) const CHARS: [char; 25] = [
    'a', 'b', 'k', 's', 'B', 'K', '1', '_', ':', '-', ' ', '.', '&', '~', '[', ']', '^', '<', '\\', '\n', 'é', '日',
    'ſ', '\u{212a}', '\x0b',
];

impl<'a> Arbitrary<'a> for Expression {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let fold = input.ratio(1, 4)?;
        let mut maker = Maker { groups: 0, nodes: 0 };
        let root = if input.ratio(1, 4)? { maker.either(input, 4)? } else { maker.usual(input)? };
        Ok(Self { root, fold, groups: maker.groups })
    }
}

/// A text that such expressions may match.
pub fn text(input: &mut Unstructured<'_>) -> Result<String> {
    let length = input.int_in_range(0..=12)?;
    let mut text = (0..length).map(|_| input.choose(&CHARS).copied()).collect::<Result<String>>()?;
    if input.arbitrary()? {
        text.push_str(input.choose(&["read", "WRITE", "Admin"])?);
    }
    Ok(text)
}

struct Maker {
    groups: usize,
    nodes: usize,
}

impl Maker {
    /// Both groups, one after the other, with something round them.
    fn usual(&mut self, input: &mut Unstructured<'_>) -> Result<Node> {
        self.groups = 2;
        let mut all = vec![self.sequence(input, 0)?];
        for name in GROUPS {
            let body = Box::new(self.either(input, 2)?);
            all.push(Node::Group { name: Some(name), short: input.arbitrary()?, body });
            all.push(self.sequence(input, 0)?);
        }
        Ok(Node::Sequence(all))
    }

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
        // Large expressions take long to compile, and find no more.
        if self.nodes > 12 {
            return Ok(Node::Char(*input.choose(&CHARS)?));
        }
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
            6..=9 if depth > 0 => {
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
