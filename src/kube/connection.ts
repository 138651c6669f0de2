/** Finds the API server that this process is to talk to, and opens a transport to it. */
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../telemetry/clock.ts';
import { configError, type TlsMaterial } from './credentials.ts';
import { KubeError, messageOf } from './error.ts';
import { inClusterTarget } from './in-cluster.ts';
import type { KubeconfigText, Target } from './kubeconfig.ts';
import type { Transport } from './transport.ts';

export interface ConnectOptions {
  readonly clock: Clock;
  /** Path, or the text itself (of more than one line, or one that begins with a brace). Default: what kubectl would take. */
  readonly kubeconfig?: string;
  /** Default: the current context of the kubeconfig. */
  readonly context?: string;
  /** `auto` (the default): in a pod without KUBECONFIG. True insists on it, false never does. */
  readonly inCluster?: boolean | 'auto';
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the pod's token and CA are; default where Kubernetes puts them. */
  readonly serviceAccountFolder?: string;
}

export interface Connection {
  readonly transport: Transport;
  /** URL. */
  readonly server: string;
  /** The namespace to work in when none is named. */
  readonly namespace: string;
  /** Where the connection was configured, for messages. */
  readonly source: string;
  /** What it shows and trusts, read anew. @throws KubeError KUBE_CONFIG */
  tls(): Promise<TlsMaterial>;
}

/** Opens nothing yet: whether the server is there shows at the first request. @throws KubeError KUBE_CONFIG */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const target = await findTarget(options);
  const { createPool } = await import('./pool.ts'); // a process with its API inside needs neither sockets nor YAML
  await target.credentials.load(false); // what cannot be read is better said now than at the first request
  const { server, namespace, source } = target;
  const tls = async (): Promise<TlsMaterial> => (await target.credentials.load(false)).tls;
  return { transport: createPool(target, options.clock), server: server.href, namespace, source, tls };
}

async function findTarget(options: ConnectOptions): Promise<Target> {
  const { kubeconfig, context, inCluster = 'auto', env = process.env, serviceAccountFolder } = options;
  if (inCluster === true && kubeconfig === undefined) return inClusterTarget(env, serviceAccountFolder);
  const files = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter(Boolean);
  const inPod = inCluster === 'auto' && env['KUBERNETES_SERVICE_HOST'] !== undefined;
  if (kubeconfig === undefined && files.length === 0 && inPod) return inClusterTarget(env, serviceAccountFolder);
  const { targetOf } = await import('./kubeconfig.ts');
  return targetOf(await textsOf(kubeconfig, files, env['HOME']), context);
}

/** What is given, or else what kubectl would take. */
async function textsOf(
  kubeconfig: string | undefined,
  files: readonly string[],
  home = '/',
): Promise<readonly KubeconfigText[]> {
  if (kubeconfig !== undefined && isText(kubeconfig))
    return [{ name: 'text', folder: process.cwd(), text: kubeconfig }];
  if (kubeconfig !== undefined) return [await readKubeconfig(kubeconfig)];
  if (files.length > 0) return readAll(files);
  const usual = path.join(home, '.kube', 'config');
  if (await exists(usual)) return [await readKubeconfig(usual)];
  throw new KubeError('KUBE_CONFIG', `no cluster is configured: KUBECONFIG is not set and ${usual} does not exist`);
}

/** As kubectl does, files of KUBECONFIG that do not exist are passed over, unless all are missing. */
async function readAll(files: readonly string[]): Promise<KubeconfigText[]> {
  const found = await Promise.all(files.map(async (file) => ((await exists(file)) ? [file] : [])));
  const present = found.flat();
  // when all are missing the first is named
  return Promise.all((present.length > 0 ? present : files.slice(0, 1)).map(readKubeconfig));
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** @throws KubeError KUBE_CONFIG */
async function readKubeconfig(file: string): Promise<KubeconfigText> {
  try {
    return { name: file, folder: path.dirname(path.resolve(file)), text: await readFile(file, 'utf8') };
  } catch (cause) {
    if (isShowable(file)) throw configError(`kubeconfig ${file}`, messageOf(cause), cause);
    const why = `what is given is no file, and no kubeconfig of several lines (${file.length} characters, not shown because it may be a secret)`;
    throw configError('kubeconfig', why); // the cause quotes it
  }
}

const isText = (kubeconfig: string): boolean => kubeconfig.includes('\n') || kubeconfig.trimStart().startsWith('{');

/** The name of a file, as far as one can tell: a kubeconfig on one line, or its base64, is longer or has other characters. */
const isShowable = (name: string): boolean =>
  name.length <= LONGEST_NAME && (/^[.~]*\//.test(name) ? !/[{}"']/.test(name) : /^[\w.@ /-]{1,100}$/.test(name));
const LONGEST_NAME = 1024;
