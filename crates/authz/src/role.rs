//! What a caller may do, as Temporal counts it.

use bitflags::bitflags;

bitflags! {
    /// A set of roles, held in a namespace or in the whole system.
    ///
    /// The bits are Temporal's (`authorization.Role`). The default authorizer compares them as numbers, so the highest
    /// bit decides: an admin may write, a writer may read, and a worker alone may do nothing. No bit at all is
    /// Temporal's `RoleUndefined`.
    ///
    /// ```
    /// use temporal_authz::Role;
    /// assert!(Role::ADMIN.covers(Role::READER));
    /// assert!(!Role::WORKER.covers(Role::READER));
    /// assert!(!Role::from_bits_retain(16).covers(Role::READER));
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Role: u16 {
        /// Named by Temporal for worker processes; no method of the default authorizer asks for it.
        const WORKER = 1;
        /// May read.
        const READER = 2;
        /// May write, and read.
        const WRITER = 4;
        /// May do everything.
        const ADMIN = 8;
    }
}

impl Role {
    /// Whether only defined bits are set. `bitflags` lets anyone make a value for which this is false.
    pub const fn is_valid(self) -> bool {
        self.bits() & !Self::all().bits() == 0
    }

    /// Whether a caller that holds `self` has at least `required`, compared as numbers. Never true for an undefined
    /// bit, which in the reference would outrank an admin.
    pub const fn covers(self, required: Self) -> bool {
        self.is_valid() && self.bits() >= required.bits()
    }

    /// The role of a permission's text: `read`, `write`, `worker` or `admin` in any ASCII case, else no role.
    ///
    /// As Temporal's `permissionToRole`, but for the letters that only Unicode folds to ASCII.
    pub fn from_permission(name: &str) -> Self {
        const NAMES: [(&str, Role); 4] =
            [("read", Role::READER), ("write", Role::WRITER), ("worker", Role::WORKER), ("admin", Role::ADMIN)];
        NAMES.iter().find(|(text, _)| text.eq_ignore_ascii_case(name)).map_or(Self::empty(), |(_, role)| *role)
    }
}

/// A role with a bit that nobody defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("role {0:#x} has undefined bits")]
pub struct UndefinedRole(pub u16);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bit_decides_and_an_undefined_bit_never_does() {
        let required = [Role::READER, Role::WRITER, Role::ADMIN];
        for (bits, expected) in [
            (0, [false; 3]),
            (1, [false; 3]),
            (2, [true, false, false]),
            (3, [true, false, false]),
            (4, [true, true, false]),
            (7, [true, true, false]),
            (8, [true; 3]),
            (15, [true; 3]),
            (16, [false; 3]),
            (24, [false; 3]),
            (0x7fff, [false; 3]),
            (0xffff, [false; 3]),
        ] {
            let held = Role::from_bits_retain(bits);
            assert_eq!(required.map(|role| held.covers(role)), expected, "role {bits:#x}");
        }
    }

    #[test]
    fn role_names_are_ascii_in_any_case() {
        for (name, role) in [
            ("read", Role::READER),
            ("WRITE", Role::WRITER),
            ("wOrKeR", Role::WORKER),
            ("Admin", Role::ADMIN),
            ("", Role::empty()),
            ("reader", Role::empty()),
            (" read", Role::empty()),
            ("wor\u{212a}er", Role::empty()),
        ] {
            assert_eq!(Role::from_permission(name), role, "{name:?}");
        }
    }
}
