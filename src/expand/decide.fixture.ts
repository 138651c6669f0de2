/** Inputs for decisions, for tests and benches: a quiet, managed claim of 10Gi unless told otherwise. */
import { claimOf } from './claim.ts';
import type { Constraints } from './constraints.ts';
import type { DecideInput } from './facts.ts';
import { emptyHistory } from './history.ts';
import { layersOf, resolvePolicy } from './policy/policy.ts';
import { portionOf } from './portion.ts';
import {
  type ConfigurationInput,
  configurationLayers,
  type ResolvedConfiguration,
  resolveConfiguration,
  rulesOf,
} from './settings/configuration.ts';
import { fieldsOfAnnotations } from './settings/settings.ts';
import type { Sample } from './usage/source.ts';

export const GIB = 1024n ** 3n;
export const MIB = 1024n ** 2n;
export const NOW = Date.UTC(2026, 0, 31, 12);
export const MINUTE = 60_000;

export function configured(input: Partial<ConfigurationInput> = {}): ResolvedConfiguration {
  const resolved = resolveConfiguration({ flags: {}, env: {}, file: undefined, ...input });
  if (resolved.kind === 'invalid') throw new TypeError(resolved.problems.map(({ message }) => message).join('\n'));
  return resolved;
}

export function sampleAt(at: number, usedRatio: number, over: Partial<Sample> = {}): Sample {
  const capacityBytes = over.capacityBytes ?? 10n * GIB;
  const usedBytes = portionOf(capacityBytes, usedRatio);
  return {
    at,
    capacityBytes,
    availableBytes: capacityBytes - usedBytes,
    usedBytes,
    inodes: { total: 655_360n, used: 1_000n },
    origin: 'kubelet',
    place: 'node worker-1',
    everyMs: MINUTE,
    abnormal: false,
    ...over,
  };
}

export const constraintsOf = (over: Partial<Constraints> = {}): Constraints => ({
  provider: 'generic',
  detectedBy: 'CSI driver topolvm.io',
  volume: { minSize: GIB, maxSize: undefined, stepSize: GIB, volumeType: '', modifications: undefined },
  expandable: { kind: 'yes' },
  storageClass: { name: 'fast', allowVolumeExpansion: true },
  pausedBy: undefined,
  quota: undefined,
  exportFree: undefined,
  ...over,
});

export interface SituationOptions {
  readonly index?: number;
  /** How many, a minute apart, the newest ten seconds old; default 3. */
  readonly samples?: number;
  readonly usedRatio?: number;
  readonly request?: string;
  readonly capacity?: string;
  /** Beside `enabled: "true"`. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly configuration?: ResolvedConfiguration;
  readonly over?: Partial<DecideInput>;
}

const defaultConfiguration = configured();

export function situationInput(options: SituationOptions = {}): DecideInput {
  const { index = 0, samples = 3, usedRatio = 0.5, request = '10Gi', capacity = request } = options;
  const configuration = options.configuration ?? defaultConfiguration;
  const annotations = { 'pvc-chonker.io/enabled': 'true', ...options.annotations };
  const claim = claimOf({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'default', name: `data-${index}`, uid: `uid-${index}`, resourceVersion: '1', annotations },
    spec: { resources: { requests: { storage: request } }, storageClassName: 'fast', volumeName: `pv-${index}` },
    status: { phase: 'Bound', capacity: { storage: capacity } },
  });
  const layers = layersOf({
    claim: { source: { level: 'claim', label: 'annotation' }, fields: fieldsOfAnnotations(annotations) },
    configuration: configurationLayers(configuration),
  });
  return {
    claim,
    samples: Array.from({ length: samples }, (_, back) =>
      sampleAt(NOW - 10_000 - (samples - 1 - back) * MINUTE, usedRatio, { capacityBytes: claim.capacityBytes }),
    ),
    sampleProblem: '',
    resolution: resolvePolicy(layers),
    constraints: constraintsOf(),
    history: emptyHistory,
    rules: rulesOf(configuration),
    settledAt: undefined,
    movingSince: undefined,
    now: NOW,
    ...options.over,
  };
}
