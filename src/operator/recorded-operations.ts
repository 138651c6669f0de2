/**
 * What people do through the console port, in the ledger: looked at before it is done, recorded when it is done or has
 * failed. What fails to be recorded is told to whoever asked, and kept.
 */
import { pvcPolicies } from '../expand/api/pvc-policy.ts';
import { HttpError } from '../http/registry.ts';
import { messageOf } from '../kube/error.ts';
import { apiVersionOf } from '../kube/resource.ts';
import { actionEvent } from '../ledger/action.ts';
import type { EventData, LedgerEvent } from '../ledger/event.ts';
import type { Recorder } from '../ledger/recorder.ts';
import { shellWord } from '../nomad/report/shell-word.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { CodedError } from '../telemetry/registry.ts';
import type { ClaimActionAnswer } from './claim-api.ts';
import type { CleanStep } from './clean-api.ts';
import type { EndSetAnswer } from './end-api.ts';
import type { PolicySaveAnswer } from './policies/policy-api.ts';
import { createRefusals, isRefusal, type Refusals, type Refused, type Summary } from './refusals.ts';
import type { Operations } from './server.ts';

export interface Recording {
  readonly recorder: Recorder;
  /** Who does it, as the ledger is to name them. */
  readonly who: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What is about to be done: the command line that does the same, and to what. */
interface Deed<T> {
  readonly command: string;
  readonly objects: EventData<'action-recorded'>['objects'];
  /** Whether it came to something; absent: it always does. */
  readonly counts?: (value: T) => boolean;
  /** Why it was refused, where that is an answer and no failure; undefined: it was not. */
  readonly refusal?: (value: T) => string | undefined;
}

export interface Told extends Recording {
  /** Of all persons. */
  readonly refusals: Refusals;
}

const INTERRUPTED = 'cut off: whether all of it was done is not known';

/** What changes something. */
type Changing = Pick<
  Operations,
  'act' | 'setClaim' | 'setEnd' | 'undelete' | 'restore' | 'clean' | 'syncMountOptions' | 'savePolicy' | 'deletePolicy'
>;

/** The same operations; those that change something are recorded. */
export function recordedOperations(operations: Operations, recording: Recording): Operations {
  const told = { ...recording, refusals: refusalsOf(recording) };
  const by = (who: string): Operations => ({ ...operations, ...recordedActions(operations, { ...told, who }), by });
  return by(recording.who);
}

/** What was refused is recorded as often as says something: `refusals`. */
export function recordedActions(operations: Changing, recording: Told): Changing {
  return {
    ...recordedPolicies(operations, recording),
    async act(request, signal) {
      const { namespace, name, action, size } = request;
      if (request.dryRun) return operations.act(request, signal);
      await operations.act({ ...request, dryRun: true }, signal).catch(unlessRefused);
      const words = [action, `${namespace}/${name}`];
      const sizes = size === undefined ? [] : action === 'grow' ? ['--to', size] : [size];
      const objects = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, verb: action }];
      const deed = { command: line(...words, ...sizes), objects, ...cameTo(action) };
      return recorded(recording, deed, () => operations.act(request, signal));
    },
    async setClaim(request, signal) {
      const { namespace, name, dryRun } = request;
      const planned = await operations.setClaim({ ...request, dryRun: true }, signal);
      if (dryRun || !planned.changes) return planned;
      const objects = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, verb: 'annotate' }];
      return recorded(recording, { command: planned.command, objects }, () => operations.setClaim(request, signal));
    },
    async setEnd(request, signal) {
      const planned = await operations.setEnd({ ...request, dryRun: true }, signal);
      if (request.dryRun || !planned.changes) return planned;
      const objects = [{ apiVersion: 'v1', kind: 'PersistentVolume', name: planned.volume, verb: 'annotate' }];
      const counts = ({ changes }: EndSetAnswer): boolean => changes;
      return recorded(recording, { command: planned.command, objects, counts }, () =>
        operations.setEnd(request, signal),
      );
    },
    undelete: (request, signal) => {
      const { namespace, name, entry, export: address, dryRun } = request;
      const which = [...option('--entry', entry), ...option('--export', address)];
      const command = line('volumes', 'undelete', `${namespace}/${name}`, ...which);
      const objects = [{ kind: 'PersistentVolumeClaim', namespace, name, verb: 'undelete' }];
      const work = () => operations.undelete(request, signal);
      return dryRun ? work() : recorded(recording, { command, objects }, work);
    },
    restore: (request, signal) => {
      const { entry, export: address, to, claim, dryRun } = request;
      const options = [...option('--export', address), ...option('--to', to), ...option('--claim', claim)];
      const command = line('volumes', 'restore', entry, ...options);
      const objects = [{ kind: 'Directory', name: to ?? entry, verb: 'restore' }];
      const work = () => operations.restore(request, signal);
      return dryRun ? work() : recorded(recording, { command, objects }, work);
    },
    clean: (request, signal) => {
      const objects = request.entries.map((name) => ({ kind: 'Directory', name, verb: 'remove' }));
      const early = request.early === undefined ? '' : ` --early ${request.early}`;
      // One request is one portion: that a directory is gone is recorded, not each step on the way.
      const counts = ({ entry, remaining }: CleanStep): boolean => entry !== '' && !remaining;
      const deed = { command: `larder volumes clean${early} --yes`, objects, counts };
      return recorded(recording, deed, () => operations.clean(request, signal));
    },
    syncMountOptions: (request, signal) => {
      const { className, dryRun } = request;
      const command = line('volumes', 'sync-mount-options', ...option('--class', className), '--yes');
      const objects = [{ kind: 'StorageClass', name: className ?? 'all of Larder', verb: 'sync-mount-options' }];
      const work = () => operations.syncMountOptions(request, signal);
      return dryRun ? work() : recorded(recording, { command, objects }, work);
    },
  };
}

/** A command line that a shell takes as these words, whatever somebody sent: it is copied from the ledger. */
function line(...words: readonly string[]): string {
  return ['larder', ...words.map(shellWord)].join(' ');
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}

/** Growth that a gate stops was tried and refused; what is paused already is not paused once more. */
function cameTo(action: ClaimActionAnswer['action']): Pick<Deed<ClaimActionAnswer>, 'counts' | 'refusal'> {
  if (action !== 'grow') return { counts: ({ changes }) => changes };
  return { refusal: ({ changes, message }) => (changes ? undefined : message) };
}

/** What the state of things forbids is an attempt, and recorded; what names nothing that there is leaves nothing behind. */
function unlessRefused(failure: unknown): void {
  if (!(failure instanceof HttpError) || failure.status !== 409) throw failure;
}

/** Only what would change something is begun: who was overtaken is told, and nothing is recorded. */
function recordedPolicies(
  operations: Pick<Changing, 'savePolicy' | 'deletePolicy'>,
  recording: Told,
): Pick<Changing, 'savePolicy' | 'deletePolicy'> {
  const counts = ({ kind }: PolicySaveAnswer): boolean => kind === 'saved';
  return {
    async savePolicy(request, signal) {
      const planned = await operations.savePolicy({ ...request, dryRun: true }, signal);
      if (request.dryRun || planned.kind !== 'saved' || !planned.changes) return planned;
      const { namespace, name, version } = request;
      const verb = version === undefined ? 'create' : 'patch';
      const deed = { command: planned.command, objects: [policyObject(namespace, name, verb)], counts };
      return recorded(recording, deed, () => operations.savePolicy(request, signal));
    },
    async deletePolicy(request, signal) {
      const planned = await operations.deletePolicy({ ...request, dryRun: true }, signal);
      if (request.dryRun || planned.kind !== 'saved') return planned;
      const deed = {
        command: planned.command,
        objects: [policyObject(request.namespace, request.name, 'delete')],
        counts,
      };
      return recorded(recording, deed, () => operations.deletePolicy(request, signal));
    },
  };
}

function policyObject(namespace: string, name: string, verb: string): Deed<unknown>['objects'][number] {
  return { apiVersion: apiVersionOf(pvcPolicies), kind: pvcPolicies.kind, namespace, name, verb };
}

async function recorded<T>(recording: Told, deed: Deed<T>, work: () => Promise<T>): Promise<T> {
  const entry = entryOf(recording, deed);
  await entry.begin();
  let value: T;
  try {
    value = await work();
  } catch (failure) {
    await (isRefusal(failure) ? entry.refused(messageOf(failure)) : entry.failed(messageOf(failure)));
    throw failure;
  }
  const refusal = deed.refusal?.(value);
  if (refusal !== undefined) await entry.refused(refusal);
  else if (deed.counts?.(value) === false) entry.forget();
  else await entry.done();
  return value;
}

/** What the ledger gets to know of one deed. */
function entryOf(recording: Told, { command, objects }: Pick<Deed<unknown>, 'command' | 'objects'>) {
  const { recorder, clock, random, log, who: user } = recording;
  const actionId = random.uuid();
  const startedAt = clock.now();
  const event = (result: 'success' | 'failed', message?: string): LedgerEvent =>
    actionEvent({
      ...{ command, objects, actionId, startedAt, completedAt: clock.now(), surface: 'console', user, result },
      ...(message === undefined ? {} : { message }),
    });
  const forget = (): void => recorder.forget(actionId);
  const failed = async (reason: string): Promise<void> => {
    const why = await told(recording, actionId, event('failed', reason));
    if (why !== undefined) log.error({ reason: why }, 'a failed change is not in the ledger');
  };
  return {
    forget,
    failed,
    begin: () => begun(recording, actionId, event('failed', INTERRUPTED)),
    async refused(reason: string): Promise<void> {
      if (isFirst(recording, { command, objects, reason })) await failed(reason);
      else forget();
    },
    async done(): Promise<void> {
      const why = await told(recording, actionId, event('success'));
      if (why === undefined) return;
      log.error({ reason: why }, 'a change is not in the ledger');
      throw new HttpError('LARDER_HTTP_INTERNAL', 500, `this was done, and is NOT in the ledger: ${why}`);
    },
  };
}

/** One that cannot be kept with the others is recorded by itself: rather too much than too little. */
function isFirst({ refusals, who, log }: Told, refused: Refused): boolean {
  try {
    return refusals.isFirst(who, refused);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    log.error({ reason: cause.message }, 'refused actions could not be kept');
    return true;
  }
}

export function refusalsOf(recording: Recording): Refusals {
  const { clock, log, random, recorder } = recording;
  return createRefusals({
    ...{ clock, random },
    keep: (summary) => void recorder.keep(summary.id, eventOf(summary)),
    record(summary) {
      void told(recording, summary.id, eventOf(summary)).then((why) => {
        if (why !== undefined) log.error({ reason: why }, 'refused actions are not in the ledger');
      });
    },
  });
}

function eventOf({ id, who, ...rest }: Summary): LedgerEvent {
  return actionEvent({ ...rest, actionId: id, user: who, surface: 'console', result: 'failed' });
}

async function begun({ recorder }: Recording, actionId: string, event: LedgerEvent): Promise<void> {
  try {
    await recorder.check(event);
    recorder.keep(actionId, event);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    const message = `nothing was changed, because it could not be recorded: ${cause.message} (${cause.code})`;
    throw new HttpError('LARDER_HTTP_REFUSED', 409, message, { cause });
  }
}

/** Why it is not recorded, and where it is kept; undefined: it is. */
async function told({ recorder }: Recording, actionId: string, event: LedgerEvent): Promise<string | undefined> {
  try {
    const file = recorder.keep(actionId, event);
    const outcome = await recorder.record(actionId, event);
    return outcome.kind === 'recorded'
      ? undefined
      : `${outcome.why}. Append it when that is mended: larder ledger append ${file}`;
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    return cause.message;
  }
}
