/** The files that somebody dropped, with what was decided for them. They are in this tab, and nowhere else between two questions. */
import { useSyncExternalStore } from 'react';
import type { GivenFile } from '../../src/operator/nomad/conversion-api.ts';

export interface Jobs {
  /** Another one for other files. */
  readonly set: number;
  /** Another one for each change. */
  readonly revision: number;
  /** The folder that they lie in; absent where they came without one. */
  readonly folder?: string | undefined;
  readonly files: readonly GivenFile[];
  readonly left: readonly { readonly path: string; readonly why: string }[];
  readonly policy: string;
  readonly variables: string;
  /** Who dropped them; empty until that is known. */
  readonly who: string;
  /** By the question's id. */
  readonly answers: Readonly<Record<string, string>>;
}

const KEY = 'larder.nomad.1';
const listeners = new Set<() => void>();
let revision = 0;
let current: Jobs | undefined = keptJobs();
let kept = true;
let person = '';

export function useJobs(): Jobs | undefined {
  return useSyncExternalStore(subscribe, () => current);
}

/** False: a reload loses them, because the browser keeps nothing, or not so much. */
export function areKept(): boolean {
  return kept;
}

/** Jobs as they are dropped. */
export type Dropped = Pick<Jobs, 'folder' | 'files' | 'left'>;

/** Undefined: forget them. */
export function takeJobs(dropped: Dropped | undefined): void {
  revision += 1;
  const fresh = { set: revision, revision, who: person, policy: '', variables: '', answers: {} };
  show(dropped && { ...dropped, ...fresh });
}

/** Somebody else who signs in to the same tab does not find what another one dropped. */
export function belongTo(name: string): void {
  person = name;
  if (!current || current.who === name) return;
  if (current.who === '') show({ ...current, who: name });
  else takeJobs(undefined);
}

export function changeJobs(changed: Partial<Pick<Jobs, 'policy' | 'variables' | 'answers'>>): void {
  if (!current) return;
  revision += 1;
  show({ ...current, ...changed, revision });
}

function show(jobs: Jobs | undefined): void {
  current = jobs;
  try {
    if (jobs) sessionStorage.setItem(KEY, JSON.stringify(jobs));
    else sessionStorage.removeItem(KEY);
    kept = true;
  } catch {
    kept = false; // switched off or too much: the page says so
  }
  for (const listener of listeners) listener();
}

function keptJobs(): Jobs | undefined {
  try {
    const text = sessionStorage.getItem(KEY);
    if (text === null) return undefined;
    const jobs: Jobs = JSON.parse(text);
    revision = jobs.revision;
    return jobs;
  } catch {
    return undefined; // switched off, or not what this page wrote
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
