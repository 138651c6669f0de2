import { dig } from './dig.ts';
import type { Finding } from './finding.ts';
import type { Check, Subject } from './subject.ts';
import type { WrittenManifest } from './tree.ts';
import { hasLabels, labelOf, textMap } from './workload.ts';

/** C5: each Service selects the pods of exactly one workload. */
export const selector: Check = {
  id: 'C5',
  title: 'selectors of Services',
  run: (subject) =>
    subject.tree.modules.flatMap(({ manifests }) =>
      manifests.filter(({ kind }) => kind === 'Service').flatMap((service) => serviceFindings(subject, service)),
    ),
};

function serviceFindings({ workloads }: Subject, service: WrittenManifest): readonly Finding[] {
  const wanted = textMap(dig(service.object, 'spec', 'selector'));
  // one without a selector points elsewhere: an external name, or endpoints of its own
  if (Object.keys(wanted).length === 0) return [];
  const found = workloads.filter(
    ({ manifest, labels }) => manifest.namespace === service.namespace && hasLabels(labels, wanted),
  );
  if (found.length === 1) return [];
  const text = Object.entries(wanted)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const message =
    found.length === 0
      ? `its selector ${text} finds no pods of this tree`
      : `its selector ${text} finds the pods of ${found.map(labelOf).join(' and ')}: requests go to either at random`;
  const todo =
    found.length === 0 ? 'Give it the labels of the pods it is for.' : 'Add the label component to selector and pods.';
  const { file, kind, name } = service;
  const line = service.lineOf('spec', 'selector');
  return [{ check: 'C5', severity: 'error', file, line, object: `${kind}/${name}`, message, todo }];
}
