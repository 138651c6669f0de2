/** The gates that read measurements: is there one to trust, did the last growth help, is a threshold reached for long enough. */
import type { Measure } from './decision.ts';
import type { Facts } from './facts.ts';
import { failedWith, type GateResult, type GateRule, passed, skipped } from './gate.ts';

function sample({ sample: newest, distrust, source, fill }: Facts): GateResult {
  if (!newest || !fill) return failedWith({ kind: 'NoSample', reason: distrust }, distrust);
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
  ];
  if (facts.reached.storage || facts.reached.inodes) return passed(compared);
  const near = storageBreaches > 0 || (inodesBreaches > 0 && !facts.inodesStopped);
  const reason = near ? 'not at the threshold for long enough' : 'no threshold is reached';
  return failedWith({ kind: 'Hold' }, reason, compared);
}

export const fillGates: readonly GateRule[] = [
  { name: 'sample', evaluate: sample },
  { name: 'effective', evaluate: effective },
  { name: 'storage', evaluate: storage },
  { name: 'inodes', evaluate: inodes },
  { name: 'breaches', evaluate: breaches },
];
