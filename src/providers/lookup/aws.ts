/** What EC2 says about volumes: type, size, and the last modification of each. */
import { z } from 'zod';
import type { Modification } from '../../expand/provider.ts';
import { GIB } from '../driver-row.ts';
import type { VolumeFacts } from '../lookup.ts';
import type { ProviderOptions } from '../options.ts';
import { LookupError } from '../registry.ts';
import { awsIdentity, awsProfile, regional } from './aws-credentials.ts';
import { instanceRegion } from './aws-instance.ts';
import { askAws } from './aws-request.ts';
import type { World } from './question.ts';

const VERSION = '2016-11-15';
/** Pages of one question; 100 volumes fill one. */
const MOST_PAGES = 20;

export type AskAboutVolumes = (
  handles: readonly string[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, VolumeFacts>>;

export function awsVolumes(world: World, options: ProviderOptions['aws']): AskAboutVolumes {
  let region: string | undefined;
  const place = async (): Promise<string> => {
    region ??= await regionOf(world, options);
    return region;
  };
  const identity = awsIdentity(world, options, place);
  return async (handles, signal) => {
    const credentials = await identity.credentials(signal);
    const at = await place();
    const endpoint = options.ec2Endpoint || world.env['AWS_ENDPOINT_URL_EC2'] || regional('ec2', at);
    const question = { endpoint, region: at, service: 'ec2', version: VERSION, credentials } as const;
    const pages = (action: string): Promise<readonly unknown[]> =>
      allPages((parameters) => askAws(world, { ...question, action, parameters }, signal), filtered(handles));
    const volumes = (await pages('DescribeVolumes')).flatMap((page) => parsed(volumePage, page));
    const modifications = (await pages('DescribeVolumesModifications')).flatMap((page) =>
      parsed(modificationPage, page),
    );
    const newest = newestOf(modifications);
    return new Map(
      volumes.map(({ volumeId, size, volumeType }) => [
        volumeId,
        { type: volumeType, sizeBytes: BigInt(size) * GIB, modification: newest.get(volumeId), shared: false },
      ]),
    );
  };
}

async function regionOf(world: World, options: ProviderOptions['aws']): Promise<string> {
  const { env } = world;
  const said = options.region || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  const found = said || (await awsProfile(world, options))?.['region'] || (await instanceRegion(world));
  if (found && /^[a-z0-9-]+$/.test(found)) return found;
  throw new LookupError('LARDER_LOOKUP_CREDENTIALS', 'the region of AWS is not known: set providerConfig aws.region');
}

/** A filter passes over what does not exist; `VolumeId.N` would refuse the whole question for one volume that is gone. */
function filtered(handles: readonly string[]): Readonly<Record<string, string>> {
  const values = handles.map((handle, index) => [`Filter.1.Value.${index + 1}`, handle]);
  return { 'Filter.1.Name': 'volume-id', ...Object.fromEntries(values) };
}

const token = z.looseObject({ nextToken: z.string().optional() });

async function allPages(
  page: (parameters: Readonly<Record<string, string>>) => Promise<unknown>,
  parameters: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const pages: unknown[] = [];
  let next: string | undefined;
  do {
    const answer = await page(next === undefined ? parameters : { ...parameters, NextToken: next });
    pages.push(answer);
    next = token.safeParse(answer).data?.nextToken;
  } while (next && pages.length < MOST_PAGES);
  return pages;
}

/** An empty set is an empty text in XML. */
const itemsOf = <T extends z.ZodType>(item: T) =>
  z.union([z.literal('').transform(() => []), z.looseObject({ item: z.array(item) }).transform((set) => set.item)]);

const volumePage = z
  .looseObject({
    volumeSet: itemsOf(
      z.looseObject({ volumeId: z.string(), size: z.string().regex(/^\d+$/), volumeType: z.string() }),
    ),
  })
  .transform(({ volumeSet }) => volumeSet);

const modificationPage = z
  .looseObject({
    volumeModificationSet: itemsOf(
      z.looseObject({
        volumeId: z.string(),
        modificationState: z.string().optional(),
        progress: z.string().optional(),
        startTime: z.iso.datetime({ offset: true }).optional(),
      }),
    ),
  })
  .transform((page) => page.volumeModificationSet);

function parsed<T>(schema: z.ZodType<readonly T[]>, page: unknown): readonly T[] {
  const read = schema.safeParse(page);
  if (read.success) return read.data;
  const what = z.prettifyError(read.error).replace(/\s+/g, ' ');
  throw new LookupError('LARDER_LOOKUP_MALFORMED', `EC2: the answer lacks what its documentation promises: ${what}`);
}

/** `modifying` and `optimizing` keep others out; `completed` and `failed` do not. Source: API_VolumeModification, 2026-11. */
const SETTLED = ['completed', 'failed'];

function newestOf(
  rows: readonly {
    volumeId: string;
    modificationState?: string | undefined;
    progress?: string | undefined;
    startTime?: string | undefined;
  }[],
): ReadonlyMap<string, Modification> {
  const newest = new Map<string, Modification>();
  for (const { volumeId, modificationState: state, progress, startTime } of rows) {
    // A volume that was never modified has a row without times.
    if (!state || !startTime) continue;
    const at = Date.parse(startTime);
    const settled = SETTLED.includes(state);
    const before = newest.get(volumeId);
    if (before && before.at >= at) continue;
    newest.set(volumeId, {
      at,
      state: settled || !progress ? state : `${state}, ${progress} %`,
      settled,
      source: 'ec2:DescribeVolumesModifications',
    });
  }
  return newest;
}
