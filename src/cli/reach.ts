import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { OPERATOR_EXTENSION } from '../operator/kubeconfig.ts';
import type { ChangedObject, ChangeLog } from './changes.ts';
import { Exit, exitCodes } from './exit.ts';

/** Where the running operator answers. `larder up` writes it into its kubeconfig; elsewhere flags or environment say it. */
export interface OperatorAddress {
  readonly url: string;
  readonly token: string;
}

const kubeconfigShape = z.object({
  'current-context': z.string().default(''),
  contexts: z
    .array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), namespace: z.string().optional() }) }))
    .default([]),
  clusters: z
    .array(
      z.object({
        name: z.string(),
        cluster: z.object({
          extensions: z.array(z.object({ name: z.string(), extension: z.unknown() })).optional(),
        }),
      }),
    )
    .default([]),
});
const extensionShape = z.object({ url: z.url(), token: z.string().min(1) });

export interface ReachOptions {
  readonly operator?: string;
  readonly operatorToken?: string;
  readonly kubeconfig?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Files that kubectl would read, in its order: the flag, `KUBECONFIG` (a list), `~/.kube/config`. */
function kubeconfigPaths(options: Pick<ReachOptions, 'kubeconfig' | 'env'>): readonly string[] {
  if (options.kubeconfig) return [options.kubeconfig];
  const listed = (options.env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '');
  return listed.length > 0 ? listed : [join(options.env['HOME'] ?? homedir(), '.kube', 'config')];
}

/** The context's cluster and namespace, from the first file that has a current context; undefined when none can be read. */
function currentContext(options: Pick<ReachOptions, 'kubeconfig' | 'env'>) {
  for (const path of kubeconfigPaths(options)) {
    const config = readKubeconfig(path);
    const context = config?.contexts.find((candidate) => candidate.name === config['current-context'])?.context;
    if (config && context) {
      const cluster = config.clusters.find((candidate) => candidate.name === context.cluster)?.cluster;
      return { namespace: context.namespace, extensions: cluster?.extensions ?? [] };
    }
  }
  return undefined;
}

function readKubeconfig(path: string): z.infer<typeof kubeconfigShape> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined; // given up on purpose: kubectl, too, passes over files that are not there
  }
  const parsed = kubeconfigShape.safeParse(parse(text));
  if (!parsed.success) throw new Exit(exitCodes.usage, `${path} is not a kubeconfig: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The namespace a command works in: `-n`, else the context's, else `default`. */
export function namespaceOf(options: Pick<ReachOptions, 'kubeconfig' | 'env'> & { namespace?: string }): string {
  return options.namespace ?? currentContext(options)?.namespace ?? 'default';
}

/** Throws Exit 2 that says how to name the operator when nothing does. */
export function operatorAddress(options: ReachOptions): OperatorAddress {
  const url = options.operator ?? options.env['LARDER_OPERATOR'];
  const token = options.operatorToken ?? options.env['LARDER_OPERATOR_TOKEN'] ?? '';
  if (url) return { url: url.replace(/\/$/, ''), token };
  const found = addressIn(currentContext(options)?.extensions ?? []);
  if (found) return found;
  throw new Exit(
    exitCodes.usage,
    'cannot tell where the Larder operator is: export the KUBECONFIG line that `npm start` printed,\n' +
      'or name it with --operator URL and LARDER_OPERATOR_TOKEN',
  );
}

/** The operator of a context by its name. Throws Exit 2 where no file has it, or nothing is known of its operator. */
export function contextAddress(name: string, options: Pick<ReachOptions, 'kubeconfig' | 'env'>): OperatorAddress {
  const configs = kubeconfigPaths(options).flatMap((path) => readKubeconfig(path) ?? []);
  const contexts = configs.flatMap((config) => config.contexts);
  const wanted = contexts.find((each) => each.name === name)?.context.cluster;
  if (wanted === undefined) {
    const known =
      contexts.length === 0 ? 'there is none' : `there are: ${contexts.map((each) => each.name).join(', ')}`;
    throw new Exit(exitCodes.usage, `the kubeconfig has no context "${name}"; ${known}`);
  }
  const cluster = configs.flatMap(({ clusters }) => clusters).find((each) => each.name === wanted)?.cluster;
  const found = addressIn(cluster?.extensions ?? []);
  if (found) return found;
  throw new Exit(
    exitCodes.usage,
    `cannot tell where the Larder operator of the context "${name}" is: its cluster in the kubeconfig needs an extension
${OPERATOR_EXTENSION} with url and token, as the kubeconfig of \`larder up\` has`,
  );
}

type Extensions = readonly { readonly name: string; readonly extension?: unknown }[];

function addressIn(extensions: Extensions): OperatorAddress | undefined {
  const found = extensions.find(({ name }) => name === OPERATOR_EXTENSION);
  return extensionShape.safeParse(found?.extension).data;
}

/** Questions that have a body. */
type Question = '/api/adopt' | '/api/clean/plan';
export type Asked =
  | { readonly path: string }
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
  call: { readonly path: string; readonly method?: 'POST'; readonly body?: object },
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
      `the operator at ${address.url} does not accept the token: take the newest KUBECONFIG`,
    );
  }
  const words = problem.success ? `${problem.data.detail} (${problem.data.code})` : `HTTP status ${status}`;
  return new Exit(status >= 500 ? exitCodes.usage : exitCodes.finding, words);
}
