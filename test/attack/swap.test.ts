import { test } from 'node:test';
import { misleadTheNaive, withstand } from './swap.ts';

const ROUNDS = 1_500;

test(`${ROUNDS} rounds under attack change nothing outside of the export, and nothing of another claim`, (t) =>
  withstand(t, ROUNDS));

test('the same attack leads whoever works by whole paths out of the export', misleadTheNaive);
