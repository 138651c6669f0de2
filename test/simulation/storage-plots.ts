/** Histories about limits of directories, and about machines that sleep at the wrong moment, as those of directed.ts. */
import type { Plot } from './directed.ts';
import { type Act, type ClaimName, NAMESPACES } from './history.ts';
import { LIMITED } from './setting.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

type Asked = Omit<Act & { readonly kind: 'create' }, 'kind' | 'atMs' | 'namespace' | 'name' | 'growth' | 'mode'>;

const claim = (name: string): ClaimName => ({ namespace: 'blog', name });
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `case-${index}`);
const grown = { maxMi: 1_000, increase: '20%', minMi: 1 };

const limited = (atMs: number, name: string, asked: Partial<Asked> = {}): Act => ({
  kind: 'create',
  atMs,
  ...claim(name),
  className: LIMITED,
  volumeName: name,
  sizeMi: 100,
  mode: 'ReadWriteMany',
  growth: grown,
  ...asked,
});

const scratch = (atMs: number, name: string, asked: Partial<Asked> = {}): Act =>
  limited(atMs, name, { className: 'scratch', ...asked });

const remove = (atMs: number, name: string): Act => ({ kind: 'delete', atMs, ...claim(name) });
const fill = (atMs: number, name: string, toMi: number): Act => ({ kind: 'fill', atMs, ...claim(name), toMi });
const takeBack = (atMs: number, name: string): Act & { readonly kind: 'undelete' } => ({
  kind: 'undelete',
  atMs,
  ...claim(name),
  className: LIMITED,
  volumeName: name,
});

/** Three claims of one directory, the second of which is larger, grows, and goes later. */
const shared = (name: string, atMs: number): readonly Act[] => [
  limited(5 * SECOND, `${name}-small`, { volumeName: name }),
  limited(atMs, `${name}-large`, { volumeName: name, sizeMi: 300 }),
  limited(atMs + MINUTE, `${name}-late`, { volumeName: name }),
  { kind: 'resize', atMs: 20 * MINUTE, ...claim(`${name}-large`), times: 2 },
  remove(40 * MINUTE, `${name}-large`),
];

export const storagePlots: Readonly<Record<string, Plot>> = {
  'limited directories are made, shared, filled, grown, deleted and taken back': {
    acts: (random) => [
      { kind: 'seed-directory', atMs: 1, path: 'limited_old' },
      limited(5 * SECOND, 'old'),
      ...names(3).flatMap((name) => shared(`${name}-shared`, random.between(6, 9) * SECOND)),
      ...names(2).flatMap((name) => [limited(5 * SECOND, name), fill(MINUTE, name, 150)]),
      ...names(4).flatMap((name) => [
        limited(5 * SECOND, `${name}-asked`, { sizeMi: 100 }),
        {
          kind: 'resize' as const,
          atMs: 5 * MINUTE + random.between(0, 3 * SECOND),
          ...claim(`${name}-asked`),
          times: 2,
        },
      ]),
      ...names(2).flatMap((name) => [
        limited(5 * SECOND, `${name}-gone`),
        remove(10 * MINUTE, `${name}-gone`),
        takeBack(15 * MINUTE, `${name}-gone`),
      ]),
      // What is new has the limits of all others looked at, at the moment when they grow.
      ...names(8).map((name) => limited(5 * MINUTE + random.between(0, 3 * SECOND), `${name}-new`)),
      limited(5 * SECOND, 'kept'),
      { kind: 'retain-volume', atMs: 5 * MINUTE, ...claim('kept') },
      remove(10 * MINUTE, 'kept'),
      limited(12 * MINUTE, 'kept', { sizeMi: 300 }),
      ...names(2).flatMap((name) => [
        limited(5 * SECOND, `${name}-again`),
        remove(10 * MINUTE, `${name}-again`),
        limited(12 * MINUTE, `${name}-again`),
      ]),
      ...names(4).flatMap((name) => [
        limited(20 * SECOND, `${name}-midway`),
        remove(20 * SECOND + random.between(10, 200), `${name}-midway`),
      ]),
      limited(30 * SECOND, 'copy', { source: 'case-0' }),
      ...NAMESPACES.map((namespace) => ({ ...limited(MINUTE, 'wanted'), namespace })),
    ],
  },
  'claims of one limited directory grow at one moment': {
    acts: (random) => [
      ...names(6).flatMap((name) =>
        [100, 200, 300].flatMap((sizeMi, index) => {
          const claimed = `${name}-${index}`;
          const atMs = 5 * MINUTE + random.between(0, 60);
          return [
            limited(5 * SECOND, claimed, { volumeName: name, sizeMi }),
            { kind: 'resize' as const, atMs, ...claim(claimed), times: 2 },
          ];
        }),
      ),
    ],
  },
  'limits are set while the export hangs, and processes end': {
    acts: (random) =>
      names(6).flatMap((name, index) => {
        const atMs = (2 + 12 * index) * MINUTE;
        return [
          { kind: 'export' as const, atMs: atMs - 50, trouble: { hangAt: 'limit' as const }, forMs: 12 * SECOND },
          limited(atMs, name),
          { kind: 'crash-children' as const, atMs: atMs + random.between(0, 5_000), steps: random.between(1, 40) },
          {
            kind: 'export' as const,
            atMs: atMs + 2 * MINUTE,
            trouble: { hangAt: 'limit' as const },
            forMs: 40 * SECOND,
          },
          { kind: 'resize' as const, atMs: atMs + (120 + random.between(1, 5)) * SECOND, ...claim(name), times: 2 },
          remove(atMs + 5 * MINUTE, name),
          {
            kind: 'export' as const,
            atMs: atMs + 5 * MINUTE,
            trouble: { hangAt: 'limit' as const },
            forMs: 12 * SECOND,
          },
          takeBack(atMs + 5 * MINUTE + random.between(2, 40) * SECOND, name),
        ];
      }),
  },
  'a machine sleeps while it removes, and wakes when another has given the names away': {
    replicas: 2,
    acts: (random) =>
      [0, 1].flatMap((replica) => {
        const atMs = (2 + 90 * replica) * MINUTE;
        const removed = names(6).flatMap((each) => {
          const name = `${each}-${replica}`;
          return [
            scratch(atMs - MINUTE, name),
            remove(atMs, name),
            scratch(atMs + 12 * MINUTE, `${name}-next`, { volumeName: name }),
          ];
        });
        const [steps, childSteps] = [random.between(20, 150), random.between(1, 40)];
        return [
          ...removed,
          { kind: 'pause' as const, atMs: atMs - 20, replica, steps, childSteps, forMs: 25 * MINUTE },
        ];
      }),
  },
  'a process stops while it removes, and goes on when another has brought everything back': {
    replicas: 2,
    acts: (random) =>
      [0, 1].flatMap((replica) => {
        const atMs = (2 + 90 * replica) * MINUTE;
        const removed = names(6).flatMap((each) => {
          const name = `${each}-${replica}`;
          const again = { ...takeBack(atMs + 14 * MINUTE, name), className: 'scratch' };
          return [scratch(atMs - MINUTE, name), remove(atMs, name), again];
        });
        return [
          ...removed,
          { kind: 'pause' as const, atMs: atMs - 20, replica, steps: random.between(2, 80), forMs: 25 * MINUTE },
        ];
      }),
  },
  'what was deleted is taken back, and whoever does it hears nothing of what it wrote': {
    acts: (random) => [
      ...names(8).flatMap((name) => [scratch(5 * SECOND, name), remove(MINUTE, name)]),
      {
        kind: 'api',
        atMs: 3 * MINUTE,
        faults: ['error-applied', 'timeout-applied', 'timeout-late', 'error'],
        share: 0.7,
        forMs: MINUTE,
      },
      ...names(8).map((name, index): Act => {
        const atMs = 3 * MINUTE + random.between(0, 40) * SECOND;
        if (index % 2 === 0) return { ...takeBack(atMs, name), className: 'scratch' };
        return { kind: 'restore', atMs, ...claim(name), className: 'scratch', as: `${name}-back` };
      }),
    ],
  },
  'claims are copied at the moment when they go, and others get their directories': {
    acts: (random) =>
      names(6).flatMap((name, index) => {
        const atMs = (2 + index) * MINUTE;
        return [
          scratch(5 * SECOND, name),
          { ...scratch(atMs - 20 * SECOND, `${name}-next`, { volumeName: name }), namespace: 'shop' },
          scratch(atMs, `${name}-copy`, { className: 'larder', source: name }),
          remove(atMs + random.between(-40, 60), name),
        ];
      }),
  },
  'volumes with limits are saved late, while others share their directories': {
    acts: (random) => [
      {
        kind: 'api',
        atMs: 20 * SECOND,
        faults: ['error', 'timeout-late', 'timeout-applied'],
        share: 0.6,
        forMs: 12 * MINUTE,
      },
      ...names(4).flatMap((name) => shared(name, (30 + random.between(0, 60)) * SECOND)),
      ...names(4).map((name) => ({
        kind: 'resize' as const,
        atMs: 2 * MINUTE + random.between(0, 60) * SECOND,
        ...claim(`${name}-small`),
        times: 5,
      })),
    ],
  },
};
