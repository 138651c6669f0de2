/** `providerConfig`: what somebody configured about clouds. Keys are flat, `cloud.key` or `cloud.key.type`. */
import { nearest } from '../expand/policy/nearest.ts';
import { type Parsed, parseDuration, parseSize, parseSwitch } from '../expand/settings/settings.ts';

interface CloudLookups {
  /** Ask the cloud about exact types and modifications. */
  readonly lookups: boolean;
  /** By type, lower case; bytes. */
  readonly maxSizes: ReadonlyMap<string, bigint>;
}

export interface ProviderOptions {
  readonly aws: CloudLookups & {
    readonly modificationsPerDay: number;
    readonly modificationIntervalMs: number;
    /** Empty: from the environment, else from the instance. */
    readonly region: string;
    /** Empty: from the environment. */
    readonly profile: string;
    /** Empty: AWS's own. */
    readonly ec2Endpoint: string;
    readonly stsEndpoint: string;
  };
  readonly gcp: CloudLookups & {
    readonly modificationIntervalMs: number;
    readonly growHyperdiskMl: boolean;
    readonly computeEndpoint: string;
  };
  readonly azure: CloudLookups & {
    readonly roundToTiers: boolean;
    readonly growPast4TiB: boolean;
    readonly managementEndpoint: string;
  };
  readonly lookups: {
    readonly timeoutMs: number;
    /** How long an answer counts. */
    readonly maxAgeMs: number;
    /** Requests, of each cloud. */
    readonly perSecond: number;
  };
}

function parseCount(text: string): Parsed<number> {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= 1_000
    ? { ok: true, value }
    : { ok: false, reason: 'must be a whole number from 1 to 1000' };
}

function parsePause(text: string): Parsed<number> {
  const duration = parseDuration(text);
  if (!duration.ok || duration.value >= 100) return duration;
  return { ok: false, reason: 'must be a duration of at least 100ms' };
}

function parseEndpoint(text: string): Parsed<string> {
  // A token sent without TLS is everybody's; only this machine may be asked so.
  const safe = /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::|\/?$))/.test(text);
  if (text === '' || (safe && /^https?:\/\/[^/\s@]+\/?$/.test(text) && URL.canParse(text))) {
    return { ok: true, value: text.replace(/\/$/, '') };
  }
  return {
    ok: false,
    reason: 'must be an https address without a path, for example "https://ec2.eu-west-1.amazonaws.com", or empty',
  };
}

function parseWord(text: string): Parsed<string> {
  return /^[\w.-]{0,128}$/.test(text) ? { ok: true, value: text } : { ok: false, reason: 'must be a single word' };
}

interface OptionRow<T> {
  readonly key: string;
  readonly fallback: string;
  readonly parse: (text: string) => Parsed<T>;
  readonly description: string;
}

const row = <T>(
  key: string,
  fallback: string,
  parse: (text: string) => Parsed<T>,
  description: string,
): OptionRow<T> => ({
  key,
  fallback,
  parse,
  description,
});

const rows = {
  awsLookups: row(
    'aws.lookups',
    'false',
    parseSwitch,
    'Ask EC2 for exact types and modifications (needs the role of `deploy/iam/aws-lookups.json`).',
  ),
  awsPerDay: row('aws.modificationsPerDay', '4', parseCount, 'Modifications of an EBS volume in any 24 hours.'),
  awsInterval: row(
    'aws.modificationInterval',
    '6h',
    parseDuration,
    'Least time between two modifications of an EBS volume, and the cooldown of claims on AWS where nothing else is set.',
  ),
  awsRegion: row(
    'aws.region',
    '',
    parseWord,
    'Region of the volumes; empty = from `AWS_REGION`, the profile or the instance.',
  ),
  awsProfile: row(
    'aws.profile',
    '',
    parseWord,
    'Profile in the shared configuration; empty = `AWS_PROFILE`, else `default`.',
  ),
  ec2Endpoint: row(
    'aws.ec2Endpoint',
    '',
    parseEndpoint,
    'Address of EC2; empty = that of the region. For VPC endpoints.',
  ),
  stsEndpoint: row('aws.stsEndpoint', '', parseEndpoint, 'Address of STS; empty = that of the region.'),
  gcpLookups: row(
    'gcp.lookups',
    'false',
    parseSwitch,
    'Ask Compute Engine for exact types (needs the role of `deploy/iam/gcp-lookups.yaml`).',
  ),
  gcpInterval: row(
    'gcp.modificationInterval',
    '4h',
    parseDuration,
    'Least time between two modifications of a Hyperdisk volume.',
  ),
  hyperdiskMl: row('gcp.growHyperdiskMl', 'false', parseSwitch, 'Grow Hyperdisk ML volumes too.'),
  computeEndpoint: row('gcp.computeEndpoint', '', parseEndpoint, 'Address of Compute Engine; empty = Google’s own.'),
  azureLookups: row(
    'azure.lookups',
    'false',
    parseSwitch,
    'Ask Azure Resource Manager for exact types (needs the role of `deploy/iam/azure-lookups.json`).',
  ),
  roundToTiers: row('azure.roundToTiers', 'true', parseSwitch, 'Grow up to the next size at which the price changes.'),
  past4TiB: row(
    'azure.growPast4TiB',
    'false',
    parseSwitch,
    'Let disks grow past 4 TiB, though Azure wants them detached for that.',
  ),
  managementEndpoint: row(
    'azure.managementEndpoint',
    '',
    parseEndpoint,
    'Address of Azure Resource Manager; empty = that of the public cloud.',
  ),
  timeout: row('lookups.timeout', '5s', parsePause, 'How long one question to a cloud may take.'),
  maxAge: row(
    'lookups.maxAge',
    '10m',
    parsePause,
    'How long an answer of a cloud counts; 36 times as long for Google Cloud and Azure, which tell types and sizes only.',
  ),
  perSecond: row('lookups.perSecond', '2', parseCount, 'Questions per second to each cloud.'),
} as const;

/** For the reference page. */
export const optionRows: readonly Pick<OptionRow<unknown>, 'key' | 'fallback' | 'description'>[] = [
  ...Object.values(rows),
  ...['aws', 'gcp', 'azure'].map((cloud) => ({
    key: `${cloud}.maxSize.TYPE`,
    fallback: '',
    description: 'Largest size of a volume of that type, where it is less than the table says.',
  })),
];

const MAX_SIZE = /^(aws|gcp|azure)\.maxSize\.([\w-]{1,64})$/;

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: ProviderOptions }
  | { readonly kind: 'invalid' /** One sentence each. */; readonly problems: readonly string[] };

function unknown(key: string, known: readonly string[]): string {
  const part = key.split('.')[0] ?? '';
  const alike = optionRows.filter((each) => each.key.startsWith(`${part}.`)).map((each) => each.key);
  const accepted =
    alike.length > 0 ? `accepted of ${part} are ${alike.join(', ')}` : 'keys begin with aws, gcp, azure or lookups';
  return `unknown key "${key}" (providerConfig): did you mean "${nearest(key, known) ?? ''}"? (${accepted})`;
}

/** `given`: flat keys of `providerConfig`. */
export function parseProviderOptions(given: Readonly<Record<string, string>>): ParsedOptions {
  const problems: string[] = [];
  const known = new Set(Object.values(rows).map(({ key }) => key));
  for (const key of Object.keys(given)) {
    if (known.has(key) || MAX_SIZE.test(key)) continue;
    problems.push(unknown(key, [...known]));
  }
  const read = <T>({ key, fallback, parse }: OptionRow<T>): T => {
    const text = given[key] ?? fallback;
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    problems.push(`providerConfig ${key} is ${JSON.stringify(text)} and ${parsed.reason}`);
    return need(parse, fallback);
  };
  const sizes = (cloud: string): ReadonlyMap<string, bigint> => maxSizes(given, cloud, problems);
  const options: ProviderOptions = {
    aws: {
      lookups: read(rows.awsLookups),
      maxSizes: sizes('aws'),
      modificationsPerDay: read(rows.awsPerDay),
      modificationIntervalMs: read(rows.awsInterval),
      region: read(rows.awsRegion),
      profile: read(rows.awsProfile),
      ec2Endpoint: read(rows.ec2Endpoint),
      stsEndpoint: read(rows.stsEndpoint),
    },
    gcp: {
      lookups: read(rows.gcpLookups),
      maxSizes: sizes('gcp'),
      modificationIntervalMs: read(rows.gcpInterval),
      growHyperdiskMl: read(rows.hyperdiskMl),
      computeEndpoint: read(rows.computeEndpoint),
    },
    azure: {
      lookups: read(rows.azureLookups),
      maxSizes: sizes('azure'),
      roundToTiers: read(rows.roundToTiers),
      growPast4TiB: read(rows.past4TiB),
      managementEndpoint: read(rows.managementEndpoint),
    },
    lookups: { timeoutMs: read(rows.timeout), maxAgeMs: read(rows.maxAge), perSecond: read(rows.perSecond) },
  };
  return problems.length === 0 ? { kind: 'options', options } : { kind: 'invalid', problems };
}

function need<T>(parse: (text: string) => Parsed<T>, fallback: string): T {
  const parsed = parse(fallback);
  if (!parsed.ok) throw new TypeError(`a default that cannot be read: ${fallback}`);
  return parsed.value;
}

function maxSizes(
  given: Readonly<Record<string, string>>,
  cloud: string,
  problems: string[],
): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  for (const [key, text] of Object.entries(given)) {
    const [, owner, type = ''] = MAX_SIZE.exec(key) ?? [];
    if (owner !== cloud) continue;
    const size = parseSize(text);
    if (size.ok) found.set(type.toLowerCase(), size.value);
    else problems.push(`providerConfig ${key} is ${JSON.stringify(text)} and ${size.reason}`);
  }
  return found;
}

const built = parseProviderOptions({});
if (built.kind === 'invalid') throw new TypeError(built.problems.join('; '));
export const defaultProviderOptions: ProviderOptions = built.options;
