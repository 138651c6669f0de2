import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultProviderOptions, optionRows, parseProviderOptions } from './options.ts';

test('what is not said is as the reference says, and the reference has every key', () => {
  assert.deepEqual(parseProviderOptions({}), { kind: 'options', options: defaultProviderOptions });
  assert.equal(defaultProviderOptions.aws.modificationIntervalMs, 6 * 3_600_000);
  assert.equal(defaultProviderOptions.aws.lookups, false);
  for (const { key, fallback } of optionRows) {
    if (fallback !== '') assert.equal(parseProviderOptions({ [key]: fallback }).kind, 'options', key);
  }
});

test('every problem is said at once, with the nearest key and the accepted form', () => {
  assert.deepEqual(
    parseProviderOptions({
      'aws.lookup': 'true',
      region: 'eu-west-1',
      'aws.modificationsPerDay': '0',
      'aws.ec2Endpoint': 'ec2.example.com',
      'azure.maxSize.Premium_LRS': 'much',
      'lookups.timeout': '1ms',
    }),
    {
      kind: 'invalid',
      problems: [
        'unknown key "aws.lookup" (providerConfig): did you mean "aws.lookups"? (accepted of aws are aws.lookups, aws.modificationsPerDay, aws.modificationInterval, aws.region, aws.profile, aws.ec2Endpoint, aws.stsEndpoint, aws.maxSize.TYPE)',
        'unknown key "region" (providerConfig): did you mean "aws.region"? (keys begin with aws, gcp, azure or lookups)',
        'providerConfig aws.modificationsPerDay is "0" and must be a whole number from 1 to 1000',
        'providerConfig aws.ec2Endpoint is "ec2.example.com" and must be an https address without a path, for example "https://ec2.eu-west-1.amazonaws.com", or empty',
        'providerConfig azure.maxSize.Premium_LRS is "much" and must be a quantity above zero, for example "10Gi"',
        'providerConfig lookups.timeout is "1ms" and must be a duration of at least 100ms',
      ],
    },
  );
});

test('an address for tokens is https, or on this machine', () => {
  const accepts = (address: string): boolean =>
    parseProviderOptions({ 'gcp.computeEndpoint': address }).kind === 'options';
  for (const good of [
    'https://compute.example',
    'https://compute.example:8443/',
    'http://127.0.0.1:80',
    'http://[::1]',
  ]) {
    assert.ok(accepts(good), good);
  }
  const bad = [
    'http://compute.example',
    'http://127.0.0.1.example',
    'https://u:p@compute.example',
    'https://a/b',
    'ftp://a',
  ];
  for (const each of bad) assert.ok(!accepts(each), each);
});

test('a role that a setting names is a file', () => {
  const named = optionRows.flatMap(({ description }) => description.match(/deploy\/iam\/[\w.-]+\w/g) ?? []);
  assert.equal(named.length, 3);
  for (const path of named) assert.ok(statSync(join(import.meta.dirname, '../..', path)).isFile(), path);
});
