/** pvc-chonker (logicIQ): the same annotations and kinds, so nothing is rewritten. What differs is what they do. */
import { ANNOTATION_PREFIX } from '../settings/settings.ts';
import {
  type Conversion,
  claimsIn,
  type Difference,
  everywhere,
  keyOf,
  type Manifest,
  nameIn,
  ofKind,
  partsOf,
  type Raw,
} from './conversion.ts';

const KINDS = ['PVCPolicy', 'PVCGroup'] as const;

export function pvcChonker(objects: readonly Raw[]): Conversion {
  const differences: Difference[] = [...general];
  for (const claim of claimsIn(objects)) {
    const about = keyOf(claim);
    const says = (key: string): string | undefined => claim.annotations[ANNOTATION_PREFIX + key];
    if (says('enabled')?.toLowerCase() === 'false')
      differences.push({ about, message: 'enabled "false" holds here, also against a policy or group' });
    if (says('max-size') === undefined && says('enabled') !== undefined) {
      differences.push({
        about,
        message: 'it has no max-size: there it grows without end, here to defaultMaxSize (1000Gi)',
      });
    }
  }
  const manifests = KINDS.flatMap((kind) => ofKind(objects, kind).map((object) => manifestOf(kind, object)));
  return { manifests, configuration: {}, differences };
}

const general: readonly Difference[] = [
  ...everywhere,
  { about: '', message: 'annotations stay as they are: nothing has to be written on claims' },
  {
    about: '',
    message:
      'the last stretch to max-size is used: 95Gi of at most 100Gi grows to 100Gi, where pvc-chonker refuses for ever',
  },
  { about: '', message: 'the cooldown holds for policies and groups as well' },
  {
    about: '',
    message:
      'a group takes in claims of another namespace only where that one grants it (annotation larder.dev/allow-group-from)',
  },
];

function manifestOf(kind: (typeof KINDS)[number], object: Raw): Manifest {
  const { metadata, spec } = partsOf(object);
  return { apiVersion: 'pvc-chonker.io/v1alpha1', kind, metadata: nameIn(metadata), spec };
}
