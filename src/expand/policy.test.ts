import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configurationLayers } from './configuration.ts';
import { configured } from './decide.fixture.ts';
import { type Layer, type Level, layersOf, overruled, type Places, resolvePolicy } from './policy.ts';
import { fieldsOf } from './settings.ts';

type Texts = Readonly<Record<string, string>>;

function layer(level: Level, texts: Texts, label: string = level): Layer {
  return { source: { level, label }, fields: fieldsOf((key) => texts[key]) };
}

const configuration = configurationLayers(configured());
const resolve = (places: Partial<Places>) =>
  resolvePolicy(layersOf({ claim: layer('claim', {}), configuration, ...places }));

test('each field comes from the nearest place that says something, and keeps its name', () => {
  const { settings } = resolve({
    claim: layer('claim', { threshold: '70%' }),
    group: layer('group', { threshold: '60%', increase: '20%' }),
    policyByName: layer('policy-by-name', { increase: '30%', 'max-size': '50Gi' }),
    policiesBySelector: [
      { ...layer('policy-by-selector', { 'max-size': '60Gi', cooldown: '1h' }), priority: 0, name: 'a' },
    ],
    namespace: layer('namespace', { cooldown: '2h', 'max-step': '5Gi' }),
    class: layer('class', { 'max-step': '6Gi', 'min-scale-up': '2Gi' }),
  });
  assert.deepEqual(settings.threshold, { value: 0.7, source: { level: 'claim', label: 'claim' } });
  assert.equal(settings.increase.source.level, 'group');
  assert.equal(settings.maxSize.source.level, 'policy-by-name');
  assert.equal(settings.cooldown.source.level, 'policy-by-selector');
  assert.equal(settings.maxStep?.source.level, 'namespace');
  assert.equal(settings.minScaleUp.source.level, 'class');
  assert.equal(settings.inodesThreshold.source.level, 'built-in');
});

test('the configuration is weaker than every object and stronger than what is built in', () => {
  const layers = configurationLayers(configured({ flags: { defaultThreshold: '66%' } }));
  const plain = resolvePolicy(layersOf({ claim: layer('claim', {}), configuration: layers }));
  assert.deepEqual([plain.settings.threshold.value, plain.settings.threshold.source.level], [0.66, 'configuration']);
  const classed = { claim: layer('claim', {}), class: layer('class', { threshold: '50%' }), configuration: layers };
  assert.equal(resolvePolicy(layersOf(classed)).settings.threshold.value, 0.5);
});

test('of several matching policies the higher priority wins, then the lesser name, and explain can say who lost', () => {
  const policy = (name: string, priority: number, threshold: string) => ({
    ...layer('policy-by-selector', { threshold }, `policy ${name}`),
    name,
    priority,
  });
  const policies = [policy('b', 5, '50%'), policy('c', 9, '60%'), policy('a', 5, '40%')];
  const layers = layersOf({ claim: layer('claim', {}), policiesBySelector: policies, configuration });
  assert.equal(resolvePolicy(layers).settings.threshold.value, 0.6);
  assert.deepEqual(
    overruled(layers, 'threshold').map(({ label }) => label),
    ['policy a', 'policy b', 'built-in'],
  );
});

const places: readonly (readonly [keyof Places, Level])[] = [
  ['claim', 'claim'],
  ['group', 'group'],
  ['policyByName', 'policy-by-name'],
  ['namespace', 'namespace'],
  ['class', 'class'],
];

test('over all combinations: false on claim, namespace or class beats all, otherwise the nearest level decides', () => {
  const words = [undefined, 'true', 'false'] as const;
  const combinations = places.reduce<readonly (readonly (string | undefined)[])[]>(
    (rows) => [...rows].flatMap((row) => words.map((word) => [...row, word])),
    [[]],
  );
  assert.equal(combinations.length, 3 ** 5);
  for (const row of combinations) {
    const given = Object.fromEntries(
      places.map(([place, level], index) => [place, layer(level, row[index] ? { enabled: row[index] } : {})]),
    );
    const { management } = resolve(given);
    const [claim, , , namespace, storageClass] = row;
    const vetoed = [claim, namespace, storageClass].includes('false');
    const nearest = row.find((word) => word !== undefined);
    assert.equal(management.kind, !vetoed && nearest === 'true' ? 'managed' : 'unmanaged', row.join());
  }
});

test('nobody manages a claim that nothing enables, whatever else is set', () => {
  const { management } = resolve({ claim: layer('claim', { threshold: '50%' }) });
  assert.deepEqual(management, {
    kind: 'unmanaged',
    reason: 'nothing enables it: set annotation pvc-chonker.io/enabled: "true"',
  });
});

test('an unreadable switch stops the claim wherever a veto counts', () => {
  for (const place of ['claim', 'namespace', 'class'] as const) {
    const { management } = resolve({
      group: layer('group', { enabled: 'true' }),
      [place]: layer(place, { enabled: 'nope' }, `the ${place}`),
    });
    assert.equal(management.kind, 'invalid', place);
    if (management.kind === 'invalid') {
      assert.deepEqual([management.problem.field, management.problem.value], ['enabled', 'nope']);
      assert.equal(management.problem.source.label, `the ${place}`);
    }
  }
});

test('an invalid value in effect is a problem, one that a nearer place overrules is not', () => {
  const inEffect = resolve({
    claim: layer('claim', { enabled: 'true' }),
    class: layer('class', { threshold: 'high' }),
  });
  assert.deepEqual(
    inEffect.problems.map(({ field, value }) => [field, value]),
    [['threshold', 'high']],
  );
  const over = resolve({ claim: layer('claim', { threshold: '50%' }), class: layer('class', { threshold: 'high' }) });
  assert.deepEqual(over.problems, []);
});

test('what a stronger place says never depends on what weaker places say', () => {
  const texts = fc.record({ threshold: fc.integer({ min: 1, max: 99 }).map((n) => `${n}%`) });
  fc.assert(
    fc.property(texts, texts, texts, (claim, namespace, storageClass) => {
      const alone = resolve({ claim: layer('claim', claim) }).settings.threshold;
      const among = resolve({
        claim: layer('claim', claim),
        namespace: layer('namespace', namespace),
        class: layer('class', storageClass),
      }).settings.threshold;
      assert.deepEqual(among, alone);
    }),
    { numRuns: 50 },
  );
});
