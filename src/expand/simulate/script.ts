import { kinds, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { formatQuantity } from '../../kube/quantity.ts';
import type { Providers } from '../provider.ts';
import { type ResolvedConfiguration, resolveConfiguration } from '../settings/configuration.ts';
import { ANNOTATION_PREFIX } from '../settings/settings.ts';
import type { Curve } from './curve.ts';
import { type Cast, type Script, UNKNOWN_CLASS } from './play.ts';
import type { Scenario, ScenarioClaim } from './scenario.ts';
import { curveFor, type UsageShape } from './usage-shape.ts';

/**
 * What a scenario says, ready to be played. `problems`: what its configuration says that cannot be read.
 * `providersFor`: the providers as that configuration has them; what it throws is thrown.
 */
export function scriptOf(
  scenario: Scenario,
  providersFor: (configuration: ResolvedConfiguration) => Providers,
):
  | { readonly kind: 'script'; readonly script: Script }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] } {
  const resolved = resolveConfiguration({ flags: {}, env: {}, file: scenario.configuration });
  if (resolved.kind === 'invalid')
    return { kind: 'invalid', problems: resolved.problems.map(({ message }) => message) };
  return {
    kind: 'script',
    script: {
      objects: scenario.objects,
      configuration: resolved,
      providers: providersFor(resolved),
      stage: stageOf(scenario, resolved),
      cast: scenario.claims.map((claim, index) => castOf(claim, scenario, index)),
    },
  };
}

function stageOf({ start, duration, measuredEvery, resizeTakes }: Scenario, { values }: ResolvedConfiguration) {
  return {
    from: start,
    to: start + duration,
    everyMs: measuredEvery ?? values.watchInterval,
    resizeMs: resizeTakes,
  };
}

function castOf(claim: ScenarioClaim, { start, duration, seed }: Scenario, index: number): Cast {
  const span = { from: start, to: start + duration };
  const shape = shapeOf(claim);
  const alike = shape.jitter === 0;
  const shared: Curve | undefined = alike ? curveFor(shape, span, seed) : undefined;
  return {
    object: objectOf(claim),
    takes: (function* () {
      for (let take = 0; take < claim.count; take += 1) {
        const name = claim.count === 1 ? claim.name : `${claim.name}-${take}`;
        yield { name, curve: shared ?? curveFor(shape, span, seed + index * 7_919 + take) };
      }
    })(),
  };
}

function shapeOf({ usage }: ScenarioClaim): UsageShape {
  return {
    start: usage.start,
    perMs: usage.growth,
    daily: usage.daily,
    jitter: usage.jitter,
    bursts: usage.bursts.map(({ at, add = 0, remove = 0, over }) => ({ atMs: at, bytes: add - remove, overMs: over })),
  };
}

/** Bound, with what it asks for. */
function objectOf({
  name,
  namespace,
  size,
  storageClassName,
  labels,
  annotations,
  settings,
}: ScenarioClaim): PersistentVolumeClaim {
  const storage = formatQuantity(size);
  const prefixed = Object.entries(settings).map(([key, value]) => [ANNOTATION_PREFIX + key, value]);
  return kinds.PersistentVolumeClaim.project({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      uid: `${namespace}/${name}`,
      resourceVersion: '1',
      labels,
      annotations: { ...annotations, ...Object.fromEntries(prefixed) },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClassName ?? UNKNOWN_CLASS,
      volumeName: `pv-${name}`,
      resources: { requests: { storage } },
    },
    status: { phase: 'Bound', capacity: { storage } },
  });
}
