/** A token for Azure Resource Manager: workload identity, a client secret, or the managed identity of the node. */
import { z } from 'zod';
import { LookupError } from '../registry.ts';
import { type Answer, ask, excerpt, fileText, parseJson, type World } from './question.ts';

export interface AzureIdentity {
  /** @throws LookupError LARDER_LOOKUP_CREDENTIALS when none is to be had. */
  token(signal?: AbortSignal): Promise<string>;
}

const RESOURCE = 'https://management.azure.com';
const AUTHORITY = 'https://login.microsoftonline.com';
const METADATA = 'http://169.254.169.254';
/** A token that ends sooner is renewed. */
const SPARE_MS = 5 * 60_000;

const granted = z.looseObject({
  access_token: z.string().min(1),
  // A number from the authority, a text from the metadata service.
  expires_in: z.union([z.number(), z.string().regex(/^\d+$/)]).transform(Number),
});

export function azureIdentity(world: World): AzureIdentity {
  let held: { readonly token: string; readonly endsMono: number } | undefined;
  return {
    async token(signal) {
      const mono = world.clock.monotonic();
      if (held && held.endsMono - mono > SPARE_MS) return held.token;
      const answer = await asked(world, signal);
      const what = 'a token of Azure';
      if (answer.status !== 200) throw new LookupError('LARDER_LOOKUP_CREDENTIALS', `${what}: ${refusal(answer)}`);
      const read = granted.safeParse(parseJson(answer.text, what));
      if (!read.success) throw new LookupError('LARDER_LOOKUP_MALFORMED', `${what}: not in the answer`);
      held = { token: read.data.access_token, endsMono: mono + read.data.expires_in * 1_000 };
      return held.token;
    },
  };
}

async function asked(world: World, signal?: AbortSignal): Promise<Answer> {
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_FEDERATED_TOKEN_FILE: file } = world.env;
  const secret = world.env['AZURE_CLIENT_SECRET'];
  if (tenant && client && file) {
    const assertion = await fileText(world, file);
    if (assertion === undefined) {
      throw new LookupError('LARDER_LOOKUP_CREDENTIALS', `the federated token ${file} cannot be read, or is empty`);
    }
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    return fromAuthority(
      world,
      { tenant, client },
      { client_assertion_type: type, client_assertion: assertion },
      signal,
    );
  }
  if (tenant && client && secret) return fromAuthority(world, { tenant, client }, { client_secret: secret }, signal);
  return fromInstance(world, client, signal);
}

function fromAuthority(
  world: World,
  { tenant, client }: { readonly tenant: string; readonly client: string },
  proof: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Answer> {
  const host = (world.env['AZURE_AUTHORITY_HOST'] || AUTHORITY).replace(/\/$/, '');
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client,
    scope: `${RESOURCE}/.default`,
    ...proof,
  }).toString();
  const url = `${host}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return ask(world, { url, method: 'POST', headers, body, what: 'a token of Azure' }, signal);
}

async function fromInstance(world: World, client: string | undefined, signal?: AbortSignal): Promise<Answer> {
  const base = (world.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] || METADATA).replace(/\/$/, '');
  const query = new URLSearchParams({
    'api-version': '2018-02-01',
    resource: `${RESOURCE}/`,
    ...(client ? { client_id: client } : {}),
  });
  const url = `${base}/metadata/identity/oauth2/token?${query}`;
  return ask(world, { url, headers: { metadata: 'true' }, what: 'managed identity of Azure' }, signal).catch(
    (cause) => {
      if (!(cause instanceof LookupError)) throw cause;
      const looked = 'looked for workload identity and a client secret in the environment, and for a managed identity';
      throw new LookupError('LARDER_LOOKUP_CREDENTIALS', `no credentials for Azure: ${looked}. ${cause.message}`, {
        cause,
      });
    },
  );
}

const refused = z.looseObject({ error: z.string().optional(), error_description: z.string().optional() });

function refusal({ status, text }: Answer): string {
  try {
    const { error = '', error_description: words = '' } = refused.parse(JSON.parse(text));
    return `${status}: ${error} ${excerpt(words)}`;
  } catch {
    return `${status}: ${excerpt(text)}`; // given up: its shape; the text says what it can
  }
}
