/** The cluster as the console sees it: looked at with the rights of the operator, and alerts taken in the name of whoever asks. */
import { join } from 'node:path';
import { z } from 'zod';
import {
  ACKNOWLEDGED_AT_MOST_MS,
  acknowledgementPlan,
  alertMeant,
  runningSilence,
} from '../../cluster/alerts/acknowledgement.ts';
import {
  type Alertmanager,
  alertmanager,
  byAddress,
  byService,
  type ServicePlace,
} from '../../cluster/alerts/alertmanager.ts';
import { WatchError } from '../../cluster/registry.ts';
import { type AcknowledgeAnswer, acknowledgeRequest } from '../../cluster/sight/answer.ts';
import { type Acknowledgements, createSight, type Sight } from '../../cluster/sight/sight.ts';
import { HttpError } from '../../http/registry.ts';
import { isKubeError, messageOf } from '../../kube/error.ts';
import type { Recorder } from '../../ledger/recorder.ts';
import type {
  AcknowledgeOrder,
  ClusterSight,
  KnownRecords,
  SightWorld,
} from '../../operator/console/cluster-routes.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { CodedError } from '../../telemetry/registry.ts';
import { Exit } from '../exit.ts';
import { shellLine } from '../shell-line.ts';
import { duration } from './alerts/duration.ts';
import { SPEC_FILE } from './spec-file.ts';

export interface SightSetting {
  /** The folder of cluster.yaml. */
  readonly repository?: string;
  /** Of Alertmanager. */
  readonly address?: string;
  readonly service?: ServicePlace;
  readonly recorder?: Recorder;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function openSight(world: SightWorld, setting: SightSetting): ClusterSight {
  const alerts = alertsOf(world, setting);
  const { repository, recorder } = setting;
  const sight: Sight = createSight({
    ...world,
    ...(repository === undefined ? {} : { file: join(repository, SPEC_FILE) }),
    ...(alerts === undefined ? {} : { alerts }),
    clock: systemClock,
  });
  return {
    nodes: (signal) => asked(sight.nodes(signal)),
    certificates: (signal) => asked(sight.certificates(signal)),
    alerts: (known) => asked(sight.alerts(acknowledgementsOf(known))),
    acknowledge: (order, signal) => asked(acknowledge(order, { alerts, recorder }, signal)),
  };
}

function alertsOf({ client }: SightWorld, { address, service, env }: SightSetting): Alertmanager | undefined {
  if (address !== undefined) return alertmanager(byAddress(address, env['LARDER_ALERTMANAGER_TOKEN']), systemClock);
  return service && alertmanager(byService(client, service), systemClock);
}

function acknowledgementsOf(known: KnownRecords): Acknowledgements {
  if (typeof known === 'string') return known;
  return new Map(known.acknowledgements.map((each) => [each.fingerprint, each]));
}

interface Taking {
  readonly alerts: Alertmanager | undefined;
  readonly recorder: Recorder | undefined;
}

async function acknowledge(
  { body, viewer, known }: AcknowledgeOrder,
  { alerts, recorder }: Taking,
  signal: AbortSignal,
): Promise<AcknowledgeAnswer> {
  const read = acknowledgeRequest.safeParse(body);
  if (!read.success) throw badRequest(z.prettifyError(read.error));
  const { fingerprint, for: time, reason, dryRun } = read.data;
  const by = viewer.kind === 'account' ? viewer.name : read.data.by;
  if (by === '') throw badRequest('by is empty: say who takes care');
  if (alerts === undefined) throw refused('this operator was given no Alertmanager: start it with --alertmanager URL');
  const ms = durationOf(time);
  const alert = alertMeant(await alerts.alerts(), fingerprint, alerts.name);
  const earlierId = typeof known === 'string' ? undefined : silenceOf(known, alert.fingerprint);
  const earlier = earlierId === undefined ? undefined : runningSilence(await alerts.silences(), earlierId);
  const plan = acknowledgementPlan(alert, { ms, reason, by }, systemClock.now(), earlier);
  const words = ['larder', 'cluster', 'alerts', 'ack', alert.fingerprint, '--for', time, '--reason', reason];
  const answer = { changes: true, command: shellLine([...words, '--by', by]) };
  const data = plan.data;
  await recorder?.check({ type: 'alert-acknowledged', data }, signal);
  if (dryRun)
    return {
      ...answer,
      message: `${plan.what}${recorder === undefined ? '. Nothing is recorded: there is no ledger' : ''}`,
    };
  const silenceId = await alerts.silence(plan.silence);
  await recorded(recorder, { ...data, silenceId });
  return { ...answer, message: plan.what };
}

function silenceOf({ acknowledgements }: Exclude<KnownRecords, string>, wanted: string): string | undefined {
  return acknowledgements.find(({ fingerprint }) => fingerprint === wanted)?.silenceId;
}

type Taken = Extract<Parameters<Recorder['check']>[0], { type: 'alert-acknowledged' }>['data'];

async function recorded(recorder: Recorder | undefined, data: Taken): Promise<void> {
  if (recorder === undefined) return;
  const id = systemRandom.uuid();
  const event = { type: 'alert-acknowledged', data } as const;
  const file = recorder.keep(id, event);
  const outcome = await recorder.record(id, event);
  if (outcome.kind === 'recorded') return;
  throw new HttpError(
    'LARDER_HTTP_INTERNAL',
    500,
    `the alert is silent, and the ledger does NOT say so: ${outcome.why}. Append it when that is mended: larder ledger append ${file}`,
  );
}

function durationOf(text: string): number {
  const ms = durationOrRefused(text);
  if (ms > ACKNOWLEDGED_AT_MOST_MS) throw badRequest(`${text} is longer than 7d: take it again when that is over`);
  return ms;
}

function durationOrRefused(text: string): number {
  try {
    return duration(text);
  } catch (cause) {
    if (cause instanceof Exit) throw badRequest(cause.message);
    throw cause;
  }
}

const badRequest = (why: string): HttpError => new HttpError('LARDER_HTTP_BAD_REQUEST', 400, why);
const refused = (why: string): HttpError => new HttpError('LARDER_HTTP_REFUSED', 409, why);

/** What can be expected of a cluster becomes an answer that says what to do; anything else is a defect and stays one. */
async function asked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof HttpError) throw cause;
    if (isKubeError(cause, 'KUBE_FORBIDDEN')) {
      const what = `Larder's own account may not: ${cause.message}. Grant it (docs/reference/rbac.yaml)`;
      throw new HttpError('LARDER_HTTP_REFUSED', 409, what, { cause });
    }
    if (isKubeError(cause)) throw new HttpError('LARDER_HTTP_REFUSED', 503, messageOf(cause), { cause });
    if (!(cause instanceof CodedError)) throw cause;
    const isDown = cause instanceof WatchError && cause.code === 'LARDER_ALERTS_UNREACHABLE';
    const message = `${cause.message} (${cause.code})`;
    throw new HttpError('LARDER_HTTP_REFUSED', isDown ? 503 : 409, message, { cause });
  }
}
