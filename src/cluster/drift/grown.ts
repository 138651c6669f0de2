/** Claims that Larder grew beyond their manifests: that is what it is for, and no drift. */
import type { Comparison } from '../change/comparison.ts';
import { type Manifest, objectAt, textAt } from '../change/manifest.ts';

const FIELD = '.spec.resources.requests.storage';
/** Of Larder's operator and of `larder grow`. */
const OWNER = /^conflict with "larder(-expander)?"/;

/** The manifest with the size that the claim has; undefined where the size alone is not what stands in the way. */
export function grown({ manifest, live, outcome }: Comparison): Manifest | undefined {
  if (manifest.kind !== 'PersistentVolumeClaim' || manifest.apiVersion !== 'v1') return undefined;
  if (live === undefined || outcome.kind !== 'unknown' || outcome.conflicts.length === 0) return undefined;
  if (!outcome.conflicts.every(({ field, owner }) => field === FIELD && OWNER.test(owner))) return undefined;
  const storage = textAt(live.object, 'spec', 'resources', 'requests', 'storage');
  const spec = objectAt(manifest.object, 'spec');
  const resources = objectAt(spec, 'resources');
  const requests = { ...objectAt(resources, 'requests'), storage };
  return { ...manifest, object: { ...manifest.object, spec: { ...spec, resources: { ...resources, requests } } } };
}
