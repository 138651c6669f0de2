/** How this process proves who it is to an API server, and how it checks the server. */
import { readFile } from 'node:fs/promises';
import { KubeError, messageOf } from './error.ts';

/** For one connection. All in PEM; absent means the runtime's default. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Name to check the server's certificate against; default its host name. */
  readonly servername?: string;
  /** False only where the kubeconfig asks for it. */
  readonly rejectUnauthorized?: boolean;
}

export interface Secrets {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

export interface Credentials {
  /**
   * Reads them anew: files change, tokens expire. `refused`: the server did not accept the last ones, so nothing
   * remembered may be given again. @throws KubeError KUBE_CONFIG
   */
  load(refused: boolean): Promise<Secrets>;
}

/** @throws KubeError KUBE_CONFIG naming `field` and the file. */
export async function readCredentialFile(field: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw configError(field, `cannot read ${file}: ${messageOf(cause)}`, cause);
  }
}

/** `what` names the file and the field. */
export function configError(what: string, why: string, cause?: unknown): KubeError {
  return new KubeError('KUBE_CONFIG', `${what}: ${why}`, { cause });
}
