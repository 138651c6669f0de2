/** A provider from the tables of a cloud: finds the row of a volume, and gives what the row says. */

import { baseBytesOf, claimOf } from '../expand/claim.ts';
import type {
  Expandability,
  ModificationLimits,
  ProvidedVolume,
  Provider,
  VolumeConstraints,
} from '../expand/provider.ts';
import type { Settings } from '../expand/settings/settings.ts';
import { driverOf, handleOf } from './driver.ts';
import {
  constraintsOf,
  type DriverRow,
  type Parameters,
  rowOf,
  sizeProblem,
  strictest,
  type TypeRow,
} from './driver-row.ts';
import { type DriverFailurePattern, failureIn } from './failure.ts';
import type { LookedUp, Lookup } from './lookup.ts';

export interface CloudOptions {
  readonly name: string;
  readonly drivers: readonly DriverRow[];
  readonly failures: readonly DriverFailurePattern[];
  readonly defaults?: Partial<Settings>;
  /** Absent: nobody is asked. */
  readonly lookup?: Lookup | undefined;
  /** Largest sizes by type (lower case) that somebody configured, in bytes. */
  readonly maxSizes?: ReadonlyMap<string, bigint>;
  /** In place of the table's, where the table has any. */
  readonly modifications?: ModificationLimits | undefined;
  /** What configuration changes about a row. */
  readonly configured?: (row: TypeRow) => TypeRow;
}

interface Located {
  readonly driver: DriverRow;
  readonly row: TypeRow;
  readonly parameters: Parameters;
  readonly typeFrom: string;
  readonly seen: LookedUp | undefined;
  readonly notes: readonly string[];
}

export function cloudProvider(options: CloudOptions): Provider {
  const { name, drivers, failures, defaults = {} } = options;

  const constraintsFor = (volume: ProvidedVolume): VolumeConstraints => {
    const located = locate(options, volume);
    const limits = constraintsOf(located.row, baseBytesOf(claimOf(volume.claim)));
    const ceiling = options.maxSizes?.get(located.row.type.toLowerCase());
    const lowered = ceiling !== undefined && (limits.maxSize === undefined || ceiling < limits.maxSize);
    const modification = located.seen?.kind === 'known' ? located.seen.facts.modification : undefined;
    return {
      ...limits,
      modifications: limits.modifications && (options.modifications ?? limits.modifications),
      typeFrom: located.typeFrom,
      ...(lowered ? { maxSize: ceiling, maxSizeWhy: `providerConfig ${name}.maxSize` } : {}),
      ...(modification ? { lastModification: modification } : {}),
      ...(located.notes.length > 0 ? { notes: located.notes } : {}),
    };
  };

  return {
    name,
    async canExpand(volume) {
      const { driver, row, parameters, seen } = locate(options, volume);
      const refused = driver.refused ?? driver.refusedWith?.(parameters) ?? row.refused ?? sharedRefusal(seen);
      return refused === undefined ? yes : { kind: 'no', reason: `${driver.driver} does not grow it: ${refused}` };
    },
    async getVolumeConstraints(volume) {
      return constraintsFor(volume);
    },
    async validateExpansion(volume, newSize) {
      const problem = sizeProblem(constraintsFor(volume), newSize);
      return problem === undefined ? yes : { kind: 'no', reason: problem };
    },
    failureOf: (message) => failureIn(failures, message),
    supportedStorageClasses: () =>
      drivers
        .filter(({ refused }) => refused === undefined)
        .flatMap(({ driver, inTree }) => (inTree ? [driver, inTree] : [driver])),
    defaultConfiguration: () => defaults,
  };
}

const yes: Expandability = { kind: 'yes' };

/** Of a setting `provider` on a volume of no driver of this cloud: its first driver's rows are meant. */
function locate({ drivers, lookup, configured }: CloudOptions, volume: ProvidedVolume): Located {
  const named = driverOf(volume);
  const driver = drivers.find((row) => row.driver === named || row.inTree === named) ?? drivers[0];
  if (!driver) throw new TypeError('a cloud without drivers');
  const parameters = parametersOf(volume);
  const handle = driver.types.length === 0 ? undefined : handleOf(volume);
  const seen = handle === undefined ? undefined : lookup?.latest(handle);
  const { type, typeFrom } = typeOf(driver, volume, seen);
  const known = rowOf(driver, type);
  const base = known ?? { ...strictest(driver), type };
  const adjusted = driver.adjusted?.(base, parameters) ?? base;
  return {
    driver,
    row: configured?.(adjusted) ?? adjusted,
    parameters,
    typeFrom,
    seen,
    notes: [
      ...(known || driver.types.length === 0
        ? []
        : [`type "${type}" is not in the table of ${driver.driver}: the strictest limits of its types hold`]),
      ...(seen?.kind === 'failed' ? [`the cloud was not asked: ${seen.reason}; the tables hold`] : []),
    ],
  };
}

interface Named {
  readonly type: string;
  readonly typeFrom: string;
}

/** Who knows best comes first: the person, the cloud, what the claim was modified to, the volume, its class. */
function typeOf(driver: DriverRow, volume: ProvidedVolume, seen: LookedUp | undefined): Named {
  if (volume.volumeType !== undefined) return { type: volume.volumeType, typeFrom: 'setting aws-volume-type' };
  const facts = seen?.kind === 'known' || seen?.kind === 'failed' ? seen.facts : undefined;
  if (facts?.type !== undefined) return { type: facts.type, typeFrom: 'the cloud' };
  const places = [
    { given: volume.attributes?.parameters, from: `VolumeAttributesClass ${volume.attributes?.name ?? ''}` },
    { given: volume.volume?.spec.csi?.volumeAttributes, from: 'volume attribute' },
    { given: volume.storageClass?.parameters, from: 'class parameter' },
  ];
  for (const { given, from } of places) {
    const lower = lowerKeys(given);
    const key = driver.typeKeys.find((candidate) => (lower[candidate] ?? '') !== '');
    if (key !== undefined) return { type: lower[key] ?? '', typeFrom: `${from} ${key}` };
  }
  return { type: driver.defaultType, typeFrom: `the default of ${driver.driver}` };
}

function parametersOf({ storageClass, volume, attributes }: ProvidedVolume): Parameters {
  return {
    ...lowerKeys(storageClass?.parameters),
    ...lowerKeys(volume?.spec.csi?.volumeAttributes),
    ...lowerKeys(attributes?.parameters),
  };
}

function lowerKeys(given: Readonly<Record<string, string>> | undefined): Parameters {
  return Object.fromEntries(Object.entries(given ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
}

function sharedRefusal(seen: LookedUp | undefined): string | undefined {
  if (seen?.kind !== 'known' || !seen.facts.shared) return undefined;
  return 'the cloud says that it is shared by several nodes: it grows only while it is attached nowhere';
}
