//! How a call must be refused.

use super::Profile;

/// The status in each profile, and the reason in the log.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    temporal: u16,
    strict: u16,
    pub reason: &'static str,
}

/// Bad or absent credentials.
pub const fn unauthenticated(reason: &'static str) -> Refusal {
    Refusal { temporal: 7, strict: 16, reason }
}

/// Known, and not allowed.
pub const fn denied(reason: &'static str) -> Refusal {
    Refusal { temporal: 7, strict: 7, reason }
}

/// Keys or plug-ins that are away.
pub const fn unavailable(reason: &'static str) -> Refusal {
    Refusal { temporal: 7, strict: 14, reason }
}

/// The same status in both profiles.
pub const fn always(code: u16, reason: &'static str) -> Refusal {
    Refusal { temporal: code, strict: code, reason }
}

pub const UNDECODABLE: Refusal = always(13, "undecodable_request");
pub const TOO_LARGE: Refusal = always(8, "request_too_large");
pub const OVERLOADED: Refusal = always(8, "overloaded");
pub const TOO_SLOW: Refusal = always(4, "request_timeout");

impl Refusal {
    pub fn code(self, profile: Profile) -> u16 {
        match profile {
            Profile::Temporal => self.temporal,
            Profile::Strict => self.strict,
        }
    }

    /// The only text that a caller may read, percent-encoded.
    pub fn text(self, profile: Profile) -> &'static str {
        match (self.code(profile), self.reason) {
            (7 | 16, _) => "Request%20unauthorized.",
            (3, _) => "Namespace%20length%20exceeds%20limit.",
            (4, _) => "Request%20did%20not%20arrive%20in%20time.",
            (8, "throttled") => "Too%20many%20failed%20credentials.",
            (8, "overloaded") => "Too%20many%20requests%20are%20being%20read.",
            (8, _) => "Request%20is%20larger%20than%20the%20limit.",
            (13, _) => "Request%20does%20not%20decode.",
            (14, _) => "Authorization%20is%20not%20available%20at%20the%20moment.",
            (code, reason) => panic!("no text for {code} {reason}"),
        }
    }
}
