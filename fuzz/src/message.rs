//! Encoded requests: written field by field, and read the slow way (protobuf's wire format).

/// Why a request is refused, as the status code that its caller gets.
pub type Code = u8;
pub const TOO_LONG: Code = 3;
pub const DENIED: Code = 7;
pub const EXHAUSTED: Code = 8;
pub const UNDECODABLE: Code = 13;

/// As many messages and groups may stand in each other.
pub const MAX_DEPTH: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

impl<'a> Value<'a> {
    fn bytes(self) -> Result<&'a [u8], Code> {
        match self {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(DENIED),
        }
    }

    fn text(self) -> Result<&'a str, Code> {
        std::str::from_utf8(self.bytes()?).map_err(|_| UNDECODABLE)
    }
}

type Fields<'a> = Vec<(u64, Value<'a>)>;

/// The fields of a message as far as it can be read, and whether that is to its end.
pub fn fields(message: &[u8], depth: usize) -> (Fields<'_>, bool) {
    let mut rest = message;
    let mut all = Vec::new();
    while !rest.is_empty() {
        match field(&mut rest, depth) {
            Some(Some(field)) => all.push(field),
            _ => return (all, false),
        }
    }
    (all, true)
}

/// `Some(None)` is the end of a group.
fn field<'a>(rest: &mut &'a [u8], depth: usize) -> Option<Option<(u64, Value<'a>)>> {
    let key = varint(rest)?;
    let number = key / 8;
    if number == 0 || number >= 1 << 29 {
        return None;
    }
    let value = match key % 8 {
        4 => return Some(None),
        _ if depth == 0 => return None,
        0 => Value::Number(varint(rest)?),
        1 => take(rest, 8).map(|_| Value::Other)?,
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Value::Bytes(take(rest, length)?)
        }
        3 => loop {
            let before = *rest;
            if field(rest, depth - 1)?.is_none() {
                let mut end = before;
                if varint(&mut end)? / 8 != number {
                    return None;
                }
                break Value::Other;
            }
        },
        5 => take(rest, 4).map(|_| Value::Other)?,
        _ => return None,
    };
    Some(Some((number, value)))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let length = rest.iter().take(10).position(|byte| byte & 0x80 == 0)? + 1;
    let bytes = take(rest, length)?;
    let value = bytes.iter().rev().fold(0_u128, |value, byte| (value << 7) | u128::from(byte & 0x7f));
    u64::try_from(value).ok()
}

/// The last value of a text; `None` without one.
pub fn last_text(message: &[u8], number: u64, depth: usize) -> Result<Option<&str>, Code> {
    let (fields, whole) = fields(message, depth);
    let mut last = None;
    for (_, value) in fields.into_iter().filter(|(found, _)| *found == number) {
        last = Some(value.text()?);
    }
    if whole { Ok(last) } else { Err(UNDECODABLE) }
}

/// Whether a request that may name its namespace by name or by id, `DescribeNamespaceRequest` and `DeleteNamespaceRequest`,
/// does both.
pub fn named_twice(message: &[u8], name: &str) -> Result<bool, Code> {
    let id = last_text(message, 2, MAX_DEPTH)?.unwrap_or_default();
    Ok(!name.is_empty() && !id.is_empty())
}

/// Whether every operation of an `ExecuteMultiOperationRequest` is in the namespace `own`, or in none.
pub fn operations_agree(message: &[u8], own: &str) -> Result<bool, Code> {
    let mut agree = true;
    for (_, operation) in fields(message, MAX_DEPTH).0.into_iter().filter(|(number, _)| *number == 2) {
        let (members, whole) = fields(operation.bytes()?, MAX_DEPTH - 1);
        let mut named = (0, String::new());
        for (number, value) in members.into_iter().filter(|(number, _)| [1, 2].contains(number)) {
            let namespace = last_text(value.bytes()?, 1, MAX_DEPTH - 2)?;
            if named.0 != number {
                named = (number, String::new());
            }
            named.1 = namespace.unwrap_or(&named.1).to_owned();
        }
        if !whole {
            return Err(UNDECODABLE);
        }
        agree &= named.1.is_empty() || named.1 == own;
    }
    Ok(agree)
}

/// The namespace of a `RespondWorkflowTaskCompletedRequest`, its field `own_number`, and what its commands do in others: method
/// and namespace, each pair once. Whatever does not decode comes before any limit.
pub fn commands(
    message: &[u8],
    own_number: u64,
    max_name: usize,
    max_targets: usize,
) -> Result<(&str, Vec<(&'static str, String)>), Code> {
    let mut own = "";
    let mut targets: Vec<(&'static str, String)> = Vec::new();
    let (all, whole) = fields(message, MAX_DEPTH);
    for (number, value) in all {
        if number == own_number {
            own = value.text()?;
        }
        if number != 2 {
            continue;
        }
        let (members, whole) = fields(value.bytes()?, MAX_DEPTH - 1);
        let (mut kind, mut attributes) = (0, (0, String::new()));
        for (number, value) in members {
            match (number, value) {
                (1, Value::Number(number)) => kind = number % (1 << 32),
                (1, _) => return Err(DENIED),
                (9 | 12 | 13, value) => {
                    let namespace = last_text(value.bytes()?, 1, MAX_DEPTH - 2)?;
                    if attributes.0 != number {
                        attributes = (number, String::new());
                    }
                    attributes.1 = namespace.unwrap_or(&attributes.1).to_owned();
                }
                (2..=15 | 17..=19, value) => {
                    value.bytes()?;
                    attributes = (number, String::new());
                }
                _ => {}
            }
        }
        if !whole {
            return Err(UNDECODABLE);
        }
        let method = match (kind, attributes.0) {
            (8, 9) => "/temporal.api.workflowservice.v1.WorkflowService/RequestCancelWorkflowExecution",
            (11, 12) => "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution",
            (12, 13) => "/temporal.api.workflowservice.v1.WorkflowService/SignalWorkflowExecution",
            _ => continue,
        };
        let target = (method, attributes.1);
        if !target.1.is_empty() && !targets.contains(&target) {
            targets.push(target);
        }
    }
    if !whole {
        return Err(UNDECODABLE);
    }
    if targets.iter().map(|(_, namespace)| namespace.as_str()).chain([own]).any(|name| name.len() > max_name) {
        return Err(TOO_LONG);
    }
    targets.retain(|(_, namespace)| namespace != own);
    if targets.len() > max_targets { Err(EXHAUSTED) } else { Ok((own, targets)) }
}

/// A field with a number.
pub fn put_number(out: &mut Vec<u8>, number: u64, value: u64) {
    put_varint(out, number * 8);
    put_varint(out, value);
}

/// A field with bytes: a text or a message.
pub fn put_bytes(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_varint(out, number * 8 + 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
