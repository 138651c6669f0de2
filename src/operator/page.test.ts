import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusAnswer, VolumeRow } from './api.ts';
import { page } from './page.ts';

const row: VolumeRow = {
  namespace: 'default',
  claim: 'data',
  volume: 'pvc-1',
  class: 'larder',
  phase: 'Bound',
  path: '/storage/v/x',
  directory: '/data/export/x',
  request: '20971520',
  capacity: '20971520',
  used: '10485760',
  inodes: '3',
  usedRatio: 0.5,
  measuredAt: 1,
  state: 'ok',
  verdict: 'Hold',
  summary: 'half full',
};
const status: StatusAnswer = { version: '1.2.3', startedAt: 0, leader: true, exports: [], volumes: [row] };

test('names that a namespace user controls cannot become markup', () => {
  const hostile = { ...row, claim: '<script>alert(1)</script>', path: `"><img src=x onerror='x'>` };
  const html = page({ ...status, volumes: [hostile] }, 0);
  assert.doesNotMatch(html, /<script|<img/);
  assert.match(html, /&#60;script&#62;/);
});

test('what needs a person comes before what is fine', () => {
  const html = page(
    { ...status, volumes: [row, { ...row, claim: 'troubled', state: 'needs you', usedRatio: 0.1 }] },
    0,
  );
  assert.ok(html.indexOf('troubled') < html.indexOf('default/data'));
});

test('a volume shows its share, its size and why', () => {
  const html = page(status, 0);
  assert.match(html, /50 % · 10 MiB of 20 MiB/);
  assert.match(html, /half full/);
});

test('a volume that was never measured has no bar that could be taken for an empty volume', () => {
  const { usedRatio: _, ...unmeasured } = row;
  const html = page({ ...status, volumes: [{ ...unmeasured, phase: 'Released', request: '', used: '' }] }, 0);
  assert.doesNotMatch(html, /<meter/);
  assert.match(html, /not in use · 20 MiB/);
  assert.match(html, /class="state busy">Released/);
});

test('without volumes the page says what to do next', () => {
  assert.match(page({ ...status, volumes: [] }, 0), /Apply a claim of class/);
});
