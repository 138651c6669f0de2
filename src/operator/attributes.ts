/** Parameters of VolumeAttributesClasses: read when a claim names one, and again after a while. Few clusters have any. */
import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';

export interface AttributesReader {
  /** Answers at once: undefined while it was not read yet, and when there is no such class. */
  parameters(name: string): Readonly<Record<string, string>> | undefined;
}

const MAX_AGE_MS = 5 * 60_000;

interface Entry {
  parameters: Readonly<Record<string, string>> | undefined;
  staleMono: number;
}

export function createAttributesReader({
  client,
  clock,
  log,
}: {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
}): AttributesReader {
  const entries = new Map<string, Entry>();

  const read = async (name: string, entry: Entry): Promise<void> => {
    try {
      const found = await client.get(kinds.VolumeAttributesClass, { name });
      entry.parameters = found.parameters ?? {};
    } catch (err) {
      entry.parameters = undefined;
      // No such class, or a cluster whose API does not serve the kind in v1: the class of the claim counts.
      if (!isKubeError(err, 'KUBE_NOT_FOUND')) log.warn({ name, err }, 'VolumeAttributesClass not read');
    }
  };

  return {
    parameters(name) {
      const mono = clock.monotonic();
      const entry = entries.get(name) ?? { parameters: undefined, staleMono: mono };
      entries.set(name, entry);
      if (mono >= entry.staleMono) {
        entry.staleMono = mono + MAX_AGE_MS;
        void read(name, entry);
      }
      return entry.parameters;
    },
  };
}
