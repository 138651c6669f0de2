/** The answer to "is the cluster well?", from what was recorded. What nobody has looked at is not well. */
import type { z } from 'zod';
import type { State } from '../state.ts';
import type { healthView } from './view.ts';

/**
 * The original contract has a time here and no word for "never". The beginning of the epoch is the time that lets every
 * client which compares ages raise its alarm.
 */
const NEVER = '1970-01-01T00:00:00Z';

export function health({ probe, incidents, alertRoutes }: State): z.infer<typeof healthView> {
  const tests = [...alertRoutes.values()].flatMap(({ lastTestedAt }) => lastTestedAt ?? []);
  const lastAlertTest = tests.reduce((newest, each) => (Date.parse(each) > Date.parse(newest) ? each : newest), NEVER);
  const outstandingIncidents = [...incidents.values()].filter(({ status }) => status !== 'closed').length;
  if (probe === undefined) return { ...nothingKnown, lastAlertTest, outstandingIncidents };
  const { controlPlaneHealthy, workerCount, etcdQuorum, observedAt } = probe;
  const status = controlPlaneHealthy && etcdQuorum ? 'healthy' : 'degraded';
  return { controlPlaneHealthy, workerCount, etcdQuorum, lastAlertTest, outstandingIncidents, status, observedAt };
}

const nothingKnown = {
  controlPlaneHealthy: false,
  workerCount: 0,
  etcdQuorum: false,
  status: 'unknown',
  observedAt: null,
} as const;
