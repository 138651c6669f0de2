/** What Compute Engine says about disks. */
import { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';
import { withDeadline } from '../../telemetry/clock.ts';
import { GIB } from '../driver-row.ts';
import type { VolumeFacts } from '../lookup.ts';
import type { ProviderOptions } from '../options.ts';
import { LookupError } from '../registry.ts';
import type { AskAboutVolumes } from './aws.ts';
import { jsonFailure } from './json-failure.ts';
import { ask, excerpt, parseJson, type World } from './question.ts';

const SCOPE = 'https://www.googleapis.com/auth/compute.readonly';
const COMPUTE = 'https://compute.googleapis.com';
const action = 'compute.disks.get';
/** `projects/P/zones/Z/disks/D`, regional disks with `regions/R`. What the driver could not tell is UNSPECIFIED. */
const HANDLE = /^projects\/[\w.:-]+\/(?:zones|regions)\/[\w-]+\/disks\/[\w-]+$/;

const disk = z.looseObject({ type: z.string(), sizeGb: z.string().regex(/^\d+$/) });

/** Application default credentials: a key file, Workload Identity Federation, or the metadata server of GKE. */
export function gcpVolumes(world: World, { computeEndpoint }: ProviderOptions['gcp']): AskAboutVolumes {
  // Without a project it would ask gcloud for one; a disk's name has its own.
  const auth = new GoogleAuth({ scopes: [SCOPE], projectId: 'none' });
  return async (handles, signal) => {
    const found = new Map<string, VolumeFacts>();
    for (const handle of handles) {
      if (!HANDLE.test(handle) || /UNSPECIFIED|\.\./.test(handle)) continue;
      const headers = { authorization: `Bearer ${await tokenOf(auth, world, signal)}` };
      const url = `${computeEndpoint || COMPUTE}/compute/v1/${handle}?fields=type,sizeGb`;
      const what = `Compute Engine ${handle}`;
      const answer = await ask(world, { url, headers, what }, signal);
      if (answer.status === 404) continue;
      if (answer.status !== 200) throw jsonFailure(answer, { what, action });
      const read = disk.safeParse(parseJson(answer.text, what));
      if (!read.success) throw new LookupError('LARDER_LOOKUP_MALFORMED', `${what}: ${excerpt(answer.text)}`);
      const { type, sizeGb } = read.data;
      const name = type.slice(type.lastIndexOf('/') + 1);
      found.set(handle, { type: name, sizeBytes: BigInt(sizeGb) * GIB, modification: undefined, shared: false });
    }
    return found;
  };
}

async function tokenOf(auth: GoogleAuth, { clock, timeoutMs }: World, signal: AbortSignal): Promise<string> {
  try {
    const token = await withDeadline(clock, 'a token of Google', timeoutMs, () => auth.getAccessToken(), signal);
    if (token) return token;
  } catch (cause) {
    if (signal.aborted) throw cause;
    const why = excerpt(cause instanceof Error ? cause.message : String(cause));
    throw new LookupError('LARDER_LOOKUP_CREDENTIALS', `no credentials for Google Cloud: ${why}`, { cause });
  }
  throw new LookupError('LARDER_LOOKUP_CREDENTIALS', 'no credentials for Google Cloud: the token is empty');
}
