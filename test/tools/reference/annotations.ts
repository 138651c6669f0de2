/** The page of annotations that people write; those that Larder writes itself are not on it. */

import { GRANT } from '../../../src/expand/group/belonging.ts';
import { ANNOTATION_PREFIX, type SettingName, settingKeys } from '../../../src/expand/settings/settings.ts';
import { annotation } from '../../../src/provision/annotation.ts';
import { code, markdownTable, page } from './markdown.ts';

/** Meaning and an example of each setting of a claim. */
const growth: Readonly<Record<SettingName, readonly [meaning: string, example: string]>> = {
  enabled: ['Whether the claim grows. Nothing grows that is not enabled.', 'true'],
  threshold: ['Used share of the capacity at which it grows.', '80%'],
  inodesThreshold: ['Used share of the inodes at which it grows.', '80%'],
  increase: ['By how much: share of the present size, or a size.', '20%'],
  minScaleUp: ['By how much at least.', '1Gi'],
  maxStep: ['By how much at most at once.', '50Gi'],
  maxSize: ['Size beyond which it never grows.', '500Gi'],
  cooldown: ['Least time between two expansions.', '30m'],
  fullWithin: ['Grow also when the volume will be full within this time; `0` = never for that reason.', '24h'],
  initialSize: ['Least size of a new claim; on a namespace or a class, or in a policy.', '20Gi'],
  window: [
    'When the claim may be changed; `always` on a claim lifts a window of its namespace.',
    'Mon-Fri 22:00-06:00 Europe/Berlin',
  ],
  approvalAbove: ['Beyond this size it grows only as far as `larder.dev/approved-up-to` allows; or `never`.', '500Gi'],
  snapshotAbove: ['Growth by more than this share of the size needs a recent VolumeSnapshot; or `never`.', '20%'],
  provider: ['Whose limits count, when Larder cannot find it out.', 'nfs'],
  volumeType: ['Type of an AWS volume, for the limits that depend on it.', 'gp3'],
  policy: ['Name of a PVCPolicy of the namespace; without such an object the claim does not grow.', 'databases'],
  group: ['Name of a PVCGroup that the claim belongs to; without such an object the claim does not grow.', 'kafka'],
};

export function annotationsPage(): string {
  const settings = Object.entries(growth).map(([name, [meaning, example]]) => [
    code(`${ANNOTATION_PREFIX}${keyOf(name)}`),
    meaning,
    code(`"${example}"`),
  ]);
  const others = [
    [code('larder.dev/paused'), 'claim, namespace', 'Stops growth while it is there with any value but `"false"`.'],
    [
      code('larder.dev/approved-up-to'),
      'claim',
      'Largest size that a person has approved, where `approval-above` asks for it.',
    ],
    [
      code(annotation.adopt),
      'namespace',
      '`"true"`: claims of this namespace may take directories that exist and hold data.',
    ],
    [
      code(GRANT),
      'namespace',
      'Namespaces whose PVCGroups may take in claims of this one, separated by commas, or `*`.',
    ],
    [
      code(annotation.budget),
      'namespace',
      'How much its claims may request on each export, as a quantity such as `"100Gi"`. What cannot be read allows nothing.',
    ],
    [code(annotation.mode), 'claim', 'Mode of the directory, when the class lists `mode` in `allowOverrides`.'],
    [code(annotation.uid), 'claim', 'Owner of the directory, when the class lists `uid` in `allowOverrides`.'],
    [code(annotation.gid), 'claim', 'Group of the directory, when the class lists `gid` in `allowOverrides`.'],
    [
      code(annotation.onDelete),
      'volume',
      'What becomes of the directory when the claim is deleted: `retain`, `archive` or `delete`. Larder writes there what the class said when the volume was made, and you may change it ([how](../guides/undelete.md)). Removed: the class of now decides.',
    ],
  ];
  return page(
    'Annotations',
    'What you may write on claims and what stands around them. Values are text: write them in quotes.',
    '## Growth',
    'On a claim, on its namespace or on its StorageClass; the nearest wins, then the [configuration](configuration.md), which also has the defaults. [Policies](../guides/policies.md) stand between a claim and its namespace. A value that cannot be read stops growth of the claim and is said in an event.',
    markdownTable(['Annotation', 'Meaning', 'Example'], settings),
    '## Others',
    markdownTable(['Annotation', 'On', 'Meaning'], others),
    'Which other annotations matter is up to the class: `pathPattern: glusterfs_${.PVC.annotations.volume-name}` reads `volume-name` ([parameters](parameters.md)).',
  );
}

function keyOf(name: string): string {
  const key = Object.entries(settingKeys).find(([each]) => each === name)?.[1];
  if (key === undefined) throw new Error(`${name} is no setting`);
  return key;
}
