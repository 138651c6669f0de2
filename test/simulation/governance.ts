/** Rules on growth for drawn histories, from streams of their own: what else happens in a history is the same without them. */
import { CLOUD, type Rules } from './growth-acts.ts';
import type { Act } from './history.ts';
import type { SeededRandom } from './random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SHARE = 0.3;
const NAMESPACES = ['blog', 'shop'] as const;
const WORKLOAD = 'claim';

/** `busyMs`: until when something happens anyway. */
export function drawGovernance(random: SeededRandom, busyMs: number): readonly Act[] {
  if (!random.chance(SHARE)) return [];
  const acts: Act[] = [];
  const when = (): number => random.between(1_000, busyMs);
  for (let count = random.between(1, 3); count > 0; count -= 1) acts.push(...ruling(random, when()));
  for (let count = random.between(1, 4); count > 0; count -= 1) acts.push(...word(random, when()));
  if (random.chance(0.4)) acts.push(...clouds(random, when()));
  return acts;
}

function ruling(random: SeededRandom, atMs: number): readonly Act[] {
  const namespace = random.pick(NAMESPACES);
  const name = `rule-${random.between(0, 2)}`;
  const rules = rulesOf(random);
  const made: Act = random.chance(0.5)
    ? { kind: 'policy', atMs, namespace, name, priority: random.between(0, 2), rules, ...appOf(random) }
    : {
        kind: 'group',
        atMs,
        namespace,
        name,
        rules,
        coordination: random.pick(['largest', 'largest', 'average', 'sum', 'independent']),
        ...(random.chance(0.6)
          ? { app: WORKLOAD }
          : { members: [0, 1, 2].map((index) => ({ namespace: random.pick(NAMESPACES), name: `claim-${index}` })) }),
      };
  if (random.chance(0.6)) return [made];
  return [made, { kind: 'unmake', atMs: atMs + random.between(1, 90) * MINUTE, what: made.kind, namespace, name }];
}

const appOf = (random: SeededRandom): { readonly app?: string } => (random.chance(0.5) ? { app: WORKLOAD } : {});

function rulesOf(random: SeededRandom): Rules {
  return {
    enabled: random.chance(0.9),
    thresholdPercent: random.pick([50, 80, 90]),
    increase: random.pick(['10%', '50%', '64Mi']),
    minMi: 1,
    maxMi: random.pick([130, 300, 1_200]),
    cooldownMinutes: random.pick([15, 45]),
    ...(random.chance(0.3) ? { initialMi: random.pick([128, 400]) } : {}),
    ...(random.chance(0.2) ? { approvalMi: 200 } : {}),
  };
}

/** What somebody says of one claim, or of a namespace, and takes back after a while. */
function word(random: SeededRandom, atMs: number): readonly Act[] {
  const namespace = random.pick(NAMESPACES);
  const claim = { namespace, name: `claim-${random.between(0, 7)}` };
  if (random.chance(0.3)) return [{ kind: 'wish', atMs, ...claim, toMi: random.pick([150, 333, 2_000]) }];
  const [of, key, value] = random.pick([
    [claim, 'larder.dev/paused', 'true'],
    [{ namespace, name: '' }, 'larder.dev/paused', 'true'],
    [{ namespace, name: '' }, 'larder.dev/allow-group-from', 'blog,shop'],
    [{ namespace, name: '' }, 'pvc-chonker.io/enabled', 'false'],
    [claim, 'pvc-chonker.io/policy', 'rule-0'],
    [claim, 'pvc-chonker.io/max-size', 'lots'],
    [claim, 'larder.dev/approved-up-to', '512Mi'],
  ] as const);
  const said: Act = { kind: 'note', atMs, ...of, key, value };
  if (random.chance(0.3)) return [said];
  return [said, { kind: 'note', atMs: atMs + random.between(1, 120) * MINUTE, ...of, key }];
}

const SETTING = 'pvc-chonker.io/';

/** When claims may grow, and what for, from another stream of its own: windows, snapshots, forecasts and inodes. */
export function drawMoments(random: SeededRandom, busyMs: number): readonly Act[] {
  if (!random.chance(SHARE)) return [];
  const acts: Act[] = [];
  for (let count = random.between(1, 4); count > 0; count -= 1) {
    acts.push(...random.pick([setting, setting, snapshots, smallFiles])(random, random.between(1_000, busyMs)));
  }
  return acts;
}

function setting(random: SeededRandom, atMs: number): readonly Act[] {
  const namespace = random.pick(NAMESPACES);
  const name = random.chance(0.5) ? '' : `claim-${random.between(0, 7)}`;
  const [key, value] = random.pick([
    ['window', '00:20-01:10'],
    ['window', 'Wed 01:00-03:00'],
    ['window', '10:00-12:00 Asia/Tokyo'],
    ['window', 'Tue 22:00-00:40'],
    ['snapshot-above', '10%'],
    ['full-within', '300m'],
    ['inodes-threshold', '50%'],
  ] as const);
  const said: Act = { kind: 'note', atMs, namespace, name, key: `${SETTING}${key}`, value };
  if (random.chance(0.5)) return [said];
  return [said, { ...said, atMs: atMs + random.between(1, 120) * MINUTE, value: undefined }];
}

function snapshots(random: SeededRandom, atMs: number): readonly Act[] {
  const claim = { namespace: random.pick(NAMESPACES), name: `claim-${random.between(0, 7)}` };
  if (random.chance(0.25)) return [{ kind: 'snapshot', atMs, ...claim }];
  return [{ kind: 'snapshot', atMs, ...claim, readyAfterMs: random.pick([5_000, 10 * MINUTE, HOUR]) }];
}

function smallFiles(random: SeededRandom, atMs: number): readonly Act[] {
  const claim = { namespace: 'blog', name: `disk-${random.between(0, 7)}` };
  return [
    { kind: 'files', atMs, ...claim, count: random.pick([140_000, 230_000, 260_000]) },
    { kind: 'driver', atMs: atMs - random.between(0, 900), inodesStay: random.chance(0.5) },
  ];
}

function clouds(random: SeededRandom, atMs: number): readonly Act[] {
  const growth = { maxMi: 40 * 1024, increase: '100%', minMi: 1 };
  const claims = Array.from({ length: random.between(1, 8) }, (_, index) => `disk-${index}`);
  const trouble = random.pick([{ fails: true }, { mostMi: 5 * 1024 }, {}]);
  return [
    ...claims.flatMap((name): readonly Act[] => {
      const claim = { namespace: 'blog', name };
      const asked = { className: CLOUD, volumeName: name, sizeMi: 4 * 1024, mode: 'ReadWriteOnce', growth } as const;
      return [
        { kind: 'create', atMs, ...claim, ...asked },
        {
          kind: 'fill',
          atMs: atMs + random.between(1, 60) * MINUTE,
          ...claim,
          toMi: random.pick([1_000, 3_500, 4_090]),
        },
      ];
    }),
    { kind: 'driver', atMs: atMs + 20_000, ...trouble },
    { kind: 'driver', atMs: atMs + HOUR + random.between(0, 60) * MINUTE },
  ];
}
