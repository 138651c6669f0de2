/** Histories about when claims may grow, and about growth for what is to come or for inodes, as those of directed.ts. */
import type { Plot } from './directed.ts';
import { CLOUD, type Rules } from './growth-acts.ts';
import type { Act } from './history.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SETTING = 'pvc-chonker.io/';

const make = (name: string, more: { className?: string; sizeMi?: number; namespace?: string } = {}): Act => ({
  kind: 'create',
  atMs: 5 * SECOND,
  namespace: more.namespace ?? 'blog',
  name,
  className: more.className ?? 'larder',
  volumeName: name,
  sizeMi: more.sizeMi ?? 100,
  mode: 'ReadWriteMany',
  growth: undefined,
});

const policy = (rules: Rules, namespace = 'blog'): Act => ({
  kind: 'policy',
  atMs: 3 * SECOND,
  namespace,
  name: 'rule',
  priority: 1,
  rules: { increase: '20%', minMi: 1, ...rules },
});

/** What a claim says itself. */
const says = (name: string, key: string, value: string, atMs = 10 * SECOND): Act => ({
  kind: 'note',
  atMs,
  namespace: 'blog',
  name,
  key: `${SETTING}${key}`,
  value,
});

const fill = (atMs: number, name: string, toMi: number, namespace = 'blog'): Act => ({
  kind: 'fill',
  atMs,
  namespace,
  name,
  toMi,
});

const snapshot = (atMs: number, name: string, readyAfterMs?: number, namespace = 'blog'): Act => ({
  kind: 'snapshot',
  atMs,
  namespace,
  name,
  ...(readyAfterMs === undefined ? {} : { readyAfterMs }),
});

/** Filled by as much in every ten minutes. */
const fillSteadily = (name: string, fromMi: number, stepMi: number): readonly Act[] =>
  Array.from({ length: 30 }, (_, index) => fill(MINUTE + 10 * index * MINUTE, name, fromMi + index * stepMi));

const files = (name: string, count: number): Act => ({ kind: 'files', atMs: MINUTE, namespace: 'blog', name, count });

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `case-${index}`);

/** What was measured last says that they are full; then nothing is measured, the clock is set back, and they are emptied. */
const standingStill = (claims: readonly string[]): readonly Act[] => [
  policy({ maxMi: 900 }),
  ...claims.flatMap((name) => [
    make(name, { className: 'archived' }),
    fill(MINUTE, name, 99),
    paused(10 * SECOND, name, 'true'),
    fill(47 * MINUTE, name, 10),
    paused(48 * MINUTE, name),
  ]),
  { kind: 'lie', atMs: 45 * MINUTE, lie: 'frozen', forMs: 5 * HOUR },
  { kind: 'clock', atMs: 46 * MINUTE, replica: 0, byMs: -2 * HOUR },
];

const paused = (atMs: number, name: string, value?: string): Act => ({
  kind: 'note',
  atMs,
  namespace: 'blog',
  name,
  key: 'larder.dev/paused',
  ...(value === undefined ? {} : { value }),
});

/** Histories begin on a Wednesday at midnight, UTC. */
export const momentPlots: Readonly<Record<string, Plot>> = {
  'claims grow in their windows, wherever those are': {
    acts: (random) => [
      policy({ window: '02:00-03:00', maxMi: 900 }),
      ...names(4).flatMap((name) => [make(name), fill(random.between(1, 175) * MINUTE, name, 90)]),
      make('at-once'),
      says('at-once', 'window', 'always'),
      make('east'),
      says('east', 'window', '14:00-15:30 Asia/Tokyo'),
      make('west'),
      says('west', 'window', 'Tue 21:00-22:30 America/Phoenix'),
      make('of-today'),
      says('of-today', 'window', 'Wed 22:00-01:30'),
      make('of-yesterday'),
      says('of-yesterday', 'window', 'Tue 22:00-01:30'),
      ...['at-once', 'east', 'west', 'of-today', 'of-yesterday'].map((name) => fill(MINUTE, name, 90)),
      make('opened'),
      fill(4 * HOUR, 'opened', 90),
      says('opened', 'window', '03:30-06:00', 4.2 * HOUR),
    ],
  },
  'growth waits for snapshots, and for none that is old': {
    configured: { snapshotAge: '60m' },
    acts: (random) => [
      policy({ snapshotAbovePercent: 10, cooldownMinutes: 15 }),
      ...['bare', 'early', 'twin', 'late', 'little', 'read', 'never-read'].map((name) => make(name)),
      make('twin', { namespace: 'shop' }),
      fill(MINUTE, 'bare', 90),
      fill(MINUTE, 'twin', 90),
      snapshot(20 * MINUTE, 'twin', MINUTE, 'shop'),
      fill(MINUTE, 'early', 90),
      snapshot(30 * MINUTE, 'early', random.between(20, 50) * MINUTE),
      snapshot(2 * MINUTE, 'late', MINUTE),
      fill(2 * HOUR, 'late', 90),
      snapshot(4 * HOUR, 'late', 10 * MINUTE),
      says('little', 'increase', '5%'),
      fill(MINUTE, 'little', 82),
      says('read', 'snapshot-above', 'never'),
      fill(40 * MINUTE, 'read', 90),
      snapshot(10 * MINUTE, 'read', random.between(60, 120) * MINUTE),
      says('never-read', 'snapshot-above', 'never'),
      fill(40 * MINUTE, 'never-read', 90),
      snapshot(10 * MINUTE, 'never-read'),
    ],
  },
  'snapshots are asked for where there are none at all': {
    acts: () => [
      policy({ snapshotAbovePercent: 10 }),
      ...names(2).flatMap((name) => [make(name), fill(MINUTE, name, 90)]),
      says('case-1', 'increase', '8%'),
    ],
  },
  'directories fill steadily, and grow before they are full': {
    acts: (random) => [
      policy({ fullWithinMinutes: 360, maxMi: 1_300 }),
      make('fast', { sizeMi: 1_000 }),
      ...fillSteadily('fast', 100, random.between(14, 18)),
      make('slow', { sizeMi: 1_000 }),
      ...fillSteadily('slow', 100, random.between(8, 10)),
      make('bounded', { sizeMi: 1_000 }),
      says('bounded', 'max-size', '1030Mi'),
      ...fillSteadily('bounded', 100, 16),
      make('unasked', { sizeMi: 1_000 }),
      says('unasked', 'full-within', '0m'),
      ...fillSteadily('unasked', 100, 20),
    ],
  },
  'many small files use up the inodes of volumes in a cloud': {
    acts: () => [
      policy({ maxMi: 100 * 1024, cooldownMinutes: 15 }),
      ...['full', 'half', 'early'].map((name) => make(name, { className: CLOUD, sizeMi: 2 * 1024 })),
      says('early', 'inodes-threshold', '50%'),
      files('full', 110_000),
      files('half', 78_000),
      files('early', 78_000),
      { kind: 'wish', atMs: 14 * HOUR, namespace: 'blog', name: 'half', toMi: 4 * 1024 },
    ],
  },
  'measurements stand still, and a clock that was set back comes to their time again': {
    acts: () => standingStill(names(3)),
  },
  'measurements stand still, and after a restart their time seems to have come': {
    acts: (random) => [
      ...standingStill(names(3)),
      { kind: 'crash', atMs: random.between(100, 120) * MINUTE, replica: 0, steps: 1, downMs: 40 * MINUTE },
    ],
  },
  'inodes do not grow with their volumes': {
    acts: () => [
      policy({ maxMi: 100 * 1024, cooldownMinutes: 15 }),
      { kind: 'driver', atMs: 4 * SECOND, inodesStay: true },
      ...names(2).map((name) => make(name, { className: CLOUD, sizeMi: 2 * 1024 })),
      files('case-0', 110_000),
      files('case-1', 131_000),
      { kind: 'wish', atMs: 14 * HOUR, namespace: 'blog', name: 'case-1', toMi: 4 * 1024 },
    ],
  },
};
