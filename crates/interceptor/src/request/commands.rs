//! Commands to other namespaces, in a `RespondWorkflowTaskCompletedRequest`.

use std::{borrow::Cow, collections::HashSet};

use super::{ScanError, Scanned, WireError, wire::Fields};
use crate::Limits;

/// What a command does in another namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandTarget<'m> {
    kind: &'static Kind,
    namespace: &'m str,
    attributes: Cow<'m, [u8]>,
}

impl<'m> CommandTarget<'m> {
    /// The method that would do the same: its path.
    pub fn api_name(&self) -> &'static str {
        self.kind.api_name
    }

    /// The namespace that the command names.
    pub fn namespace(&self) -> &'m str {
        self.namespace
    }

    /// The full name of the message that the attributes are.
    pub fn attributes_name(&self) -> &'static str {
        self.kind.attributes_name
    }

    /// The command's attributes, encoded.
    pub fn attributes(&self) -> &[u8] {
        &self.attributes
    }
}

/// `RespondWorkflowTaskCompletedRequest.commands`.
const COMMANDS: u32 = 2;
/// `Command.command_type`.
const COMMAND_TYPE: u32 = 1;
/// `namespace` of the attributes of each of [`KINDS`].
const NAMESPACE: u32 = 1;

/// A kind of command that can name a namespace.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    /// Its value of the enum `CommandType`.
    command_type: u32,
    /// The member of the oneof `Command.attributes` that it has.
    member: u32,
    attributes_name: &'static str,
    api_name: &'static str,
}

/// As Temporal's `authorizeTargetNamespaces`.
const KINDS: [Kind; 3] = [
    Kind {
        command_type: 8,
        member: 9,
        attributes_name: "temporal.api.command.v1.RequestCancelExternalWorkflowExecutionCommandAttributes",
        api_name: "/temporal.api.workflowservice.v1.WorkflowService/RequestCancelWorkflowExecution",
    },
    Kind {
        command_type: 11,
        member: 12,
        attributes_name: "temporal.api.command.v1.StartChildWorkflowExecutionCommandAttributes",
        api_name: "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution",
    },
    Kind {
        command_type: 12,
        member: 13,
        attributes_name: "temporal.api.command.v1.SignalExternalWorkflowExecutionCommandAttributes",
        api_name: "/temporal.api.workflowservice.v1.WorkflowService/SignalWorkflowExecution",
    },
];

/// Whether `number` is a member of the oneof `Command.attributes`. Each replaces the others.
fn is_member(number: u32) -> bool {
    matches!(number, 2..=15 | 17..=19)
}

/// The namespace of the request, which is the string `own_field` of `message`, and the targets of its commands in others.
/// What cannot be read comes before any limit, wherever it stands: a server decodes before it counts. Of several such faults
/// the first on the wire decides.
pub(super) fn scan<'m>(message: &'m [u8], own_field: u32, limits: &Limits) -> Result<Scanned<'m>, ScanError> {
    let mut own = "";
    let mut targets = Vec::new();
    let mut seen = HashSet::new();
    let (mut too_long, mut too_many) = (false, false);
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next()? {
        if field.number == own_field {
            // Each occurrence has to be UTF-8, as everywhere; the last one counts.
            own = field.string()?;
        }
        if field.number != COMMANDS {
            continue;
        }
        let Some(attributes) = Attributes::of(fields.within(field.bytes()?)?)? else { continue };
        let Attributes { kind, namespace, encoded } = attributes;
        let known = namespace.is_empty() || seen.contains(&(kind.member, namespace));
        too_long |= namespace.len() > limits.max_namespace_bytes;
        // Each kind may have one in the request's own namespace, which on the wire may stand behind its commands.
        too_many |= !known && targets.len() >= limits.max_targets.saturating_add(KINDS.len());
        if known || too_long || too_many {
            continue;
        }
        seen.insert((kind.member, namespace));
        targets.push(CommandTarget { kind, namespace, attributes: encoded });
    }
    targets.retain(|target| target.namespace != own);
    if too_long || own.len() > limits.max_namespace_bytes {
        return Err(ScanError::NamespaceTooLong);
    }
    if too_many || targets.len() > limits.max_targets {
        return Err(ScanError::TooManyTargets);
    }
    Ok(Scanned { namespace: own, commands: targets })
}

/// What a command says of itself, as far as it can name a namespace.
#[derive(Debug)]
struct Attributes<'a> {
    kind: &'static Kind,
    namespace: &'a str,
    encoded: Cow<'a, [u8]>,
}

impl<'a> Attributes<'a> {
    /// The attributes of a command, if its type says that these are what it does.
    fn of(mut command: Fields<'a>) -> Result<Option<Self>, WireError> {
        let mut command_type = 0;
        let mut attributes: Option<Self> = None;
        while let Some(field) = command.next()? {
            if field.number == COMMAND_TYPE {
                command_type = low_32_bits(field.varint()?);
            } else if is_member(field.number) {
                let encoded = field.bytes()?;
                let before = attributes.take();
                if let Some(kind) = KINDS.iter().find(|kind| kind.member == field.number) {
                    attributes = Some(Self::merged(before, kind, encoded, &command)?);
                }
            }
        }
        Ok(attributes.filter(|attributes| attributes.kind.command_type == command_type))
    }

    // The same member again is merged, which for encoded messages is to append; another member replaces it.
    #[inline(never)]
    fn merged(
        before: Option<Self>,
        kind: &'static Kind,
        encoded: &'a [u8],
        command: &Fields<'a>,
    ) -> Result<Self, WireError> {
        let namespace = command.within(encoded)?.last_string(NAMESPACE)?;
        let Some(mut same) = before.filter(|before| before.kind == kind) else {
            return Ok(Self { kind, namespace: namespace.unwrap_or_default(), encoded: Cow::Borrowed(encoded) });
        };
        same.namespace = namespace.unwrap_or(same.namespace);
        same.encoded.to_mut().extend_from_slice(encoded);
        Ok(same)
    }
}

/// Decoders cut an enum to 32 bits: 2^32 + 8 is 8.
fn low_32_bits(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or_default()
}
