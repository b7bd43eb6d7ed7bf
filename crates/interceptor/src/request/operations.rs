//! Operations in an `ExecuteMultiOperationRequest`.

use super::{ScanError, WireError, wire::Fields};

/// `ExecuteMultiOperationRequest.operations`.
const OPERATIONS: u32 = 2;
/// `namespace` of both `start_workflow` and `update_workflow`.
const NAMESPACE: u32 = 1;

/// Whether `number` is a member of the oneof `Operation.operation`: `start_workflow` or `update_workflow`.
fn is_member(number: u32) -> bool {
    matches!(number, 1 | 2)
}

/// Refuses an operation that names another namespace than `own`, the request's. To name none is usual.
pub(super) fn check(message: &[u8], own: &str) -> Result<(), ScanError> {
    let mut fields = Fields::of(message);
    let mut agree = true;
    while let Some(field) = fields.next()? {
        if field.number == OPERATIONS {
            let namespace = namespace(fields.within(field.bytes()?)?)?;
            agree &= namespace.is_empty() || namespace == own;
        }
    }
    if agree { Ok(()) } else { Err(ScanError::NamespaceMismatch) }
}

/// The namespace of one operation. The same member again is merged, another member replaces it.
fn namespace(mut operation: Fields<'_>) -> Result<&str, WireError> {
    let mut found = (0, "");
    while let Some(field) = operation.next()? {
        if is_member(field.number) {
            let namespace = operation.within(field.bytes()?)?.last_string(NAMESPACE)?;
            let before = if found.0 == field.number { found.1 } else { "" };
            found = (field.number, namespace.unwrap_or(before));
        }
    }
    Ok(found.1)
}
