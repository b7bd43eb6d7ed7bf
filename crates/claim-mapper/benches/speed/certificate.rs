//! A client certificate: reading it, which happens once a connection, over the parser alone; and mapping it, once a call.

use std::{hint::black_box, sync::Arc};

use criterion::Criterion;
use http::HeaderMap;
use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use temporal_authz::{AuthInfo, ClaimMapper as _, PeerCertificate};
use temporal_claim_mapper::{CertificateClaimMapper, CertificateRule};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

fn certificate() -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "worker.payments");
    params.distinguished_name.push(DnType::OrganizationName, "ACME");
    params.subject_alt_names = vec![
        SanType::DnsName("worker.payments.example".try_into().unwrap()),
        SanType::URI("spiffe://payments.example/ns/production/sa/worker".try_into().unwrap()),
    ];
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2100, 1, 1);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let der = certificate();
    let peer = Some(Arc::new(PeerCertificate::from_verified_der(&der).unwrap()));
    let rule = CertificateRule::new().spiffe("spiffe://payments.example/ns/production/sa/worker");
    let mapper = CertificateClaimMapper::builder().rule(rule.permission("payments:write")).build().unwrap();
    let headers = HeaderMap::new();
    let mut group = criterion.benchmark_group(format!("certificate/{} B", der.len()));
    group.bench_function("x509-parser alone", |bencher| {
        bencher.iter(|| X509Certificate::from_der(black_box(&der)).unwrap());
    });
    group.bench_function("read", |bencher| {
        bencher.iter(|| PeerCertificate::from_verified_der(black_box(&der)).unwrap());
    });
    group.bench_function("map", |bencher| {
        bencher.iter(|| {
            let info = AuthInfo::new(&headers).with_peer(black_box(&peer).clone());
            mapper.claims_at_hand(&info).unwrap().unwrap()
        });
    });
    group.finish();
}
