import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured, GIB } from '../decide.fixture.ts';
import { forecastSettings } from '../forecast/forecast-settings.ts';
import {
  type ConfigurationInput,
  configurationRows,
  configurationSchema,
  resolveConfiguration,
} from './configuration.ts';
import { safetySettings } from './safety-settings.ts';

const problemsOf = (input: Partial<ConfigurationInput>): readonly string[] => {
  const resolved = resolveConfiguration({ flags: {}, env: {}, file: undefined, ...input });
  return resolved.kind === 'invalid' ? resolved.problems.map(({ message }) => message) : [];
};
const sourceOf = (input: Partial<ConfigurationInput>, key: string): string | undefined =>
  configured(input).origins.find((origin) => origin.key === key)?.source;

test('the defaults are those of the reference', () => {
  const { values } = configured();
  // Those of a Prometheus, those that hold growth back and those of looking ahead have tables and tests of their own.
  const elsewhere = (key: string): boolean =>
    key.startsWith('prometheus') || Object.hasOwn(safetySettings, key) || Object.hasOwn(forecastSettings, key);
  const own = Object.fromEntries(Object.entries(values).filter(([key]) => !elsewhere(key)));
  assert.deepEqual(own, {
    watchInterval: 60_000,
    defaultThreshold: 0.8,
    defaultInodesThreshold: 0.8,
    defaultIncrease: { kind: 'percentage', ratio: 0.1 },
    minScaleUp: GIB,
    defaultMaxSize: 1_000n * GIB,
    defaultCooldown: 900_000,
    provider: '',
    providerConfig: {},
    enableMetrics: true,
    metricsCompat: new Set(),
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
    kubeletInterval: 60_000,
    usageShare: 0.05,
    kubeletVolumeStats: false,
    overcommitWarning: undefined,
    prices: { perType: {}, currency: '' },
    cleanBelowFree: undefined,
    cleanEarly: 'none',
    enableWebhook: false,
    webhookPort: 9_443,
    webhookCertificateLifetime: 30 * 86_400_000,
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

test('what cannot be a port or a life of a certificate is refused with what can', () => {
  assert.deepEqual(problemsOf({ flags: { webhookPort: '70000', webhookCertificateLifetime: '1s' } }), [
    'webhookPort (flag --webhook-port) is "70000" and must be a port from 0 (any free one) to 65535',
    'webhookCertificateLifetime (flag --webhook-certificate-lifetime) is "1s" and must be a duration from "5s" to "365d", for example "30d"',
  ]);
});

test('the spelling of the requirement is accepted in the file', () => {
  const { values } = configured({
    file: { WatchInterval: '5s', DryRun: 'true', MinScaleUp: '2Gi', EnableWebhook: true },
  });
  assert.deepEqual([values.watchInterval, values.dryRun, values.minScaleUp], [5_000, true, 2n * GIB]);
  assert.equal(values.enableWebhook, true);
  assert.deepEqual(problemsOf({ file: { WatchInterval: '5s', watchInterval: '6s' } }), [
    'watchInterval is in the file twice, in two spellings',
  ]);
});

test('every name of the requirement’s ChonkerConfig is known to the file, the environment and the command line', () => {
  const given = {
    WatchInterval: '2m',
    DefaultThreshold: '85%',
    DefaultInodesThreshold: '86%',
    DefaultIncrease: '15%',
    MinScaleUp: '2Gi',
    DefaultMaxSize: '2000Gi',
    DefaultCooldown: '20m',
    Provider: 'aws',
    ProviderConfig: 'aws.region=eu-west-1',
    EnableWebhook: 'true',
    EnableMetrics: 'false',
    DryRun: 'true',
    MaxParallel: '3',
  };
  const keys = Object.keys(given).map((name) => name.charAt(0).toLowerCase() + name.slice(1));
  const words = keys.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  const texts = Object.values(given);
  const forms: readonly (readonly [Partial<ConfigurationInput>, RegExp])[] = [
    [{ file: given }, /^file$/],
    [{ env: Object.fromEntries(words.map((word, at) => [`PVC_CHONKER_${word}`, texts[at]])) }, /^environment PVC_/],
    [{ env: Object.fromEntries(words.map((word, at) => [`LARDER_${word}`, texts[at]])) }, /^environment LARDER_/],
    [{ flags: Object.fromEntries(keys.map((key, at) => [key, texts[at]])) }, /^flag --/],
  ];
  for (const [input, source] of forms) {
    const { origins, values } = configured(input);
    const said = origins.filter((origin) => source.test(origin.source)).map(({ key, text }) => [key, text]);
    assert.deepEqual(Object.fromEntries(said), Object.fromEntries(keys.map((key, at) => [key, texts[at]])));
    assert.deepEqual([values.enableWebhook, values.minScaleUp, values.maxParallel], [true, 2n * GIB, 3]);
  }
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
