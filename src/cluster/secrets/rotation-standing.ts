/** Where the rotation of a secret stands: the same words for the command line and the console. Pure. */

const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;

/** `unfinished`: one was begun and never verified. `never`: nothing is recorded of it. */
export type RotationStanding = 'in time' | 'soon' | 'overdue' | 'unfinished' | 'never';

/** What rotates each of those that Larder knows, by scope. */
export const rotationCommands: Readonly<Record<'age' | 'k3s-token', string>> = {
  age: 'larder cluster secrets rotate',
  'k3s-token': 'larder cluster secrets rotate-token',
};

export interface Rotated {
  /** Epoch ms of the last that was verified; undefined: none was. */
  readonly verifiedAt: number | undefined;
  /** As it was said then; epoch ms. */
  readonly dueAt: number | undefined;
  readonly isUnfinished: boolean;
  /** What cluster.yaml asks for; undefined: nothing. */
  readonly days: number | undefined;
}

/** `due`: epoch ms; undefined where nobody said one. `now`: epoch ms. */
export function rotationStanding(
  { verifiedAt, dueAt, isUnfinished, days }: Rotated,
  now: number,
): { readonly state: RotationStanding; readonly due: number | undefined } {
  if (verifiedAt === undefined) return { state: isUnfinished ? 'unfinished' : 'never', due: undefined };
  // The file may ask for it earlier than was said when it was recorded.
  const asked = days === undefined ? Number.POSITIVE_INFINITY : verifiedAt + days * DAY_MS;
  const due = Math.min(dueAt ?? Number.POSITIVE_INFINITY, asked);
  const timely = due < now ? 'overdue' : due < now + SOON_MS ? 'soon' : 'in time';
  return { state: isUnfinished ? 'unfinished' : timely, due: Number.isFinite(due) ? due : undefined };
}
