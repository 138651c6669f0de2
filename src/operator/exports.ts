import type { ExportDescription } from '../provision/storage.ts';
import { OperatorError } from './registry.ts';

/** Where nfs-subdir-external-provisioner mounts its export; kept, so that its Deployment can be taken over as it is. */
const PEER_MOUNT = '/persistentvolumes';

/**
 * Reads how an export is written on the command line: `SERVER:/PATH` (seen at /persistentvolumes), `SERVER:/PATH=ROOT`
 * (seen at ROOT), or `local:/PATH` (directories on this node's disk). Throws OperatorError LARDER_CONFIGURATION.
 */
export function parseExport(text: string): ExportDescription {
  const match = /^([^:/=\s][^:/=\s]*):(\/[^=\s]*)(?:=(\/\S*))?$/.exec(text);
  const [, server, rawPath, rawRoot] = match ?? [];
  if (server === undefined || rawPath === undefined) {
    throw new OperatorError(
      'LARDER_CONFIGURATION',
      `--export "${text}": write SERVER:/PATH, SERVER:/PATH=/MOUNTED/AT or local:/PATH`,
    );
  }
  const path = withoutSlash(rawPath);
  if (server !== 'local') return { backend: 'nfs', server, path, root: withoutSlash(rawRoot ?? PEER_MOUNT) };
  if (rawRoot === undefined) return { backend: 'local', server: '', path, root: path };
  throw new OperatorError(
    'LARDER_CONFIGURATION',
    `--export "${text}": a local export is seen where it is; leave "=${rawRoot}" out`,
  );
}

/** The exports of a process on that node: those of `--export`, else the one that the peer's `NFS_SERVER` and `NFS_PATH` name. */
export function exportsOf(
  flags: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  node: string,
): readonly ExportDescription[] {
  if (flags.length > 0) {
    return flags.map(parseExport).map((entry) => (entry.backend === 'local' ? { ...entry, node } : entry));
  }
  const server = env['NFS_SERVER'];
  const path = env['NFS_PATH'];
  if (server && path) return [{ backend: 'nfs', server, path: withoutSlash(path), root: PEER_MOUNT }];
  throw new OperatorError(
    'LARDER_CONFIGURATION',
    'no export is configured: give --export SERVER:/PATH, or set NFS_SERVER and NFS_PATH; to make no volumes at all and only grow those of other drivers, say --no-provisioner',
  );
}

/** None, because `--no-provisioner` says so. An export that is named all the same is a contradiction, not a preference. */
export function withoutExports(
  flags: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly ExportDescription[] {
  const [flag] = flags;
  const named =
    flag === undefined ? (env['NFS_SERVER'] ? 'NFS_SERVER is set' : undefined) : `--export ${flag} is given`;
  if (named === undefined) return [];
  throw new OperatorError(
    'LARDER_CONFIGURATION',
    `--no-provisioner is given and ${named}: nobody would serve the volumes of that export; leave one of the two out`,
  );
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}
