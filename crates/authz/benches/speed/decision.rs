//! The verdict on one call of a caller whose claims are known: the rule alone, and the guard around it.

use std::hint::black_box;

use async_trait::async_trait;
use criterion::Criterion;
use futures_executor::block_on;
use http::HeaderMap;
use temporal_authz::{AuthInfo, CallTarget, ClaimError, ClaimMapper, Claims, DefaultAuthorizer, Guard, Role, Targets};

const START: &str = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";

/// Gives these claims to everybody.
#[derive(Debug)]
struct Known(Claims);

#[async_trait]
impl ClaimMapper for Known {
    async fn get_claims(&self, _: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        Ok(Some(self.0.clone()))
    }

    fn claims_at_hand(&self, _: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        Some(Ok(Some(self.0.clone())))
    }
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let claims = Claims::builder("jwt", "service-account-worker-0000001")
        .namespace("payments-production", Role::WRITER)
        .namespace("payments-staging", Role::WRITER)
        .namespace("reports", Role::READER)
        .build()
        .unwrap();
    let guard = Guard::new(Known(claims.clone()), DefaultAuthorizer::new());
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_auth_token("Bearer token");
    let identity = block_on(guard.authenticate(START, &info)).unwrap();
    let target = || CallTarget::new(black_box(START), guard.method(START)).with_namespace("payments-production");
    let mut group = criterion.benchmark_group("decision");
    group.bench_function("rule alone", |bencher| {
        let target = target();
        bencher.iter(|| DefaultAuthorizer::new().judge(Some(black_box(&claims)), &target).is_allow());
    });
    group.bench_function("authorize", |bencher| {
        bencher.iter(|| block_on(guard.authorize(&identity, &Targets::new(target()))).unwrap());
    });
    group.bench_function("authenticate and authorize", |bencher| {
        bencher.iter(|| {
            block_on(async {
                let identity = guard.authenticate(black_box(START), &info).await.unwrap();
                guard.authorize(&identity, &Targets::new(target())).await.unwrap()
            })
        });
    });
    group.finish();
}
