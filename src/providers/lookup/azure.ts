/** What Azure Resource Manager says about disks. */
import { z } from 'zod';
import { GIB } from '../driver-row.ts';
import type { VolumeFacts } from '../lookup.ts';
import type { ProviderOptions } from '../options.ts';
import { LookupError } from '../registry.ts';
import type { AskAboutVolumes } from './aws.ts';
import { azureIdentity } from './azure-token.ts';
import { jsonFailure } from './json-failure.ts';
import { ask, excerpt, parseJson, type World } from './question.ts';

const MANAGEMENT = 'https://management.azure.com';
const action = 'Microsoft.Compute/disks/read';
const API_VERSION = '2023-10-02';
const HANDLE = /^\/subscriptions\/[\w-]+\/resourceGroups\/[\w().-]+\/providers\/Microsoft\.Compute\/disks\/[\w.-]+$/i;

const disk = z.looseObject({
  sku: z.looseObject({ name: z.string() }),
  properties: z.looseObject({ diskSizeGB: z.number().optional(), maxShares: z.number().optional() }),
});

export function azureVolumes(world: World, { managementEndpoint }: ProviderOptions['azure']): AskAboutVolumes {
  const identity = azureIdentity(world);
  return async (handles, signal) => {
    const found = new Map<string, VolumeFacts>();
    for (const handle of handles) {
      if (!HANDLE.test(handle) || handle.includes('..')) continue;
      const headers = { authorization: `Bearer ${await identity.token(signal)}` };
      const url = `${managementEndpoint || MANAGEMENT}${handle}?api-version=${API_VERSION}`;
      const what = `Azure disk ${handle.slice(handle.lastIndexOf('/') + 1)}`;
      const answer = await ask(world, { url, headers, what }, signal);
      if (answer.status === 404) continue;
      if (answer.status !== 200) throw jsonFailure(answer, { what, action });
      const read = disk.safeParse(parseJson(answer.text, what));
      if (!read.success) throw new LookupError('LARDER_LOOKUP_MALFORMED', `${what}: ${excerpt(answer.text)}`);
      const { sku, properties } = read.data;
      found.set(handle, {
        type: sku.name,
        sizeBytes: properties.diskSizeGB === undefined ? undefined : BigInt(properties.diskSizeGB) * GIB,
        modification: undefined,
        shared: (properties.maxShares ?? 1) > 1,
      });
    }
    return found;
  };
}
