/** Whether a change may be applied: what the evidence says against what is there now. */
import type { ConfigurationChange, ManualApplyEvidence } from '../../ledger/entity.ts';
import type { ChangeCode } from '../registry.ts';
import type { Observed } from './comparison.ts';
import { at, keyOfObject, subjectOf, textAt } from './manifest.ts';
import { type OwnWork, ownWork } from './own-work.ts';

export interface Refusal {
  readonly code: ChangeCode;
  /** What is wrong, with which object; without the remedy. */
  readonly message: string;
}

export interface Attempt {
  readonly change: ConfigurationChange;
  /** The newest of the kind that is to be applied; undefined: there is none. */
  readonly evidence: ManualApplyEvidence | undefined;
  /** The uid of the cluster that was asked now. */
  readonly clusterUid: string;
  /** Of the manifests as they are now. */
  readonly manifestHash: string;
  /** The objects as they are now. */
  readonly objects: readonly Observed[];
  /** Why, by the key of the object, where it is unknown. */
  readonly whys: ReadonlyMap<string, string>;
  /** By the key of the object, of those that have one. */
  readonly generations: Readonly<Record<string, number>>;
  /** An object of which only status or metadata moved counts as the one of the evidence. */
  readonly sameGeneration: boolean;
  readonly force: boolean;
  readonly nowMs: number;
  readonly maxAgeMs: number;
}

type Question = (attempt: Attempt & { readonly evidence: ManualApplyEvidence }) => readonly Refusal[];

const questions: readonly Question[] = [runbook, age, cluster, manifests, knowledge, liveness, approval];

/** All reasons at once; none: it may be applied. */
export function refusals(attempt: Attempt): readonly Refusal[] {
  const { change, evidence } = attempt;
  if (change.status === 'rolled-back')
    return [{ code: 'LARDER_CHANGE_STATUS', message: `${change.changeId} was rolled back` }];
  if (evidence === undefined) {
    const none: Refusal = { code: 'LARDER_CHANGE_NO_EVIDENCE', message: `${change.changeId} has no evidence` };
    return [...(change.runbookUpdates.length === 0 ? [withoutRunbook(change)] : []), none];
  }
  return questions.flatMap((question) => question({ ...attempt, evidence }));
}

function runbook({ change }: Attempt): readonly Refusal[] {
  return change.runbookUpdates.length === 0 ? [withoutRunbook(change)] : [];
}

function withoutRunbook({ changeId }: ConfigurationChange): Refusal {
  return { code: 'LARDER_CHANGE_NO_RUNBOOK', message: `${changeId} names no runbook` };
}

/** Of evidence from the future nobody knows how old it is. */
function age({ evidence, nowMs, maxAgeMs }: Parameters<Question>[0]): readonly Refusal[] {
  const takenMs = Date.parse(evidence.timestamp);
  if (nowMs - takenMs <= maxAgeMs && takenMs <= nowMs) return [];
  const when = takenMs > nowMs ? 'after this clock says it is' : 'too long ago';
  return [
    { code: 'LARDER_CHANGE_STALE_EVIDENCE', message: `the evidence was taken at ${evidence.timestamp}, ${when}` },
  ];
}

/** Where everything is to be created, nothing else tells two clusters apart. */
function cluster({ evidence, clusterUid }: Parameters<Question>[0]): readonly Refusal[] {
  const then = textAt(evidence['cluster'], 'uid');
  if (then === clusterUid) return [];
  const message = `the evidence is of another cluster: kube-system has uid ${clusterUid || '(not readable)'} here, ${then || '(not readable)'} there`;
  return [{ code: 'LARDER_CHANGE_LIVE_DIFFERS', message }];
}

function manifests({ evidence, manifestHash, change, force }: Parameters<Question>[0]): readonly Refusal[] {
  const wrong: string[] = [];
  if (evidence.manifestHash !== manifestHash)
    wrong.push(`the manifests of ${change.changeId} are not those of its evidence ${evidence.evidenceId}`);
  if ((evidence['forceConflicts'] === true) !== force)
    wrong.push(`the evidence was taken ${force ? 'without' : 'with'} --force-conflicts`);
  return wrong.map((message) => ({ code: 'LARDER_CHANGE_MANIFESTS_DIFFER', message }));
}

function knowledge({ evidence, objects, whys }: Parameters<Question>[0]): readonly Refusal[] {
  const unknown = objects.filter(({ change }) => change === 'unknown');
  const keys = new Set(unknown.map(keyOfObject));
  const before = (evidence.objects ?? []).filter((each) => each.change === 'unknown' && !keys.has(keyOfObject(each)));
  return [
    ...unknown.map(
      (each) => `${subjectOf(each)}: ${whys.get(keyOfObject(each)) ?? 'nobody can tell what would change'}`,
    ),
    ...before.map((each) => `${subjectOf(each)}: the evidence could not tell what would change`),
  ].map((message) => ({ code: 'LARDER_CHANGE_UNKNOWN', message }));
}

function liveness({ evidence, objects, change, ...attempt }: Parameters<Question>[0]): readonly Refusal[] {
  const then = new Map((evidence.objects ?? []).map((object) => [keyOfObject(object), object]));
  const now = new Set(objects.map(keyOfObject));
  const gone = [...then]
    .filter(([key]) => !now.has(key))
    .map(([, object]) => liveDiffers(`${subjectOf(object)} is in the evidence only`));
  const moved = objects.flatMap((object) => {
    const key = keyOfObject(object);
    const message = difference(then.get(key), object);
    if (message === undefined) return [];
    const own = ownWork(change, evidence.evidenceId, object);
    if (own !== undefined) return [interrupted(object, own)];
    const generation = at(evidence['generations'], key);
    const same =
      generation !== undefined && generation === attempt.generations[key] && then.get(key)?.uid === object.uid;
    if (same && attempt.sameGeneration) return [];
    const allowance = ', of the same generation (only its status or metadata moved; --same-generation allows that)';
    return [liveDiffers(same ? `${message}${allowance}` : message)];
  });
  return [...gone, ...moved];
}

function liveDiffers(message: string): Refusal {
  return { code: 'LARDER_CHANGE_LIVE_DIFFERS', message };
}

function interrupted(object: Observed, { apply, isCertain }: OwnWork): Refusal {
  const which = `the apply of this evidence that began at ${apply.startedAt} and was interrupted`;
  const what = isCertain ? `was changed by ${which}` : `is other than the evidence says, perhaps by ${which}`;
  return { code: 'LARDER_CHANGE_INTERRUPTED', message: `${subjectOf(object)} ${what}` };
}

function difference(then: Observed | undefined, now: Observed): string | undefined {
  const subject = subjectOf(now);
  if (then === undefined) return `${subject} is not in the evidence`;
  if (then.change === 'unknown' || now.change === 'unknown') return undefined; // told as such
  if (then.uid === now.uid && then.resourceVersion === now.resourceVersion) return undefined;
  if (then.uid === undefined) return `${subject} was made by somebody since the evidence was taken`;
  if (now.uid === undefined) return `${subject} was removed since the evidence was taken`;
  if (then.uid !== now.uid) return `${subject} was removed and made again since the evidence was taken`;
  return `${subject} was changed since the evidence was taken: resourceVersion ${then.resourceVersion} then, ${now.resourceVersion} now`;
}

function approval({ change, evidence }: Parameters<Question>[0]): readonly Refusal[] {
  if (!change.critical) return [];
  const authors = new Set([...change.authors, ...evidence.authors]);
  const given = change.approvals.some(
    ({ evidenceId, operator }) => evidenceId === evidence.evidenceId && !authors.has(operator),
  );
  if (given) return [];
  const message = `${change.changeId} is critical, and no operator but its authors (${[...authors].join(', ')}) approved its evidence ${evidence.evidenceId}`;
  return [{ code: 'LARDER_CHANGE_NOT_APPROVED', message }];
}
