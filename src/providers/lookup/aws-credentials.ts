/** Finds credentials for AWS as its own tools do, and keeps them until shortly before they end. */
import { z } from 'zod';
import type { ProviderOptions } from '../options.ts';
import { LookupError } from '../registry.ts';
import { instanceCredentials } from './aws-instance.ts';
import { type Profile, profileIn } from './aws-profile.ts';
import { askAws } from './aws-request.ts';
import { ask, excerpt, fileText, parseJson, type World } from './question.ts';
import type { AwsCredentials } from './signature.ts';

export interface TimedCredentials extends AwsCredentials {
  /** Epoch ms; undefined: they do not end. */
  readonly expiresAt: number | undefined;
}

export interface AwsIdentity {
  /** @throws LookupError LARDER_LOOKUP_CREDENTIALS when none are to be had. */
  credentials(signal?: AbortSignal): Promise<AwsCredentials>;
}

type AwsOptions = ProviderOptions['aws'];

/** Credentials that end sooner are renewed. */
const SPARE_MS = 5 * 60_000;

/** `region`: of the STS that is asked. */
export function awsIdentity(world: World, options: AwsOptions, region: () => Promise<string>): AwsIdentity {
  let held: TimedCredentials | undefined;
  return {
    async credentials(signal) {
      const ends = held?.expiresAt;
      if (held && (ends === undefined || ends - world.clock.now() > SPARE_MS)) return held;
      held = await found(world, { options, region }, signal);
      return held;
    },
  };
}

interface Around {
  readonly options: AwsOptions;
  readonly region: () => Promise<string>;
}

/** In the order of AWS's own tools; a profile that somebody configured for Larder comes first. */
async function found(world: World, around: Around, signal?: AbortSignal): Promise<TimedCredentials> {
  const named = around.options.profile !== '';
  const sources = named ? [fromProfile] : [fromEnvironment, fromProfile, fromWebIdentity, fromContainer, fromInstance];
  for (const source of sources) {
    const credentials = await source(world, around, signal);
    if (credentials) return credentials;
  }
  const looked = named
    ? `profile ${around.options.profile} has none`
    : 'looked at the environment, the shared configuration, web identity (IRSA), EKS Pod Identity and the instance';
  throw new LookupError('LARDER_LOOKUP_CREDENTIALS', `no credentials for AWS: ${looked}`);
}

async function fromEnvironment({ env }: World): Promise<TimedCredentials | undefined> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  return id && secret ? keys(id, secret, token) : undefined;
}

function keys(accessKeyId: string, secretAccessKey: string, token: string | undefined): TimedCredentials {
  return { accessKeyId, secretAccessKey, sessionToken: token || undefined, expiresAt: undefined };
}

/** The section of the profile in force, from both files; the credentials file is the stronger. */
export async function awsProfile(world: World, { profile }: AwsOptions): Promise<Profile | undefined> {
  const { env } = world;
  const name = profile || env['AWS_PROFILE'] || 'default';
  const home = env['HOME'] ?? '';
  const config = await fileText(world, env['AWS_CONFIG_FILE'] ?? `${home}/.aws/config`);
  const credentials = await fileText(world, env['AWS_SHARED_CREDENTIALS_FILE'] ?? `${home}/.aws/credentials`);
  const weaker = config === undefined ? undefined : profileIn(config, name);
  const stronger = credentials === undefined ? undefined : profileIn(credentials, name);
  return weaker || stronger ? { ...weaker, ...stronger } : undefined;
}

async function fromProfile(world: World, around: Around, signal?: AbortSignal): Promise<TimedCredentials | undefined> {
  const profile = await awsProfile(world, around.options);
  if (!profile) return undefined;
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = profile;
  if (id && secret) return keys(id, secret, token);
  const { role_arn: role, web_identity_token_file: file, role_session_name: session } = profile;
  return role && file ? assumed(world, around, { role, file, session: session ?? SESSION }, signal) : undefined;
}

const SESSION = 'larder';

/** IRSA: the token that EKS mounts into the pod, for a role. */
async function fromWebIdentity(
  world: World,
  around: Around,
  signal?: AbortSignal,
): Promise<TimedCredentials | undefined> {
  const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_SESSION_NAME: session } = world.env;
  return role && file ? assumed(world, around, { role, file, session: session || SESSION }, signal) : undefined;
}

const issued = z.looseObject({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  SessionToken: z.string().min(1),
  Expiration: z.iso.datetime({ offset: true }),
});
const assumedRole = z.looseObject({ AssumeRoleWithWebIdentityResult: z.looseObject({ Credentials: issued }) });

interface Role {
  readonly role: string;
  readonly file: string;
  readonly session: string;
}

async function assumed(
  world: World,
  { options, region }: Around,
  { role, file, session }: Role,
  signal?: AbortSignal,
): Promise<TimedCredentials> {
  const token = await fileText(world, file);
  if (token === undefined) {
    throw new LookupError('LARDER_LOOKUP_CREDENTIALS', `the web identity token ${file} cannot be read, or is empty`);
  }
  const place = await region();
  const answer = await askAws(
    world,
    {
      endpoint: options.stsEndpoint || world.env['AWS_ENDPOINT_URL_STS'] || regional('sts', place),
      region: place,
      service: 'sts',
      action: 'AssumeRoleWithWebIdentity',
      version: '2011-06-15',
      parameters: { RoleArn: role, RoleSessionName: session, WebIdentityToken: token },
      credentials: undefined,
    },
    signal,
  );
  const parsed = assumedRole.safeParse(answer);
  if (!parsed.success) {
    throw new LookupError('LARDER_LOOKUP_MALFORMED', 'STS AssumeRoleWithWebIdentity: no credentials in the answer');
  }
  return timed(parsed.data.AssumeRoleWithWebIdentityResult.Credentials);
}

export function regional(service: 'ec2' | 'sts', region: string): string {
  return `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function timed({ AccessKeyId, SecretAccessKey, SessionToken, Expiration }: z.output<typeof issued>): TimedCredentials {
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiresAt: Date.parse(Expiration),
  };
}

const containerKeys = z
  .looseObject({
    AccessKeyId: z.string().min(1),
    SecretAccessKey: z.string().min(1),
    Token: z.string().min(1),
    Expiration: z.iso.datetime({ offset: true }),
  })
  .transform(({ Token, ...rest }) => timed({ ...rest, SessionToken: Token }));

/** @throws LookupError */
function parseContainerKeys(text: string, what: string): TimedCredentials {
  const parsed = containerKeys.safeParse(parseJson(text, what));
  if (parsed.success) return parsed.data;
  throw new LookupError('LARDER_LOOKUP_MALFORMED', `${what}: no credentials in the answer`);
}

/** Where an address without TLS may lead: to this machine, and to the agents of ECS and EKS Pod Identity. */
const TRUSTED_HOSTS = ['localhost', '127.0.0.1', '[::1]', '169.254.170.2', '169.254.170.23', '[fd00:ec2::23]'];

/** EKS Pod Identity and ECS. */
async function fromContainer(world: World, _: Around, signal?: AbortSignal): Promise<TimedCredentials | undefined> {
  const { env } = world;
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url = env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] || (relative && `http://169.254.170.2${relative}`);
  if (!url) return undefined;
  const what = 'container credentials of AWS';
  if (!URL.canParse(url) || (!url.startsWith('https:') && !TRUSTED_HOSTS.includes(new URL(url).hostname))) {
    throw new LookupError('LARDER_LOOKUP_CREDENTIALS', `${what}: ${excerpt(url)} is neither https nor an agent of AWS`);
  }
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const token = (await fileText(world, file)) ?? env['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  const answer = await ask(world, { url, headers: token ? { authorization: token } : {}, what }, signal);
  if (answer.status === 200) return parseContainerKeys(answer.text, what);
  throw new LookupError('LARDER_LOOKUP_CREDENTIALS', `${what}: ${answer.status}: ${excerpt(answer.text)}`);
}

async function fromInstance(world: World, _: Around, signal?: AbortSignal): Promise<TimedCredentials | undefined> {
  const text = await instanceCredentials(world, signal);
  return text === undefined ? undefined : parseContainerKeys(text, 'instance metadata of AWS');
}
