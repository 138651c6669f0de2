/** The gates that read measurements: is there one to trust, did the last growth help, is a threshold reached for long enough. */
import type { Measure } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { readableDuration } from '../readable.ts';
import { failedWith, type GateResult, type GateRule, passed, skipped } from './gate.ts';

/** What others want for a claim does not depend on what it uses. */
function sample({ sample: newest, distrust, source, fill, reached }: Facts): GateResult {
  if (!newest || !fill) return failedWith(reached.floor ? undefined : { kind: 'NoSample', reason: distrust }, distrust);
  return passed([
    { what: 'measured', unit: 'time', value: newest.at, source },
    { what: 'capacity', unit: 'bytes', value: newest.capacityBytes, source },
    { what: 'available', unit: 'bytes', value: newest.availableBytes, source },
  ]);
}

/** Rule 6. Only a measurement of the same origin can tell: a kubelet and a directory walk count differently. */
function effective({ sample: newest, completed, source }: Facts): GateResult {
  if (!completed) return skipped('no completed growth to judge');
  if (!newest) return skipped('no measurement to judge the last growth by');
  if (newest.origin !== completed.origin) return skipped(`the last growth was measured by ${completed.origin}`);
  const compared: readonly Measure[] = [
    {
      what: 'capacity before the last growth',
      unit: 'bytes',
      value: completed.usableBytes,
      source: 'annotation history',
    },
    { what: 'capacity now', unit: 'bytes', value: newest.capacityBytes, source },
  ];
  if (newest.capacityBytes > completed.usableBytes) return passed(compared);
  // A growth for inodes may bring only inodes (rule 5 judges those).
  if (completed.trigger === 'inodes' && newest.inodes && newest.inodes.total > (completed.inodes ?? 0n))
    return passed(compared);
  return failedWith({ kind: 'Ineffective' }, 'the last growth completed, but the filesystem is no larger', compared);
}

/** Reports only: `breaches` decides, where both thresholds are known. */
function storage({ input, fill, storageBreaches }: Facts): GateResult {
  if (!fill) return skipped('no measurement');
  const { threshold } = input.resolution.settings;
  const compared: readonly Measure[] = [
    { what: 'used', unit: 'ratio', value: fill.ratio, source: fill.source },
    { what: 'threshold', unit: 'ratio', value: threshold.value, source: threshold.source.label },
  ];
  return storageBreaches > 0 ? passed(compared) : failedWith(undefined, 'below the threshold', compared);
}

/** Reports only, like `storage`. A filesystem without an inode total still grows by space (rule 5). */
function inodes({ input, fill, inodesBreaches, inodesStopped }: Facts): GateResult {
  if (fill?.inodesRatio === undefined) return skipped(fill ? 'no inode total is reported' : 'no measurement');
  const { inodesThreshold } = input.resolution.settings;
  const compared: readonly Measure[] = [
    { what: 'inodes used', unit: 'ratio', value: fill.inodesRatio, source: fill.source },
    { what: 'threshold', unit: 'ratio', value: inodesThreshold.value, source: inodesThreshold.source.label },
  ];
  if (inodesStopped) return skipped('stopped: growing for inodes brought none', compared);
  return inodesBreaches > 0 ? passed(compared) : failedWith(undefined, 'below the threshold', compared);
}

/** Reports only, like `storage`. Without a rate of growth the other triggers still count. */
function fullWithin({ input, forecast, ahead, fullBreaches }: Facts): GateResult {
  const within = input.resolution.settings.fullWithin;
  if (!within || within.value === 0) return skipped('full-within is not set');
  if (!forecast) return skipped('no measurement');
  const limit: Measure = { what: 'full within', unit: 'duration', value: within.value, source: within.source.label };
  if (forecast.kind === 'unknown') return skipped('too little was measured to tell how fast it fills', [limit]);
  if (!ahead) return skipped('the filesystem is larger than the claim, so others fill it too', [limit]);
  const { timeToFullMs, spanMs } = forecast;
  const source = `trend over ${readableDuration(spanMs)}`;
  const compared: readonly Measure[] =
    timeToFullMs === undefined
      ? [limit]
      : [{ what: 'time to full', unit: 'duration', value: timeToFullMs, source }, limit];
  if (fullBreaches > 0) return passed(compared);
  const why = timeToFullMs === undefined ? 'it does not fill' : 'it will not be full so soon';
  const reason = forecast.trusted || timeToFullMs === undefined ? why : `${why}, as far as its trend can be trusted`;
  return failedWith(undefined, reason, compared);
}

/** Reports only, like `storage`. */
function floor({ input, floor: wanted, baseBytes }: Facts): GateResult {
  const { floor: set } = input;
  if (!set) return skipped('neither a group nor a policy wants a size for it');
  const compared: readonly Measure[] = [
    { what: 'present size', unit: 'bytes', value: baseBytes, source: 'claim' },
    { what: 'wanted size', unit: 'bytes', value: set.bytes, source: set.source },
  ];
  return wanted ? passed(compared) : failedWith(undefined, 'it is as large as they want it', compared);
}

const RECALLED = 'measured before Larder started: the next measurement decides';

/** Rule 4: one measurement may be a burst, so a threshold counts only when it is reached several times in a row. */
function breaches(facts: Facts): GateResult {
  const { input, storageBreaches, storageNeeded, inodesBreaches, inodesNeeded, source } = facts;
  if (!facts.sample) return skipped('no measurement');
  const rule = input.rules.breaches;
  const compared: readonly Measure[] = [
    { what: 'measurements in a row at the threshold', unit: 'count', value: storageBreaches, source },
    { what: 'needed', unit: 'count', value: storageNeeded, source: rule.source },
    ...(facts.sample.inodes
      ? ([
          { what: 'for inodes', unit: 'count', value: inodesBreaches, source },
          { what: 'needed', unit: 'count', value: inodesNeeded, source: rule.source },
        ] as const)
      : []),
    ...(facts.fullBreaches > 0
      ? ([
          { what: 'that will be full in time', unit: 'count', value: facts.fullBreaches, source },
          { what: 'needed', unit: 'count', value: rule.value, source: rule.source },
        ] as const)
      : []),
  ];
  const { reached } = facts;
  if (reached.storage || reached.inodes || reached.fullWithin) return passed(compared);
  if (reached.floor) return skipped('no threshold is reached, but others want it larger', compared);
  const near = storageBreaches > 0 || (inodesBreaches > 0 && !facts.inodesStopped) || facts.fullBreaches > 0;
  if (!near) return failedWith({ kind: 'Hold' }, 'no threshold is reached', compared);
  const reason = input.recalled ? RECALLED : 'not at the threshold for long enough';
  return failedWith({ kind: 'Hold' }, reason, compared);
}

export const fillGates: readonly GateRule[] = [
  { name: 'sample', evaluate: sample },
  { name: 'effective', evaluate: effective },
  { name: 'storage', evaluate: storage },
  { name: 'inodes', evaluate: inodes },
  { name: 'full-within', evaluate: fullWithin },
  { name: 'floor', evaluate: floor },
  { name: 'breaches', evaluate: breaches },
];
