/** The recent measurements of one claim and when it last settled on a capacity; what must outlive a restart. */
import type { Sample } from './source.ts';

export interface Track {
  /** `status.capacity` for which the samples hold. */
  readonly capacityBytes: bigint;
  /** Epoch ms at which that capacity was first seen after another one; undefined = it was never seen to change. */
  readonly settledAt: number | undefined;
  /** Oldest first, no two of one moment, all measured after `settledAt`; at most `TRACK_LIMIT`. */
  readonly samples: readonly Sample[];
  /** What was announced and still holds (see notices.ts), so that an event marks an edge even across a restart. */
  readonly announced: readonly string[];
  /** The growth that still waits to be announced as completed; undefined = none. */
  readonly awaitedBytes: bigint | undefined;
  /** Epoch ms of the last measurement that was turned down: it stays so whenever it is told again; undefined = none. */
  readonly refusedAt: number | undefined;
  /**
   * Epoch ms of those measurements that an earlier process kept; absent: none. They count in a row, but nobody can say how
   * old they are: while no process was there a clock may have been set back by about as long.
   */
  readonly recalledAts?: readonly number[];
}

/** As many as a rule may ask for, and two. */
export const TRACK_LIMIT = 12;

const BLANK: Omit<Track, 'capacityBytes'> = {
  settledAt: undefined,
  samples: [],
  announced: [],
  awaitedBytes: undefined,
  refusedAt: undefined,
};

/** Follows the claim's capacity: when it changes, whatever was measured before says nothing about the new size. */
export function followCapacity(track: Track | undefined, capacityBytes: bigint, now: number): Track {
  if (!track) return { ...BLANK, capacityBytes };
  if (track.capacityBytes === capacityBytes) {
    // Only a clock that was set back can put it into the future; every new sample would be refused until then.
    return track.settledAt !== undefined && track.settledAt > now ? { ...track, settledAt: now } : track;
  }
  // The first capacity of a claim is its birth, not a resize.
  if (track.capacityBytes === 0n) return { ...track, capacityBytes, settledAt: undefined, samples: [] };
  // Were the clock set back now, the last of them would seem to be from after the resize.
  return refuse({ ...track, capacityBytes, settledAt: now, samples: [] }, track.samples.at(-1)?.at);
}

/** Whoever tells that measurement again is not believed. */
export function refuse(track: Track, at: number | undefined): Track {
  return at === undefined || track.refusedAt === at ? track : { ...track, refusedAt: at };
}

/** As a later process has it. */
export function recalled(track: Track): Track {
  return track.samples.length === 0 ? track : { ...track, recalledAts: track.samples.map(({ at }) => at) };
}

/** The newest is of an earlier process, also when its source has told it again, or what came later was turned down. */
export function isRecalled({ samples, recalledAts }: Track): boolean {
  const newest = samples.at(-1);
  return newest !== undefined && recalledAts?.includes(newest.at) === true;
}

/** Once the row has none of them it need not be known which they were. */
function withoutForgotten(track: Track): Track {
  const { recalledAts, ...rest } = track;
  if (!recalledAts || track.samples.some(({ at }) => recalledAts.includes(at))) return track;
  return rest;
}

/**
 * Adds a measurement. The same moment twice is one measurement (kubelets refresh about once a minute, whoever asks more
 * often reads the same numbers). A measurement older than the newest means that a clock was set back, or that a source
 * told times of the future: none of the earlier times can be believed then, and the row begins afresh.
 */
export function addSample(track: Track, sample: Sample, limit: number = TRACK_LIMIT): Track {
  const newest = track.samples.at(-1);
  if (newest?.at === sample.at) return track;
  if (track.settledAt !== undefined && sample.at <= track.settledAt) return track;
  const earlier = newest && newest.at > sample.at ? [] : track.samples;
  // Not spread: V8 leaves room for 16 more behind what a spread has gathered, with ten thousand volumes over a megabyte.
  const samples = limit > 1 ? earlier.slice(1 - limit).concat(sample) : [sample];
  return withoutForgotten({ ...track, samples });
}

/** The same figures of the same source, whenever they were read. */
export function saysTheSame(one: Sample, other: Sample): boolean {
  return (
    one.usedBytes === other.usedBytes &&
    one.availableBytes === other.availableBytes &&
    one.capacityBytes === other.capacityBytes &&
    one.inodes?.used === other.inodes?.used &&
    one.inodes?.total === other.inodes?.total &&
    one.origin === other.origin &&
    one.abnormal === other.abnormal
  );
}
