/** Makes a failing history short enough to read. */
import type { Act, History } from './history.ts';

/**
 * Leaves out acts, first in halves and then one by one, for as long as `fails` says that it still fails the same way.
 * Ends when nothing more can go or `mayGoOn` says no.
 */
export async function shrink(
  history: History,
  fails: (shorter: History) => Promise<boolean>,
  mayGoOn: () => boolean,
): Promise<History> {
  let acts = history.acts;
  for (let size = Math.ceil(acts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = acts.length - size; start > -size; start -= size) {
      if (!mayGoOn()) return { ...history, acts };
      const shorter = [...acts.slice(0, Math.max(0, start)), ...acts.slice(start + size)];
      if (shorter.length < acts.length && (await fails({ ...history, acts: shorter }))) acts = shorter;
    }
  }
  return { ...history, acts };
}

/** One line per act, as a person reads it. */
export function describeHistory({ acts, replicas, calmMs }: History): string[] {
  const lines = acts.map((act) => `  ${seconds(act.atMs)} ${describeAct(act)}`);
  return [`  ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`, ...lines, `  ${seconds(calmMs)} calm`];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2).padStart(10)}s`;

function describeAct(act: Act): string {
  const { atMs: _at, kind, ...details } = act;
  const texts = Object.entries(details).map(
    ([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  return `${kind} ${texts.join(' ')}`;
}
