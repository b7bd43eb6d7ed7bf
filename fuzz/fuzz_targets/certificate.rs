//! A certificate, in DER, in PEM or described: whom it is read to be, another reader finds too; and the mapper lets in
//! whom a slow reading of its rules lets in.

#![no_main]

use std::{
    sync::{Arc, LazyLock},
    time::{Duration, SystemTime},
};

use http::HeaderMap;
use libfuzzer_sys::{
    arbitrary::{Arbitrary, Unstructured},
    fuzz_target,
};
use regex::Regex;
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use temporal_authz::{AuthInfo, ClaimMapper as _, PeerCertificate, Role, SubjectAttribute};
use temporal_claim_mapper::{CertificateClaimMapper, CertificateRule};
use temporal_fuzz::{
    der::{self, Description, Names},
    keys::{NOW, Still},
};

/// Each rule grants in a namespace of its own.
static MAPPER: LazyLock<CertificateClaimMapper> = LazyLock::new(|| {
    CertificateClaimMapper::builder()
        .clock(Still)
        .rule(CertificateRule::new().common_name("admin").permission("cn:read"))
        .rule(CertificateRule::new().organization("acme").organizational_unit("ops").permission("o-and-ou:read"))
        .rule(CertificateRule::new().dns("w.example").permission("dns:read"))
        .rule(CertificateRule::new().uri("urn:w").permission("uri:read"))
        .rule(CertificateRule::new().email("w@example").permission("email:read"))
        .rule(CertificateRule::new().spiffe("spiffe://td/w").permission("spiffe:read"))
        .rule(CertificateRule::new().spiffe("spiffe://td/ns/*").permission("spiffe-below:read"))
        .build()
        .expect("good rules")
});

static SVID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^spiffe://[a-z0-9._-]{1,255}(/[A-Za-z0-9._-]+)+$").expect("a pattern"));

const CN: SubjectAttribute = SubjectAttribute::CommonName;

fn at(seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
}

/// The value that stands there once.
fn only(values: &[Option<String>]) -> Option<&str> {
    match values {
        [Some(value)] => Some(value),
        _ => None,
    }
}

/// Whether somebody can go by these names at all.
fn is_clean(names: &Names) -> bool {
    let printable = |text: &str| !text.chars().any(|c| matches!(c, '\0'..='\x1f' | '\x7f'..='\u{9f}'));
    let ascii = |name: &Vec<u8>| name.iter().all(|byte| (0x21..=0x7e).contains(byte));
    names.subject.iter().flatten().flatten().all(|text| printable(text))
        && [&names.dns, &names.uris, &names.emails].into_iter().flatten().all(ascii)
}

fn is_spiffe(uri: &[u8]) -> bool {
    uri.to_ascii_lowercase().starts_with(b"spiffe:")
}

/// The subject and the namespaces of a certificate that is let in.
fn wanted(names: &Names) -> Option<(String, Vec<&'static str>)> {
    if names.dates.0 > NOW || names.dates.1 < NOW {
        return None;
    }
    let text = |name: &[u8]| String::from_utf8(name.to_vec()).expect("ASCII");
    let spiffe = names.uris.iter().find(|uri| is_spiffe(uri)).map(|uri| text(uri));
    if let Some(id) = &spiffe {
        let dots = id.split('/').skip(3).any(|segment| segment == "." || segment == "..");
        if names.uris.len() != 1 || !SVID.is_match(id) || dots || id.len() > 2048 {
            return None;
        }
    }
    let [cn, o, ou] = [0, 1, 2].map(|slot| only(&names.subject[slot]));
    let has = |names: &[Vec<u8>], wanted: &str| names.iter().any(|name| name == wanted.as_bytes());
    let dns = names.dns.iter().any(|name| name.eq_ignore_ascii_case(b"w.example"));
    let mut matching = Vec::new();
    for (matches, namespace, subject) in [
        (cn == Some("admin"), "cn", cn),
        (o == Some("acme") && ou == Some("ops"), "o-and-ou", cn),
        (dns, "dns", Some("w.example")),
        (has(&names.uris, "urn:w"), "uri", Some("urn:w")),
        (has(&names.emails, "w@example"), "email", Some("w@example")),
        (spiffe.as_deref() == Some("spiffe://td/w"), "spiffe", None),
        (spiffe.as_deref().is_some_and(|id| id.starts_with("spiffe://td/ns/")), "spiffe-below", None),
    ] {
        if matches {
            matching.push((namespace, subject.map(str::to_owned)));
        }
    }
    let subject = spiffe.or(matching.first()?.1.clone()).filter(|subject| !subject.is_empty())?;
    Some((subject, matching.into_iter().map(|(namespace, _)| namespace).collect()))
}

/// `good`: another reader would take these bytes too.
fn check(bytes: &[u8], good: bool) {
    let read = der::read(bytes);
    let peer = match PeerCertificate::from_verified_der(bytes) {
        Ok(peer) => peer,
        Err(error) => {
            assert!(!good || !is_clean(&read.as_ref().expect("names").0), "{error} of {read:?}");
            return;
        }
    };
    let Some((names, whole)) = read else { return };
    let texts = |names: &[String]| names.iter().map(|name| name.clone().into_bytes()).collect();
    let attributes = [CN, SubjectAttribute::Organization, SubjectAttribute::OrganizationalUnit];
    let found = Names {
        subject: attributes
            .map(|attribute| Vec::from_iter(peer.subject(attribute).map(|value| Some(value.to_owned())))),
        emails: texts(peer.emails()),
        dns: texts(peer.dns_names()),
        uris: texts(peer.uris()),
        dates: names.dates,
    };
    assert!(is_clean(&found), "{found:?}");
    // What is no certificate to its last byte, no handshake has verified.
    if !whole {
        return;
    }
    assert!(is_clean(&names), "{names:?}");
    let subject = names.subject.clone().map(|values| Vec::from_iter(only(&values).map(|value| Some(value.to_owned()))));
    assert_eq!(found, Names { subject, ..names.clone() });
    let (from, until) = names.dates;
    assert_eq!(peer.not_after(), at(until));
    for now in [from - 1, from, until, until + 1, NOW] {
        assert_eq!(peer.is_valid_at(at(now)), from <= now && now <= until);
    }
    let wanted = wanted(&names);
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_peer(Some(Arc::new(peer)));
    match (MAPPER.claims_at_hand(&info).expect("at hand"), wanted) {
        (Err(_), None) => {}
        (Ok(Some(claims)), Some((subject, namespaces))) => {
            assert_eq!(claims.subject(), subject);
            assert_eq!((claims.auth_type(), claims.expires_at()), ("mtls", Some(at(until))));
            assert!(claims.system().is_empty());
            assert_eq!(claims.namespaces().count(), namespaces.len());
            assert!(namespaces.iter().all(|namespace| claims.namespace(namespace) == Role::READER));
        }
        (found, wanted) => panic!("{found:?}, wanted {wanted:?}"),
    }
}

/// Names that rules ask for, which nobody finds by chance.
const TEXTS: [&[u8]; 12] = [
    b"admin",
    b"acme",
    b"ops",
    b"w.example",
    b"W.Example",
    b"urn:w",
    b"w@example",
    b"spiffe://td/w",
    b"spiffe://td/ns/a/b",
    b"SPIFFE://td/w",
    b"spiffe://td/ns/..",
    b"",
];

fn filled(mut description: Description) -> Description {
    let texts = description.subject.iter_mut().map(|(_, _, text)| text);
    for text in texts.chain(description.names.iter_mut().map(|(_, text)| text)) {
        if let [choice] = text[..] {
            *text = TEXTS[usize::from(choice) % TEXTS.len()].to_vec();
        }
    }
    description
}

fuzz_target!(|data: &[u8]| {
    match data {
        [0x30, ..] => check(data, false),
        [b'-', ..] => {
            for der in CertificateDer::pem_slice_iter(data).flatten() {
                check(&der, false);
            }
        }
        [_, rest @ ..] => {
            let Ok(description) = Description::arbitrary_take_rest(Unstructured::new(rest)) else { return };
            let description = filled(description);
            // An extension that stands there twice is an error; so are bytes behind the certificate.
            let twice = description.twice && !description.names.is_empty();
            check(&description.der(), !twice && description.trailing.is_none());
        }
        [] => {}
    }
});
