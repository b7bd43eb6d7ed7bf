//! Regular expressions as Go reads them: made as a tree, written as text, and matched by trying one way after the other.

mod make;
mod search;
mod tree;
mod write;

pub use make::text;
pub use search::Found;
pub use tree::Expression;
