//! Who is calling, with which roles.

use std::{
    any::Any,
    borrow::Cow,
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use compact_str::CompactString;
use http::Extensions;

use crate::{Principal, Role, UndefinedRole};

/// The mapped identity of a caller: Temporal's `authorization.Claims`.
///
/// Cheap to clone. Roles are valid by construction: [`Claims::new`] and [`ClaimsBuilder::build`] refuse undefined bits.
#[derive(Clone)]
pub struct Claims(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    principal: Principal,
    /// In the order of the names, each once.
    namespaces: Box<[Grant]>,
    issuer: Option<Arc<str>>,
    extensions: Extensions,
    /// Since 1970. An `Option<SystemTime>` would take eight bytes more, and claims are remembered by the million.
    expires_seconds: u64,
    expires_nanos: u32,
    system: Role,
}

/// The nanoseconds of claims without an end.
const NEVER: u32 = u32::MAX;

type Grant = (CompactString, Role);

impl Claims {
    /// Claims with roles in the system and in namespaces. `auth_type` says how the caller was identified (`jwt`,
    /// `mtls`); `subject` is its name.
    ///
    /// # Errors
    /// A role with an undefined bit.
    pub fn new(
        auth_type: impl Into<Cow<'static, str>>,
        subject: impl Into<String>,
        system: Role,
        namespaces: impl IntoIterator<Item = (String, Role)>,
    ) -> Result<Self, UndefinedRole> {
        let builder = Self::builder(auth_type, subject).system(system);
        namespaces.into_iter().fold(builder, |builder, (name, role)| builder.namespace(name, role)).build()
    }

    /// Claims without roles, to add to. The type is a literal, or owned.
    pub fn builder(auth_type: impl Into<Cow<'static, str>>, subject: impl Into<String>) -> ClaimsBuilder {
        ClaimsBuilder {
            principal: Principal::new(auth_type, subject),
            system: Role::empty(),
            namespaces: Vec::new(),
            issuer: None,
            expires_at: None,
            extensions: Extensions::new(),
        }
    }

    /// System admin without a name, for the mapper that trusts everybody.
    pub(crate) fn system_admin() -> Self {
        Self::builder("", "").system(Role::ADMIN).finish()
    }

    /// The caller's name, such as the `sub` of its token. An outsider chose it: escape it before you show it.
    pub fn subject(&self) -> &str {
        self.0.principal.name()
    }

    /// The role in the whole system, which counts in every namespace.
    pub fn system(&self) -> Role {
        self.0.system
    }

    /// The role granted in one namespace, not counting the system role. Names are compared exactly.
    #[inline]
    pub fn namespace(&self, name: &str) -> Role {
        /// Of so many each is compared, by its length first: faster than a search, whose turns no processor foresees.
        const FEW: usize = 8;
        let grants = &self.0.namespaces;
        let found = if grants.len() <= FEW {
            grants.iter().find(|(known, _)| known.as_str() == name)
        } else {
            let index = grants.binary_search_by(|(known, _)| known.as_str().cmp(name));
            index.ok().and_then(|index| grants.get(index))
        };
        found.map(|(_, role)| *role).unwrap_or_default()
    }

    /// Every namespace that is named, with its role, in the order of the names.
    pub fn namespaces(&self) -> impl Iterator<Item = (&str, Role)> {
        self.0.namespaces.iter().map(|(name, role)| (name.as_str(), *role))
    }

    /// How the caller was identified: `jwt`, `mtls`, or a plug-in's own word.
    pub fn auth_type(&self) -> &str {
        self.0.principal.kind()
    }

    /// Who vouched for the caller, such as the `iss` of its token.
    pub fn issuer(&self) -> Option<&str> {
        self.0.issuer.as_deref()
    }

    /// When these claims stop being valid.
    pub fn expires_at(&self) -> Option<SystemTime> {
        let Inner { expires_seconds, expires_nanos, .. } = *self.0;
        if expires_nanos == NEVER {
            return None;
        }
        UNIX_EPOCH.checked_add(Duration::new(expires_seconds, expires_nanos))
    }

    /// What the mapper attached under this type, for authorizers and handlers that want more than roles.
    pub fn extension<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.extensions.get::<Arc<T>>().map(|value| &**value)
    }

    /// The same claims with a count of their own; what was attached to them, and the issuer's name, stay shared.
    ///
    /// Clones share the count of how many there are, and threads that take and drop clones all the time wait for each other
    /// to write it. A thread with a copy of its own waits for nobody.
    pub fn deep_clone(&self) -> Self {
        Self(Arc::new(Inner::clone(&self.0)))
    }

    /// The identity that a handler sees.
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }
}

/// Collects the parts of [`Claims`].
pub struct ClaimsBuilder {
    principal: Principal,
    system: Role,
    namespaces: Vec<Grant>,
    issuer: Option<Arc<str>>,
    expires_at: Option<SystemTime>,
    extensions: Extensions,
}

impl ClaimsBuilder {
    /// Adds roles in the whole system.
    pub fn system(mut self, role: Role) -> Self {
        self.system |= role;
        self
    }

    /// Adds roles in one namespace; with an empty role the namespace is named and grants nothing.
    pub fn namespace(mut self, name: impl AsRef<str>, role: Role) -> Self {
        self.namespaces.push((name.as_ref().into(), role));
        self
    }

    /// Says who vouched for the caller.
    pub fn issuer(mut self, issuer: impl Into<Arc<str>>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Says when the claims stop being valid. What ended before 1970 is said to have ended then.
    pub fn expires_at(mut self, at: SystemTime) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Attaches a value, one of each type.
    pub fn extension<T: Any + Send + Sync>(mut self, value: T) -> Self {
        self.extensions.insert(Arc::new(value));
        self
    }

    /// The claims.
    ///
    /// # Errors
    /// A role with an undefined bit.
    pub fn build(self) -> Result<Claims, UndefinedRole> {
        let mut roles = self.namespaces.iter().map(|(_, role)| *role).chain([self.system]);
        match roles.find(|role| !role.is_valid()) {
            Some(role) => Err(UndefinedRole(role.bits())),
            None => Ok(self.finish()),
        }
    }

    fn finish(mut self) -> Claims {
        self.namespaces.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        self.namespaces.dedup_by(|(later, more), (name, role)| {
            let same = later == name;
            if same {
                *role |= *more;
            }
            same
        });
        let since_1970 = self.expires_at.map(|at| at.duration_since(UNIX_EPOCH).unwrap_or_default());
        Claims(Arc::new(Inner {
            principal: self.principal,
            namespaces: self.namespaces.into(),
            issuer: self.issuer,
            extensions: self.extensions,
            expires_seconds: since_1970.map_or(0, |since| since.as_secs()),
            expires_nanos: since_1970.map_or(NEVER, |since| since.subsec_nanos()),
            system: self.system,
        }))
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("principal", &self.0.principal)
            .field("system", &self.0.system)
            .field("namespaces", &self.0.namespaces)
            .field("issuer", &self.0.issuer)
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ClaimsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimsBuilder")
            .field("principal", &self.principal)
            .field("system", &self.system)
            .field("namespaces", &self.namespaces)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_for_one_namespace_are_combined() {
        let claims = Claims::builder("jwt", "alice")
            .namespace("default", Role::READER)
            .namespace("default", Role::WORKER)
            .build()
            .unwrap();
        assert_eq!(claims.namespace("default"), Role::READER | Role::WORKER);
        assert_eq!(claims.namespace("Default"), Role::empty());
    }

    #[test]
    fn a_namespace_is_found_by_its_name_whatever_the_order() {
        let named = ["b", "a", "default", "c", "a", "", "b", "aa"];
        // Few and many.
        for more in [0, 2, 3, 100] {
            let more: Vec<String> = (0..more).map(|number| format!("more-{number:03}")).collect();
            let names = named.iter().copied().chain(more.iter().map(String::as_str));
            let role = |name: &str| if name.len() == 1 { Role::WRITER } else { Role::READER };
            let builder = Claims::builder("jwt", "alice");
            let claims = names.clone().fold(builder, |claims, name| claims.namespace(name, role(name)));
            let claims = claims.build().unwrap();
            let held: Vec<_> = claims.namespaces().collect();
            let sorted = ["", "a", "aa", "b", "c", "default"].into_iter().chain(more.iter().map(String::as_str));
            assert_eq!(held, sorted.map(|name| (name, role(name))).collect::<Vec<_>>());
            for name in names {
                assert_eq!(claims.namespace(name), role(name), "{name}");
            }
            for absent in ["A", "ab", "bb", "d", "defaul", "default ", "more-", "more-100", "z"] {
                assert_eq!(claims.namespace(absent), Role::empty(), "{absent}");
            }
        }
    }

    #[test]
    fn claims_end_when_they_were_said_to() {
        let end = |at: SystemTime| Claims::builder("jwt", "a").expires_at(at).build().unwrap().expires_at();
        for since in [Duration::ZERO, Duration::new(1_800_000_000, 999_999_999), Duration::from_secs(253_402_300_799)] {
            assert_eq!(end(UNIX_EPOCH + since), Some(UNIX_EPOCH + since));
        }
        assert_eq!(end(UNIX_EPOCH - Duration::from_nanos(1)), Some(UNIX_EPOCH));
        assert_eq!(Claims::builder("jwt", "a").build().unwrap().expires_at(), None);
    }

    #[test]
    fn undefined_bits_are_refused_wherever_they_stand() {
        let odd = Role::from_bits_retain(16);
        assert_eq!(Claims::new("jwt", "a", odd, []).unwrap_err(), UndefinedRole(16));
        let namespaces = [("default".to_owned(), odd)];
        assert!(Claims::new("jwt", "a", Role::ADMIN, namespaces).is_err());
    }

    #[test]
    fn a_deep_clone_says_the_same_in_memory_of_its_own() {
        let claims = Claims::builder("jwt", "alice").system(Role::READER).namespace("default", Role::WRITER);
        let claims = claims.issuer("https://issuer.example").expires_at(UNIX_EPOCH).extension(7_u8).build().unwrap();
        let copy = claims.deep_clone();
        assert_eq!(format!("{claims:?}"), format!("{copy:?}"));
        assert_eq!(copy.extension::<u8>(), Some(&7));
        assert_ne!(copy.subject().as_ptr(), claims.subject().as_ptr());
        assert_eq!(claims.clone().subject().as_ptr(), claims.subject().as_ptr());
    }

    #[test]
    fn an_extension_is_found_by_its_type_alone() {
        #[derive(Debug, PartialEq)]
        struct Email(&'static str);
        let claims = Claims::builder("jwt", "a").extension(Email("a@example.com")).build().unwrap();
        assert_eq!(claims.extension::<Email>(), Some(&Email("a@example.com")));
        assert_eq!(claims.extension::<String>(), None);
    }
}
