/**
 * Ids of things that a record begins. Somebody types them, and reads them in lists; records that are there keep whatever they
 * have, so this is asked before one is written and not when it is read.
 */
import { type EventType, type LedgerEvent, text } from './event.ts';
import type { State } from './state.ts';

/** What steers a terminal, or makes a text look like another one: controls, marks of direction, what has no width. */
const STEERING = '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff';
/** As JSON Schema writes it: no blank and no hyphen first, which a command line would take for something else. */
export const NEW_ID_PATTERN = `^[^ \\u002d\\u00a0${STEERING}][^${STEERING}]*$`;

/** In any script. */
export const newId = text
  .min(1)
  .regex(
    new RegExp(NEW_ID_PATTERN),
    'is no id that can be read and typed: it begins with a blank or a hyphen, or holds a character that is not seen',
  );

/** Ids of the nodes in a run and of routes are not among them: the original contract lets a client say any. */
const begun: { readonly [T in EventType]?: string } = {
  'node-recorded': 'nodeId',
  'deviation-recorded': 'deviationId',
  'bootstrap-recorded': 'runId',
  'rebuild-recorded': 'runId',
  'upgrade-recorded': 'runId',
  'run-started': 'runId',
  'change-created': 'changeId',
  'evidence-attached': 'evidenceId',
  'rotation-recorded': 'rotationId',
  'drift-reported': 'reportId',
  'incident-opened': 'incidentId',
  'drill-recorded': 'drillId',
  'action-recorded': 'actionId',
};

/** Why the thing cannot be called so; undefined: it can, or is called so already. */
export function oddId({ rotations, nodes }: State, { type, data }: LedgerEvent): string | undefined {
  const field = begun[type];
  if (field === undefined) return undefined;
  const id = new Map<string, unknown>(Object.entries(data)).get(field);
  if (type === 'rotation-recorded' && rotations.has(String(id))) return undefined;
  if (type === 'node-recorded' && nodes.has(String(id))) return undefined;
  const result = newId.safeParse(id);
  return result.success ? undefined : `${field} ${result.error.issues[0]?.message}`;
}
