//! `temporal-gateway`: an authorizing Temporal frontend.

use std::{
    future::Future,
    io::{self, IsTerminal, Write},
    num::NonZeroUsize,
    process::ExitCode,
    thread,
};

use clap::{Parser, Subcommand, ValueEnum};
use temporal_gateway::{
    check, demo,
    explain::{self, Verdict},
    methods, mint, protoset, serve,
};
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Puts Temporal's authorization in front of a Temporal server.
///
/// Without a command it starts an embedded default: an issuer, a Temporal frontend in memory and the gateway between
/// them. It makes calls as a dozen callers, prints what became of each, and goes on serving.
#[derive(Parser)]
#[command(name = "temporal-gateway", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    demo: demo::DemoArgs,

    /// Log format. JSON has one object a line.
    #[arg(long, global = true, value_enum, default_value = "text")]
    log_format: LogFormat,

    /// Log level: off, error, warn, info, debug or trace, or a filter as in `info,temporal_authz=debug`.
    #[arg(long, global = true, value_name = "LEVEL", value_parser = log_level)]
    log_level: Option<String>,

    /// Threads that serve calls. If not given, half of the processors: threads that wake each other cost a tenth of each call.
    #[arg(long, global = true, value_name = "NUMBER")]
    workers: Option<NonZeroUsize>,
}

#[derive(Subcommand)]
enum Command {
    /// Guard a Temporal server.
    Serve(serve::ServeArgs),
    /// Check a configuration file.
    Check(check::CheckArgs),
    /// Explain what a caller may do, step by step. Exit status 0 is allow, 1 deny, 2 an error.
    Explain(explain::ExplainArgs),
    /// List the methods, and who may call them.
    Methods(methods::MethodsArgs),
    /// Mint a token, with a key of your own.
    Mint(mint::MintArgs),
    /// Write the descriptors of Temporal's services, for grpcurl.
    Protoset(protoset::ProtosetArgs),
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let workers = cli.workers.map_or_else(half_of_the_processors, NonZeroUsize::get);
    match Builder::new_multi_thread().worker_threads(workers).enable_all().build() {
        Ok(runtime) => runtime.block_on(start(cli)),
        Err(error) => {
            let _ = writeln!(io::stderr(), "Error: cannot start {workers} threads: {error}");
            ExitCode::FAILURE
        }
    }
}

fn half_of_the_processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get).div_ceil(2)
}

async fn start(cli: Cli) -> ExitCode {
    // The one cryptographic provider of the process, whatever else is compiled in; an error means it is set already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let quiet = !matches!(cli.command, Some(Command::Serve(_)));
    let level = cli.log_level.as_deref().unwrap_or(if quiet { "warn" } else { "info" });
    log_to_stderr(cli.log_format, EnvFilter::new(level));
    let explaining = matches!(cli.command, Some(Command::Explain(_)));
    match run(cli).await {
        Ok(code) => code,
        // Who closes the pipe has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "Error: {error:#}");
            ExitCode::from(if explaining { 2 } else { 1 })
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    match cli.command {
        None => demo::run(&cli.demo, &mut out, stop()?).await?,
        Some(Command::Serve(args)) => serve::run(&args, stop()?).await?,
        Some(Command::Check(args)) => check::run(&args, &mut out).await?,
        Some(Command::Explain(args)) => {
            return Ok(match explain::run(&args, &mut out).await? {
                Verdict::Allow => ExitCode::SUCCESS,
                Verdict::Deny => ExitCode::from(1),
            });
        }
        Some(Command::Methods(args)) => methods::run(&args, &mut out)?,
        Some(Command::Mint(args)) => mint::run(&args, &mut out)?,
        Some(Command::Protoset(args)) => protoset::run(&args, &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Ends with the first SIGINT or SIGTERM; a second one ends the process at once.
fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            std::process::exit(0);
        });
    })
}

/// The text itself, if it is a filter: `EnvFilter::new` would take a misspelt one without a word.
fn log_level(text: &str) -> Result<String, tracing_subscriber::filter::ParseError> {
    EnvFilter::try_new(text).map(|_| text.to_owned())
}

fn log_to_stderr(format: LogFormat, filter: EnvFilter) {
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
