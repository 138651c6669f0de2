import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scheduleOf } from './schedule.ts';

const kept: readonly (readonly [string, string])[] = [
  ['*/5 * * * *', '*/5 * * * *'],
  ['0/2 3 * * *', '0/2 3 * * *'],
  ['  0   3 * * *  ', '0 3 * * *'],
  ['@daily', '@daily'],
  ['@HOURLY', '@hourly'],
  ['0 3 1 jan-mar ?', '0 3 1 JAN-MAR ?'],
  // the sixth field is the year, not the weekday and not seconds before the rest
  ['15 3 * * * *', '15 3 * * *'],
  // with seven the first is seconds
  ['0 15 3 * * * *', '15 3 * * *'],
  ['0 3 * * 7', '0 3 * * 0'],
  ['0 3 * * 5-7', '0 3 * * 5-6,0'],
  ['0 3 * * 0-7', '0 3 * * *'],
  ['0 3 * * Monday-friday', '0 3 * * MON-FRI'],
  ['0 3 * * sunday,3', '0 3 * * SUN,3'],
];

test('schedules that both sides read alike', () => {
  for (const [written, fields] of kept) assert.deepEqual(scheduleOf(written), { kind: 'schedule', fields }, written);
});

test('seconds that are lost are told', () => {
  assert.deepEqual(scheduleOf('30 15 3 * * * *'), {
    kind: 'schedule',
    fields: '15 3 * * *',
    difference: 'it starts at second 0 instead of 30',
  });
});

test('what five fields cannot say is not written', () => {
  const refused = [
    '0 0 1 1 * 2030',
    '*/10 * * * * * *',
    '0 0 L * *',
    '0 0 15W * *',
    '0 0 * * 5L',
    '0 0 * * 1#2',
    '@every 5m',
    '* * * *',
    '0 0 * * * * * *',
    '',
  ];
  for (const written of refused) assert.equal(scheduleOf(written).kind, 'none', written);
});

test('a schedule that is written has five fields, whatever came in', () => {
  const field = fc.oneof(
    fc.constantFrom('*', '?', '*/5', '1-5', '1,2', '0/3', 'MON', 'sun', '7', '0-7', 'L', '15W', '2#1', '2030'),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 8 }), (fields) => {
      const schedule = scheduleOf(fields.join(' '));
      if (schedule.kind === 'none') return;
      assert.ok(
        schedule.fields.startsWith('@') || /^(?:[\dA-Z*?,/-]+ ){4}[\dA-Z*?,/-]+$/i.test(schedule.fields),
        schedule.fields,
      );
    }),
  );
});
