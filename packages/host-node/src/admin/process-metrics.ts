/** Metrics of the process itself: CPU, memory, event loop, garbage collection. prom-client collects them. */
import {
  AggregatorRegistry,
  collectDefaultMetrics,
  type MetricObject,
  Registry,
} from "prom-client";

let registry: Registry | null = null;

/** One for the process, however many servers it runs: the library starts observers that it never stops. */
function ofProcess(): Registry {
  if (registry === null) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  }
  return registry;
}

/** In the text form of Prometheus. */
export function processMetrics(): Promise<string> {
  return ofProcess().metrics();
}

/** As data, to be sent to another process. */
export function processMetricObjects(): Promise<MetricObject[]> {
  return ofProcess().getMetricsAsJSON();
}

/** Those of several processes in one text: sums, and what the library takes for each of the others (averages, the earliest start). */
export function processMetricsOfAll(all: MetricObject[][]): Promise<string> {
  return AggregatorRegistry.aggregate(all).metrics();
}
