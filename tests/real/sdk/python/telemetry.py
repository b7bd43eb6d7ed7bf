"""What the SDK itself says about its calls: the metrics and warnings of a runtime of its own."""

import logging
from collections import Counter
from typing import Dict, List

from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    LogForwardingConfig,
    LoggingConfig,
    MetricBuffer,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)


def logging_to(logger: logging.Logger) -> LoggingConfig:
    """The SDK's core would write to the standard output otherwise, which is for the checks."""
    return LoggingConfig(
        filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(logger=logger),
    )


def default_runtime() -> Runtime:
    """A runtime for all that need no telemetry of their own: its warnings go where those of this program go."""
    return Runtime(telemetry=TelemetryConfig(logging=logging_to(logging.getLogger("temporalio.core"))))


class Telemetry(logging.Handler):
    """A runtime whose warnings and metrics are kept. A user would have them in the log and in Prometheus."""

    def __init__(self, name: str) -> None:
        super().__init__(logging.WARNING)
        self.warnings: List[str] = []
        self._counted: Counter = Counter()
        self._buffer = MetricBuffer(100_000)
        logger = logging.getLogger(f"telemetry.{name}")
        logger.propagate = False
        logger.addHandler(self)
        self.runtime = Runtime(telemetry=TelemetryConfig(logging=logging_to(logger), metrics=self._buffer))

    def emit(self, record: logging.LogRecord) -> None:
        self.warnings.append(record.getMessage())

    def count(self, metric: str) -> int:
        """The sum of a counter over all its attributes."""
        self._drain()
        return sum(n for (name, _), n in self._counted.items() if name == metric)

    def failures(self) -> Dict[str, int]:
        """Failed calls, polls included: how many by method and status code."""
        self._drain()
        failed: Counter = Counter()
        for (name, attributes), n in self._counted.items():
            if name in ("temporal_request_failure", "temporal_long_request_failure"):
                has = dict(attributes)
                failed[f"{has['operation']} {has['status_code']}"] += n
        return dict(failed)

    def _drain(self) -> None:
        for update in self._buffer.retrieve_updates():
            if update.metric.kind == BUFFERED_METRIC_KIND_COUNTER:
                self._counted[(update.metric.name, frozenset(update.attributes.items()))] += int(update.value)
