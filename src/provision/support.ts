/** What this provisioner cannot do is refused: never an empty or different volume by surprise. Ordered rows. */

import type { PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import type { ClassOptions } from './class.ts';
import { sourceClaimOf } from './clone/data-source.ts';
import { accessModesOf } from './draft.ts';
import { quote } from './pattern.ts';

interface Installation {
  readonly allowLocal: boolean;
}

type Row = (claim: PersistentVolumeClaim, options: ClassOptions, settings: Installation) => string | undefined;

const unsupportedRows: readonly Row[] = [
  ({ spec }) =>
    spec.selector && 'spec.selector cannot be used with a provisioner: remove it, or set volumeName to a volume',
  ({ spec }) =>
    spec.volumeMode === 'Block' ? 'volumeMode Block is not possible on a directory: use Filesystem' : undefined,
  (claim) =>
    accessModesOf(claim).includes('ReadWriteOncePod')
      ? 'access mode ReadWriteOncePod exists for CSI volumes only: use ReadWriteOnce'
      : undefined,
  (claim) => (accessModesOf(claim).length === 0 ? 'the claim has no access mode: add ReadWriteMany' : undefined),
  (claim) => {
    const source = claim.spec.dataSource ?? claim.spec.dataSourceRef;
    if (!source || sourceClaimOf(claim)) return undefined;
    return `data source ${source.kind} ${quote(source.name)} is not supported: remove it from the claim`;
  },
  ({ spec }) => {
    const request = spec.resources.requests['storage'];
    const bytes = bytesOf(request);
    return bytes === undefined || bytes <= 0n
      ? `request ${quote(request ?? '')} is not a size: set spec.resources.requests.storage`
      : undefined;
  },
  (_claim, options, settings) =>
    options.allowLocal === true && !settings.allowLocal
      ? 'class parameter allowLocal is not permitted by this installation: remove it, and mount the export'
      : undefined,
];

/** The message of a refusal; undefined when all is supported. */
export const unsupportedOf: Row = (claim, options, settings) => {
  for (const row of unsupportedRows) {
    const message = row(claim, options, settings);
    if (message !== undefined) return message;
  }
  return undefined;
};
