//! Temporal's descriptors, indexed by full name.

use std::collections::BTreeMap;

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet, MethodDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

/// Services, messages and top-level enums by their full names, nested messages too.
#[derive(Debug, Clone, Default)]
pub struct Descriptors {
    pub services: BTreeMap<String, Vec<MethodDescriptorProto>>,
    pub messages: BTreeMap<String, DescriptorProto>,
    pub enums: BTreeMap<String, EnumDescriptorProto>,
}

impl Descriptors {
    /// Those that the crate `temporalio-protos` was built from.
    pub fn temporal() -> Self {
        let set = FileDescriptorSet::decode(&include_bytes!(env!("TEMPORAL_DESCRIPTORS"))[..]).unwrap();
        let mut all = Self::default();
        for file in set.file {
            let package = file.package().to_owned();
            for service in file.service {
                all.services.insert(format!("{package}.{}", service.name()), service.method);
            }
            for one in file.enum_type {
                all.enums.insert(format!("{package}.{}", one.name()), one);
            }
            for message in file.message_type {
                all.add(&package, message);
            }
        }
        all
    }

    fn add(&mut self, scope: &str, message: DescriptorProto) {
        let name = format!("{scope}.{}", message.name());
        for nested in &message.nested_type {
            self.add(&name, nested.clone());
        }
        self.messages.insert(name, message);
    }

    /// A field of a message, both by name.
    pub fn field(&self, message: &str, name: &str) -> &FieldDescriptorProto {
        let fields = &self.messages[message].field;
        fields.iter().find(|field| field.name() == name).unwrap_or_else(|| panic!("{message} has no {name}"))
    }
}

/// The full name of the message that a field holds; `None` when it holds none.
pub fn held(field: &FieldDescriptorProto) -> Option<&str> {
    (field.r#type() == Type::Message).then(|| field.type_name().trim_start_matches('.'))
}

/// The full name of a method's request.
pub fn request(method: &MethodDescriptorProto) -> &str {
    method.input_type().trim_start_matches('.')
}

pub fn is_single(field: &FieldDescriptorProto, of: Type) -> bool {
    field.r#type() == of && field.label() != Label::Repeated
}
