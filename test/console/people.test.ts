/** Accounts of the embedded cluster at the console port. `users.real.test.ts` asks the same of a real one, and in a browser. */
import { after, before, test } from 'node:test';
import { clientOf } from '../e2e/claims.ts';
import { type Larder, startLarder, temporaryFolder } from '../e2e/larder.ts';
import {
  aStrangerSeesNothing,
  eachDoesWhatTheClusterLets,
  eachSeesWhatTheClusterLets,
  nobodyElseComesIn,
  oneKeepsNobodyBusy,
} from './people.ts';
import { makeUsers } from './users.ts';

const removals: (() => void)[] = [];
let larder: Larder;
let stage: Parameters<typeof eachSeesWhatTheClusterLets>[0];

before(async () => {
  larder = await startLarder(temporaryFolder((remove) => removals.push(remove)));
  const client = await clientOf(larder);
  stage = { client, console: larder.console, users: await makeUsers(client) };
});
after(async () => {
  larder.kill('SIGKILL');
  await larder.exited; // it would write into what is removed
  for (const remove of removals) remove();
});

test('an account of the cluster sees what the cluster lets it, and nothing else', () =>
  eachSeesWhatTheClusterLets(stage));
test('an account without a role sees nothing', () => aStrangerSeesNothing(stage));
test('an account of the cluster does what the cluster lets it, and nothing else', () =>
  eachDoesWhatTheClusterLets(stage));
test('forged tokens, foreign pages and names that lead here from elsewhere are refused', () =>
  nobodyElseComesIn(stage));
test('one who asks very much of the console neither stops it nor has it ended', () => oneKeepsNobodyBusy(stage));
