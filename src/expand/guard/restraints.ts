import type { Clock } from '../../telemetry/clock.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { metrics as declared } from '../registry.ts';
import type { ResolvedConfiguration } from '../settings/configuration.ts';
import type { ExpanderCaches } from '../view.ts';
import { Circuits } from './circuits.ts';
import { Spending } from './spending.ts';
import type { Restraints } from './survey.ts';

/** Budgets as the histories of all claims have them, from now on and for as long as the cache of claims lives. */
export function restraintsOf(
  options: { readonly clock: Clock; readonly configuration: ResolvedConfiguration; readonly caches: ExpanderCaches },
  metrics: Metrics<typeof declared>,
): Restraints {
  const { clock, configuration, caches } = options;
  const { values, origins } = configuration;
  const sourceOf = (key: string): string => `${key}, ${origins.find((origin) => origin.key === key)?.source ?? ''}`;
  const spending = new Spending({
    clock,
    namespace: { bytes: values.bytesPerNamespaceDay, source: sourceOf('bytesPerNamespaceDay') },
    cluster: { bytes: values.bytesPerClusterDay, source: sourceOf('bytesPerClusterDay') },
  });
  const rules = { failures: values.breakerFailures, probeMs: values.breakerProbe, patienceMs: values.stuckAfter };
  for (const claim of caches.claims.list()) spending.follow(claim);
  const circuits = new Circuits({ clock, rules, metrics });
  caches.claims.onChange(({ kind, key, object }) => {
    if (kind !== 'deleted') return spending.follow(object);
    spending.forget(key);
    circuits.forget(key);
  });
  return { spending, circuits };
}
