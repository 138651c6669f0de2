/** The metadata service of an EC2 instance, version 2: a session token first, then the questions. */
import { LookupError } from '../registry.ts';
import { ask, type World } from './question.ts';

const ADDRESS = 'http://169.254.169.254';
const what = 'instance metadata of AWS';
/** Seconds; the questions follow at once. */
const TOKEN_SECONDS = '60';

/** Undefined: there is no such service, or it was turned off. */
async function metadata(world: World, path: string, signal?: AbortSignal): Promise<string | undefined> {
  const { env } = world;
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined;
  const base = (env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || ADDRESS).replace(/\/$/, '');
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS };
  const token = await ask(world, { url: `${base}/latest/api/token`, method: 'PUT', headers, what }, signal).catch(
    nobody,
  );
  if (token?.status !== 200) return undefined;
  const asked = { url: `${base}${path}`, headers: { 'x-aws-ec2-metadata-token': token.text }, what };
  const answer = await ask(world, asked, signal);
  return answer.status === 200 ? answer.text : undefined;
}

/** Outside of EC2 nobody answers. */
function nobody(failure: unknown): undefined {
  if (failure instanceof LookupError) return undefined;
  throw failure;
}

const CREDENTIALS = '/latest/meta-data/iam/security-credentials/';

/** The document with the keys of the instance's role. */
export async function instanceCredentials(world: World, signal?: AbortSignal): Promise<string | undefined> {
  const role = (await metadata(world, CREDENTIALS, signal))?.trim().split('\n')[0];
  return role ? metadata(world, `${CREDENTIALS}${encodeURIComponent(role)}`, signal) : undefined;
}

export function instanceRegion(world: World, signal?: AbortSignal): Promise<string | undefined> {
  return metadata(world, '/latest/meta-data/placement/region', signal);
}
