//! Certificates that are about to expire (`global.tls.expirationChecks`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls_pki_types::CertificateDer;
use temporal_interceptor::config::ExpirationChecks;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::events;

/// How near a certificate is to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nearness {
    Far,
    Warning,
    Error,
}

/// Logs each certificate of `chain` whose end lies within one of the windows, or behind.
pub(super) fn check(section: &str, chain: &[CertificateDer<'_>], checks: ExpirationChecks) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    for certificate in chain {
        // rustls has loaded it, so it parses; if not, there is no date to warn of.
        let Some(not_after) = not_after(certificate) else {
            continue;
        };
        let left = not_after.saturating_sub(now);
        match nearness(left, checks) {
            Nearness::Far => {}
            Nearness::Warning => events::expires_soon(section, left),
            Nearness::Error => events::expires_very_soon(section, left),
        }
    }
}

/// Seconds since 1970.
fn not_after(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

fn nearness(seconds_left: i64, checks: ExpirationChecks) -> Nearness {
    let within =
        |window: Duration| !window.is_zero() && seconds_left <= i64::try_from(window.as_secs()).unwrap_or(i64::MAX);
    if within(checks.error_window) {
        Nearness::Error
    } else if within(checks.warning_window) {
        Nearness::Warning
    } else {
        Nearness::Far
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrower_window_is_an_error_and_zero_switches_a_window_off() {
        let day = 86_400;
        let rows = [
            (30, 10, 60, Nearness::Far),
            (30, 10, 30, Nearness::Warning),
            (30, 10, 10, Nearness::Error),
            (30, 10, -1, Nearness::Error),
            (30, 0, 5, Nearness::Warning),
            (0, 10, 20, Nearness::Far),
            (0, 0, -5, Nearness::Far),
        ];
        for (warning, error, left, expected) in rows {
            let mut checks = ExpirationChecks::default();
            checks.warning_window = Duration::from_secs(warning * 86_400);
            checks.error_window = Duration::from_secs(error * 86_400);
            assert_eq!(nearness(left * day, checks), expected, "{left} days left of {warning} and {error}");
        }
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["gateway.example".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2031, 1, 1);
        let certificate = params.self_signed(&key).unwrap();
        assert_eq!(not_after(certificate.der()), Some(1_924_992_000));
    }
}
