//! Failed credentials, counted peer by peer: who shows too many is refused before the next one is verified.

use std::{
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use moka::sync::Cache;
use temporal_authz::{AuthInfo, SubjectAttribute};
use tokio::time::Instant;

/// Peers that are kept count of; a peer that falls out begins anew.
const MAX_PEERS: u64 = 10_000;
/// How many seconds' worth of failures a peer may show at once: a fleet whose tokens expire together is no attack.
const BURST_SECONDS: u32 = 5;

/// A limiter of failed credentials (a leaky bucket for each peer). It is keyed by the peer, never by the credential, which an
/// attacker makes up at will.
#[derive(Debug)]
pub(crate) struct Failures {
    /// The time that one failure is worth, in nanoseconds.
    each: u64,
    burst: u64,
    since: Instant,
    names: RandomState,
    /// When the failures of a peer will be forgotten, in nanoseconds after `since`.
    peers: Cache<Peer, Arc<AtomicU64>>,
}

/// One peer, by its certificate, else by its address. Neighbours in an IPv6 network of 64 bits are one: whoever has one address
/// of it has them all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Peer {
    Address(IpAddr),
    Certificate(u64),
}

impl Failures {
    pub(crate) fn new(per_second: u32) -> Self {
        let each = Duration::from_secs(1).checked_div(per_second).unwrap_or(Duration::from_secs(1));
        let each = u64::try_from(each.as_nanos()).unwrap_or(u64::MAX);
        let burst = each.saturating_mul(u64::from(per_second.saturating_mul(BURST_SECONDS)));
        let idle = Duration::from_nanos(burst).saturating_mul(2);
        let peers = Cache::builder().max_capacity(MAX_PEERS).time_to_idle(idle).build();
        Self { each, burst, since: Instant::now(), names: RandomState::new(), peers }
    }

    /// Whom to count for; `None` for a peer without address or certificate.
    pub(crate) fn peer(&self, info: &AuthInfo<'_>) -> Option<Peer> {
        if let Some(certificate) = info.peer() {
            let name = certificate.subject(SubjectAttribute::CommonName);
            let names =
                (name, certificate.uris(), certificate.dns_names(), certificate.emails(), certificate.not_after());
            return Some(Peer::Certificate(self.names.hash_one(names)));
        }
        info.peer_addr().map(|address| Peer::Address(network(address.ip())))
    }

    /// Whether the peer has shown too many failed credentials of late: there is no room for a whole one more. Asked so because
    /// what it has shown is forgotten all the time, so that the bucket is never quite full a moment after.
    pub(crate) fn are_too_many(&self, peer: &Peer) -> bool {
        let Some(forgotten_at) = self.peers.get(peer) else { return false };
        forgotten_at.load(Relaxed).saturating_sub(self.now()) > self.burst.saturating_sub(self.each)
    }

    /// Notes one more.
    pub(crate) fn note(&self, peer: Peer) {
        let now = self.now();
        let forgotten_at = self.peers.get_with(peer, Arc::default);
        let later = |at: u64| Some(at.max(now).saturating_add(self.each).min(now.saturating_add(self.burst)));
        // The closure never says no.
        let _ = forgotten_at.fetch_update(Relaxed, Relaxed, later);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn at(failures: &Failures, address: &str) -> Peer {
        let headers = HeaderMap::new();
        failures.peer(&AuthInfo::new(&headers).with_peer_addr(Some(address.parse().unwrap()))).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_may_fail_in_a_burst_and_then_at_the_rate() {
        let failures = Failures::new(10);
        let (bad, good) = (at(&failures, "192.0.2.1:1"), at(&failures, "192.0.2.2:1"));
        for _ in 0..50 {
            assert!(!failures.are_too_many(&bad));
            failures.note(bad.clone());
        }
        assert!(failures.are_too_many(&bad));
        assert!(!failures.are_too_many(&good));
        for _ in 0..20 {
            tokio::time::advance(Duration::from_millis(100)).await;
            assert!(!failures.are_too_many(&bad), "one more after a tenth of a second");
            failures.note(bad.clone());
            assert!(failures.are_too_many(&bad));
        }
        // However many there were: what is too much is not added up.
        for _ in 0..1_000 {
            failures.note(bad.clone());
        }
        tokio::time::advance(Duration::from_millis(100)).await;
        assert!(!failures.are_too_many(&bad));
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_are_too_many_until_one_is_forgotten() {
        let failures = Failures::new(10);
        let bad = at(&failures, "192.0.2.1:1");
        for _ in 0..1_000 {
            failures.note(bad.clone());
        }
        for _ in 0..99 {
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(failures.are_too_many(&bad));
        }
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!failures.are_too_many(&bad));
    }

    #[test]
    fn a_peer_is_an_address_or_a_network_whatever_the_port() {
        let failures = Failures::new(1);
        for (one, other, same) in [
            ("192.0.2.1:1", "192.0.2.1:2", true),
            ("192.0.2.1:1", "[::ffff:192.0.2.1]:1", true),
            ("192.0.2.1:1", "192.0.2.2:1", false),
            ("[2001:db8::1]:1", "[2001:db8::ffff:2]:1", true),
            ("[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false),
        ] {
            assert_eq!(at(&failures, one) == at(&failures, other), same, "{one} {other}");
        }
        let headers = HeaderMap::new();
        assert_eq!(failures.peer(&AuthInfo::new(&headers)), None);
    }
}
