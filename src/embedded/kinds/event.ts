/** Event (pkg/apis/core/validation/events.go and pkg/printers, read in 1.36). */
import { age } from '../age.ts';
import { type FieldProblem, invalidValue, required } from '../field.ts';
import { type JsonObject, numberAt, textAt } from '../json.ts';
import type { Kind, Rules } from '../kind.ts';
import { isQualifiedName } from '../names.ts';
import type { Cells } from '../row.ts';

/** How long an event is kept, as the API server's --event-ttl defaults. */
export const EVENT_TTL_MS = 60 * 60_000;

export const eventRules: Rules = { problems: eventProblems };

function eventProblems(event: JsonObject): readonly FieldProblem[] {
  return textAt(event, 'eventTime') === undefined
    ? placeProblems(event)
    : [...newPlaceProblems(event), ...textProblems(event)];
}

const PLACE = 'involvedObject.namespace';
const PLACE_TEXT = 'does not match event.namespace';

function placeProblems(event: JsonObject): readonly FieldProblem[] {
  const own = textAt(event, 'metadata', 'namespace') ?? '';
  const other = textAt(event, 'involvedObject', 'namespace') ?? '';
  const fits = other === '' ? own === '' || own === 'default' : own === other;
  return fits ? [] : [invalidValue(PLACE, other, PLACE_TEXT)];
}

function newPlaceProblems(event: JsonObject): readonly FieldProblem[] {
  const own = textAt(event, 'metadata', 'namespace') ?? '';
  if (textAt(event, 'involvedObject', 'namespace') || own === 'default' || own === 'kube-system') return [];
  return [invalidValue(PLACE, '', PLACE_TEXT)];
}

const LIMITS: readonly { readonly name: string; readonly characters: number; readonly needed: boolean }[] = [
  { name: 'reportingInstance', characters: 128, needed: true },
  { name: 'action', characters: 128, needed: true },
  { name: 'reason', characters: 128, needed: true },
  { name: 'message', characters: 1024, needed: false },
];

function textProblems(event: JsonObject): readonly FieldProblem[] {
  const component = textAt(event, 'reportingComponent') ?? '';
  const componentProblems = [
    ...(component === '' ? [required('reportingComponent')] : []),
    ...isQualifiedName(component).map((text) => invalidValue('reportingComponent', component, text)),
  ];
  const others = LIMITS.flatMap(({ name, characters, needed }) => {
    const text = textAt(event, name) ?? '';
    if (needed && text === '') return [required(name)];
    if (Buffer.byteLength(text) <= characters) return [];
    return [invalidValue(name, '', `can have at most ${characters} characters`)];
  });
  return [...componentProblems, ...others];
}

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

export const eventFields: Kind['fields'] = {
  ...Object.fromEntries(
    INVOLVED.map((name) => [
      `involvedObject.${name}`,
      (event: JsonObject): string | undefined => textAt(event, 'involvedObject', name),
    ]),
  ),
  reason: (event) => textAt(event, 'reason'),
  reportingComponent: (event) => textAt(event, 'reportingComponent'),
  source: (event) => textAt(event, 'source', 'component') ?? textAt(event, 'reportingComponent'),
  type: (event) => textAt(event, 'type'),
};

function firstSeen(event: JsonObject, nowMs: number): string {
  return age(textAt(event, 'firstTimestamp') ?? textAt(event, 'eventTime'), nowMs);
}

function lastSeen(event: JsonObject, nowMs: number): string {
  const observed = textAt(event, 'series', 'lastObservedTime') ?? textAt(event, 'lastTimestamp');
  return observed === undefined ? firstSeen(event, nowMs) : age(observed, nowMs);
}

/** When the event was last true, epoch milliseconds; its making, when it says nothing itself. */
export function lastTrueMs(event: JsonObject): number {
  const times = [
    textAt(event, 'series', 'lastObservedTime'),
    textAt(event, 'lastTimestamp'),
    textAt(event, 'eventTime'),
    textAt(event, 'metadata', 'creationTimestamp'),
  ].map((time) => (time === undefined ? Number.NaN : Date.parse(time)));
  return Math.max(0, ...times.filter((ms) => !Number.isNaN(ms)));
}

function objectText(event: JsonObject): string {
  const kind = (textAt(event, 'involvedObject', 'kind') ?? '').toLowerCase();
  const name = textAt(event, 'involvedObject', 'name') ?? '';
  return name === '' ? kind : `${kind}/${name}`;
}

function sourceText(event: JsonObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent') || '';
  const instance = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance') || '';
  return instance === '' ? component : `${component}, ${instance}`;
}

/** All columns: the name comes last here. */
export const eventCells: Cells = {
  'Last Seen': lastSeen,
  Type: (event) => textAt(event, 'type') ?? '',
  Reason: (event) => textAt(event, 'reason') ?? '',
  Object: objectText,
  Subobject: (event) => textAt(event, 'involvedObject', 'fieldPath') ?? '',
  Source: sourceText,
  Message: (event) => (textAt(event, 'message') ?? '').trim(),
  'First Seen': firstSeen,
  Count: (event) => String(numberAt(event, 'series', 'count') ?? (numberAt(event, 'count') || 1)),
};
