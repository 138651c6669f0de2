import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { outsideWindow } from './maintenance-window.ts';

type Window = NonNullable<NodeSpec['maintenance']>;

const night: Window = { days: ['sat'], from: '02:00', to: '05:00' };
const overMidnight: Window = { days: ['fri', 'sat'], from: '22:00', to: '01:30' };
/** 2026-11-21 is a Saturday. */
const utc = (text: string): number => Date.parse(`2026-11-${text}:00Z`);

test('a window has its days, its hours, and the time zone of the cluster', () => {
  const rows: readonly (readonly [Window, string, string, boolean])[] = [
    [night, '21T02:00', 'Etc/UTC', true],
    [night, '21T04:59', 'Etc/UTC', true],
    [night, '21T05:00', 'Etc/UTC', false],
    [night, '21T01:59', 'Etc/UTC', false],
    [night, '20T03:00', 'Etc/UTC', false],
    [night, '21T01:00', 'Europe/Berlin', true],
    [night, '21T04:00', 'Europe/Berlin', false],
    [night, '20T16:00', 'Pacific/Auckland', false],
    [night, '20T13:30', 'Pacific/Auckland', true],
    [overMidnight, '20T22:00', 'Etc/UTC', true],
    [overMidnight, '21T00:00', 'Etc/UTC', true],
    [overMidnight, '21T01:30', 'Etc/UTC', false],
    [overMidnight, '22T01:00', 'Etc/UTC', true],
    [overMidnight, '22T23:00', 'Etc/UTC', false],
    [overMidnight, '20T01:00', 'Etc/UTC', false],
    [{ days: ['sat'], from: '00:00', to: '00:00' }, '21T13:00', 'Etc/UTC', true],
    [{ days: ['sat'], from: '00:00', to: '00:00' }, '22T13:00', 'Etc/UTC', false],
  ];
  for (const [maintenance, at, zone, inside] of rows)
    assert.equal(outsideWindow({ maintenance }, utc(at), zone) === undefined, inside, `${at} ${zone}`);
});

test('who is outside is told the window, and a node without one is never outside', () => {
  assert.equal(
    outsideWindow({ maintenance: overMidnight }, utc('18T12:00'), 'Etc/UTC'),
    'fri, sat 22:00–01:30 Etc/UTC',
  );
  assert.ok(outsideWindow({ maintenance: night }, utc('21T03:00'), 'Mars/Base'), 'nobody can say that it is inside');
  assert.equal(outsideWindow({}, utc('18T12:00'), 'Etc/UTC'), undefined);
});
