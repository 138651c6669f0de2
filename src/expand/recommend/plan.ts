/** How a person carries out an advice: commands and manifests, in order. */
import { formatQuantity } from '../../kube/quantity.ts';
import type { Advice } from './recommend.ts';

export interface Step {
  readonly what: string;
  /** Empty: a person has to know how. */
  readonly command: string;
  /** Applied before the command; undefined: none. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

interface Subject {
  readonly namespace: string;
  readonly name: string;
  /** Empty: the default class. */
  readonly storageClassName: string;
}

/** Empty where there is nothing to do. */
export function planOf(advice: Advice, subject: Subject): readonly Step[] {
  const { namespace, name } = subject;
  switch (advice.kind) {
    case 'shrink':
      return shrinkByCopy(advice.toBytes, subject);
    case 'gp3':
      return gp3(advice, subject);
    case 'tier':
      return [
        {
          what: 'Grow within the tier that is paid for already',
          command: `larder grow pvc/${name} -n ${namespace} --to ${formatQuantity(advice.toBytes)}`,
        },
      ];
    case 'too-little-history':
    case 'nominal':
    case 'keep':
    case 'attributes-set':
    case 'attributes-foreign':
    case 'attributes-absent':
    case 'attributes-unread':
      return [];
    default:
      return advice satisfies never;
  }
}

const COPY_IMAGE = 'docker.io/library/busybox:1.37';

/** Kubernetes shrinks no volume, so the data moves to a smaller one. The old claim stays until a person deletes it. */
function shrinkByCopy(toBytes: bigint, { namespace, name, storageClassName }: Subject): readonly Step[] {
  const smaller = `${name}-small`;
  const job = `${name}-copy`;
  return [
    {
      what: 'Stop everything that writes to it; this says who uses it',
      command: `kubectl describe pvc ${name} -n ${namespace}`,
    },
    {
      what: 'Make the smaller claim; give it the access modes of the old one',
      command: 'kubectl apply -f -',
      manifest: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: smaller, namespace },
        spec: {
          ...(storageClassName === '' ? {} : { storageClassName }),
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: formatQuantity(toBytes) } },
        },
      },
    },
    {
      what: 'Copy the data and compare it; the old claim is mounted read-only',
      command: 'kubectl apply -f -',
      manifest: copyJob({ job, namespace, from: name, to: smaller }),
    },
    {
      what: 'Wait for the copy; it fails where the two differ',
      command: `kubectl wait --for=condition=complete --timeout=24h job/${job} -n ${namespace}`,
    },
    {
      what: `Let the workload use ${smaller}, start it, and look whether its data is there (a StatefulSet cannot: its claims have fixed names)`,
      command: '',
    },
    {
      what: 'Only then, and after a backup, let the old claim go',
      command: `kubectl delete job/${job} pvc/${name} -n ${namespace}`,
    },
  ];
}

interface Copy {
  readonly job: string;
  readonly namespace: string;
  readonly from: string;
  readonly to: string;
}

function copyJob({ job, namespace, from, to }: Copy): Readonly<Record<string, unknown>> {
  const script = 'cp -a /from/. /to/ && diff -rq /from /to';
  const container = {
    name: 'copy',
    image: COPY_IMAGE,
    command: ['sh', '-c', script],
    volumeMounts: [
      { name: 'from', mountPath: '/from', readOnly: true },
      { name: 'to', mountPath: '/to' },
    ],
  };
  const volumes = [
    { name: 'from', persistentVolumeClaim: { claimName: from, readOnly: true } },
    { name: 'to', persistentVolumeClaim: { claimName: to } },
  ];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: job, namespace },
    spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container], volumes } } },
  };
}

/** The volume stays in use meanwhile; it spends one of the modifications that EBS allows. */
function gp3({ iops, throughputMib }: Advice & { kind: 'gp3' }, { namespace, name }: Subject): readonly Step[] {
  const attributes = `gp3-${iops}-${throughputMib}`;
  const patch = JSON.stringify({ spec: { volumeAttributesClassName: attributes } });
  return [
    {
      what: 'Describe gp3 as fast as the gp2 volume is (VolumeAttributesClass, Kubernetes 1.34 and newer)',
      command: 'kubectl apply -f -',
      manifest: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttributesClass',
        metadata: { name: attributes },
        driverName: 'ebs.csi.aws.com',
        parameters: { type: 'gp3', iops: String(iops), throughput: String(throughputMib) },
      },
    },
    { what: 'Move the volume while it is in use', command: `kubectl patch pvc ${name} -n ${namespace} -p '${patch}'` },
  ];
}
