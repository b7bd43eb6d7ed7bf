//! An expression as text.

use super::tree::{Expression, Item, Node};

impl Expression {
    /// The expression as an operator writes it for Go.
    pub fn written(&self) -> String {
        let mut out = String::from(if self.fold { "(?i)" } else { "" });
        write(&self.root, &mut out);
        out
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
