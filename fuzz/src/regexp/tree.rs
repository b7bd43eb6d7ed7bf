//! An expression.

#[derive(Debug, Clone)]
pub(super) enum Node {
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
pub(super) enum Item {
    Char(char),
    Range(char, char),
    Perl(char),
    Posix(&'static str),
}

/// An expression with at most one group `namespace` and one `role`.
#[derive(Debug)]
pub struct Expression {
    pub(super) root: Node,
    pub(super) fold: bool,
    pub(super) groups: usize,
}

pub(super) const GROUPS: [&str; 2] = ["namespace", "role"];

impl Expression {
    /// Whether both groups are there, without which no permission can be read.
    pub fn is_complete(&self) -> bool {
        self.groups == 2
    }
}
