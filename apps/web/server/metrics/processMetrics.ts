import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type MetricsRegistry } from './registry.ts';

const NS_PER_S = 1e9;

/** Memory, CPU time and how late the event loop is. */
export function registerProcessMetrics(registry: MetricsRegistry): void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  registry.add('process_resident_memory_bytes', new Gauge('Resident memory.', () => process.memoryUsage.rss()));
  registry.add(
    'process_cpu_seconds',
    new Gauge('CPU time used since the start.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
  );
  registry.add(
    'process_event_loop_delay_p99_seconds',
    new Gauge('99th percentile of how late the event loop was since the last reading.', () => {
      const seconds = delay.percentile(99) / NS_PER_S;
      delay.reset();
      return Number.isFinite(seconds) ? seconds : 0;
    }),
  );
}
