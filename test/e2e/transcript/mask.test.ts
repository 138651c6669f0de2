import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mask } from './mask.ts';

const here = { url: 'https://127.0.0.1:4711', folder: '/srv/kubectl' };
const masked = (text: string): string => mask(text, here);
const uid = (digit: string): string => `${digit.repeat(8)}-1111-4111-8111-${digit.repeat(12)}`;

test('times, versions, tokens and addresses are taken out wherever they stand', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['at https://127.0.0.1:4711/api in /srv/kubectl/x', 'at https://<server>/api in <folder>/x'],
    ['creationTimestamp: "2026-01-02T03:04:05Z"', 'creationTimestamp: "<time>"'],
    ['time: 2026-01-02T03:04:05.123456Z', 'time: <time>'],
    ['x\t2026-01-02 03:04:05.123456789 +0000', 'x\t<time>'],
    ['CreationTimestamp:  Fri, 02 Jan 2026 03:04:05 +0000', 'CreationTimestamp:  <time>'],
    ['resourceVersion: "17"', 'resourceVersion: "<version>"'],
    ['{"resourceVersion":"17"}', '{"resourceVersion":"<version>"}'],
    ['\\"resourceVersion\\":\\"17\\"', '\\"resourceVersion\\":\\"<version>\\"'],
    ['  Resource Version:    17', '  Resource Version:    <version>'],
    ['token: eyJhbGciOi.eyJhdWQi.c2ln-_x', 'token: <token>'],
    ['clusterIP: 10.96.12.250', 'clusterIP: <service address>'],
    ['event/data.17f3a0b1c2d3e4f5', 'event/data.<time>'],
    ['names-gen-x2k4z created', 'names-gen-<generated> created'],
    ['--- /tmp/LIVE-123/v1.ConfigMap', '--- <LIVE>/v1.ConfigMap'],
    ['stored to "/tmp/kubectl-edit-3811.yaml"', 'stored to "<edited>"'],
  ];
  for (const [text, expected] of cases) assert.equal(masked(text), expected);
});

test('the log of the client is dropped', () => {
  assert.equal(masked('a\nE1121 12:18:54.127530   27758 reflector.go:227] "Failed" err="x"\nb\n'), 'a\nb\n');
});

test('identifiers keep who is who within an answer', () => {
  assert.equal(masked(`${uid('a')} ${uid('b')} ${uid('a')}`), '<uid 1> <uid 2> <uid 1>');
});

test('ages are taken out of tables, whose columns are as wide as they are', () => {
  assert.equal(masked('NAME   AGE    X\nb      119s   1\n'), 'NAME  AGE  X\nb  <age>  1\n');
  assert.equal(masked('NAME   AGE   X\nb      4m1s   1\n'), 'NAME  AGE  X\nb  <age>  1\n');
  assert.equal(masked('  Normal   12s (x3 over 2m)   said\n'), '  Normal  <age>  said\n');
});

test('what is no age stays, and so does the shape of a text without one', () => {
  for (const text of ['Tolerations: a:NoExecute for 300s', 'cpu: 100m', 'NAME   X\nb      1\n', 'x2s y', '20:30s']) {
    assert.equal(masked(text), text);
  }
});
