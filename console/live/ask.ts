/** Questions to the operator beside the stream. */

/** What it refused or failed to do, in its own words. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly title: string;
  /** Stable, with an entry in the errors reference; empty when nothing answered. */
  readonly code: string;
  constructor(title: string, detail: string, code: string) {
    super(detail);
    this.title = title;
    this.code = code;
  }
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
}

/** The answer is what the type of the same path says on the other side. Throws Failure. */
export async function ask<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, { ...init, signal: signal ?? null }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    const detail = 'The operator does not answer. It may be starting anew; this page tries again by itself.';
    throw new Failure('No answer', `${detail} (${cause instanceof Error ? cause.message : String(cause)})`, '');
  });
  if (response.ok) return response.json();
  const problem: Problem = await response.json().catch(() => ({})); // a proxy answers in words of its own
  const title = problem.title ?? `The answer was ${response.status}`;
  throw new Failure(title, problem.detail ?? 'There was no explanation with it.', problem.code ?? '');
}

export function failureOf(cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  return new Failure('This page failed', cause instanceof Error ? cause.message : String(cause), '');
}
