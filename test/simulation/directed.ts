/**
 * Histories that lead to one particular place: a race, or a fault at the one moment when it matters, which a drawn
 * history seldom meets. Each is played like any other, as the seed `NAME/NUMBER`, and must not violate an invariant; a
 * mutant that drawn histories do not catch has one that does.
 */

import { growthPlots } from './growth-plots.ts';
import { type Act, type ClaimName, completed, type History, NAMESPACES, writeHistory } from './history.ts';
import { momentPlots } from './moment-plots.ts';
import { createRandom, type SeededRandom } from './random.ts';
import { returnPlots } from './return-plots.ts';
import { secondPlots } from './second-plots.ts';
import { storagePlots } from './storage-plots.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export interface Plot {
  readonly replicas?: number;
  /** See History. */
  readonly configured?: Readonly<Record<string, string>>;
  readonly second?: History['second'];
  readonly acts: (random: SeededRandom) => readonly Act[];
}

interface Asked {
  readonly className: string;
  readonly volumeName?: string;
  readonly sizeMi?: number;
  readonly mode?: 'ReadWriteMany' | 'ReadWriteOnce';
  readonly growth?: (Act & { readonly kind: 'create' })['growth'];
  readonly source?: string;
}

const claim = (name: string, namespace = 'blog'): ClaimName => ({ namespace, name });

const create = (atMs: number, name: ClaimName, asked: Asked): Act => ({
  kind: 'create',
  atMs,
  ...name,
  className: asked.className,
  volumeName: asked.volumeName ?? name.name,
  sizeMi: asked.sizeMi ?? 100,
  mode: asked.mode ?? 'ReadWriteMany',
  growth: asked.growth,
  ...(asked.source === undefined ? {} : { source: asked.source }),
});

const remove = (atMs: number, name: ClaimName): Act => ({ kind: 'delete', atMs, ...name });

/** Names that are not in each other's way, for the same thing several times. */
const several = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `case-${index}`);

const grown = (maxMi: number, increase = '20%') => ({ maxMi, increase, minMi: 1 });
const database = { className: 'larder' } as const;
const scratch = { className: 'scratch' } as const;

/** Nothing fails: what people do with claims in a day or so. */
const ordinaryDay = (random: SeededRandom): readonly Act[] => [
  { kind: 'seed-directory', atMs: 1, path: 'scratch_old' },
  create(5 * SECOND, claim('old'), scratch),
  remove(20 * MINUTE, claim('old')),
  ...several(3).flatMap((name) =>
    NAMESPACES.map((namespace) =>
      create(6 * SECOND + random.between(0, 4), claim(name, namespace), { className: 'glusterfs-nfs' }),
    ),
  ),
  ...several(3).flatMap((name) =>
    ['', '/inner'].map((inner, index) =>
      create(8 * SECOND + random.between(0, 4), claim(`${name}-tree-${index}`), {
        className: 'tree',
        volumeName: `${name}${inner}`,
      }),
    ),
  ),
  create(9 * SECOND, claim('slow'), { ...database, growth: grown(1_000) }),
  { kind: 'fill', atMs: MINUTE, ...claim('slow'), toMi: 85 },
  { kind: 'fill', atMs: 3 * HOUR, ...claim('slow'), toMi: 250 },
  create(9 * SECOND, claim('small-steps'), { ...database, growth: grown(1_000, '1%') }),
  { kind: 'fill', atMs: MINUTE, ...claim('small-steps'), toMi: 500 },
  create(9 * SECOND, claim('full'), { ...database, growth: grown(110) }),
  { kind: 'fill', atMs: MINUTE, ...claim('full'), toMi: 140 },
  ...several(3).flatMap((name, index) => [
    create(10 * SECOND, claim(`${name}-gone`), index === 0 ? database : scratch),
    remove(30 * MINUTE, claim(`${name}-gone`)),
  ]),
  create(10 * SECOND, claim('retained'), scratch),
  { kind: 'retain-volume', atMs: 10 * MINUTE, ...claim('retained') },
  remove(30 * MINUTE, claim('retained')),
  create(10 * SECOND, claim('volume-first'), scratch),
  { kind: 'delete-volume', atMs: 15 * MINUTE, ...claim('volume-first') },
  remove(16 * MINUTE, claim('volume-first')),
];

const plots: Readonly<Record<string, Plot>> = {
  'an ordinary day': { acts: ordinaryDay },
  'deletions are taken back': {
    acts: () =>
      several(4).flatMap((name) => [
        create(5 * SECOND, claim(name), scratch),
        remove(10 * MINUTE, claim(name)),
        { kind: 'undelete' as const, atMs: 15 * MINUTE, ...claim(name), ...scratch, volumeName: name },
      ]),
  },
  'volumes are saved slowly, or not at all, where directories hold data of old': {
    acts: () => [
      ...several(4).map((name) => ({ kind: 'seed-directory' as const, atMs: 1, path: `scratch_${name}` })),
      {
        kind: 'api',
        atMs: 4 * SECOND,
        faults: ['error', 'error-applied', 'timeout-applied', 'timeout-late'],
        share: 0.8,
        forMs: MINUTE,
      },
      ...several(4).map((name) => create(5 * SECOND, claim(name), scratch)),
    ],
  },
  'watches break while two namespaces want the same': {
    acts: (random) => [
      {
        kind: 'api',
        atMs: 20 * SECOND,
        faults: ['reset', 'delay', 'duplicate', 'gone'],
        share: 0.6,
        forMs: 5 * MINUTE,
      },
      ...several(6).flatMap((name) =>
        NAMESPACES.map((namespace) =>
          create(20 * SECOND + random.between(0, 2_000), claim(name, namespace), { className: 'glusterfs-nfs' }),
        ),
      ),
      ...several(6).map((name) => create(40 * SECOND, claim(`${name}-gone`), scratch)),
      ...several(6).map((name) => remove(2 * MINUTE, claim(`${name}-gone`))),
    ],
  },
  'volumes go while watches break, and their names are wanted again': {
    acts: () => [
      ...several(8).map((name) => create(5 * SECOND, claim(name), scratch)),
      { kind: 'api', atMs: 99 * SECOND, faults: ['reset'], share: 0.3, forMs: 3 * SECOND },
      ...several(8).flatMap((name, index) => [
        remove(100 * SECOND + 50 * index, claim(name)),
        create(3 * MINUTE, claim(name, 'shop'), scratch),
      ]),
    ],
  },
  'removals land late, and their names are wanted again': {
    acts: (random) =>
      several(6).flatMap((name, index) => {
        const atMs = (2 + 12 * index) * MINUTE;
        return [
          create(5 * SECOND, claim(name), scratch),
          { kind: 'export' as const, atMs: atMs - 50, trouble: { hangAt: 'rename' as const }, forMs: 12 * SECOND },
          remove(atMs, claim(name)),
          create(atMs + random.between(20, 30_000), claim(name), scratch),
        ];
      }),
  },
  'processes of exports end while they move directories': {
    acts: (random) =>
      several(8).flatMap((name, index) => {
        const atMs = (2 + 5 * index) * MINUTE;
        return [
          create(5 * SECOND, claim(name), index % 2 === 0 ? scratch : { className: 'archived' }),
          remove(atMs, claim(name)),
          { kind: 'crash-children' as const, atMs: atMs + 5, steps: random.between(1, 40) },
        ];
      }),
  },
  'an export answers nothing but errors when volumes go': {
    acts: () => [
      ...several(4).map((name) => create(5 * SECOND, claim(name), scratch)),
      { kind: 'export', atMs: 2 * MINUTE - 50, trouble: { errno: 'EIO' }, forMs: MINUTE },
      ...several(4).map((name) => remove(2 * MINUTE, claim(name))),
    ],
  },
  'volumes are deleted before their claims, and nobody is there to see it': {
    acts: () => [
      ...several(3).flatMap((name) => [
        create(5 * SECOND, claim(name), scratch),
        { kind: 'delete-volume' as const, atMs: 15 * MINUTE, ...claim(name) },
        remove(16 * MINUTE, claim(name)),
      ]),
      { kind: 'crash', atMs: 14 * MINUTE, replica: 0, steps: 1, downMs: 10 * MINUTE },
    ],
  },
  'a volume is made Retain at the moment when its claim goes': {
    acts: (random) =>
      several(10).flatMap((name) => {
        const atMs = 2 * MINUTE + random.between(0, 5_000);
        return [
          create(5 * SECOND, claim(name), scratch),
          remove(atMs, claim(name)),
          { kind: 'retain-volume' as const, atMs: atMs + random.between(1, 60), ...claim(name) },
        ];
      }),
  },
  'measurements come from the future': {
    acts: () =>
      several(3).flatMap((name, index) => [
        create(5 * SECOND, claim(name), { ...database, growth: grown(1_000) }),
        { kind: 'fill' as const, atMs: MINUTE, ...claim(name), toMi: 85 + 4 * index },
        { kind: 'lie' as const, atMs: (12 + 7 * index) * MINUTE, lie: 'future' as const, forMs: 15 * MINUTE },
      ]),
  },
  'measurements come from the future, and nobody is there until their time has come': {
    acts: (random) => [
      ...several(3).flatMap((name) => [
        create(5 * SECOND, claim(name), { ...database, growth: grown(1_000) }),
        { kind: 'fill' as const, atMs: 30 * MINUTE, ...claim(name), toMi: 99 },
      ]),
      { kind: 'lie', atMs: 29 * MINUTE, lie: 'future', forMs: 3 * HOUR },
      { kind: 'crash', atMs: 45 * MINUTE + random.between(0, 5 * MINUTE), replica: 0, steps: 1, downMs: HOUR },
    ],
  },
  'what was deleted is taken back before the end of its volume is known everywhere': {
    acts: (random) => [
      ...several(6).map((name, index) =>
        create(5 * SECOND, claim(name), index % 2 === 0 ? scratch : { className: 'archived' }),
      ),
      { kind: 'api', atMs: 99 * SECOND, faults: ['error-applied', 'delay', 'error'], share: 0.4, forMs: 30 * SECOND },
      ...several(6).flatMap((name) => [
        remove(100 * SECOND, claim(name)),
        ...[0, 1, 2].map((time) => ({
          kind: 'undelete' as const,
          atMs: (100 + 5 * time) * SECOND + random.between(200, 4_000),
          ...claim(name),
          className: 'scratch',
          volumeName: name,
        })),
      ]),
    ],
  },
  'what was deleted twice is taken back while the second is still there': {
    replicas: 2,
    acts: (random) => [
      ...several(4).flatMap((name) => [
        create(5 * SECOND, claim(name), { className: 'archived' }),
        remove(2 * MINUTE, claim(name)),
        create(4 * MINUTE, claim(name), { className: 'archived' }),
        remove(6 * MINUTE, claim(name)),
        {
          kind: 'undelete' as const,
          atMs: 6 * MINUTE + random.between(1, 6_000),
          ...claim(name),
          className: 'archived',
          volumeName: name,
        },
      ]),
      { kind: 'partition', atMs: 6 * MINUTE - SECOND, replica: random.between(0, 1), forMs: 20 * SECOND },
    ],
  },
  'a claim is made again at the moment when what it had is taken back': {
    replicas: 2,
    acts: (random) => [
      ...several(6).flatMap((name, index) => {
        const className = ['scratch', 'archived', 'larder'][index % 3] ?? '';
        const atMs = (5 + index) * MINUTE;
        return [
          create(5 * SECOND, claim(name), { className }),
          remove(2 * MINUTE, claim(name)),
          { kind: 'undelete' as const, atMs, ...claim(name), className, volumeName: name },
          create(atMs + random.between(-40, 300), claim(name), { className }),
        ];
      }),
      { kind: 'api', atMs: 8 * MINUTE, faults: ['delay', 'error-applied', 'timeout-late'], share: 0.5, forMs: HOUR },
      { kind: 'crash', atMs: 9 * MINUTE, replica: 0, steps: random.between(1, 80), downMs: MINUTE },
    ],
  },
  'what is kept for a claim does not fit the one that is made': {
    acts: () =>
      several(3).flatMap((name, index) => [
        create(5 * SECOND, claim(name), scratch),
        remove(10 * MINUTE, claim(name)),
        { kind: 'undelete' as const, atMs: 11 * MINUTE, ...claim(name), ...scratch, volumeName: name },
        create(11.5 * MINUTE, claim(name), {
          ...scratch,
          ...(index === 0 ? { sizeMi: 200 } : { mode: 'ReadWriteOnce' as const }),
        }),
      ]),
  },
  'what was deleted is taken back by a process that has heard nothing for a while': {
    replicas: 2,
    acts: (random) => [
      ...several(6).map((name) => create(5 * SECOND, claim(name), { className: 'archived' })),
      { kind: 'partition', atMs: MINUTE, replica: 0, forMs: 19 * MINUTE },
      ...several(6).flatMap((name) => [
        remove(20 * MINUTE + 5 * SECOND, claim(name)),
        create(20 * MINUTE + 5 * SECOND + random.between(500, 3_000), claim(name, 'shop'), { className: 'archived' }),
        {
          kind: 'undelete' as const,
          atMs: 20 * MINUTE + random.between(8_000, 20_000),
          ...claim(name),
          className: 'archived',
          volumeName: name,
        },
      ]),
    ],
  },
  'claims are copied while processes of exports end': {
    acts: (random) =>
      several(6).flatMap((name, index) => {
        const atMs = (2 + index) * MINUTE;
        return [
          create(5 * SECOND, claim(name), scratch),
          ...[60, 99].map((toMi) => ({ kind: 'fill' as const, atMs: 30 * SECOND, ...claim(name), toMi })),
          create(atMs, claim(`${name}-copy`), { ...scratch, source: name }),
          { kind: 'crash-children' as const, atMs: atMs + random.between(0, 200), steps: random.between(1, 60) },
          remove(30 * MINUTE, claim(`${name}-copy`)),
        ];
      }),
  },
  'copies land late, and their names are wanted by others': {
    acts: (random) =>
      several(4).flatMap((name, index) => {
        const atMs = (2 + 12 * index) * MINUTE;
        return [
          create(5 * SECOND, claim(name), scratch),
          { kind: 'export' as const, atMs: atMs - 50, trouble: { hangAt: 'rename' as const }, forMs: 12 * SECOND },
          create(atMs, claim(`${name}-copy`), { ...scratch, source: name }),
          remove(atMs + random.between(20, 20_000), claim(`${name}-copy`)),
          create(atMs + random.between(200, 30_000), claim(`${name}-next`), { ...scratch, volumeName: `${name}-copy` }),
        ];
      }),
  },
  'what is copied changes, goes, or is too large': {
    acts: (random) => [
      ...several(4).flatMap((name, index) => [
        create(5 * SECOND, claim(name), scratch),
        { kind: 'fill' as const, atMs: MINUTE, ...claim(name), toMi: 60 + index },
        create(2 * MINUTE, claim(`${name}-copy`), { ...scratch, source: name }),
        remove(2 * MINUTE + random.between(0, 300), claim(name)),
        create(5 * MINUTE, claim(name), { className: 'larder', sizeMi: 200 }),
        create(7 * MINUTE, claim(`${name}-second`), { className: 'larder', source: name }),
        create(7 * MINUTE, claim(`${name}-third`), {
          ...scratch,
          sizeMi: 200,
          source: name,
          volumeName: `${name}-copy`,
        }),
      ]),
      { kind: 'seed-directory', atMs: 1, path: 'scratch_full' },
      create(8 * MINUTE, claim('steady'), scratch),
      create(8 * MINUTE, claim('full'), { ...scratch, source: 'steady' }),
      create(8 * MINUTE, claim('itself'), { ...scratch, source: 'itself' }),
      create(8 * MINUTE, claim('nobody-s'), { ...scratch, source: 'nobody' }),
    ],
  },
  'an export is unmounted when a claim comes': {
    acts: () => [
      { kind: 'export', atMs: 4 * SECOND, trouble: { unmounted: true }, forMs: 5 * MINUTE },
      ...several(4).map((name, index) =>
        create((5 + 20 * index) * SECOND, claim(name), { className: 'glusterfs-nfs' }),
      ),
    ],
  },
  'nothing is measured while the API is out of reach of what was measured last': {
    acts: () => {
      const growth = { maxMi: 1_000, increase: '20%', minMi: 1 };
      const [name] = [claim('database')];
      return [
        create(5 * SECOND, name, { className: 'larder', growth }),
        { kind: 'fill', atMs: MINUTE, ...name, toMi: 50 },
        { kind: 'partition', atMs: 30 * MINUTE, replica: 0, forMs: 4 * HOUR },
        { kind: 'fill', atMs: 31 * MINUTE, ...name, toMi: 99 },
        { kind: 'lie', atMs: 55 * MINUTE, lie: 'silent', forMs: 6 * HOUR },
      ];
    },
  },
  'the largest size is near and no multiple of the step': {
    acts: () =>
      several(3).flatMap((name, index) => [
        create(5 * SECOND, claim(name), {
          className: 'larder',
          growth: { maxMi: 110 + index, increase: '20%', minMi: 1 },
        }),
        { kind: 'fill' as const, atMs: MINUTE, ...claim(name), toMi: 99 },
      ]),
  },
  'two claims of one namespace ask for a directory with data of old': {
    acts: (random) => [
      ...several(4).map((name) => ({ kind: 'seed-directory' as const, atMs: 1, path: `tree_${name}` })),
      ...several(4).flatMap((name) => [
        create(5 * SECOND, claim(`${name}-a`), { className: 'tree', volumeName: name }),
        create(5 * SECOND + random.between(0, 60), claim(`${name}-b`), { className: 'tree', volumeName: name }),
      ]),
    ],
  },
  'a directory is asked for while another process of its folder moves it away': {
    acts: (random) => [
      ...several(4).map((name) => create(5 * SECOND, claim(name), { className: 'scratch' })),
      { kind: 'export', atMs: 99 * SECOND, trouble: { slowMs: 1_500 }, forMs: 40 * SECOND },
      ...several(4).flatMap((name) => [
        remove(100 * SECOND, claim(name)),
        create(100 * SECOND + random.between(50, 6_000), claim(`${name}-next`), {
          className: 'scratch-local',
          volumeName: name,
        }),
      ]),
    ],
  },
  'a directory is asked for at the moment when its volume is to go': {
    acts: (random) => [
      ...several(6).map((name) => create(5 * SECOND, claim(name), { className: 'scratch' })),
      { kind: 'api', atMs: 99 * SECOND, faults: ['throttled', 'error', 'delay'], share: 0.5, forMs: 20 * SECOND },
      ...several(6).flatMap((name) => [
        remove(100 * SECOND, claim(name)),
        create(100 * SECOND + random.between(20, 1_500), claim(`${name}-next`), {
          className: 'scratch',
          volumeName: name,
        }),
      ]),
    ],
  },
  'the leader stops while it removes, and goes on when another has led for long': {
    replicas: 2,
    acts: (random) =>
      [0, 1, 2].flatMap((time) => {
        const atMs = (2 + 90 * time) * MINUTE;
        const removed = several(6).flatMap((each) => {
          const name = `${each}-${time}`;
          const next = create(atMs + 10 * MINUTE, claim(`${name}-next`), { ...scratch, volumeName: name });
          return [create(atMs - MINUTE, claim(name), scratch), remove(atMs, claim(name)), next];
        });
        const stops = [0, 1].map((replica) => ({
          kind: 'pause' as const,
          atMs: atMs - 20,
          replica,
          steps: random.between(2, 60),
          forMs: (20 + 20 * replica) * MINUTE,
        }));
        return [...removed, ...stops];
      }),
  },
  'the leader stops while it makes a directory, and goes on when another has given it to somebody': {
    replicas: 2,
    acts: (random) =>
      [0, 1].flatMap((replica) => {
        const atMs = 100 * SECOND + replica * 90 * MINUTE;
        return several(4).flatMap((name) => [
          create(atMs, claim(`${name}-${replica}`), { className: 'scratch', volumeName: `${name}-${replica}` }),
          remove(atMs + 2 * MINUTE, claim(`${name}-${replica}`)),
          create(atMs + 3 * MINUTE, claim(`${name}-${replica}-next`), {
            className: 'scratch',
            volumeName: `${name}-${replica}`,
          }),
          { kind: 'pause' as const, atMs: atMs - 20, replica, steps: random.between(2, 80), forMs: 40 * MINUTE },
        ]);
      }),
  },
  'who follows misses what the leader did last': {
    replicas: 2,
    acts: (random) => [
      { kind: 'crash', atMs: 1, replica: 1, steps: 1, downMs: MINUTE },
      ...several(4).flatMap((name) =>
        ['shop', 'blog'].map((namespace) =>
          create(200 * SECOND + random.between(0, 3), claim(name, namespace), { className: 'scratch' }),
        ),
      ),
      { kind: 'partition', atMs: 200 * SECOND + random.between(30, 60), replica: 1, forMs: MINUTE },
      { kind: 'crash', atMs: 280 * SECOND, replica: 0, steps: 1, downMs: HOUR },
    ],
  },
  'a volume is made Retain while the leader stands still before it removes': {
    replicas: 2,
    acts: (random) => [
      { kind: 'crash', atMs: 1, replica: 1, steps: 1, downMs: MINUTE },
      ...several(6).map((name) => create(5 * SECOND, claim(name), { className: 'scratch' })),
      { kind: 'pause', atMs: 100 * SECOND - 1, replica: 0, steps: random.between(2, 60), forMs: 30 * MINUTE },
      { kind: 'partition', atMs: 100 * SECOND - 1, replica: 1, forMs: MINUTE },
      ...several(6).flatMap((name) => [
        remove(100 * SECOND + random.between(0, 20), claim(name)),
        { kind: 'retain-volume' as const, atMs: 101 * SECOND, ...claim(name) },
      ]),
    ],
  },
  'a directory is to be taken back, and the export does not answer': {
    acts: () => [
      { kind: 'api', atMs: 4 * SECOND, faults: ['error'], share: 1, forMs: 20 * SECOND },
      ...several(14).flatMap((name) => [
        create(5 * SECOND, claim(name), { className: 'scratch' }),
        remove(15 * SECOND, claim(name)),
      ]),
      { kind: 'export', atMs: 14 * SECOND, trouble: { hangAt: 'rmdir' }, forMs: MINUTE },
      ...several(14).map((name) =>
        create(50 * SECOND, claim(`${name}-next`), { className: 'scratch', volumeName: name }),
      ),
    ],
  },
  'the leader is cut off, and comes back when another leads': {
    replicas: 2,
    acts: (random) => [
      ...several(6).map((name) => create(5 * SECOND, claim(name), { className: 'scratch' })),
      { kind: 'partition', atMs: 99 * SECOND, replica: 0, forMs: 12 * MINUTE },
      { kind: 'partition', atMs: 14 * MINUTE, replica: 1, forMs: 12 * MINUTE },
      ...several(6).flatMap((name) => {
        const atMs = 99 * SECOND + 12 * MINUTE + random.between(-2_000, 2_000);
        return [
          remove(atMs, claim(name)),
          create(atMs + random.between(20, 1_500), claim(`${name}-next`), { className: 'scratch', volumeName: name }),
        ];
      }),
    ],
  },
};

const all: Readonly<Record<string, Plot>> = {
  ...plots,
  ...growthPlots,
  ...momentPlots,
  ...storagePlots,
  ...secondPlots,
  ...returnPlots,
};

/** One of each, for the fixed part of a run. */
export const directedSeeds: readonly string[] = Object.keys(all).map((name) => `${name}/1`);

/** The history of a seed: a number draws one, a name with a number is one of those above. */
export function historyOf(seed: string): History {
  const [name = '', number] = seed.split('/');
  if (number === undefined) return writeHistory(seed);
  const plot = all[name];
  if (!plot)
    throw new RangeError(`no history is called ${JSON.stringify(name)}: there are ${Object.keys(all).join('; ')}`);
  const acts = plot.acts(createRandom(`${seed}/history`));
  const { replicas = 1, configured, second } = plot;
  const more = { ...(configured ? { configured } : {}), ...(second ? { second } : {}) };
  return completed({ seed, replicas, unrest: 1, acts, busyMs: 0, ...more });
}
