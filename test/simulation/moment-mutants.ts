/** Broken variants of what says when a claim may grow, and what for, each with the history that catches it (see mutants.ts). */
import type { Patch } from './patch.ts';

const windows = 'claims grow in their windows, wherever those are/1';
const snapshots = 'growth waits for snapshots, and for none that is old/1';
const none = 'snapshots are asked for where there are none at all/1';
const standing = 'measurements stand still, and after a restart their time seems to have come/1';
const steadily = 'directories fill steadily, and grow before they are full/1';
const inodes = 'many small files use up the inodes of volumes in a cloud/1';
const fixed = 'inodes do not grow with their volumes/1';

export const momentMutants: readonly (Patch & { readonly name: string; readonly caughtBy: string })[] = [
  {
    name: 'what was turned down counts when it is told again',
    caughtBy: standing,
    file: 'src/expand/notebook.ts',
    find: "return refusedAt === sample.at ? TOLD_BEFORE : '';",
    replace: "return '';",
  },
  {
    name: 'a restart forgets what was turned down',
    caughtBy: standing,
    file: 'src/expand/notebook.ts',
    find: 'track: this.#follow(stored, claim),',
    replace: 'track: this.#follow(stored && { ...stored, refusedAt: undefined }, claim),',
  },
  {
    name: 'a claim grows when its window is closed',
    caughtBy: windows,
    file: 'src/expand/guard/guard-gates.ts',
    find: 'if (isOpen(window.value, input.now)) return passed(compared);',
    replace: 'if (input.now > 0) return passed(compared);',
  },
  {
    name: 'a window is never open',
    caughtBy: windows,
    file: 'src/expand/guard/guard-gates.ts',
    find: 'if (isOpen(window.value, input.now)) return passed(compared);',
    replace: '',
  },
  {
    name: 'all windows are those of one place',
    caughtBy: windows,
    file: 'src/expand/settings/window.ts',
    find: 'const { day, minute } = wallTime(zone, at);',
    replace: "const { day, minute } = wallTime(zone === '' ? zone : 'UTC', at);",
  },
  {
    name: 'what is left of a window after midnight is of the new day',
    caughtBy: windows,
    file: 'src/expand/settings/window.ts',
    find: '(days.includes(before) && minute + DAY_MINUTES < to)',
    replace: '(days.includes(before < 0 ? before : day) && minute + DAY_MINUTES < to)',
  },
  {
    name: 'a window of the claim gives way to that of a policy',
    caughtBy: windows,
    file: 'src/expand/policy/policy.ts',
    find: "    window: pick('window'),",
    replace: `    window: (() => {
      const said = layers.flatMap(({ fields: { window }, source }) => (window?.ok ? [{ value: window.value, source }] : []));
      return said.at(-1);
    })(),`,
  },
  {
    name: 'a claim grows without the snapshot that is asked for',
    caughtBy: snapshots,
    file: 'src/expand/guard/guard-gates.ts',
    find: "if (!newest) return blocked('snapshot', `${needed}, and the claim has none that is ready`, measures);",
    replace: 'if (!newest) return passed(measures);',
  },
  {
    name: 'a snapshot of long ago is one',
    caughtBy: snapshots,
    file: 'src/expand/guard/guard-gates.ts',
    find: 'if (input.now - newest.at <= snapshotAge.value) return passed(compared);',
    replace: 'if (input.now - newest.at >= 0) return passed(compared);',
  },
  {
    name: 'a snapshot is one before it is ready',
    caughtBy: snapshots,
    file: 'src/expand/guard/snapshot.ts',
    find: 'if (status?.readyToUse === true) {',
    replace: 'if (metadata) {',
  },
  {
    name: 'a snapshot of a claim of that name elsewhere will do',
    caughtBy: snapshots,
    file: 'src/expand/guard/reads.ts',
    find: "return claim === undefined ? [] : [`${metadata.namespace ?? ''}/${claim}`];",
    replace: "return claim === undefined ? [] : ['blog', 'shop'].map((namespace) => `${namespace}/${claim}`);",
  },
  {
    name: 'nobody waits for a snapshot under way',
    caughtBy: snapshots,
    file: 'src/expand/guard/guard-gates.ts',
    find: 'if (!first) return all.length === 0 ? passed() : passed(compared);',
    replace: 'if (first || !first) return passed(compared);',
  },
  {
    name: 'where there are no snapshots none is asked for',
    caughtBy: none,
    file: 'src/expand/guard/guard-gates.ts',
    find: "if (snapshots.kind === 'unknown') return blocked('snapshot', `${needed}, but ${snapshots.reason}`, measures);",
    replace: "if (snapshots.kind === 'unknown') return passed(measures);",
  },
  {
    name: 'a volume grows for what will come in ten times the time',
    caughtBy: steadily,
    file: 'src/expand/facts.ts',
    find: 'const bytes = projectedBytes(input.trend, withinMs);',
    replace: 'const bytes = projectedBytes(input.trend, 10 * withinMs);',
  },
  {
    name: 'what is looked ahead for passes the largest size',
    caughtBy: steadily,
    file: 'src/expand/size.ts',
    find: 'const allowed = binding ? roundDown(binding.bytes, stepBytes) : wantedBytes;',
    replace:
      'const allowed = binding && neededBytes === undefined ? roundDown(binding.bytes, stepBytes) : wantedBytes;',
  },
  {
    name: 'that it will be full is a reason for whom nobody asked',
    caughtBy: steadily,
    file: 'src/expand/facts.ts',
    find: '  if (withinMs === 0) return 0;\n  const bytes = projectedBytes(input.trend, withinMs);',
    replace: '  const bytes = projectedBytes(input.trend, withinMs || 36_000_000);',
  },
  {
    name: 'the threshold of inodes is that of space at half',
    caughtBy: inodes,
    file: 'src/expand/facts.ts',
    find: 'inodes.total > 0n && reaches(inodes.used, inodes.total, ratio);',
    replace: 'inodes.total > 0n && reaches(inodes.used, inodes.total, ratio / 2);',
  },
  {
    name: 'a volume grows for inodes that growing does not bring',
    caughtBy: fixed,
    file: 'src/expand/facts.ts',
    find: 'return claim.capacityBytes >= growth.toBytes && inodes.total <= growth.inodes;',
    replace: 'return claim.capacityBytes >= growth.toBytes && inodes.total < growth.inodes;',
  },
];
