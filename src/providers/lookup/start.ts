/** The look-ups that are configured. What a cloud needs is loaded when a volume of it is first asked about. */
import type { Log } from '../../telemetry/log.ts';
import type { Metrics, MetricsRegistry } from '../../telemetry/metrics.ts';
import type { CloudName, Lookups } from '../index.ts';
import type { Lookup, LookupState } from '../lookup.ts';
import type { ProviderOptions } from '../options.ts';
import { metrics as declared } from '../registry.ts';
import type { AskAboutVolumes } from './aws.ts';
import { createBackgroundLookup } from './background.ts';
import type { World } from './question.ts';

export interface StartOptions {
  readonly options: ProviderOptions;
  readonly world: Omit<World, 'timeoutMs'>;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
}

export interface StartedLookups {
  readonly lookups: Lookups;
  /** Asks until aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** One for each cloud that is asked. */
  states(): readonly LookupState[];
}

interface Cloud {
  readonly name: CloudName;
  readonly batch: number;
  /** An answer counts so many times `lookups.maxAge`. */
  readonly ages: number;
  readonly load: (world: World, options: ProviderOptions) => Promise<AskAboutVolumes>;
}

/**
 * Only types and sizes are told there, which seldom change, and each disk is a question of its own: asked as often as
 * EC2, some thousand disks would use up what a subscription may ask, and the storage drivers live on that too.
 */
const SELDOM = 36;

const clouds: readonly Cloud[] = [
  {
    name: 'aws',
    batch: 100, // a filter takes 200 values (docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html, 2026-11)
    ages: 1,
    load: async (world, { aws }) => (await import('./aws.ts')).awsVolumes(world, aws),
  },
  {
    name: 'gcp',
    batch: 1,
    ages: SELDOM,
    load: async (world, { gcp }) => (await import('./gcp.ts')).gcpVolumes(world, gcp),
  },
  {
    name: 'azure',
    batch: 1,
    ages: SELDOM,
    load: async (world, { azure }) => (await import('./azure.ts')).azureVolumes(world, azure),
  },
];

export function startLookups(given: StartOptions): StartedLookups {
  const { options } = given;
  const wanted = clouds.filter(({ name }) => options[name].lookups);
  if (wanted.length === 0) return { lookups: {}, run: () => Promise.resolve(), states: () => [] };
  const metrics = given.metrics.register(declared);
  const started = wanted.map((cloud) => ({ name: cloud.name, lookup: backgroundOf(cloud, given, metrics) }));
  return {
    lookups: Object.fromEntries(started.map(({ name, lookup }): [CloudName, Lookup] => [name, lookup])),
    async run(signal) {
      await Promise.all(started.map(({ lookup }) => lookup.run(signal)));
    },
    states: () => started.map(({ lookup }) => lookup.state()),
  };
}

function backgroundOf(
  { name, batch, ages, load }: Cloud,
  { options, world, log }: StartOptions,
  metrics: Metrics<typeof declared>,
): ReturnType<typeof createBackgroundLookup> {
  const { timeoutMs, maxAgeMs, perSecond } = options.lookups;
  let loaded: Promise<AskAboutVolumes> | undefined;
  return createBackgroundLookup({
    cloud: name,
    async ask(handles, signal) {
      loaded ??= load({ ...world, timeoutMs }, options);
      const volumes = await loaded;
      return volumes(handles, signal);
    },
    batch,
    perSecond,
    maxAgeMs: ages * maxAgeMs,
    clock: world.clock,
    log,
    metrics,
  });
}
