import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

const folder = join(import.meta.dirname, '../../deploy/iam');
const read = (name: string) => parse(readFileSync(join(folder, name), 'utf8'));

/** What the code asks each cloud for. */
const asked = {
  aws: ['DescribeVolumes', 'DescribeVolumesModifications'],
  gcp: ['compute.disks.get'],
  azure: ['Microsoft.Compute/disks/read'],
};

test('each role grants exactly what the look-ups ask for, and only reading', () => {
  const [statement] = read('aws-lookups.json').Statement;
  assert.deepEqual(
    statement.Action,
    asked.aws.map((action) => `ec2:${action}`),
  );
  assert.equal(statement.Effect, 'Allow');
  assert.deepEqual(read('gcp-lookups.yaml').includedPermissions, asked.gcp);
  assert.deepEqual(read('azure-lookups.json').Actions, asked.azure);
  const sources = ['aws', 'gcp', 'azure'].map((cloud) =>
    readFileSync(join(import.meta.dirname, `lookup/${cloud}.ts`), 'utf8'),
  );
  const text = sources.join('\n');
  for (const actions of Object.values(asked))
    for (const action of actions) assert.ok(text.includes(`'${action}'`), action);
});

test('a role can be taken by the account of the chart and of the documented roles, and by nobody else', () => {
  const irsa = read('aws-trust-irsa.json').Statement[0];
  assert.equal(irsa.Condition.StringEquals['OIDC_PROVIDER:sub'], 'system:serviceaccount:larder-system:larder');
  assert.deepEqual(read('aws-trust-pod-identity.json').Statement[0].Principal, { Service: 'pods.eks.amazonaws.com' });
  assert.deepEqual(readdirSync(folder).sort(), [
    'aws-lookups.json',
    'aws-trust-irsa.json',
    'aws-trust-pod-identity.json',
    'azure-lookups.json',
    'gcp-lookups.yaml',
  ]);
});
