import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpec } from '../spec/read-spec.ts';
import { readNodes, specText } from './answers.ts';

const roles = (words: readonly string[]): readonly string[] => {
  const read = readNodes(words);
  return read.kind === 'nodes' ? read.nodes.map(({ role }) => role) : assert.fail(read.problems.join());
};

test('the first three of three or more are servers, and one of fewer', () => {
  assert.deepEqual(roles(['a=192.0.2.1', 'b=192.0.2.2']), ['server-agent', 'worker']);
  const four = ['a=192.0.2.1', 'b=192.0.2.2', 'c=192.0.2.3', 'd=192.0.2.4'];
  assert.deepEqual(roles(four), ['server-agent', 'server-agent', 'server-agent', 'worker']);
  assert.deepEqual(roles(['a=192.0.2.1=worker', 'b=fd00::2=server']), ['worker', 'server-agent']);
});

test('all that is no node is told at once', () => {
  const read = readNodes(['a', 'b=192.0.2.2=king', 'c=192.0.2.3', '=x', 'd=1=server=2']);
  assert.equal(read.kind, 'malformed');
  assert.deepEqual(read.kind === 'malformed' && read.problems.map((problem) => problem.split(' ', 1)[0]), [
    'a',
    'b=192.0.2.2=king',
    '=x',
    'd=1=server=2',
  ]);
});

test('what is written is a cluster.yaml without an error, also for names that YAML would read otherwise', () => {
  const read = readNodes(['123=192.0.2.1', 'no=192.0.2.2']);
  assert.ok(read.kind === 'nodes');
  const made = readSpec(specText({ name: 'attic', nodes: read.nodes, user: 'pi' }), '2026-03-01');
  assert.ok(made.kind === 'spec', JSON.stringify(made));
  assert.deepEqual(
    made.spec.nodes.map(({ name, address, ssh }) => [name, address, ssh.user]),
    [
      ['123', '192.0.2.1', 'pi'],
      ['no', '192.0.2.2', 'pi'],
    ],
  );
  assert.equal(Object.keys(made.spec.runbooks).length, 9);
});
