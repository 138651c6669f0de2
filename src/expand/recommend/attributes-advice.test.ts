import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesAdvice } from './attributes-advice.ts';
import { recommend } from './recommend.ts';

const EBS = 'ebs.csi.aws.com';
const there = (parameters: Readonly<Record<string, string>>, driverName = EBS) => ({
  attributesClassName: 'quick',
  attributesClass: { kind: 'there', driverName, parameters } as const,
});

test('a claim that names none has nothing said of one', () => {
  assert.equal(attributesAdvice({ attributesClassName: '' }, EBS), undefined);
});

test('what a class sets is told, and when it costs more than its GiB', () => {
  const told = (parameters: Readonly<Record<string, string>>) => attributesAdvice(there(parameters), EBS);
  const parameters = { type: 'gp3', iops: '6000', throughput: '125' };
  assert.deepEqual(told(parameters), { kind: 'attributes-set', name: 'quick', parameters, besides: true });
  const besides = (given: Readonly<Record<string, string>>): boolean | undefined => {
    const advice = told(given);
    return advice?.kind === 'attributes-set' ? advice.besides : undefined;
  };
  assert.equal(besides({ type: 'gp3', iops: '3000', throughput: '125' }), false);
  assert.equal(besides({ Type: 'GP3', Throughput: '126' }), true);
  assert.equal(besides({ type: 'io2', iops: '6000' }), false, 'of io2 all IOPS are paid for');
  assert.equal(besides({ iops: '6000' }), false, 'nobody knows of which type');
});

test('a class of another driver changes nothing, and an in-tree name is not taken for one', () => {
  const advice = attributesAdvice(there({ type: 'gp3' }, 'pd.csi.storage.gke.io'), EBS);
  const [driver, volumeDriver] = ['pd.csi.storage.gke.io', EBS];
  assert.deepEqual(advice, { kind: 'attributes-foreign', name: 'quick', driver, volumeDriver });
  assert.equal(attributesAdvice(there({ type: 'gp3' }), 'kubernetes.io/aws-ebs')?.kind, 'attributes-set');
  assert.equal(attributesAdvice(there({ type: 'gp3' }), '')?.kind, 'attributes-set');
});

test('one that is not there, was not read, or is of an operator that says nothing is told as such', () => {
  const told = (attributesClass: Parameters<typeof attributesAdvice>[0]['attributesClass']) =>
    attributesAdvice({ attributesClassName: 'quick', attributesClass }, EBS);
  assert.deepEqual(told({ kind: 'absent' }), { kind: 'attributes-absent', name: 'quick' });
  assert.deepEqual(told({ kind: 'unread', why: 'no' }), { kind: 'attributes-unread', name: 'quick', why: 'no' });
  assert.match(JSON.stringify(told(undefined)), /attributes-unread.*of a version that does not read them/);
});

test('it comes before what else is advised', () => {
  const gib = 2n ** 30n;
  const sizes = { minSize: gib, maxSize: undefined, stepSize: gib, modifications: undefined };
  const attributes = attributesAdvice(there({ type: 'gp2' }), EBS);
  const constraints = { ...sizes, volumeType: 'gp2' };
  const observed = { requestBytes: gib, points: [], provider: 'aws', constraints, attributes };
  const rules = { targetUse: 0.75, priceOf: () => undefined };
  assert.deepEqual(
    recommend(observed, rules).map(({ kind }) => kind),
    ['attributes-set', 'gp3', 'too-little-history'],
  );
});
