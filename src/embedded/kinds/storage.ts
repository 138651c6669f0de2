/** What drivers of storage say about themselves, and the classes of volume attributes (pkg/printers, read in 1.36). */
import { at, listAt, textAt, textsAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import { row } from '../row.ts';
import { attachmentRules, attributesRules, capacityRules, driverRules, nodeRules } from './storage-rules.ts';

const GROUP = 'storage.k8s.io/v1';

export const storageKinds: readonly Kind[] = [
  row(GROUP, 'csidrivers', {
    counted: true,
    counting: 'late',
    putNeedsVersion: true,
    returnsDeleted: true,
    rules: driverRules,
    cells: {
      AttachRequired: (driver) => at(driver, 'spec', 'attachRequired') !== false,
      PodInfoOnMount: (driver) => at(driver, 'spec', 'podInfoOnMount') === true,
      StorageCapacity: (driver) => at(driver, 'spec', 'storageCapacity') === true,
      TokenRequests: (driver) =>
        at(driver, 'spec', 'tokenRequests') === undefined
          ? '<unset>'
          : listAt(driver, 'spec', 'tokenRequests')
              .map((request) => textAt(request, 'audience') ?? '')
              .join(','),
      RequiresRepublish: (driver) => at(driver, 'spec', 'requiresRepublish') === true,
      Modes: (driver) => textsAt(driver, 'spec', 'volumeLifecycleModes').join(',') || '<none>',
    },
  }),
  row(GROUP, 'csinodes', {
    putNeedsVersion: true,
    returnsDeleted: true,
    rules: nodeRules,
    cells: { Drivers: (node) => listAt(node, 'spec', 'drivers').length },
  }),
  row(GROUP, 'csistoragecapacities', { putNeedsVersion: true, rules: capacityRules }),
  row(GROUP, 'volumeattachments', {
    putNeedsVersion: true,
    returnsDeleted: true,
    rules: attachmentRules,
    cells: {
      Attacher: (attachment) => textAt(attachment, 'spec', 'attacher') ?? '',
      PV: (attachment) => textAt(attachment, 'spec', 'source', 'persistentVolumeName') ?? '',
      Node: (attachment) => textAt(attachment, 'spec', 'nodeName') ?? '',
      Attached: (attachment) => at(attachment, 'status', 'attached') === true,
    },
  }),
  row(GROUP, 'volumeattributesclasses', {
    returnsDeleted: true,
    rules: attributesRules,
    effect: 'is protected while a claim or a volume has it',
    cells: { DriverName: (attributes) => textAt(attributes, 'driverName') ?? '' },
  }),
];
