/**
 * What a table of a cloud says about a kind of volume, and the constraints that follow from it for one volume. Every row
 * names where its figures are from and when they were read there.
 */
import type { ModificationLimits, VolumeConstraints } from '../expand/provider.ts';

export const GIB = 1024n ** 3n;

/**
 * How sure a figure is: the vendor's documentation, what the cloud's API answered, threads of maintainers, the driver's
 * source. `derived`: from rows of the same table.
 */
export type Evidence = 'documented' | 'API answer' | 'issue' | 'source code' | 'derived';

/** Sizes that a volume cannot leave by growing in place, in GiB. */
interface Band {
  /** A volume of at most this size is in the band. */
  readonly upToGib: bigint;
  readonly maxGib: bigint;
  readonly stepGib?: bigint;
  readonly why: string;
}

export interface TypeRow {
  /** As it is written in a class; compared without regard to case. */
  readonly type: string;
  readonly minGib: bigint;
  readonly maxGib: bigint;
  /** Default 1. */
  readonly stepGib?: bigint;
  /** Ascending. */
  readonly tiersGib?: readonly bigint[];
  /** Ascending; a volume above all of them has the row's own maximum. */
  readonly bands?: readonly Band[];
  readonly modifications?: ModificationLimits;
  /** Why it does not grow by itself; absent: it does. */
  readonly refused?: string;
  readonly evidence: Evidence;
  /** An address, or a repository with the number of a thread, and the month in which it was read. */
  readonly source: string;
}

export interface DriverRow {
  readonly driver: string;
  /** The name of the same storage before CSI. */
  readonly inTree?: string;
  /** Keys of class parameters that name the type, lower case, the first that is there counts. */
  readonly typeKeys: readonly string[];
  /** Of a volume whose class names none. */
  readonly defaultType: string;
  readonly types: readonly TypeRow[];
  /** Why no volume of this driver grows; absent: they do. */
  readonly refused?: string;
  /** Why a volume with these parameters (lower-case keys) does not grow. */
  readonly refusedWith?: (parameters: Parameters) => string | undefined;
  /** What parameters change about a row. */
  readonly adjusted?: (row: TypeRow, parameters: Parameters) => TypeRow;
  /** For the reference page: what `refusedWith` and `adjusted` do. */
  readonly remarks?: readonly string[];
}

/** Keys in lower case: drivers do not regard it. */
export type Parameters = Readonly<Record<string, string>>;

/** Undefined: the table has no such type. */
export function rowOf({ types }: DriverRow, type: string): TypeRow | undefined {
  const wanted = type.toLowerCase();
  return types.find((row) => row.type.toLowerCase() === wanted);
}

/** The least that all types allow: what holds for a type that nobody knows. */
export function strictest({ types, driver }: DriverRow): TypeRow {
  const grown = types.filter(({ refused }) => refused === undefined);
  const least = (pick: (row: TypeRow) => bigint): bigint => grown.map(pick).sort((a, b) => (a < b ? -1 : 1))[0] ?? 1n;
  const slowest = grown
    .flatMap(({ modifications }) => modifications ?? [])
    .sort((a, b) => b.minIntervalMs - a.minIntervalMs)[0];
  return {
    type: '',
    // Not the largest minimum: a volume that is there has a size that its type allows.
    minGib: least(({ minGib }) => minGib),
    maxGib: least(({ maxGib }) => maxGib),
    ...(slowest ? { modifications: slowest } : {}),
    evidence: 'derived',
    source: `the strictest of the types of ${driver}`,
  };
}

/** `presentBytes`: the size that the volume has; it decides the band. */
export function constraintsOf(row: TypeRow, presentBytes: bigint): VolumeConstraints {
  const band = row.bands?.find(({ upToGib }) => presentBytes <= upToGib * GIB);
  const stepGib = band?.stepGib ?? row.stepGib ?? 1n;
  const maxGib = band?.maxGib ?? row.maxGib;
  const tiers = row.tiersGib?.map((gib) => gib * GIB);
  return {
    minSize: row.minGib * GIB,
    maxSize: maxGib * GIB,
    stepSize: stepGib * GIB,
    volumeType: row.type,
    modifications: row.modifications,
    ...(tiers ? { tiers } : {}),
    ...(band ? { maxSizeWhy: band.why } : {}),
  };
}

/** Whether the storage would take this size; the reason otherwise, with the numbers. */
export function sizeProblem(constraints: VolumeConstraints, bytes: bigint): string | undefined {
  const { minSize, maxSize, stepSize, volumeType, maxSizeWhy } = constraints;
  const type = volumeType === '' ? 'a volume' : `a volume of type ${volumeType}`;
  if (bytes % stepSize !== 0n) return `the size of ${type} is a whole multiple of ${inGib(stepSize)}`;
  if (bytes < minSize) return `${type} has at least ${inGib(minSize)}`;
  if (maxSize === undefined || bytes <= maxSize) return undefined;
  return `${type} has at most ${inGib(maxSize)}${maxSizeWhy === undefined ? '' : `: ${maxSizeWhy}`}`;
}

function inGib(bytes: bigint): string {
  const mib = 1024n ** 2n;
  return bytes % GIB === 0n ? `${bytes / GIB} GiB` : `${bytes / mib} MiB`;
}
