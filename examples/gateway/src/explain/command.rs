//! The command: from arguments to a verdict.

use std::{fmt, io::Write, path::PathBuf};

use clap::{ArgGroup, Args};
use temporal_interceptor::config::AuthorizationConfig;

use super::{credentials::Credentials, judgement::Judgement, method_name};

/// Arguments of `temporal-gateway explain`.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("credentials").args(["token", "token_file", "certificate"]).required(true).multiple(true)))]
pub struct ExplainArgs {
    /// Configuration file of the gateway. Required.
    #[arg(long, short = 'f', value_name = "FILE")]
    pub config: PathBuf,

    /// Token of the caller, with or without "Bearer". Pass "-" to read it from standard input, or an empty text for a
    /// caller without one. Other users of this machine can see arguments: prefer --token-file.
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    pub token: Option<TokenText>,

    /// File with the token of the caller.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// PEM file with the client certificate of the caller. It is taken as one that the handshake has verified. Can be
    /// passed along with a token.
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,

    /// Method that is called, such as StartWorkflowExecution, OperatorService/ListClusters or a full path
    /// /package.Service/Method. Required.
    #[arg(long, value_name = "METHOD")]
    pub method: String,

    /// Namespace that the request names.
    #[arg(long, short, value_name = "NAMESPACE", default_value = "")]
    pub namespace: String,
}

/// A token as an argument. Its `Debug` does not show it.
#[derive(Clone)]
pub struct TokenText(pub(super) String);

/// The answer, for the exit code: 0 for a call that is allowed, 1 for one that is denied, and 2 for an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The call is allowed.
    Allow,
    /// The call is denied.
    Deny,
}

/// Judges the call and writes to `out` each step and the verdict. Needs a tokio runtime around it.
///
/// # Errors
/// There is no verdict: the configuration, the token file or the certificate file cannot be used, the method is no
/// method path and no known name, or `out` cannot be written. Credentials that are not good are no error.
pub async fn run(args: &ExplainArgs, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let config = AuthorizationConfig::from_file(&args.config)?;
    let path = method_name::resolve(&args.method, &config.profile().methods)?;
    let credentials = Credentials::read(args)?;
    let judgement = Judgement::new(&config, &path, &args.namespace).await?;
    let (report, verdict) = judgement.of(&credentials).await;
    report.write(out)?;
    Ok(verdict)
}

impl From<String> for TokenText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenText({} bytes)", self.0.len())
    }
}
