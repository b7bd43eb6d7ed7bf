//! An authorizer that looks into requests.

use async_trait::async_trait;
use temporal_authz::{
    AuthorizeError, Authorizer, CallTarget, Claims, Decision, DecodeError, DefaultAuthorizer, MethodInfo, Reason,
};

use crate::starts::{Start, starts};

/// Temporal's own rule, and then: workflows of certain types run on certain task queues only.
///
/// A start that names no task queue is on none, so a rule for its type denies it.
#[derive(Debug, Clone, Default)]
pub struct TaskQueueRules {
    roles: DefaultAuthorizer,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    type_prefix: String,
    task_queue: String,
}

impl TaskQueueRules {
    /// No rules yet: the same as [`DefaultAuthorizer`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Workflow types that begin with `type_prefix` may be started on `task_queue` only.
    pub fn only_on(mut self, type_prefix: impl Into<String>, task_queue: impl Into<String>) -> Self {
        self.rules.push(Rule { type_prefix: type_prefix.into(), task_queue: task_queue.into() });
        self
    }

    fn broken_by(&self, start: &Start) -> Option<&Rule> {
        let concerns = |rule: &&Rule| start.workflow_type.starts_with(&rule.type_prefix);
        self.rules.iter().filter(concerns).find(|rule| start.task_queue != rule.task_queue)
    }
}

#[async_trait]
impl Authorizer for TaskQueueRules {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        // Roles first: whoever may not call learns nothing of the rules.
        let verdict = self.roles.judge(claims, target);
        if !verdict.is_allow() {
            return Ok(verdict);
        }
        let starts = match starts(target) {
            Ok(starts) => starts,
            Err(DecodeError::Malformed(_)) => return Ok(Decision::deny(Reason::UndecodableRequest)),
            // The table and this crate differ about a method: no verdict, which denies as well.
            Err(error) => return Err(AuthorizeError::new(error)),
        };
        match starts.iter().find_map(|start| self.broken_by(start)) {
            None => Ok(verdict),
            Some(Rule { type_prefix, task_queue }) => {
                Ok(Decision::deny_with(format!("{type_prefix}* workflows run on task queue {task_queue} only")))
            }
        }
    }

    // All methods that start workflows have namespace scope, for which the default authorizer asks for the request.
    fn needs_request(&self, claims: Option<&Claims>, method: &MethodInfo) -> bool {
        self.roles.needs_request(claims, method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_concerns_the_types_with_its_prefix_and_no_others() {
        let rules = TaskQueueRules::new().only_on("payments-", "payments").only_on("payments-eu-", "payments-eu");
        for (workflow_type, task_queue, allowed) in [
            ("payments-refund", "payments", true),
            ("payments-refund", "mail", false),
            ("payments-refund", "Payments", false),
            ("payments-refund", "payments ", false),
            ("payments-refund", "", false),
            ("Payments-refund", "mail", true),
            ("payments", "mail", true),
            ("mail-send", "payments", true),
            ("", "", true),
            // Two rules that contradict each other allow nothing.
            ("payments-eu-refund", "payments", false),
            ("payments-eu-refund", "payments-eu", false),
        ] {
            let start = Start { workflow_type: workflow_type.to_owned(), task_queue: task_queue.to_owned() };
            assert_eq!(rules.broken_by(&start).is_none(), allowed, "{workflow_type:?} on {task_queue:?}");
        }
    }
}
