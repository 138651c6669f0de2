/** Histories in which people rule on growth, as those of directed.ts: each leads to the places that one rule is about. */
import type { Plot } from './directed.ts';
import { CLOUD, type Rules } from './growth-acts.ts';
import type { Act } from './history.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const PAUSED = 'larder.dev/paused';
const GRANT = 'larder.dev/allow-group-from';
const APPROVED = 'larder.dev/approved-up-to';

type Growth = (Act & { readonly kind: 'create' })['growth'];

const own = (maxMi: number): Growth => ({ maxMi, increase: '20%', minMi: 1 });

const make = (
  atMs: number,
  name: string,
  more: {
    readonly sizeMi?: number;
    readonly growth?: Growth;
    readonly className?: string;
    readonly namespace?: string;
  } = {},
): Act => ({
  kind: 'create',
  atMs,
  namespace: more.namespace ?? 'blog',
  name,
  className: more.className ?? 'larder',
  volumeName: name,
  sizeMi: more.sizeMi ?? 100,
  mode: 'ReadWriteMany',
  growth: more.growth,
});

const policy = (atMs: number, name: string, priority: number, rules: Rules, namespace = 'blog'): Act => ({
  kind: 'policy',
  atMs,
  namespace,
  name,
  priority,
  rules: { increase: '20%', minMi: 1, ...rules },
});

const fill = (atMs: number, name: string, toMi: number, namespace = 'blog'): Act => ({
  kind: 'fill',
  atMs,
  namespace,
  name,
  toMi,
});

const note = (atMs: number, name: string, key: string, value?: string, namespace = 'blog'): Act => ({
  kind: 'note',
  atMs,
  namespace,
  name,
  key,
  ...(value === undefined ? {} : { value }),
});

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `case-${index}`);

export const growthPlots: Readonly<Record<string, Plot>> = {
  'policies speak for claims that say nothing, and change their mind': {
    acts: () => [
      policy(3 * SECOND, 'rule-weak', 1, { thresholdPercent: 10, maxMi: 500 }),
      policy(3 * SECOND, 'rule-strong', 2, { thresholdPercent: 50, maxMi: 150, cooldownMinutes: 60 }),
      policy(3 * SECOND, 'rule-strong', 2, { maxMi: 500 }, 'shop'),
      note(4 * SECOND, '', 'pvc-chonker.io/enabled', 'false', 'shop'),
      make(5 * SECOND, 'silent'),
      make(5 * SECOND, 'calm'),
      make(5 * SECOND, 'says', { growth: own(110) }),
      make(5 * SECOND, 'vetoed', { namespace: 'shop' }),
      make(5 * SECOND, 'lost'),
      note(20 * SECOND, 'lost', 'pvc-chonker.io/policy', 'nobody'),
      fill(MINUTE, 'silent', 60),
      fill(MINUTE, 'calm', 30),
      fill(MINUTE, 'says', 99),
      fill(MINUTE, 'vetoed', 99, 'shop'),
      fill(MINUTE, 'lost', 99),
      fill(5 * HOUR, 'silent', 145),
      { kind: 'unmake', atMs: 8 * HOUR, what: 'policy', namespace: 'blog', name: 'rule-strong' },
      fill(9 * HOUR, 'calm', 50),
    ],
  },
  'growth is paused, approved and wished for': {
    acts: (random) => [
      policy(3 * SECOND, 'rule', 1, { maxMi: 300, approvalMi: 130 }),
      ...names(3).flatMap((name) => [make(5 * SECOND, name), fill(70 * MINUTE, name, 120)]),
      note(MINUTE, 'case-0', PAUSED, 'true'),
      note(MINUTE, '', PAUSED, 'true', 'shop'),
      make(5 * SECOND, 'other', { namespace: 'shop', growth: own(300) }),
      fill(70 * MINUTE, 'other', 99, 'shop'),
      note(6 * HOUR, '', PAUSED, undefined, 'shop'),
      note(6 * HOUR, 'case-0', PAUSED),
      note(7 * HOUR, 'case-1', APPROVED, '200Mi'),
      make(8 * HOUR, 'wanted', { growth: own(400) }),
      { kind: 'wish', atMs: 8.5 * HOUR, namespace: 'blog', name: 'wanted', toMi: 170 + random.between(0, 9) },
      { kind: 'wish', atMs: 9.5 * HOUR, namespace: 'blog', name: 'wanted', toMi: 900 },
      { kind: 'wish', atMs: 9.5 * HOUR, namespace: 'blog', name: 'case-2', toMi: 290 },
    ],
  },
  'first sizes are given to new claims, whether a webhook answers or not': {
    acts: (random) => [
      make(5 * SECOND, 'old', { growth: own(900) }),
      policy(2 * HOUR, 'rule', 1, { initialMi: 300, maxMi: 500 }),
      make(2.5 * HOUR, 'fresh'),
      make(2.5 * HOUR, 'small', { growth: own(150) }),
      make(2.5 * HOUR, 'large', { sizeMi: 200, growth: own(150) }),
      { kind: 'crash', atMs: 4 * HOUR - random.between(1, 5_000), replica: 0, steps: 1, downMs: 20 * MINUTE },
      ...names(3).map((name) => make(4 * HOUR + random.between(0, 2_000), name)),
    ],
  },
  'what is taken back keeps its size, whatever is said of new claims': {
    acts: () =>
      names(3).flatMap((name) => [
        make(5 * SECOND, name, { className: 'scratch' }),
        { kind: 'delete' as const, atMs: 10 * MINUTE, namespace: 'blog', name },
        policy(11 * MINUTE, 'rule', 1, { initialMi: 300 }),
        {
          kind: 'undelete' as const,
          atMs: 15 * MINUTE,
          namespace: 'blog',
          name,
          className: 'scratch',
          volumeName: name,
        },
      ]),
  },
  'a group follows its largest member, as far as it is let': {
    acts: () => [
      {
        kind: 'group',
        atMs: 3 * SECOND,
        namespace: 'blog',
        name: 'team',
        coordination: 'largest',
        app: 'case',
        rules: { maxMi: 260 },
      },
      {
        kind: 'group',
        atMs: 3 * SECOND,
        namespace: 'blog',
        name: 'reach',
        coordination: 'largest',
        members: [
          { namespace: 'shop', name: 'far-0' },
          { namespace: 'blog', name: 'near-0' },
        ],
        rules: {},
      },
      ...names(3).map((name) => make(5 * SECOND, name)),
      make(5 * SECOND, 'near-0', { sizeMi: 256 }),
      make(5 * SECOND, 'far-0', { namespace: 'shop' }),
      make(5 * SECOND, 'huge', { sizeMi: 1024 }),
      fill(HOUR, 'case-1', 190),
      note(6 * HOUR, '', GRANT, 'blog', 'shop'),
    ],
  },
  'a group goes by the mean of what its members need': {
    acts: () => [
      {
        kind: 'group',
        atMs: 3 * SECOND,
        namespace: 'blog',
        name: 'team',
        coordination: 'average',
        app: 'case',
        rules: {},
      },
      ...names(3).map((name, index) => make(5 * SECOND, name, { sizeMi: index === 0 ? 1024 : 100 })),
      fill(90 * MINUTE, 'case-1', 430),
      { kind: 'crash', atMs: 3 * HOUR, replica: 0, steps: 1, downMs: 5 * MINUTE },
    ],
  },
  'the members of a group grow, and go': {
    acts: () => [
      {
        kind: 'group',
        atMs: 3 * SECOND,
        namespace: 'blog',
        name: 'team',
        coordination: 'largest',
        app: 'only',
        rules: {},
      },
      make(5 * SECOND, 'only'),
      fill(MINUTE, 'only', 90),
      { kind: 'delete', atMs: 30 * MINUTE, namespace: 'blog', name: 'only' },
    ],
  },
  'a namespace has used up what it may grow by in a day, and the process is restarted': {
    configured: { bytesPerNamespaceDay: '60Mi' },
    acts: (random) => [
      ...names(5).flatMap((name, index) => [
        make(5 * SECOND, name, { growth: own(900) }),
        fill((10 + 70 * index) * MINUTE, name, 90),
      ]),
      { kind: 'crash', atMs: 160 * MINUTE + random.between(0, 20) * SECOND, replica: 0, steps: 1, downMs: MINUTE },
    ],
  },
  'volumes of a cloud are changed seldom': {
    acts: (random) => [
      policy(3 * SECOND, 'rule', 1, { maxMi: 100 * 1024, cooldownMinutes: 15 }),
      ...names(2).flatMap((name, index) => [
        make(5 * SECOND, name, { className: CLOUD, sizeMi: 1024 }),
        fill(MINUTE, name, 1_000),
        fill(2 * HOUR, name, 5_000 + 4_000 * index),
      ]),
      { kind: 'crash', atMs: 2 * HOUR + random.between(0, 90) * SECOND, replica: 0, steps: 20, downMs: MINUTE },
    ],
  },
  'a cloud calls sizes impossible, and others of the group go by what is granted': {
    acts: () => [
      {
        kind: 'group',
        atMs: 3 * SECOND,
        namespace: 'blog',
        name: 'team',
        coordination: 'largest',
        app: 'case',
        rules: {},
      },
      make(5 * SECOND, 'case-0', { className: CLOUD, sizeMi: 10 * 1024 }),
      make(5 * SECOND, 'case-1', { className: CLOUD, sizeMi: 10 * 1024 }),
      { kind: 'driver', atMs: 30 * SECOND, mostMi: 12 * 1024 },
      { kind: 'resize', atMs: HOUR, namespace: 'blog', name: 'case-0', times: 3 },
      make(5 * SECOND, 'alone', {
        className: CLOUD,
        sizeMi: 8 * 1024,
        growth: { maxMi: 64 * 1024, increase: '100%', minMi: 1 },
      }),
      fill(2 * HOUR, 'alone', 7_900),
      make(5 * SECOND, 'tight', { className: CLOUD, sizeMi: 12 * 1024, growth: own(64 * 1024) }),
      fill(2 * HOUR, 'tight', 11_900),
    ],
  },
  'a driver fails, and many volumes are full': {
    acts: () => [
      policy(3 * SECOND, 'rule', 1, {}),
      ...names(14).map((name) => make(5 * SECOND, name, { className: CLOUD, sizeMi: 2048 })),
      { kind: 'driver', atMs: 30 * SECOND, fails: true },
      ...names(5).map((name) => fill(MINUTE, name, 2_040)),
      ...names(14)
        .slice(5)
        .map((name) => fill(25 * MINUTE, name, 2_040)),
      { kind: 'driver', atMs: 100 * MINUTE },
    ],
  },
};
