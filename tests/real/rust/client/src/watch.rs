//! What the SDK tells of a worker's calls: its metrics, and its log.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use temporalio_client::ConnectionOptions;
use temporalio_common::telemetry::{
    CoreLog, CoreLogConsumer, Logger, PrometheusExporterOptions, TaskQueueLabelStrategy, TelemetryOptions,
    metrics::{CoreMeter, NewAttributes, TemporalMeter},
    start_prometheus_metric_exporter,
};

use crate::http;

/// The count of calls by `operation`; long polls are apart from the others.
pub const CALLS: [&str; 2] = ["request", "long_request"];
/// The same of calls that failed, with their `status_code`.
pub const FAILED_CALLS: [&str; 2] = ["request_failure", "long_request_failure"];

// A retried call that fails for the first time is only worth a debug line to the SDK.
const FILTER: &str = "warn,temporalio_client::retry=debug";

/// The metrics page and the log of one worker.
#[derive(Debug)]
pub struct Watch {
    address: SocketAddr,
    meter: Arc<dyn CoreMeter>,
    log: Arc<Log>,
}

impl Watch {
    /// Serves the metrics page on the current runtime; `name` goes before each line of the log on stderr.
    pub fn start(name: &str) -> Result<Self> {
        let options = PrometheusExporterOptions::builder().socket_addr(SocketAddr::from(([127, 0, 0, 1], 0))).build();
        let server = start_prometheus_metric_exporter(options)?;
        Ok(Self {
            address: server.bound_addr,
            meter: server.meter,
            log: Arc::new(Log { name: name.to_owned(), lines: Mutex::default() }),
        })
    }

    /// Options that send a runtime's log and metrics here.
    pub fn telemetry(&self) -> TelemetryOptions {
        TelemetryOptions::builder()
            .metrics(self.meter.clone())
            .logging(Logger::Push { filter: FILTER.to_owned(), consumer: self.log.clone() })
            .build()
    }

    /// Counts the calls of the connection that these options make.
    pub fn count_calls(&self, options: &mut ConnectionOptions) {
        options.metrics_meter =
            Some(TemporalMeter::new(self.meter.clone(), NewAttributes::from([]), TaskQueueLabelStrategy::UseNormal));
    }

    /// The sum of the counters named so that have all of these labels, each written as `name="value"`.
    pub async fn sum(&self, counters: &[&str], labels: &[&str]) -> Result<f64> {
        let page = http::get(&format!("http://{}/metrics", self.address)).await?;
        let values = page.lines().filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            let (counter, rest) = series.split_once('{')?;
            let wanted = counters.contains(&counter) && labels.iter().all(|label| rest.contains(label));
            wanted.then(|| value.parse::<f64>().ok()).flatten()
        });
        Ok(values.sum())
    }

    /// How many calls of `operation` were refused with PERMISSION_DENIED.
    pub async fn refused(&self, operation: &str) -> Result<f64> {
        let operation = format!("operation=\"{operation}\"");
        self.sum(&FAILED_CALLS, &[&operation, "status_code=\"PERMISSION_DENIED\""]).await
    }

    /// The warnings and the failed calls that the SDK logged, oldest first.
    pub fn log(&self) -> Vec<String> {
        let lines = self.log.lines.lock();
        lines.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Debug)]
struct Log {
    name: String,
    lines: Mutex<Vec<String>>,
}

impl CoreLogConsumer for Log {
    fn on_log(&self, log: CoreLog) {
        let error = log.fields.get("error").map(ToString::to_string);
        let line = format!("{} {} {}", log.level, log.message, error.unwrap_or_default());
        eprintln!("{}: {line}", self.name);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }
}
