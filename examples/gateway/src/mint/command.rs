//! The command: from arguments to a token.

use std::{
    fmt,
    io::Write,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Map, Value, json};

use super::{key_dir, lifetime::Lifetime, permission, signer::SigningAlgorithm};

/// Claims that `--claim-name` cannot take: they have a meaning of their own (RFC 7519, section 4.1).
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Arguments of `temporal-gateway mint`.
#[derive(Args, Clone, Debug)]
pub struct MintArgs {
    /// Directory with the signing key. Created with a new key if there is none. Required.
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,

    /// Who the token is for: its `sub` claim, and the principal's name. Required.
    #[arg(long, value_name = "NAME")]
    pub subject: String,

    /// Role in a Namespace, as `<namespace>:<role>`. The role is read, write, worker or admin. For the whole system
    /// write `temporal-system:<role>`. Can be passed multiple times.
    #[arg(long = "permission", value_name = "NAMESPACE:ROLE")]
    pub permissions: Vec<String>,

    /// Service that the token is meant for: its `aud` claim. Needed when the server has an audience configured.
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Option<String>,

    /// Who made the token: its `iss` claim.
    #[arg(long, value_name = "ISSUER")]
    pub issuer: Option<String>,

    /// Time until the token expires. Units are s, m, h and d, as in 90s, 15m, 1h30m or 30d.
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    pub lifetime: Lifetime,

    /// Name of the claim that holds the permissions: the server's `permissionsClaimName`.
    #[arg(long, value_name = "NAME", default_value = "permissions")]
    pub claim_name: String,

    /// Algorithm of a new key. RS256 if not given. An existing key keeps its own.
    #[arg(long, value_name = "ALGORITHM", ignore_case = true)]
    pub algorithm: Option<SigningAlgorithm>,
}

/// A token, and what to tell the person who asked for it.
pub struct Minted {
    /// The token, without `Bearer `.
    pub token: String,
    /// What was written, and warnings: a line each.
    pub notes: Vec<String>,
}

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minted").field("notes", &self.notes).finish_non_exhaustive()
    }
}

/// Mints a token now: the token and a line break to `out`, notes to standard error.
///
/// # Errors
/// As [`mint`], or `out` cannot be written.
pub fn run(args: &MintArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let minted = mint(args, SystemTime::now())?;
    let mut notes = std::io::stderr().lock();
    for note in &minted.notes {
        writeln!(notes, "{note}")?;
    }
    writeln!(out, "{}", minted.token)?;
    Ok(())
}

/// Mints a token issued at `now`, making key and key set if there are none.
///
/// # Errors
/// The key directory cannot be read or written, its key is unusable, open to others, or of another algorithm than the
/// one asked for; the subject is empty; `claim_name` is empty or a registered claim.
pub fn mint(args: &MintArgs, now: SystemTime) -> anyhow::Result<Minted> {
    if args.subject.is_empty() {
        bail!("--subject is empty: Temporal refuses a token without a subject");
    }
    if args.claim_name.is_empty() || REGISTERED.contains(&args.claim_name.as_str()) {
        bail!("--claim-name {:?} cannot hold permissions", args.claim_name);
    }
    let mut notes = Vec::new();
    let signer = key_dir::open(&args.keys, args.algorithm, &mut notes)?;
    let warnings = args.permissions.iter().flat_map(|text| permission::warnings(text));
    notes.extend(warnings.map(|warning| format!("warning: {warning}")));
    if args.permissions.is_empty() {
        notes.push("warning: no --permission given: the token grants nothing".to_owned());
    }
    let token = signer.sign(&claims(args, now)?).context("signing the token")?;
    Ok(Minted { token, notes })
}

fn claims(args: &MintArgs, now: SystemTime) -> anyhow::Result<Map<String, Value>> {
    let issued = now.duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs();
    let expires = issued.saturating_add(args.lifetime.as_secs());
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(args.subject));
    claims.insert("iat".to_owned(), json!(issued));
    claims.insert("exp".to_owned(), json!(expires));
    claims.insert(args.claim_name.clone(), json!(args.permissions));
    for (name, value) in [("aud", &args.audience), ("iss", &args.issuer)] {
        if let Some(value) = value {
            claims.insert(name.to_owned(), json!(value));
        }
    }
    Ok(claims)
}
