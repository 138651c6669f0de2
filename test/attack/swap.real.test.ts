import { test } from 'node:test';
import { withstand } from './swap.ts';

const ROUNDS = 10_000;

test(`${ROUNDS} rounds under attack change nothing outside of the export, and nothing of another claim`, (t) =>
  withstand(t, ROUNDS));
