//! `authorizer.json`: claims and a target to a verdict, through [`DefaultAuthorizer`].

use anyhow::Result;
use serde::Deserialize;
use temporal_authz::{CallTarget, Claims, Decision, DefaultAuthorizer, MethodTable, Role};

use crate::{Report, claims::ExpectedClaims};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    api_name: String,
    namespace: String,
    claims: Option<ExpectedClaims>,
    allow: bool,
    principal: Option<Principal>,
}

#[derive(Deserialize, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Principal {
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) name: String,
}

pub(crate) fn run(cases: Vec<Case>) -> Result<Report> {
    let table = MethodTable::temporal();
    let mut report = Report::default();
    for case in cases {
        let claims = case.claims.as_ref().map(claims).transpose()?;
        let target = CallTarget::new(&case.api_name, table.find(&case.api_name)).with_namespace(&case.namespace);
        let came = match DefaultAuthorizer.judge(claims.as_ref(), &target) {
            Decision::Allow(allow) => (true, allow.principal(claims.as_ref()).map(Principal::from)),
            _ => (false, None),
        };
        let name = format!("{} in {:?} by {:?}", case.api_name, case.namespace, case.claims);
        let expected = (case.allow, case.principal);
        let equal = came == expected;
        report.compare(name, &expected, &came, equal);
    }
    Ok(report)
}

fn claims(expected: &ExpectedClaims) -> Result<Claims> {
    let namespaces = expected.namespaces.iter().map(|(name, bits)| (name.clone(), Role::from_bits_retain(*bits)));
    Ok(Claims::new(expected.auth_type.clone(), &expected.subject, Role::from_bits_retain(expected.system), namespaces)?)
}

impl From<&temporal_authz::Principal> for Principal {
    fn from(principal: &temporal_authz::Principal) -> Self {
        Self { kind: principal.kind().to_owned(), name: principal.name().to_owned() }
    }
}
