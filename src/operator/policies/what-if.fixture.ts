/** Claims with a recorded month, for what-ifs. */
import assert from 'node:assert/strict';
import { resolveConfiguration } from '../../expand/settings/configuration.ts';
import type { RecordedClaim, RecordedPoint } from '../../expand/simulate/recording.ts';
import type { StorageClass } from '../../kube/kinds.ts';
import { createProviders } from '../../providers/index.ts';
import { type Clock, systemClock } from '../../telemetry/clock.ts';
import type { Recording } from '../record.ts';
import type { WhatIfParts } from './what-if.ts';

export const GI = 1024 ** 3;
const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const TO = Date.UTC(2026, 0, 31);
export const FROM = TO - 30 * DAY_MS;

export const claim = (name: string, labels: Record<string, string> = {}): RecordedClaim => ({
  ...{ namespace: 'shop', name, uid: name, storageClassName: 'fast', attributesClassName: '', request: '10Gi' },
  ...{ labels, annotations: {} },
});
/** From a tenth of 10Gi to a share of it, every hour. */
export const filling = (share: number): readonly RecordedPoint[] =>
  Array.from({ length: 30 * 24 }, (_, hour) => {
    const used = 10 * GI * (0.1 + (share - 0.1) * (hour / (30 * 24)));
    return [FROM + hour * HOUR_MS, used, 10 * GI];
  });

export interface World {
  readonly claims: readonly RecordedClaim[];
  readonly pointsOf: (name: string) => readonly RecordedPoint[];
  readonly policies?: readonly Record<string, unknown>[];
  readonly clock?: Clock;
  /** Of class `fast`. */
  readonly storage?: Pick<StorageClass, 'provisioner' | 'parameters'>;
}

export function partsOf({ claims, pointsOf, policies = [], clock = systemClock, ...world }: World): WhatIfParts {
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    ...(world.storage ?? { provisioner: 'example.com/none' }),
    allowVolumeExpansion: true,
  };
  const recording: Recording = {
    async recording({ from, to }) {
      const head = { larderRecording: 1, from, to, everyMs: 300_000, configuration: {} } as const;
      return { head, objects: [storageClass, ...policies], claims: [...claims] };
    },
    knows: () => true,
    async series({ name }) {
      return { points: pointsOf(name).map(([at, used, size]) => [at, used, size]), notes: [] };
    },
  };
  const configuration = resolveConfiguration({ flags: {}, env: {}, file: {} });
  assert.ok(configuration.kind !== 'invalid');
  return { recording, providers: createProviders(), configuration, clock };
}
