import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ConfigurationInput,
  configurationRows,
  configurationSchema,
  resolveConfiguration,
} from './configuration.ts';
import { configured, GIB } from './decide.fixture.ts';

const problemsOf = (input: Partial<ConfigurationInput>): readonly string[] => {
  const resolved = resolveConfiguration({ flags: {}, env: {}, file: undefined, ...input });
  return resolved.kind === 'invalid' ? resolved.problems.map(({ message }) => message) : [];
};
const sourceOf = (input: Partial<ConfigurationInput>, key: string): string | undefined =>
  configured(input).origins.find((origin) => origin.key === key)?.source;

test('the defaults are those of the reference', () => {
  const { values } = configured();
  assert.deepEqual(values, {
    watchInterval: 60_000,
    defaultThreshold: 0.8,
    defaultInodesThreshold: 0.8,
    defaultIncrease: { kind: 'percentage', ratio: 0.1 },
    minScaleUp: GIB,
    defaultMaxSize: 1_000n * GIB,
    defaultCooldown: 900_000,
    provider: '',
    enableMetrics: true,
    dryRun: false,
    paused: false,
    maxParallel: 4,
    patchesPerSecond: 5,
    patchBurst: 20,
    breaches: 2,
    urgentThreshold: 0.97,
    expansionsPerDay: 6,
    stuckAfter: 1_800_000,
    kubeletTimeout: 10_000,
    usageShare: 0.05,
    kubeletVolumeStats: false,
    cleanBelowFree: undefined,
    cleanEarly: 'none',
  });
  assert.deepEqual(configurationSchema.parse({}), values);
});

test('a flag beats the environment, which beats the file, and each value knows its source', () => {
  const file = { watchInterval: '10s', defaultThreshold: '70%', dryRun: true };
  const env = { LARDER_WATCH_INTERVAL: '20s', PVC_CHONKER_DEFAULT_THRESHOLD: '75%' };
  const input = { file, env, flags: { watchInterval: '30s', dryRun: undefined } };
  const { values } = configured(input);
  assert.deepEqual([values.watchInterval, values.defaultThreshold, values.dryRun], [30_000, 0.75, true]);
  assert.equal(sourceOf(input, 'watchInterval'), 'flag --watch-interval');
  assert.equal(sourceOf(input, 'defaultThreshold'), 'environment PVC_CHONKER_DEFAULT_THRESHOLD');
  assert.equal(sourceOf(input, 'dryRun'), 'file');
  assert.equal(sourceOf(input, 'maxParallel'), 'built-in');
});

test('the spelling of the requirement is accepted in the file', () => {
  const { values } = configured({ file: { WatchInterval: '5s', DryRun: 'true', MinScaleUp: '2Gi' } });
  assert.deepEqual([values.watchInterval, values.dryRun, values.minScaleUp], [5_000, true, 2n * GIB]);
  assert.deepEqual(problemsOf({ file: { WatchInterval: '5s', watchInterval: '6s' } }), [
    'watchInterval is in the file twice, in two spellings',
  ]);
});

test('numbers of YAML are read as what they say', () => {
  assert.equal(configured({ file: { defaultThreshold: 85, breaches: 3 } }).values.defaultThreshold, 0.85);
});

test('no limit must be written', () => {
  assert.equal(configured({ file: { defaultMaxSize: 'unlimited' } }).values.defaultMaxSize, 'unlimited');
  assert.match(problemsOf({ file: { defaultMaxSize: '' } })[0] ?? '', /or "unlimited"/);
});

test('an unknown key is an error that names the nearest known one', () => {
  assert.deepEqual(problemsOf({ file: { watchIntervall: '5s' } }), [
    'unknown key "watchIntervall" (file): did you mean "watchInterval"?',
  ]);
  assert.deepEqual(problemsOf({ flags: { treshold: '5%' } }), [
    'unknown key "treshold" (flag): did you mean "defaultThreshold"?',
  ]);
});

test('every problem is reported at once, with key, source, value and what is accepted', () => {
  assert.deepEqual(problemsOf({ env: { LARDER_BREACHES: '0' }, file: { defaultThreshold: 'high', dryRun: [1] } }), [
    'defaultThreshold (file) is "high" and must be a percentage from 1 to 99, for example "80%" or "80"',
    'dryRun (file) is [1] and must be a text, a number, true or false',
    'breaches (environment LARDER_BREACHES) is "0" and must be a whole number from 1 to 10',
  ]);
  assert.match(problemsOf({ file: ['x'] })[0] ?? '', /must hold keys with values/);
});

test('each setting has a flag, two variables, a default and a description', () => {
  assert.equal(configurationRows.length, Object.keys(configurationSchema.shape).length);
  const row = configurationRows.find(({ key }) => key === 'defaultMaxSize');
  assert.deepEqual(row, {
    key: 'defaultMaxSize',
    flag: 'default-max-size',
    environment: ['LARDER_DEFAULT_MAX_SIZE', 'PVC_CHONKER_DEFAULT_MAX_SIZE'],
    fallback: '1000Gi',
    description: 'Largest size of a claim that names none; `unlimited` must be written.',
  });
  for (const { key, description } of configurationRows) assert.notEqual(description, '', key);
});
