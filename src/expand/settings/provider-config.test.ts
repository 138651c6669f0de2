import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured } from '../decide.fixture.ts';
import { parseProviderConfig } from './provider-config.ts';

test('a mapping, pairs and JSON say the same', () => {
  const value = { 'aws.lookups': 'true', 'aws.maxSize.gp3': '16Ti', 'lookups.perSecond': '2' };
  for (const raw of [
    { aws: { lookups: true, maxSize: { gp3: '16Ti' } }, lookups: { perSecond: 2 } },
    { 'aws.lookups': 'true', aws: { 'maxSize.gp3': '16Ti' }, 'lookups.perSecond': 2 },
    'aws.lookups=true, aws.maxSize.gp3=16Ti,lookups.perSecond=2',
    '{"aws":{"lookups":true,"maxSize":{"gp3":"16Ti"}},"lookups":{"perSecond":2}}',
  ]) {
    assert.deepEqual(parseProviderConfig(raw), { ok: true, value });
  }
  for (const raw of ['', {}, null, undefined]) assert.deepEqual(parseProviderConfig(raw), { ok: true, value: {} });
});

test('what is no such mapping is refused', () => {
  for (const raw of ['aws', 'a=1,=2', '{', [], { a: [1] }, { a: { b: { c: { d: { e: 'deep' } } } } }, 7]) {
    assert.equal(parseProviderConfig(raw).ok, false, JSON.stringify(raw));
  }
  assert.deepEqual(parseProviderConfig('a=1,a=2'), { ok: false, reason: 'names a twice' });
});

test('it is one row of the configuration, and shown as one line', () => {
  const { values, origins } = configured({ file: { ProviderConfig: { aws: { region: 'eu-west-1' } } } });
  assert.deepEqual(values.providerConfig, { 'aws.region': 'eu-west-1' });
  const origin = origins.find(({ key }) => key === 'providerConfig');
  assert.deepEqual(origin, { key: 'providerConfig', text: '{"aws":{"region":"eu-west-1"}}', source: 'file' });
});
