import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configured } from '../decide.fixture.ts';
import { configurationLayers } from '../settings/configuration.ts';
import { fieldsOf } from '../settings/settings.ts';
import { type Layer, type Level, layersOf, overruled, type Places, resolvePolicy } from './policy.ts';

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

type Word = 'true' | 'false' | 'nope' | undefined;
const words: readonly Word[] = [undefined, 'true', 'false', 'nope'];
const levels = ['claim', 'group', 'named', 'high', 'low', 'namespace', 'class'] as const;
type Said = Readonly<Record<(typeof levels)[number], Word>>;

/** Rule 7 told by cases, as a reader of it would. */
function ruleSeven(said: Said): string {
  const meaning = (word: Word): string => (word === 'true' ? 'managed' : word === 'nope' ? 'invalid' : 'unmanaged');
  if (said.claim !== undefined) return meaning(said.claim);
  const forbids = (word: Word): boolean => word === 'false' || word === 'nope';
  if (forbids(said.namespace) || forbids(said.class)) return meaning(said.namespace ?? said.class);
  for (const word of [said.group, said.named, said.high, said.low]) if (word !== undefined) return meaning(word);
  return said.namespace === 'true' || said.class === 'true' ? 'managed' : 'unmanaged';
}

test('over all combinations of levels: false on claim, namespace or class beats policies and groups, else the nearest decides', () => {
  const seen = { managed: 0, unmanaged: 0, invalid: 0 };
  for (let number = 0; number < words.length ** levels.length; number += 1) {
    const word = (index: number): Word => words[Math.floor(number / words.length ** index) % words.length];
    const [claim, group, named, high, low, namespace, storageClass] = levels.map((_, index) => word(index));
    const said: Said = { claim, group, named, high, low, namespace, class: storageClass };
    const at = (level: Level, enabled: Word): Layer => layer(level, enabled === undefined ? {} : { enabled });
    const { management } = resolve({
      claim: at('claim', claim),
      group: at('group', group),
      policyByName: at('policy-by-name', named),
      policiesBySelector: [
        { ...at('policy-by-selector', low), priority: 1, name: 'low' },
        { ...at('policy-by-selector', high), priority: 2, name: 'high' },
      ],
      namespace: at('namespace', namespace),
      class: at('class', storageClass),
    });
    if (management.kind !== ruleSeven(said)) assert.equal(management.kind, ruleSeven(said), JSON.stringify(said));
    seen[management.kind] += 1;
  }
  assert.equal(seen.managed + seen.unmanaged + seen.invalid, 4 ** 7);
  for (const count of Object.values(seen)) assert.ok(count > 1_000, JSON.stringify(seen));
});

test('what is broken of a place stops the claim, whatever nearer places say', () => {
  const broken = [{ field: 'spec.selector', value: '', reason: 'must be a label selector' }];
  const policy = { ...layer('policy-by-selector', {}, 'policy a'), broken, priority: 0, name: 'a' };
  const { management, problems } = resolve({
    claim: layer('claim', { enabled: 'true' }),
    policiesBySelector: [policy],
  });
  assert.equal(management.kind, 'managed');
  assert.deepEqual(problems, [{ ...broken[0], source: { level: 'policy-by-selector', label: 'policy a' } }]);
});

test('nobody manages a claim that nothing enables, whatever else is set', () => {
  const { management } = resolve({ claim: layer('claim', { threshold: '50%' }) });
  assert.deepEqual(management, {
    kind: 'unmanaged',
    reason: 'nothing enables it: set annotation pvc-chonker.io/enabled: "true"',
  });
});

test('an unreadable switch of the claim, its namespace or its class stops what a group enables', () => {
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

test('of a value that is a quarter of a megabyte the beginning is shown, and a whole number of characters', () => {
  const { problems } = resolve({ claim: layer('claim', { threshold: '💾'.repeat(65_000) }) });
  assert.equal(problems[0]?.value, `${'💾'.repeat(80)}… (130000 characters)`);
  const { management } = resolve({ claim: layer('claim', { enabled: 'y'.repeat(81) }) });
  assert.ok(management.kind === 'invalid' && management.problem.value === `${'y'.repeat(80)}… (81 characters)`);
});
