import { z } from 'zod';
import { OPERATOR_EXTENSION } from '../operator/kubeconfig.ts';
import type { ChangedObject, ChangeLog } from './changes.ts';
import { Exit, exitCodes } from './exit.ts';
import { type Context, contextOf, type KubeconfigOptions } from './kubeconfig.ts';

/** Where the running operator answers. `larder up` writes it into its kubeconfig; elsewhere flags or environment say it. */
export interface OperatorAddress {
  readonly url: string;
  readonly token: string;
}

const extensionShape = z.object({ url: z.url(), token: z.string().min(1) });

export interface ReachOptions extends KubeconfigOptions {
  readonly operator?: string;
  readonly operatorToken?: string;
}

/** The namespace a command works in: `-n`, else the context's, else `default`. */
export function namespaceOf(options: KubeconfigOptions & { namespace?: string }): string {
  return options.namespace ?? contextOf(options)?.namespace ?? 'default';
}

const ON_A_CLUSTER = `On a cluster:
  kubectl port-forward -n larder-system service/larder 8080
  export LARDER_OPERATOR=http://127.0.0.1:8080 LARDER_OPERATOR_TOKEN=TOKEN
where TOKEN is that of the secret larder-console, or \`kubectl create token ACCOUNT\``;

/**
 * Where the operator answers: `--operator`, else the context of `--context`, else `LARDER_OPERATOR`, else the current context.
 * Throws Exit 2 that says how to name it when nothing does. The environment never answers for a context that was named: its
 * operator may be that of another cluster.
 */
export function operatorAddress(options: ReachOptions): OperatorAddress {
  const token = options.operatorToken ?? options.env['LARDER_OPERATOR_TOKEN'] ?? '';
  if (options.operator) return named('--operator', options.operator, token);
  if (options.context !== undefined) return contextAddress(options.context, options);
  const url = options.env['LARDER_OPERATOR'];
  if (url) return named('LARDER_OPERATOR', url, token);
  const found = addressIn(contextOf(options));
  if (found) return found;
  throw new Exit(
    exitCodes.usage,
    'cannot tell where the Larder operator is: export the KUBECONFIG line that `npm start` printed,\n' +
      `or name it with --operator URL and LARDER_OPERATOR_TOKEN. ${ON_A_CLUSTER}`,
  );
}

/** An address as a person gives it, also that of the console with its token, which no message may repeat. */
function named(where: string, text: string, token: string): OperatorAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Exit(
      exitCodes.usage,
      `${where} must be the address of an operator, such as http://127.0.0.1:8080, and is no address of http or https`,
    );
  return {
    url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    token: token === '' ? (url.searchParams.get('token') ?? '') : token,
  };
}

/** The operator of a context by its name. Throws Exit 2 where no file has it, or nothing is known of its operator. */
export function contextAddress(name: string, options: KubeconfigOptions): OperatorAddress {
  const found = addressIn(contextOf({ ...options, context: name }));
  if (found) return found;
  throw new Exit(
    exitCodes.usage,
    `cannot tell where the Larder operator of the context "${name}" is: its cluster in the kubeconfig needs an extension
${OPERATOR_EXTENSION} with url and token, as the kubeconfig of \`larder up\` has.
Or name it with --operator URL and LARDER_OPERATOR_TOKEN. ${ON_A_CLUSTER}`,
  );
}

function addressIn(context: Context | undefined): OperatorAddress | undefined {
  const found = context?.extensions.find(({ name }) => name === OPERATOR_EXTENSION);
  return extensionShape.safeParse(found?.extension).data;
}

/** Questions that have a body. */
type Question = '/api/adopt' | '/api/clean/plan';
export type Asked =
  | { readonly path: string; readonly signal?: AbortSignal }
  | { readonly path: Question; readonly method: 'POST'; readonly body: object };

/** A question to the operator's API, which changes nothing. Throws Exit with the operator's own words when it refuses. */
export function askOperator<T>(address: OperatorAddress, shape: z.ZodType<T>, call: Asked): Promise<T> {
  return exchange(address, shape, call);
}

export interface Told {
  readonly path: string;
  readonly body: object;
  /** What it will change; none: it is a dry run. */
  readonly objects: readonly ChangedObject[];
  readonly changes: ChangeLog;
}

/** Has the operator do something, which the ledger is told before. Throws Exit as `askOperator`. */
export async function tellOperator<T>(
  address: OperatorAddress,
  shape: z.ZodType<T>,
  { path, body, objects, changes }: Told,
): Promise<T> {
  if (objects.length > 0) await changes.begin(objects);
  return exchange(address, shape, { path, method: 'POST', body });
}

async function exchange<T>(
  address: OperatorAddress,
  shape: z.ZodType<T>,
  call: { readonly path: string; readonly method?: 'POST'; readonly body?: object; readonly signal?: AbortSignal },
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${address.url}${call.path}`, {
      method: call.method ?? 'GET',
      headers: {
        authorization: `Bearer ${address.token}`,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  } catch (cause) {
    throw new Exit(exitCodes.usage, `the operator at ${address.url} does not answer: is \`npm start\` running?`, {
      cause,
    });
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusal(response.status, body, address);
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Exit(exitCodes.usage, `${address.url} did not answer as a Larder operator of this version does`);
}

const problemShape = z.object({ detail: z.string(), code: z.string() });

function refusal(status: number, body: unknown, address: OperatorAddress): Exit {
  const problem = problemShape.safeParse(body);
  if (status === 401) {
    return new Exit(
      exitCodes.usage,
      `the operator at ${address.url} does not accept the token: take the newest KUBECONFIG, or a LARDER_OPERATOR_TOKEN that is good now`,
    );
  }
  const words = problem.success ? `${problem.data.detail} (${problem.data.code})` : `HTTP status ${status}`;
  return new Exit(status >= 500 ? exitCodes.usage : exitCodes.finding, words);
}
