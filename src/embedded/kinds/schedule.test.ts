import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isTimeZone, scheduleProblem } from './schedule.ts';

const GOOD = [
  '* * * * *',
  '*/5 * * * *',
  '0 1 * * mon-fri',
  '5,10-20/2 0 1 jan-dec/2 ?',
  '@hourly',
  '@every 1h30m',
  '0 0 31 12 6',
];

for (const schedule of GOOD) {
  test(`${schedule} is a schedule`, () => assert.equal(scheduleProblem(schedule), undefined));
}

const WRONG: readonly (readonly [schedule: string, problem: string])[] = [
  ['often', 'expected exactly 5 fields, found 1: [often]'],
  ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['@often', 'unrecognized descriptor: @often'],
  ['@every day', 'failed to parse duration @every day: time: invalid duration "day"'],
];

for (const [schedule, problem] of WRONG) {
  test(`${schedule} is refused`, () => assert.equal(scheduleProblem(schedule), problem));
}

test('whatever is in it, a schedule is good or has a problem', () => {
  fc.assert(fc.property(fc.string(), (text) => scheduleProblem(text) === undefined || scheduleProblem(text) !== ''));
});

test('time zones are those of the world', () => {
  assert.equal(isTimeZone('Etc/UTC'), true);
  assert.equal(isTimeZone('Europe/Berlin'), true);
  assert.equal(isTimeZone('Moon/Base'), false);
});
