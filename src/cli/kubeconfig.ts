import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../kube/error.ts';
import { Exit, exitCodes } from './exit.ts';

/** Which kubeconfig, and which of its contexts; what is absent is as for kubectl. */
export interface KubeconfigOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the command line reads of a context itself; how to reach its API server is read by the kube room. */
export interface Context {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly extensions: readonly { readonly name: string; readonly extension?: unknown }[];
}

const shape = z.object({
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
type Kubeconfig = z.infer<typeof shape>;

/** The context of `--context`, else the current one; undefined where no file says which. Throws Exit 2 on a name that no file has. */
export function contextOf(options: KubeconfigOptions): Context | undefined {
  const { contexts, clusters, current } = merged(options);
  const wanted = options.context ?? current;
  const found = contexts.find(({ name }) => name === wanted);
  if (found === undefined) {
    if (options.context === undefined) return undefined;
    const known = contexts.length === 0 ? 'there is none' : `there are: ${contexts.map(({ name }) => name).join(', ')}`;
    throw new Exit(exitCodes.usage, `the kubeconfig has no context "${options.context}"; ${known}`);
  }
  const cluster = clusters.find(({ name }) => name === found.context.cluster)?.cluster;
  return { name: found.name, namespace: found.context.namespace, extensions: cluster?.extensions ?? [] };
}

/** All contexts, in the order of the files. */
export function contextNames(options: KubeconfigOptions): readonly string[] {
  return [...new Set(merged(options).contexts.map(({ name }) => name))];
}

/** Of several files the first that has a name, or a current context, counts. */
function merged(options: KubeconfigOptions) {
  const files = filesOf(options);
  return {
    contexts: files.flatMap(({ contexts }) => contexts),
    clusters: files.flatMap(({ clusters }) => clusters),
    current: files.map((file) => file['current-context']).find((name) => name !== ''),
  };
}

/** As kubectl reads them: the file that is named must be there, of `KUBECONFIG` (a list) and `~/.kube/config` each may be missing. */
function filesOf({ kubeconfig, env }: KubeconfigOptions): readonly Kubeconfig[] {
  if (kubeconfig) return [parsed(kubeconfig, textOf(kubeconfig))];
  const listed = (env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '');
  const paths = listed.length > 0 ? listed : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
  return paths.flatMap((path) => {
    try {
      return [parsed(path, readFileSync(path, 'utf8'))];
    } catch (failure) {
      if (failure instanceof Exit) throw failure;
      return []; // given up on purpose: kubectl, too, passes over files that are not there
    }
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Exit(exitCodes.usage, `the kubeconfig ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function parsed(path: string, text: string): Kubeconfig {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new Exit(exitCodes.usage, `${path} is not a kubeconfig: ${messageOf(cause)}`, { cause });
  }
  const result = shape.safeParse(content ?? {});
  if (result.success) return result.data;
  throw new Exit(exitCodes.usage, `${path} is not a kubeconfig: ${z.prettifyError(result.error)}`);
}
