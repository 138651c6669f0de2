/** Histories about two servers, each with a folder of its own and its own way to limit directories, as those of directed.ts. */
import type { Plot } from './directed.ts';
import type { Act, ClaimName } from './history.ts';
import type { SeededRandom } from './random.ts';
import { LIMITED, SECOND } from './setting.ts';

const SECOND_MS = 1_000;
const MINUTE = 60 * SECOND_MS;

/** A claim for a directory of that name on one of the servers. */
interface Claimed extends ClaimName {
  readonly className: string;
  readonly volumeName: string;
}

const on = (className: string, volumeName: string): Claimed => ({
  className,
  volumeName,
  namespace: 'blog',
  name: className === SECOND ? `${volumeName}-there` : volumeName,
});
const onBoth = (name: string): readonly Claimed[] => [on(LIMITED, name), on(SECOND, name)];
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `case-${index}`);
const grown = { maxMi: 1_000, increase: '20%', minMi: 1 };

const make = (atMs: number, claim: Claimed, sizeMi = 100): Act => ({
  kind: 'create',
  atMs,
  ...claim,
  sizeMi,
  mode: 'ReadWriteMany',
  growth: grown,
});
const remove = (atMs: number, { namespace, name }: Claimed): Act => ({ kind: 'delete', atMs, namespace, name });
const takeBack = (atMs: number, claim: Claimed): Act => ({ kind: 'undelete', atMs, ...claim });
const fill = (atMs: number, { namespace, name }: Claimed, toMi: number): Act => ({
  kind: 'fill',
  atMs,
  namespace,
  name,
  toMi,
});
const resize = (atMs: number, { namespace, name }: Claimed): Act => ({
  kind: 'resize',
  atMs,
  namespace,
  name,
  times: 2,
});

/** What is done with directories of the same names, which have nothing to do with each other. */
const sameNames = (random: SeededRandom): readonly Act[] => [
  { kind: 'seed-directory', atMs: 1, path: `${SECOND}:limited_old` },
  ...onBoth('old').map((claim) => make(5 * SECOND_MS, claim)),
  ...names(3).flatMap((name) => [
    make(5 * SECOND_MS + random.between(0, 40), on(LIMITED, name)),
    make(5 * SECOND_MS + random.between(0, 40), on(SECOND, name), 300),
  ]),
  make(5 * SECOND_MS, { ...on(SECOND, 'case-0'), namespace: 'shop' }),
  fill(MINUTE, on(LIMITED, 'case-0'), 99),
  fill(MINUTE, on(SECOND, 'case-0'), 120),
  fill(MINUTE, on(SECOND, 'case-1'), 290),
  resize(4 * MINUTE, on(SECOND, 'case-2')),
  ...onBoth('gone').flatMap((claim) => [
    make(10 * SECOND_MS, claim),
    remove(10 * MINUTE + random.between(0, 40), claim),
    takeBack(15 * MINUTE, claim),
  ]),
  ...onBoth('again').flatMap((claim) => [
    make(10 * SECOND_MS, claim),
    remove(10 * MINUTE, claim),
    make(12 * MINUTE, claim),
  ]),
];

const TROUBLES = [
  { hang: true },
  { errno: 'EIO' },
  { hangAt: 'limit' },
  { unmounted: true },
  { readOnly: true },
  { slowMs: 300 },
  { slowMs: 300 },
] as const;

/** While one of them fails, the other one has much to do; then it is the other way round. */
const byTurns = (random: SeededRandom): readonly Act[] => [
  ...names(3).flatMap((name) => onBoth(name).map((claim) => make(5 * SECOND_MS, claim))),
  ...['', SECOND].flatMap((server, turn) => {
    const atMs = (4 + 60 * turn) * MINUTE;
    const [ailing, sound] = turn === 0 ? [LIMITED, SECOND] : [SECOND, LIMITED];
    const within = (): number => atMs + random.between(0, 8 * MINUTE);
    const shortly = (): number => atMs + MINUTE + random.between(500, 3_000);
    return [
      { kind: 'export' as const, atMs, server, trouble: random.pick(TROUBLES), forMs: 12 * MINUTE },
      ...names(9).flatMap((name) => [
        make(atMs + MINUTE, on(ailing, `${name}-${turn}-new`)),
        make(shortly(), on(sound, `${name}-${turn}-new`)),
      ]),
      ...[ailing, sound].flatMap((className) => [
        resize(within(), on(className, 'case-0')),
        remove(atMs + MINUTE, on(className, `case-${turn + 1}`)),
        takeBack(atMs + random.between(2, 6) * MINUTE, on(className, `case-${turn + 1}`)),
      ]),
    ];
  }),
];

/** More is asked of the server that hangs than is worked on at a time; what is asked of the other is done all the same. */
const crowd = (random: SeededRandom): readonly Act[] =>
  ['', SECOND].flatMap((server, turn) => {
    const atMs = (4 + 40 * turn) * MINUTE;
    const [ailing, sound] = turn === 0 ? [LIMITED, SECOND] : [SECOND, LIMITED];
    return [
      { kind: 'export' as const, atMs, server, trouble: { hang: true }, forMs: 5 * MINUTE },
      ...names(CROWD).map((name) => make(atMs + random.between(20, 60), on(ailing, `${name}-${turn}`))),
      ...names(8).map((name, index) => {
        const afterMs = index % 2 === 0 ? random.between(100, 160) : random.between(15_000, 90_000);
        return make(atMs + afterMs, { ...on(sound, `${name}-${turn}-sound`), namespace: 'shop' });
      }),
    ];
  });

/** More than the provisioner works on at a time. */
const CROWD = 40;

/** Whatever was done of a directory when its server failed, it is done in the end. */
const halfway = (random: SeededRandom): readonly Act[] => [
  { kind: 'export', atMs: MINUTE, server: SECOND, trouble: { errno: 'EIO', share: 0.15 }, forMs: 6 * MINUTE },
  ...names(24).map((name) => make(MINUTE + random.between(0, 4 * MINUTE), on(SECOND, name))),
  { kind: 'crash-children', atMs: 3 * MINUTE, steps: random.between(1, 40) },
];

/** Nobody is given a directory that does not look as asked. */
const looks = (random: SeededRandom): readonly Act[] => [
  ...['', SECOND].map((server) => ({
    kind: 'export' as const,
    atMs: MINUTE,
    server,
    trouble: { keepsLooks: true },
    forMs: random.between(5, 20) * MINUTE,
  })),
  { kind: 'seed-directory', atMs: 1, path: `${SECOND}:limited_old` },
  ...onBoth('old').map((claim) => make(2 * MINUTE, claim)),
  ...names(3).flatMap((name) => onBoth(name).map((claim) => make(random.between(59, 900) * SECOND_MS, claim))),
];

export const secondPlots: Readonly<Record<string, Plot>> = {
  'directories of two servers have the same names, and one server has GlusterFS': {
    second: 'glusterfs',
    acts: sameNames,
  },
  'directories of two servers have the same names, and one server has ext4': { second: 'ext4', acts: sameNames },
  'directories are made while their server fails now and then': { second: 'ext4', acts: halfway },
  'servers accept modes and owners, and keep those that they like': { second: 'ext4', acts: looks },
  'one of two servers hangs, and many wait for it': { second: 'ext4', acts: crowd },
  'one of two servers fails, and one has GlusterFS': { second: 'glusterfs', acts: byTurns },
  'one of two servers fails, and one has ext4': { second: 'ext4', acts: byTurns },
};
