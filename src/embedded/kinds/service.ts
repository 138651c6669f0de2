/** Service (pkg/printers, read in 1.36). */
import { at, type JsonObject, listAt, numberAt, textAt, textsAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import { isLabel } from '../names.ts';
import { type Cell, row } from '../row.ts';
import { labelsText } from './selector-text.ts';
import { serviceRules } from './service-rules.ts';

/** Addresses that a load balancer reported, sorted, each once. */
export function balancerText(object: JsonObject): string {
  const found = listAt(object, 'status', 'loadBalancer', 'ingress').flatMap(
    (ingress) => textAt(ingress, 'ip') || textAt(ingress, 'hostname') || [],
  );
  return [...new Set(found)].sort().join(',');
}

const externalText: Cell = (service) => {
  const own = textsAt(service, 'spec', 'externalIPs').join(',');
  switch (textAt(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return own || '<none>';
    case 'LoadBalancer':
      return [balancerText(service), own].filter((text) => text !== '').join(',') || '<pending>';
    case 'ExternalName':
      return textAt(service, 'spec', 'externalName') ?? '';
    default:
      return '<unknown>';
  }
};

const portsText: Cell = (service) => {
  const texts = listAt(service, 'spec', 'ports').map((port) => {
    const node = numberAt(port, 'nodePort') ?? 0;
    const number = String(numberAt(port, 'port') ?? 0);
    return `${node > 0 ? `${number}:${node}` : number}/${textAt(port, 'protocol') ?? ''}`;
  });
  return texts.join(',') || '<none>';
};

export const serviceKinds: readonly Kind[] = [
  row('v1', 'services', {
    returnsDeleted: true,
    putCreates: true,
    nameRule: isLabel,
    rules: serviceRules,
    effect: 'gets an address and ports that no other service has; nothing answers there',
    fields: {
      'spec.clusterIP': (service) => textAt(service, 'spec', 'clusterIP'),
      'spec.type': (service) => textAt(service, 'spec', 'type'),
    },
    cells: {
      Type: (service) => textAt(service, 'spec', 'type') ?? '',
      'Cluster-IP': (service) => textsAt(service, 'spec', 'clusterIPs')[0] ?? '<none>',
      'External-IP': externalText,
      'Port(s)': portsText,
      Selector: (service) => labelsText(at(service, 'spec', 'selector')),
    },
  }),
];
