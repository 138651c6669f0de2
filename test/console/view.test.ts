/** The pure functions of the page: what stands where, and in which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewOf, volumePath } from '../../console/frame/route.ts';
import { joinPoints, type Point, withRecent } from '../../console/live/recent.ts';
import { filterOf, troubleIn } from '../../console/table/filter.ts';
import { keepOrder, nextOrder, orderRows, orderText, parseOrder, usualOrder } from '../../console/table/order.ts';
import { decidingGate } from '../../console/volume/explained.ts';
import { fullInBand } from '../../console/volume/full-in.ts';
import { lifeOf } from '../../console/volume/life.ts';
import { measuredPoints, plotOf } from '../../console/volume/plot.ts';
import { editable, settingText } from '../../console/volume/setting-text.ts';
import { percentText, quantityText, sentenceText, sizeText, unbroken } from '../../console/words/size.ts';
import { countStates, stateLook } from '../../console/words/state.ts';
import { durationText, fullInText, relativeText } from '../../console/words/time.ts';
import { fieldsOf } from '../../src/expand/settings/settings.ts';
import { feedOf, type Happening, keyOfVolume } from '../../src/operator/console/feed.ts';
import { screenPaths } from '../../src/operator/console/screens.ts';
import { volumeRow } from '../../src/operator/console/volume-row.fixture.ts';

const HOUR_MS = 3_600_000;

test('sizes and shares are cut off, never rounded up, and what is not known is not zero', () => {
  assert.deepEqual(['', '0', '1023', '21474836480', '21474836479'].map(sizeText), [
    '—',
    '0 B',
    '1023 B',
    '20 Gi',
    '19.99 Gi',
  ]);
  assert.deepEqual(['20Gi', '1500M', '', 'odd'].map(quantityText), ['20 Gi', '1.39 Gi', '—', 'odd']);
  assert.deepEqual([undefined, 0, 0.004, 0.7999, 0.8, 1.25].map(percentText), [
    '—',
    '0 %',
    '< 1 %',
    '79 %',
    '80 %',
    '125 %',
  ]);
});

test('figures stand in the language of the reader, and a line does not end before the sign of one', (t) => {
  const { NumberFormat } = Intl;
  t.after(() => {
    Intl.NumberFormat = NumberFormat;
  });
  Object.defineProperty(Intl, 'NumberFormat', {
    ...{ configurable: true, writable: true },
    value: function German() {
      return new NumberFormat('de-DE');
    },
  });
  assert.equal(sizeText('21474836479'), '19,99 Gi');
  assert.equal(sentenceText('grows to 1.5Gi of 2.25Gi, version 1.2'), 'grows to 1,5 Gi of 2,25 Gi, version 1.2');
  assert.equal(unbroken('1 of 1 (100 %), at least 95 %'), '1 of 1 (100\u00a0%), at least 95\u00a0%');
});

test('behind the time to full stand the slowest and the fastest rate, and what they are known from', () => {
  const forecast = { kind: 'known', points: 18, spanMs: 72 * HOUR_MS, trusted: true } as const;
  const rate = (bytesPerHour: number) => ({ bytesPerHour, trustedMs: HOUR_MS });
  const vectors = [
    [{ robust: rate(10), recent: rate(30) }, '2 d – 6 d, from 18 measurements of 3 d'],
    [{ robust: rate(10) }, '6 d, from 18 measurements of 3 d'],
    [{ robust: rate(10), recent: rate(10.01) }, '5 d 23 h – 6 d, from 18 measurements of 3 d'],
    [{ robust: rate(10), recent: rate(-1) }, '6 d – never, from 18 measurements of 3 d'],
    [{ robust: rate(0), recent: rate(-5) }, 'does not fill, from 18 measurements of 3 d'],
    [{}, 'not known, from 18 measurements of 3 d'],
  ] as const;
  for (const [rates, said] of vectors) assert.equal(fullInBand({ ...forecast, ...rates }, 1_440), said);
  assert.equal(fullInBand({ ...forecast, robust: rate(1) }, -5), '0 s, from 18 measurements of 3 d', 'it is full');
});

test('sizes in a sentence are written as those beside it; what is copied stays as it is', () => {
  const vectors = [
    ['grows from 20Mi to 1.5Gi (95 % used)', 'grows from 20 Mi to 1.5 Gi (95 % used)'],
    ['no larger than 3Gi.', 'no larger than 3 Gi.'],
    ['larder grow pvc/a --to 24Gi, or --by=2Gi', 'larder grow pvc/a --to 24Gi, or --by=2Gi'],
    ['max-size is "5Gi"; write `6Gi` or max-size=7Gi', 'max-size is "5Gi"; write `6Gi` or max-size=7Gi'],
    ['volume a-5Gi of data-2Gi-x', 'volume a-5Gi of data-2Gi-x'],
  ] as const;
  for (const [given, text] of vectors) assert.equal(sentenceText(given), text);
});

test('times have the two largest units, and clocks that differ a little make no future', () => {
  assert.deepEqual([0, 59_999, 61_000, 3 * HOUR_MS + 61_000, 76 * HOUR_MS].map(durationText), [
    '0 s',
    '59 s',
    '1 min 1 s',
    '3 h 1 min',
    '3 d 4 h',
  ]);
  assert.deepEqual(
    [999, 5_000, 120_000, -4_000, -2 * HOUR_MS].map((age) => relativeText(10 * HOUR_MS - age, 10 * HOUR_MS)),
    ['now', '5 s ago', '2 min ago', 'now', 'in 2 h'],
  );
  assert.deepEqual([undefined, 0, 400 * 24 * HOUR_MS].map(fullInText), ['—', '0 s', '> 1 year']);
});

test('only a bound volume is judged; each state has a shape and a word of its own', () => {
  assert.equal(stateLook(volumeRow({ phase: 'Pending', state: 'ok' })).word, 'pending');
  const states = ['ok', 'filling', 'needs you', 'stuck', 'unknown', 'paused'];
  assert.deepEqual(
    states.map((state) => stateLook(volumeRow({ state })).word),
    states,
  );
  assert.equal(new Set(states.map((state) => stateLook(volumeRow({ state })).shape)).size, states.length);
  const rows = states.map((state) => volumeRow({ state }));
  assert.deepEqual(countStates(rows), { 'needs you': 1, filling: 1, stuck: 1, unknown: 1 });
});

test('every word of a filter must fit; states are whole words, and a word with a minus must not fit', () => {
  const rows = [
    volumeRow(),
    volumeRow({ namespace: 'dev', claim: 'gitlab-ok', state: 'needs you', path: '/storage/v/git' }),
    volumeRow({ namespace: 'dev', claim: 'cache', class: 'fast', state: 'filling', path: '/storage/v/c' }),
  ];
  const names = (text: string): readonly string[] => rows.filter(filterOf(text)).map(({ claim }) => claim);
  assert.deepEqual(names(''), ['plex-config', 'gitlab-ok', 'cache']);
  assert.deepEqual(names('namespace:dev'), ['gitlab-ok', 'cache']);
  assert.deepEqual(names('NS:dev -state:filling'), ['gitlab-ok']);
  assert.deepEqual(names('state:needs-you,filling'), ['gitlab-ok', 'cache']);
  assert.deepEqual(names('state:ok'), ['plex-config']);
  assert.deepEqual(names('class:fast cache'), ['cache']);
  assert.deepEqual(names('media/plex'), ['plex-config']);
  assert.deepEqual(names('constructor:x'), []);
});

test('a filter that finds nothing says which of its words nothing could fit', () => {
  assert.equal(troubleIn('plex state:stuck,ok -ns:media'), undefined);
  assert.match(troubleIn('state:full') ?? '', /^"full" is no state. There are needs-you, stuck, /);
  assert.match(troubleIn('-nmae:plex') ?? '', /^"nmae:" is no field. There are namespace: ns: name: /);
});

test('what calls for a person comes first, and equal rows do not change places', () => {
  const rows = [
    volumeRow({ claim: 'b', usedRatio: 0.2 }),
    volumeRow({ claim: 'a', usedRatio: 0.2 }),
    volumeRow({ claim: 'c', state: 'stuck' }),
    volumeRow({ claim: 'd', state: 'needs you' }),
    volumeRow({ claim: 'e', usedRatio: 0.9, fullInMs: 5 }),
  ];
  const names = (order = usualOrder): string =>
    orderRows(rows, order)
      .map(({ claim }) => claim)
      .join('');
  assert.equal(names(), 'dceab');
  assert.equal(names({ by: 'used', descending: true }), 'ecdab');
  assert.equal(names({ by: 'full', descending: false }), 'eabcd');
  assert.deepEqual(parseOrder(orderText({ by: 'size', descending: true })), { by: 'size', descending: true });
  assert.deepEqual([parseOrder(null), parseOrder('-nonsense')], [usualOrder, usualOrder]);
  assert.deepEqual(nextOrder(usualOrder, 'used'), { by: 'used', descending: true });
  assert.deepEqual(nextOrder({ by: 'used', descending: true }, 'used'), { by: 'used', descending: false });
});

test('while somebody reads, rows keep their places: new ones come at the end, gone ones leave', () => {
  const claims = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
  fc.assert(
    fc.property(claims, claims, (before, now) => {
      const rows = now.map((claim) => volumeRow({ claim }));
      const kept = keepOrder(rows, before, ({ claim }) => claim).map(({ claim }) => claim);
      assert.deepEqual([...kept].sort(), [...now].sort());
      const stayed = before.filter((claim) => now.includes(claim));
      assert.deepEqual(kept.slice(0, stayed.length), stayed);
    }),
  );
});

test('every address names its view and back again, and each is one that the server answers', () => {
  const name = fc.stringMatching(/^[a-z0-9%/ü.-]{1,12}$/);
  fc.assert(
    fc.property(name, name, (namespace, claim) => {
      assert.deepEqual(viewOf(volumePath(namespace, claim)), { kind: 'volume', namespace, name: claim });
    }),
  );
  assert.deepEqual(viewOf('/volumes/'), { kind: 'volumes' });
  assert.deepEqual(viewOf('/volumes/%E0%A4%A/x'), { kind: 'nowhere' });
  assert.deepEqual(viewOf('/constructor'), { kind: 'nowhere' });
  for (const path of screenPaths) assert.notEqual(viewOf(path.replaceAll(':', '')).kind, 'nowhere', path);
});

test('measurements that come while the page is open are kept in order, and go with their volume', () => {
  const feed = (at: number, used: string, ...claims: readonly string[]) =>
    feedOf({
      ...{ head: { version: '', cluster: '', startedAt: 0, leader: true, apiUp: true }, exports: [], happenings: [] },
      volumes: claims.map((claim) => volumeRow({ claim, measuredAt: at, used })),
    });
  const first = feed(1, '1', 'a', 'b');
  const recent = withRecent(new Map(), undefined, first);
  const key = keyOfVolume(volumeRow({ claim: 'a' }));
  const later = withRecent(recent, first, feed(2, '5', 'a'));
  assert.deepEqual(
    later.get(key)?.map(([at, used]) => [at, used]),
    [
      [1, 1],
      [2, 5],
    ],
  );
  assert.equal(later.size, 1);
  assert.equal(withRecent(later, feed(2, '5', 'a'), feed(2, '6', 'a')), later, 'an older measurement is no news');
  assert.deepEqual(
    joinPoints(
      [[1, 1, 9]],
      [
        [1, 2, 9],
        [3, 3, 9],
      ],
    ),
    [
      [1, 1, 9],
      [3, 3, 9],
    ],
  );
});

const decision = {
  ...{ summary: '', at: 0, state: 'ok', verdict: { kind: 'Hold' }, baseBytes: '0', next: { action: '' } },
  ...{ gates: [], settings: {}, problems: [], samples: [], growths: [], notes: [], management: { kind: 'managed' } },
} as const;

test('the chart joins what is remembered, in memory and new; the forecast begins at the last measurement and ends where it is not trusted', () => {
  const samples = [{ at: 20, usedBytes: '4', capacityBytes: '10' }];
  const points = measuredPoints(
    [
      [30, 5, 10],
      [10, 1, 10],
    ],
    { ...decision, samples },
    [[40, 6, 10]],
  );
  assert.deepEqual(
    points.map(([at]) => at),
    [10, 20, 30, 40],
  );
  const rate = { bytesPerHour: HOUR_MS, trustedMs: 4 };
  const forecast = {
    kind: 'known',
    points: 4,
    spanMs: 30,
    robust: rate,
    recent: { ...rate, bytesPerHour: 0 },
  } as const;
  const plot = plotOf(points, { ...decision, forecast }, 0.8);
  for (const series of [plot.used, plot.size, plot.threshold, plot.slow, plot.fast]) {
    assert.equal(series.length, plot.at.length);
  }
  assert.deepEqual([plot.slow[3], plot.fast[3]], [6, 6], 'both lines begin at the measurement');
  assert.deepEqual([plot.slow.at(-1), plot.fast.at(-1), plot.at.at(-1)], [6, 10, 0.044]);
  assert.equal(plot.threshold[0], 8);
  const line: readonly Point[] = [];
  assert.deepEqual(plotOf(line, undefined).at, []);
  const growths = [25, 99].map((at) => ({ at, fromBytes: '10', toBytes: '20', trigger: 'space' }));
  const stepped = plotOf(points, { ...decision, growths }, 0.8);
  assert.deepEqual(
    [stepped.at[2], stepped.used[2], stepped.size[2]],
    [0.025, null, 20],
    'the size steps where it grew',
  );
  assert.equal(stepped.at.length, 5, 'what is beyond the measurements is not drawn');
});

test('the gate that decides is the one that the verdict names, else the first that does not pass', () => {
  const gate = (name: string, outcome: 'pass' | 'fail' | 'skip') => ({ name, outcome, compared: [], reason: '' });
  const gates = [gate('managed', 'pass'), gate('window', 'skip'), gate('storage', 'fail'), gate('quota', 'fail')];
  assert.equal(decidingGate({ verdict: { kind: 'Blocked', gate: 'quota' }, gates }), 'quota');
  assert.equal(decidingGate({ verdict: { kind: 'Hold' }, gates }), 'storage');
  assert.equal(decidingGate({ verdict: { kind: 'Expand' }, gates: [gate('managed', 'pass')] }), undefined);
});

test('a setting is shown as it may be written again', () => {
  const values: Readonly<Record<string, unknown>> = {
    threshold: 0.825,
    increase: { kind: 'quantity', bytes: '5368709120' },
    'min-scale-up': '1073741824',
    'max-size': '107374182400',
    cooldown: 5_400_000,
    'full-within': 86_400_000,
    'inodes-threshold': 0.9,
    'approval-above': 'never',
  };
  const texts = new Map(editable.map(({ key }) => [key, settingText(key, values[key])]));
  assert.deepEqual([...texts.values()], ['82.5%', '5Gi', '1Gi', '100Gi', '1h30m', '1d', '90%', 'never']);
  const fields = Object.values(fieldsOf((key) => texts.get(key)));
  assert.equal(fields.filter((field) => field?.ok).length, editable.length);
  assert.equal(settingText('threshold', undefined), '');
});

test('the life of a volume is what was told of its claim and volume, and the growths that the claim remembers', () => {
  const told = (name: string, kind: string, at: number): Happening => ({
    ...{ id: `${kind}${name}`, at, count: 1, type: 'Normal', kind, namespace: 'media', name },
    ...{ reason: 'Told', message: '' },
  });
  const happenings = [
    told('plex-config', 'PersistentVolumeClaim', 5),
    told('other', 'PersistentVolumeClaim', 4),
    told('pvc-1', 'PersistentVolume', 3),
  ];
  const growths = [{ at: 4, fromBytes: '1073741824', toBytes: '2147483648', trigger: 'storage' }];
  const life = lifeOf(volumeRow(), happenings, { growths });
  assert.deepEqual(
    life.map(({ at, message }) => `${at} ${message}`.trim()),
    ['5', '4 from 1 Gi to 2 Gi, for storage', '3'],
  );
});
