/** An export more closely than its row says: how it answered over the last day, and who has volumes on it. Pure. */
import { z } from 'zod';
import type { PersistentVolume } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import type { ExportDescription } from '../../provision/storage.ts';
import { addressOf, claimKeyOf, isOurs, locate } from '../../provision/volume.ts';
import type { ExportLooks } from '../export-looks.ts';

const bytes = z.string().regex(/^\d*$/);

export const exportDetail = z.object({
  /** As the row has it. */
  name: z.string(),
  /** Stretches of five minutes, oldest first; `at` epoch ms, `slowestMs` 0 where nothing answered. */
  steps: z.array(
    z.object({ at: z.number(), looks: z.number(), missed: z.number(), slowestMs: z.number(), freeBytes: bytes }),
  ),
  /** Newest first; `at` epoch ms. */
  changes: z.array(z.object({ at: z.number(), up: z.boolean(), problem: z.string() })),
  /** Those that ask for the most first. */
  users: z.array(
    z.object({
      /** Empty: of no claim. */
      namespace: z.string(),
      volumes: z.number(),
      requestedBytes: bytes,
      /** Of those that were measured; empty when none was. */
      usedBytes: bytes,
    }),
  ),
});
export type ExportDetail = z.infer<typeof exportDetail>;

export interface ExportDetailInput {
  readonly description: ExportDescription;
  readonly looks: ExportLooks;
  readonly volumes: Iterable<PersistentVolume>;
  readonly exports: readonly ExportDescription[];
  readonly provisionerNames: readonly string[];
  /** Undefined: not measured. */
  readonly usedBytesOf: (claimKey: string, volume: string) => bigint | undefined;
}

export function exportDetailOf(input: ExportDetailInput): ExportDetail {
  const { steps, changes } = input.looks;
  return {
    name: addressOf(input.description),
    steps: steps.map(({ freeBytes, slowestMs, ...step }) => ({
      ...step,
      slowestMs: Math.ceil(slowestMs),
      freeBytes: freeBytes?.toString() ?? '',
    })),
    changes: [...changes],
    users: usersOf(input),
  };
}

interface User {
  volumes: number;
  requested: bigint;
  used: bigint | undefined;
}

function usersOf({ description, volumes, exports, provisionerNames, usedBytesOf }: ExportDetailInput) {
  const users = new Map<string, User>();
  for (const volume of volumes) {
    if (!isOurs(volume, provisionerNames)) continue;
    const location = locate(volume, exports);
    if (location.kind !== 'at' || location.export !== description) continue;
    const namespace = volume.spec.claimRef?.namespace ?? '';
    const user = users.get(namespace) ?? { volumes: 0, requested: 0n, used: undefined };
    const used = usedBytesOf(claimKeyOf(volume), volume.metadata.name);
    user.volumes += 1;
    user.requested += bytesOf(volume.spec.capacity['storage']) ?? 0n;
    if (used !== undefined) user.used = (user.used ?? 0n) + used;
    users.set(namespace, user);
  }
  const sorted = [...users].sort(([, one], [, other]) => Number(other.requested - one.requested));
  return sorted.map(([namespace, { volumes: count, requested, used }]) => ({
    namespace,
    volumes: count,
    requestedBytes: requested.toString(),
    usedBytes: used?.toString() ?? '',
  }));
}
