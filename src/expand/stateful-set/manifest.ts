/** The StatefulSet as it is made again: all that somebody wrote, with larger templates, and nothing that the server adds. */
import type { Drift } from './drift.ts';
import { type Raw, recordIn, templateName, templatesIn } from './stateful-set.ts';

/** Of the server; written by nobody. */
const SERVER_FIELDS: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

export function manifestOf(whole: Raw, drifts: readonly Drift[]): Raw {
  const { status: _, ...rest } = whole;
  const metadata = Object.entries(recordIn(whole, 'metadata')).filter(([key]) => !SERVER_FIELDS.has(key));
  return {
    ...rest,
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: Object.fromEntries(metadata),
    spec: {
      ...recordIn(whole, 'spec'),
      volumeClaimTemplates: templatesIn(whole).map((template) => {
        const drift = drifts.find((each) => each.template === templateName(template));
        return enlarged(template, drift?.outgrown ? drift.live : undefined);
      }),
    },
  };
}

/** Templates carry a status that says Pending: nobody wrote it. */
function enlarged({ status: _, ...template }: Raw, storage: string | undefined): Raw {
  if (storage === undefined) return template;
  const spec = recordIn(template, 'spec');
  const resources = recordIn(spec, 'resources');
  const requests = { ...recordIn(resources, 'requests'), storage };
  return { ...template, spec: { ...spec, resources: { ...resources, requests } } };
}

/** The sizes of its templates, by name. */
export function sizesIn(manifest: Raw): ReadonlyMap<string, string> {
  return new Map(
    templatesIn(manifest).map((template) => [
      templateName(template),
      String(recordIn(template, 'spec', 'resources', 'requests')['storage'] ?? ''),
    ]),
  );
}
