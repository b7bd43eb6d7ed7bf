//! Methods of other services, read from their descriptors.

use prost::Message;
use prost_types::{DescriptorProto, FileDescriptorSet, field_descriptor_proto as field};

use super::{Access, MethodInfo, MethodTableBuilder, MethodTableError, Scope};

/// A method as its descriptor tells it, for the rule that gives it scope and access.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedMethod {
    /// `/package.Service/Method`.
    pub path: String,
    /// The method's own name.
    pub name: String,
    /// The full name of its request.
    pub request: String,
    /// The field number of the request's `namespace`, a single string.
    pub namespace_field: Option<u32>,
    /// Whether either side streams.
    pub streaming: bool,
}

/// Descriptors that cannot be read into a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DescriptorError {
    /// The bytes are no `FileDescriptorSet`.
    #[error("no FileDescriptorSet: {0}")]
    Undecodable(#[from] prost::DecodeError),
    /// A method cannot be listed.
    #[error(transparent)]
    Method(#[from] MethodTableError),
}

impl MethodTableBuilder {
    /// Adds the methods of an encoded `FileDescriptorSet` (`protoc --include_imports --descriptor_set_out`) to which
    /// `rule` gives a scope and an access. A method that it gives `None` stays unlisted, and so denied.
    ///
    /// # Errors
    /// Bytes that are no descriptor set, a method that is listed already.
    pub fn descriptor_set(
        mut self,
        bytes: &[u8],
        rule: impl Fn(&DescribedMethod) -> Option<(Scope, Access)>,
    ) -> Result<Self, DescriptorError> {
        let set = FileDescriptorSet::decode(bytes)?;
        for method in described(&set) {
            if let Some((scope, access)) = rule(&method) {
                self = self.method(listed(method, scope, access))?;
            }
        }
        Ok(self)
    }
}

fn listed(method: DescribedMethod, scope: Scope, access: Access) -> MethodInfo {
    let row = if method.streaming {
        MethodInfo::streaming(method.path, scope, access)
    } else {
        MethodInfo::unary(method.path, scope, access)
    };
    let row = row.with_request(method.request);
    match method.namespace_field {
        Some(number) => row.with_namespace_field(number),
        None => row,
    }
}

fn described(set: &FileDescriptorSet) -> impl Iterator<Item = DescribedMethod> {
    set.file.iter().flat_map(move |file| {
        file.service.iter().flat_map(move |service| {
            service.method.iter().map(move |method| {
                let request = method.input_type().trim_start_matches('.');
                DescribedMethod {
                    path: format!("/{}/{}", qualified(file.package(), service.name()), method.name()),
                    name: method.name().to_owned(),
                    request: request.to_owned(),
                    namespace_field: message(set, request).and_then(namespace_field),
                    streaming: method.client_streaming() || method.server_streaming(),
                }
            })
        })
    })
}

// A request is a top-level message in practice; a nested one is not found, and its method then has no namespace.
fn message<'a>(set: &'a FileDescriptorSet, name: &str) -> Option<&'a DescriptorProto> {
    set.file
        .iter()
        .find_map(|file| file.message_type.iter().find(|message| qualified(file.package(), message.name()) == name))
}

fn namespace_field(message: &DescriptorProto) -> Option<u32> {
    let field = message.field.iter().find(|field| {
        field.name() == "namespace" && field.r#type() == field::Type::String && field.label() != field::Label::Repeated
    })?;
    u32::try_from(field.number()).ok()
}

fn qualified(package: &str, name: &str) -> String {
    if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") }
}

#[cfg(test)]
mod tests {
    use prost_types::{FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto};

    use super::*;
    use crate::MethodTable;

    fn orders() -> Vec<u8> {
        let namespace = FieldDescriptorProto {
            name: Some("namespace".into()),
            number: Some(7),
            r#type: Some(field::Type::String.into()),
            label: Some(field::Label::Optional.into()),
            ..Default::default()
        };
        let method = |name: &str, streams| MethodDescriptorProto {
            name: Some(name.into()),
            input_type: Some(".acme.v1.OrderRequest".into()),
            server_streaming: Some(streams),
            ..Default::default()
        };
        let file = FileDescriptorProto {
            package: Some("acme.v1".into()),
            message_type: vec![DescriptorProto {
                name: Some("OrderRequest".into()),
                field: vec![namespace],
                ..Default::default()
            }],
            service: vec![ServiceDescriptorProto {
                name: Some("Orders".into()),
                method: vec![method("GetOrder", false), method("WatchOrders", true), method("Internal", false)],
                ..Default::default()
            }],
            ..Default::default()
        };
        FileDescriptorSet { file: vec![file] }.encode_to_vec()
    }

    #[test]
    fn methods_of_a_descriptor_set_are_listed_by_a_rule() {
        let table = MethodTable::builder()
            .descriptor_set(&orders(), |method| {
                (method.name != "Internal").then_some((Scope::Namespace, Access::ReadOnly))
            })
            .unwrap()
            .build();
        let get = table.find("/acme.v1.Orders/GetOrder");
        assert_eq!((get.namespace_field(), get.request()), (Some(7), Some("acme.v1.OrderRequest")));
        assert!(!get.is_streaming());
        assert!(table.find("/acme.v1.Orders/WatchOrders").is_streaming());
        assert_eq!(table.find("/acme.v1.Orders/Internal").scope(), Scope::Unknown);
        assert!(MethodTable::builder().descriptor_set(b"\xff", |_| None).is_err());
    }
}
