/** Histories about what is taken back while its claim is made again, as those of directed.ts. */
import type { Plot } from './directed.ts';
import type { Act, ClaimName } from './history.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const claim = (name: string): ClaimName => ({ namespace: 'blog', name });
const several = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `case-${index}`);

const create = (atMs: number, name: ClaimName, asked: { className: string; volumeName?: string }): Act => ({
  kind: 'create',
  atMs,
  ...name,
  volumeName: name.name,
  sizeMi: 100,
  mode: 'ReadWriteMany',
  growth: undefined,
  ...asked,
});

const remove = (atMs: number, name: ClaimName): Act => ({ kind: 'delete', atMs, ...name });

/** What may happen to the API at one time. */
const UNREST = [
  ['throttled', 'delay'],
  ['throttled', 'timeout-late'],
  ['error', 'error-applied'],
  ['reset', 'conflict'],
  ['timeout-applied', 'timeout', 'timeout-late'],
] as const;

export const returnPlots: Readonly<Record<string, Plot>> = {
  'claims are made while what they had is taken back, and the API is slow': {
    replicas: 2,
    acts: (random) => [
      ...several(8).flatMap((name, index) => {
        const className = ['scratch', 'archived', 'larder'][index % 3] ?? '';
        const atMs = (4 + index) * MINUTE + random.between(0, 20) * SECOND;
        return [
          create(5 * SECOND, claim(name), { className }),
          remove(2 * MINUTE, claim(name)),
          { kind: 'undelete' as const, atMs, ...claim(name), className, volumeName: name },
          create(atMs + random.between(500, 4_000), claim(name), { className }),
        ];
      }),
      { kind: 'api', atMs: 4 * MINUTE, faults: ['throttled', 'delay'], share: 0.5, forMs: 5 * MINUTE },
      { kind: 'api', atMs: 9 * MINUTE, faults: ['throttled', 'timeout-late'], share: 0.4, forMs: 5 * MINUTE },
      { kind: 'crash', atMs: 10 * MINUTE, replica: 0, steps: random.between(1, 80), downMs: MINUTE },
    ],
  },
  'claims come and go while what they had is taken back, and anything fails': {
    replicas: 2,
    acts: (random) => [
      ...several(10).flatMap((name, index) => {
        const className = ['scratch', 'archived', 'larder', 'limited'][index % 4] ?? '';
        const atMs = (4 + index) * MINUTE + random.between(0, 20) * SECOND;
        const same = random.chance(0.7);
        const meant = claim(same ? name : `${name}-back`);
        const volumeName = random.pick([name, meant.name]);
        return [
          create(5 * SECOND, claim(name), { className }),
          remove(2 * MINUTE, claim(name)),
          same
            ? { kind: 'undelete' as const, atMs, ...claim(name), className, volumeName: name }
            : { kind: 'restore' as const, atMs, ...claim(name), className, as: meant.name },
          create(atMs + random.between(-100, 6_000), meant, { className, volumeName }),
          ...(random.chance(0.4) ? [remove(atMs + random.between(40, 600) * SECOND, meant)] : []),
          ...(random.chance(0.3) ? [create(atMs + random.between(10, 90) * SECOND, meant, { className })] : []),
        ];
      }),
      ...several(4).map(() => ({
        kind: 'api' as const,
        atMs: random.between(4, 14) * MINUTE,
        faults: random.pick(UNREST),
        share: random.pick([0.3, 0.5, 0.7]),
        forMs: random.between(1, 5) * MINUTE,
      })),
      ...[0, 1].map((replica) => ({
        kind: 'crash' as const,
        atMs: random.between(4, 14) * MINUTE,
        replica,
        steps: random.between(1, 200),
        downMs: MINUTE,
      })),
      ...[0, 1].map(() => ({
        kind: 'export' as const,
        atMs: random.between(4, 14) * MINUTE,
        trouble: random.pick([{ hangAt: 'rename' }, { errno: 'EIO' }, { hangAt: 'mkdir' }] as const),
        forMs: random.pick([700, 12_000, 60_000]),
      })),
      { kind: 'crash-children', atMs: random.between(4, 14) * MINUTE, steps: random.between(1, 40) },
    ],
  },
  'claims are made while what they had is taken back, and what is saved for them is saved late': {
    acts: (random) => [
      ...several(10).flatMap((name, index) => {
        const className = ['scratch', 'archived', 'larder'][index % 3] ?? '';
        const atMs = (4 + index) * MINUTE;
        return [
          create(5 * SECOND, claim(name), { className }),
          remove(2 * MINUTE, claim(name)),
          { kind: 'undelete' as const, atMs, ...claim(name), className, volumeName: name },
          create(atMs + random.between(300, 5_000), claim(name), { className }),
        ];
      }),
      { kind: 'api', atMs: 4 * MINUTE, faults: ['delay', 'timeout-late'], share: 0.7, forMs: 12 * MINUTE },
      { kind: 'crash', atMs: 8 * MINUTE, replica: 0, steps: random.between(1, 200), downMs: MINUTE },
      { kind: 'crash', atMs: 11 * MINUTE, replica: 0, steps: random.between(1, 200), downMs: MINUTE },
    ],
  },
  'two ask at the same moment for what was deleted, each for a claim of its own': {
    acts: (random) =>
      several(16).flatMap((name, index) => {
        const atMs = (4 + index / 4) * MINUTE;
        const asked = { kind: 'restore' as const, ...claim(name), className: 'scratch' };
        return [
          create(5 * SECOND, claim(name), { className: 'scratch' }),
          remove(2 * MINUTE, claim(name)),
          { ...asked, atMs, as: `${name}-one` },
          { ...asked, atMs: atMs + random.between(0, 3), as: `${name}-other` },
        ];
      }),
  },
  'two directories are taken back for one claim, one after the other or at the same moment': {
    acts: (random) => [
      { kind: 'api', atMs: 10 * MINUTE - SECOND, faults: ['delay'], share: 0.4, forMs: 6 * MINUTE },
      ...several(12).flatMap((name, index) => {
        const atMs = (4 + index) * MINUTE;
        const laterMs = atMs + (index < 4 ? random.between(2_000, 20_000) : random.between(0, 60));
        const [own, other] = random.chance(0.5) ? [atMs, laterMs] : [laterMs, atMs];
        const className = 'larder';
        return [name, `${name}-other`].flatMap((each) => [
          create(5 * SECOND, claim(each), { className }),
          remove(2 * MINUTE, claim(each)),
          each === name
            ? { kind: 'undelete' as const, atMs: own, ...claim(name), className, volumeName: name }
            : { kind: 'restore' as const, atMs: other, ...claim(each), className, as: name },
        ]);
      }),
    ],
  },
  'claims are made while what they had is opened, and openings are heard of late': {
    acts: (random) => [
      ...several(12).flatMap((name, index) => {
        const atMs = (4 + index) * MINUTE;
        return [
          create(5 * SECOND, claim(name), { className: 'larder' }),
          remove(2 * MINUTE, claim(name)),
          { kind: 'undelete' as const, atMs, ...claim(name), className: 'larder', volumeName: name },
          create(atMs + random.between(1_000, 30_000), claim(name), { className: 'larder' }),
        ];
      }),
      { kind: 'api', atMs: 4 * MINUTE, faults: ['timeout-late', 'timeout'], share: 0.4, forMs: 12 * MINUTE },
    ],
  },
};
