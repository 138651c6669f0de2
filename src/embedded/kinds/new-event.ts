/**
 * Event of events.k8s.io/v1: another view of the events of the core group, which is what is stored
 * (pkg/apis/events/v1/conversion.go and pkg/apis/core/validation/events.go, read in 1.36).
 */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, IMMUTABLE, invalidValue, required } from '../field.ts';
import { at, type Json, type JsonObject, member, numberAt, objectAt, textAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import { row } from '../row.ts';
import { eventCells, eventFields, eventRules } from './event.ts';

const GROUP_VERSION = 'events.k8s.io/v1';

/** Member of this view → of the stored object. Others are called the same in both. */
const NAMES: Readonly<Record<string, string>> = {
  deprecatedCount: 'count',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedSource: 'source',
  note: 'message',
  regarding: 'involvedObject',
  reportingController: 'reportingComponent',
};

const SHOWN: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(NAMES).map(([shown, stored]) => [stored, shown]),
);

function renamed(object: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value]));
}

export function storedEvent(event: JsonObject): JsonObject {
  return { ...renamed(event, NAMES), apiVersion: 'v1' };
}

export function shownEvent(event: JsonObject): JsonObject {
  const { reportingController, reportingInstance, ...others } = renamed(event, SHOWN);
  return {
    ...others,
    ...(reportingController && { reportingController }), // here, unlike in the core group, an empty one is not told
    ...(reportingInstance && { reportingInstance }),
    apiVersion: GROUP_VERSION,
  };
}

/** What a field selector names here → what it names of the stored object. */
export const eventSelectors: ReadonlyMap<string, string> = new Map([
  ...Object.keys(eventFields)
    .filter((name) => name.startsWith('involvedObject.'))
    .map((name) => [name.replace('involvedObject', 'regarding'), name] as const),
  ['reportingController', 'reportingComponent'],
  ['reason', 'reason'],
  ['type', 'type'],
]);

export const newEventKinds: readonly Kind[] = [
  row(GROUP_VERSION, 'events', {
    putCreates: true,
    effect: 'another view of the events of `v1`',
    cells: eventCells,
    fields: Object.fromEntries(
      [...eventSelectors].map(([name, stored]) => [name, (event: JsonObject) => eventFields[stored]?.(event)]),
    ),
  }),
];

/** What this view refuses of a stored object: it is stricter than the old one. `current` is absent for a new event. */
export function newEventProblems(event: JsonObject, current: JsonObject | undefined): readonly FieldProblem[] {
  const shared = (eventRules.problems?.(event) ?? []).map((problem) =>
    problem.field === 'reportingComponent' ? { ...problem, field: 'reportingController' } : problem,
  );
  return [...shared, ...(current ? changeProblems(event, current) : createProblems(event))];
}

const TYPES = ['Normal', 'Warning'];

function createProblems(event: JsonObject): readonly FieldProblem[] {
  const type = textAt(event, 'type') ?? '';
  const set = ['firstTimestamp', 'lastTimestamp', 'count', 'source'].filter((name) => !isEmpty(member(event, name)));
  return [
    ...seriesProblems(event),
    ...(textAt(event, 'eventTime') === undefined ? [required('eventTime')] : []),
    ...(TYPES.includes(type) ? [] : [invalidValue('type', '', `has invalid value: ${type}`)]),
    ...set.map((name) => invalidValue(name, '', 'needs to be unset')),
  ];
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === 0 || sameJson(value, {});
}

function seriesProblems(event: JsonObject): readonly FieldProblem[] {
  if (at(event, 'series') === undefined) return [];
  const often = (numberAt(event, 'series', 'count') ?? 0) >= 2;
  const observed = textAt(event, 'series', 'lastObservedTime') !== undefined;
  return [
    ...(often ? [] : [invalidValue('series.count', '', 'should be at least 2')]),
    ...(observed ? [] : [required('series.lastObservedTime')]),
  ];
}

/** Only the series of an event may change. */
const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
];

function changeProblems(event: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const series = sameJson(objectAt(event, 'series'), objectAt(current, 'series')) ? [] : seriesProblems(event);
  const changed = FIXED.filter((name) => !sameJson(member(event, name) ?? null, member(current, name) ?? null));
  return [
    ...series,
    ...changed.map((name) => {
      const field = name === 'reportingComponent' ? 'reportingController' : name;
      return invalidValue(field, member(event, name) ?? null, IMMUTABLE);
    }),
  ];
}
