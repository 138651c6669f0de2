/** What an answer says, without what differs from run to run: times, uids and versions. */
import type { Answer } from './target.ts';

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** How a step left the object, or why it was refused. */
export interface Outcome {
  readonly status: number;
  /** The write changed nothing, and the resource version stayed. Absent otherwise. */
  readonly quiet?: true;
  readonly refusal?: Plain;
  /** The object, as a merge patch of the one before. Absent for refusals, and when nothing differs. */
  readonly delta?: Plain;
}

/** The object of the last successful step; `version` is its resource version. */
export interface Known {
  readonly object: Plain;
  readonly version: string;
}

export const UNKNOWN: Known = { object: {}, version: '' };

export function outcomeOf(answer: Answer, namespace: string, before: Known): { outcome: Outcome; known: Known } {
  const { status, json } = answer;
  if (json?.kind === 'Status') {
    const { reason = '', message, details = {} } = json;
    const causes = (details.causes ?? []).map(({ reason: why = '', field = '' }) => `${why} ${field}`).sort();
    const refusal = plain({ reason, message: shortened(message ?? ''), causes }, namespace);
    return { outcome: { status, refusal }, known: before };
  }
  const version = String(json?.metadata?.resourceVersion);
  const object = sorted(plain(narrowed(json), namespace));
  const delta = deltaOf(before.object, object);
  const quiet = delta === undefined && version === before.version;
  const outcome: Outcome = { status, ...(quiet ? { quiet } : {}), ...(delta === undefined ? {} : { delta }) };
  return { outcome, known: { object, version } };
}

/** Validation of pods and claims ends in a listing of Go values, which are no part of the interface. */
function shortened(message: string): string {
  return message.replace(/(may not change fields other than|is immutable after creation)[\s\S]*/, '$1 …');
}

type Parsed = Answer['json'];

/** The object with its owners by name, whose order depends on when they wrote, and without what every run makes anew. */
function narrowed({ metadata, ...rest }: Parsed): unknown {
  const { managedFields = [], uid: _uid, resourceVersion: _version, creationTimestamp: _time, ...kept } = metadata;
  const owners = managedFields.map(
    ({ manager, operation, apiVersion, subresource = '', fieldsV1, time }: Parsed) =>
      [
        `${operation} ${manager} ${apiVersion} ${subresource}`.trim(),
        { fields: fieldsV1, timed: time !== undefined },
      ] as const,
  );
  return { ...rest, metadata: { ...kept, owners: Object.fromEntries(owners) } };
}

function plain(value: unknown, namespace: string): Plain {
  const text = JSON.stringify(value)
    .replaceAll(namespace, '$NS')
    .replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"/g, '"$TIME"');
  return JSON.parse(text);
}

function isMap(value: Plain | undefined): value is { readonly [name: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The merge patch that makes one of the other; undefined when they are equal. */
function deltaOf(before: Plain | undefined, after: Plain): Plain | undefined {
  if (!isMap(before) || !isMap(after)) return JSON.stringify(before) === JSON.stringify(after) ? undefined : after;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const parts = names.flatMap((name): [string, Plain][] => {
    const value = after[name];
    const delta = value === undefined ? null : deltaOf(before[name], value);
    return delta === undefined ? [] : [[name, delta]];
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

function sorted(value: Plain): Plain {
  if (!isMap(value)) return Array.isArray(value) ? value.map(sorted) : value;
  const entries = Object.entries(value).map(([name, inner]): [string, Plain] => [name, sorted(inner)]);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
