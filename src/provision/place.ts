/** Which export a class's volumes are on. */
import type { PersistentVolumeClaim } from '../kube/kinds.ts';
import { annotation } from './annotation.ts';
import type { ClassOptions } from './class.ts';
import type { ExportDescription } from './storage.ts';
import { addressOf } from './volume.ts';

/** A string is the message of a refusal. */
export function placeOf(
  options: ClassOptions,
  settings: { readonly exports: readonly ExportDescription[]; readonly nodeName: string },
  claim: PersistentVolumeClaim,
): ExportDescription | string {
  const found = findExport(options, settings.exports);
  if (!found) {
    const names = settings.exports.map(exportName).join(', ');
    return `the class asks for an export that Larder does not serve: accepted are ${names}; delete the class and create it again`;
  }
  const node = claim.metadata.annotations?.[annotation.selectedNode];
  if (found.backend === 'local' && node !== undefined && node !== settings.nodeName) {
    return `the pod was placed on node ${node}, export ${addressOf(found)} is on node ${settings.nodeName}: let the pod run there`;
  }
  return found;
}

/** What a class's parameter `export` says for it. */
const exportName = (description: ExportDescription): string =>
  description.backend === 'local' ? `local:${description.path}` : addressOf(description);

function findExport({ place }: ClassOptions, exports: readonly ExportDescription[]): ExportDescription | undefined {
  switch (place.kind) {
    case 'default':
      return exports[0];
    case 'at':
      return exports.find((entry) => entry.server === place.server && entry.path === place.share);
    case 'named': {
      const ofBackend = exports.filter((entry) => entry.backend === place.name);
      return (
        exports.find((entry) => exportName(entry) === place.name) ?? (ofBackend.length === 1 ? ofBackend[0] : undefined)
      );
    }
    default:
      return place satisfies never;
  }
}
