//! What a caller wants to do.

use crate::MethodInfo;

/// How a target came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Origin {
    /// It is the call itself.
    #[default]
    Direct,
    /// A command inside the call does it, in another namespace.
    Command,
}

/// One thing that has to be allowed: Temporal's `authorization.CallTarget`.
#[derive(Debug, Clone)]
pub struct CallTarget<'a> {
    api_name: &'a str,
    namespace: &'a str,
    nexus_endpoint_name: &'a str,
    method: &'a MethodInfo,
    origin: Origin,
    request: Option<Message<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Message<'a> {
    #[cfg_attr(not(feature = "prost"), allow(dead_code, reason = "read by `decode` alone"))]
    name: &'a str,
    bytes: &'a [u8],
}

impl<'a> CallTarget<'a> {
    /// A target without a namespace: `api_name` is the full method, `/package.Service/Method`.
    pub fn new(api_name: &'a str, method: &'a MethodInfo) -> Self {
        Self { api_name, namespace: "", nexus_endpoint_name: "", method, origin: Origin::Direct, request: None }
    }

    /// Sets the namespace that it concerns.
    pub fn with_namespace(mut self, namespace: &'a str) -> Self {
        self.namespace = namespace;
        self
    }

    /// Sets the Nexus endpoint that it concerns.
    pub fn with_nexus_endpoint_name(mut self, name: &'a str) -> Self {
        self.nexus_endpoint_name = name;
        self
    }

    /// Says that a command does it.
    ///
    /// As in the reference, commands of one kind to one other namespace are one target, which carries the attributes of
    /// the first of them, and commands within the call's own namespace are none. An authorizer that looks at the
    /// attributes of each command decodes the call's own request.
    pub fn from_command(mut self) -> Self {
        self.origin = Origin::Command;
        self
    }

    /// Attaches the encoded message: the request, or for a command its attributes. `name` is its full name.
    pub fn with_request(mut self, name: &'a str, bytes: &'a [u8]) -> Self {
        self.request = Some(Message { name, bytes });
        self
    }

    /// The full method, `/package.Service/Method`; for a command, the method that would do the same.
    pub fn api_name(&self) -> &'a str {
        self.api_name
    }

    /// The namespace; "" when the request names none.
    pub fn namespace(&self) -> &'a str {
        self.namespace
    }

    /// The Nexus endpoint; "" for everything that comes by gRPC.
    pub fn nexus_endpoint_name(&self) -> &'a str {
        self.nexus_endpoint_name
    }

    /// What the table knows of the method.
    pub fn method(&self) -> &'a MethodInfo {
        self.method
    }

    /// Whether it is the call itself or a command inside it.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The encoded request, or for a command its encoded attributes. `None` when it was not read: for streams, for
    /// unlisted methods, and when the authorizer said that it does not need it.
    pub fn request(&self) -> Option<&'a [u8]> {
        self.request.map(|message| message.bytes)
    }
}

#[cfg(feature = "prost")]
mod decode {
    use super::CallTarget;

    /// A request that cannot be had as the message asked for.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    #[non_exhaustive]
    pub enum DecodeError {
        /// There is no request to decode.
        #[error("the request was not read")]
        Absent,
        /// The target carries another message. Protobuf would decode it without a word.
        #[error("the target carries a {carried}, not a {asked}")]
        OtherMessage {
            /// The full name of the message that it carries.
            carried: String,
            /// The full name of the message asked for.
            asked: String,
        },
        /// The bytes are no such message.
        #[error(transparent)]
        Malformed(#[from] prost::DecodeError),
    }

    impl CallTarget<'_> {
        /// The request as a message, for authorizers that look at more than its namespace. For a command this is the
        /// command's attributes, never the request around it.
        ///
        /// # Errors
        /// No request, another message than `M`, bytes that do not decode.
        pub fn decode<M: prost::Message + prost::Name + Default>(&self) -> Result<M, DecodeError> {
            let message = self.request.ok_or(DecodeError::Absent)?;
            let asked = M::full_name();
            if message.name != asked {
                return Err(DecodeError::OtherMessage { carried: message.name.to_owned(), asked });
            }
            Ok(M::decode(message.bytes)?)
        }
    }
}

#[cfg(feature = "prost")]
pub use decode::DecodeError;

#[cfg(all(test, feature = "prost"))]
mod tests {
    use super::*;
    use crate::{Access, Scope};

    #[derive(Clone, PartialEq, prost::Message)]
    struct Order {
        #[prost(string, tag = "1")]
        item: String,
    }

    impl prost::Name for Order {
        const NAME: &'static str = "Order";
        const PACKAGE: &'static str = "acme.v1";
    }

    #[test]
    fn only_the_message_that_is_carried_decodes() {
        let method = MethodInfo::unary("/acme.v1.Orders/Create", Scope::Namespace, Access::Write);
        let target = CallTarget::new(method.path(), &method);
        assert_eq!(target.decode::<Order>(), Err(DecodeError::Absent));
        let bytes = b"\x0a\x03tea";
        let order = target.clone().with_request("acme.v1.Order", bytes);
        assert_eq!(order.decode::<Order>().unwrap().item, "tea");
        let other = target.clone().with_request("acme.v1.Refund", bytes);
        assert!(matches!(other.decode::<Order>(), Err(DecodeError::OtherMessage { .. })));
        let broken = target.with_request("acme.v1.Order", b"\x0a\x09tea");
        assert!(matches!(broken.decode::<Order>(), Err(DecodeError::Malformed(_))));
    }
}
