import type { MetricsRegistry } from '../metrics/registry.ts';
import type { EngineWatch } from './engineWatch.ts';

/** `ebap_engine_up{engine}` and `ebap_engine_degraded{engine}`, as the watch last saw the engines. */
export function registerEngineMetrics(metrics: MetricsRegistry, watch: EngineWatch): void {
  const family = (help: string, value: (state: 'up' | 'degraded' | 'down') => boolean) => ({
    type: 'gauge' as const,
    help,
    render: (name: string) =>
      watch.statuses().map(({ engine, state }) => `${name}{engine="${engine}"} ${value(state) ? 1 : 0}`),
  });
  metrics.add(
    'engine_up',
    family('Whether the engine answers.', (state) => state !== 'down'),
  );
  metrics.add(
    'engine_degraded',
    family('Whether the engine answers, and not all of it works.', (state) => state === 'degraded'),
  );
}
