/** Alertmanager, asked over HTTP or through the API server of the cluster. */
import type { z } from 'zod';
import type { Client } from '../../kube/index.ts';
import { type Clock, withDeadline } from '../../telemetry/clock.ts';
import { WatchError } from '../registry.ts';
import { type Alert, alerts, type Silence, silenceMade, silences } from './alert.ts';

export interface Question {
  readonly method: 'GET' | 'POST';
  /** From the root of Alertmanager: `/api/v2/alerts`. */
  readonly path: string;
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A way to an Alertmanager. */
export interface Way {
  /** For messages. */
  readonly name: string;
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
}

export interface NewSilence {
  /** Of a silence that is to be replaced. */
  readonly id?: string;
  readonly matchers: Silence['matchers'];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface NewAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** Every method throws WatchError. */
export interface Alertmanager {
  readonly name: string;
  /** Also those that are silenced or inhibited. */
  alerts(): Promise<readonly Alert[]>;
  silences(): Promise<readonly Silence[]>;
  /** Its id. */
  silence(silence: NewSilence): Promise<string>;
  send(alert: NewAlert): Promise<void>;
  /** The Prometheus text of its own metrics. */
  metrics(): Promise<string>;
}

export function alertmanager(way: Way, clock: Clock, signal?: AbortSignal): Alertmanager {
  const ask = (question: Question): Promise<string> => answered(way, question, { clock, signal });
  return {
    name: way.name,
    alerts: async () =>
      read(way, alerts, await ask({ method: 'GET', path: '/api/v2/alerts?active=true&silenced=true&inhibited=true' })),
    silences: async () => read(way, silences, await ask({ method: 'GET', path: '/api/v2/silences' })),
    silence: async (silence) =>
      read(way, silenceMade, await ask({ method: 'POST', path: '/api/v2/silences', body: silence })).silenceID,
    send: async (alert) => void (await ask({ method: 'POST', path: '/api/v2/alerts', body: [alert] })),
    metrics: () => ask({ method: 'GET', path: '/metrics' }),
  };
}

const ANSWER_MS = 15_000;

async function answered(
  way: Way,
  question: Question,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal | undefined },
): Promise<string> {
  const answer = await asked(way, question, { clock, signal });
  if (answer.status === 200) return answer.text;
  const said = answer.text.trim().slice(0, 300);
  if (answer.status === 400 || answer.status === 403 || answer.status === 404)
    throw new WatchError(
      'LARDER_ALERTS_REFUSED',
      `${way.name} refused ${question.method} ${question.path}: ${answer.status} ${said}`,
    );
  throw new WatchError(
    'LARDER_ALERTS_UNREACHABLE',
    `${way.name} answered ${question.path} with ${answer.status}: ${said}`,
  );
}

async function asked(
  way: Way,
  question: Question,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal | undefined },
): Promise<Answer> {
  try {
    return await withDeadline(clock, way.name, ANSWER_MS, (within) => way.ask(question, within), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    const why = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : '';
    throw new WatchError('LARDER_ALERTS_UNREACHABLE', `${way.name} does not answer: ${why}`, { cause });
  }
}

function read<S extends z.ZodType>(way: Way, shape: S, text: string): z.infer<S> {
  const parsed = shape.safeParse(plain(text));
  if (parsed.success) return parsed.data;
  throw new WatchError('LARDER_ALERTS_UNREACHABLE', `${way.name} does not answer as an Alertmanager does (API v2)`);
}

function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller then says that this is no Alertmanager
  }
}

/** By its address, which may have a path before `/api`. `token`: a bearer token, where a proxy wants one. */
export function byAddress(url: string, token: string | undefined): Way {
  return {
    name: `Alertmanager at ${url}`,
    async ask({ method, path, body }, signal) {
      const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
        method,
        signal,
        // A token is for this server alone.
        redirect: 'error',
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    },
  };
}

export interface ServicePlace {
  readonly namespace: string;
  readonly name: string;
  readonly port: string;
}

/** Through the API server, with the rights of whoever asks (`services/proxy`): nothing has to be reachable from outside. */
export function byService(client: Client, { namespace, name, port }: ServicePlace): Way {
  const base = `/api/v1/namespaces/${namespace}/services/${name}:${port}/proxy`;
  return {
    name: `Alertmanager of the service ${namespace}/${name}:${port}`,
    async ask({ method, path, body }, signal) {
      const response = await client.request(
        {
          method,
          path: `${base}${path}`,
          headers: body === undefined ? {} : { 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        { signal },
      );
      return { status: response.status, text: await response.text() };
    },
  };
}
