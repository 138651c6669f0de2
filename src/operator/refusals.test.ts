import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../http/registry.ts';
import { KubeError } from '../kube/error.ts';
import type { EventData } from '../ledger/event.ts';
import type { Recorder } from '../ledger/recorder.ts';
import { ProvisionError } from '../provision/registry.ts';
import { systemRandom } from '../telemetry/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import type { ClaimActionAnswer, ClaimActionRequest } from './claim-api.ts';
import { recordedActions, refusalsOf } from './recorded-operations.ts';
import { createRefusals, isRefusal, type Summary } from './refusals.ts';

const HOUR_MS = 3_600_000;
const conflict = new KubeError('KUBE_CONFLICT', 'patch pvc/data: the object was changed (409 Conflict)', {
  status: 409,
});
const refused409 = new HttpError('LARDER_HTTP_REFUSED', 409, conflict.message, { cause: conflict });
const silent = new KubeError('KUBE_UNAVAILABLE', 'no answer came');

type Action = EventData<'action-recorded'>;

/** Actions on claims, recorded for Ann and for Bob; `answer` says what comes of each. */
function site(answer: (request: ClaimActionRequest) => ClaimActionAnswer) {
  const clock = createManualClock();
  const records: Action[] = [];
  const kept = new Map<string, Action>();
  const recorder: Recorder = {
    check: async () => undefined,
    keep(id, event) {
      if (event.type === 'action-recorded') kept.set(id, event.data);
      return `${id}.json`;
    },
    async record(id, event) {
      if (event.type === 'action-recorded') records.push(event.data);
      kept.delete(id);
      return { kind: 'recorded', what: '', notes: [] };
    },
    forget: (id) => void kept.delete(id),
    left: () => [],
  };
  const log = createLog({ level: 'silent' });
  const recording = { recorder, who: '', clock, random: systemRandom, log };
  const refusals = refusalsOf(recording);
  const none = async (): Promise<never> => assert.fail('nobody asked for this');
  const operations = {
    act: async (request: ClaimActionRequest) => answer(request),
    ...{ setClaim: none, setEnd: none, undelete: none, restore: none, clean: none, syncMountOptions: none },
    ...{ savePolicy: none, deletePolicy: none },
  };
  const { signal } = new AbortController();
  return {
    ...{ clock, records, kept },
    async act(who: string, action: ClaimActionRequest['action'], size?: string): Promise<void> {
      const request = { namespace: 'default', name: 'data', action, dryRun: false, ...(size ? { size } : {}) };
      await recordedActions(operations, { ...recording, who, refusals })
        .act(request, signal)
        .catch((failure: unknown) => assert.ok(failure instanceof HttpError, String(failure)));
    },
  };
}

function refuses(): never {
  throw refused409;
}

test('equal actions that the API server refuses are one record, and one more that says how often', async () => {
  const { act, clock, kept, records } = site(refuses);
  for (let time = 0; time < 50; time += 1) {
    await act('ann', 'pause');
    await clock.advance(1_000);
  }
  await act('bob', 'pause');
  assert.deepEqual(
    records.map(({ user, result, message }) => [user, result, message]),
    [
      ['ann', 'failed', conflict.message],
      ['bob', 'failed', conflict.message],
    ],
  );
  const [note] = [...kept.values()];
  assert.equal(kept.size, 1, 'what was counted is on the disk');
  assert.equal(note?.message, `refused 49 times more: ${conflict.message}`);
  await clock.advance(HOUR_MS);
  const [summary] = records.slice(2);
  assert.equal(records.length, 3, 'nothing more of bob, who tried once');
  assert.deepEqual(summary, note);
  assert.deepEqual(
    [summary?.user, summary?.command, summary?.result, summary?.objects.length],
    ['ann', 'larder pause default/data', 'failed', 1],
  );
  assert.equal(Date.parse(summary?.completedAt ?? '') - Date.parse(summary?.startedAt ?? ''), 48_000);
  assert.equal(kept.size, 0);
  await act('ann', 'pause');
  assert.equal(records.length, 4, 'a new hour begins with a record');
});

test('whoever tries something else each time gets eleven records in an hour', async () => {
  const { act, clock, kept, records } = site(refuses);
  for (let size = 1; size <= 500; size += 1) await act('ann', 'approve', `${size}Mi`);
  assert.equal(records.length, 10);
  assert.equal(kept.size, 1);
  await clock.advance(HOUR_MS);
  assert.equal(records.length, 11);
  const { message = '' } = records[10] ?? {};
  assert.match(
    message,
    /^490 more actions were refused: once larder approve default\/data 11Mi \(.*; 470 times something else$/,
  );
});

test('what was done is recorded each time; what changes nothing is not; growth that a gate stops was refused', async () => {
  let answer: Pick<ClaimActionAnswer, 'changes' | 'message'> = { changes: true, message: 'growth is paused' };
  const { act, clock, kept, records } = site(({ action }) => ({ claim: 'default/data', action, ...answer }));
  const results = () => records.splice(0).map(({ command, result, message }) => [command, result, message].join());
  await act('ann', 'pause');
  await act('ann', 'pause');
  assert.deepEqual(results(), ['larder pause default/data,success,', 'larder pause default/data,success,']);
  answer = { changes: false, message: 'nothing to do: growth is paused already' };
  await act('ann', 'pause');
  assert.deepEqual(results(), []);
  answer = { changes: false, message: 'Blocked: may not be larger than 10Gi' };
  for (let time = 0; time < 9; time += 1) await act('ann', 'grow');
  assert.deepEqual(results(), ['larder grow default/data,failed,Blocked: may not be larger than 10Gi']);
  await clock.advance(HOUR_MS);
  assert.deepEqual(results(), [
    'larder grow default/data,failed,refused 8 times more: Blocked: may not be larger than 10Gi',
  ]);
  assert.equal(kept.size, 0);
});

test('a failure that may hide a change is recorded each time', async () => {
  const { act, records } = site(() => {
    throw new HttpError('LARDER_HTTP_REFUSED', 409, silent.message, { cause: silent });
  });
  for (let time = 0; time < 5; time += 1) await act('ann', 'resume');
  assert.equal(records.length, 5);
});

test('only what certainly changed nothing is a refusal', () => {
  const cases: readonly (readonly [unknown, boolean])[] = [
    [refused409, true],
    [new HttpError('LARDER_HTTP_REFUSED', 409, 'the claim asks for 1Gi already'), true],
    [new HttpError('LARDER_HTTP_REFUSED', 409, '', { cause: silent }), false],
    [new HttpError('LARDER_HTTP_REFUSED', 503, 'the export does not answer'), false],
    [new HttpError('LARDER_HTTP_INTERNAL', 500, ''), false],
    [new Error('a defect'), false],
    [silent, false],
    ...(['LARDER_TRASH_ENTRY_MISSING', 'LARDER_CLEAN_REFUSED'] as const).map((code) => {
      const cause = new ProvisionError(code, '');
      return [new HttpError('LARDER_HTTP_REFUSED', 409, '', { cause }), code !== 'LARDER_CLEAN_REFUSED'] as const;
    }),
    ...[true, false].map((mayHaveChanged) => {
      const cause = Object.assign(new ProvisionError('LARDER_RESTORE_REFUSED', ''), { mayHaveChanged });
      return [new HttpError('LARDER_HTTP_REFUSED', 409, '', { cause }), !mayHaveChanged] as const;
    }),
    [
      new HttpError('LARDER_HTTP_REFUSED', 409, 'it is not known whether pv a was saved', {
        cause: new ProvisionError('LARDER_RESTORE_REFUSED', '', { cause: silent }),
      }),
      false,
    ],
  ];
  for (const [failure, expected] of cases) assert.equal(isRefusal(failure), expected, String(failure));
});

test('whatever is tried, nothing is lost, and what is kept stays small', () => {
  const clock = createManualClock();
  let last: Summary | undefined;
  const refusals = createRefusals({
    clock,
    random: systemRandom,
    keep(summary) {
      last = summary;
    },
    record: () => assert.fail('the hour is not over'),
  });
  let own = 0;
  for (let index = 0; index < 10_000; index += 1) {
    const name = `claim-${index % 977}`;
    const objects = [{ kind: 'PersistentVolumeClaim', namespace: 'default', name, verb: 'grow' }];
    const long = 'x'.repeat(5_000);
    if (refusals.isFirst('ann', { command: `larder grow default/${name} ${long}`, objects, reason: long })) own += 1;
  }
  assert.equal(own, 10);
  const counted = (last?.message.match(/(\d+) times|once/g) ?? []).map((each) =>
    each === 'once' ? 1 : Number.parseInt(each, 10),
  );
  assert.equal(
    counted.reduce((sum, each) => sum + each, 0),
    9_990,
  );
  assert.ok(JSON.stringify(last).length < 30_000, `${JSON.stringify(last).length}`);
  assert.equal(clock.pending(), 1);
});
