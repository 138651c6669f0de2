/** What the node writes into the status of a pod, and of itself. */
import type { NodePod } from './pod.ts';

/** `at`: RFC 3339. The address is loopback: nothing listens there for a pod whose containers do not run. */
export function runningStatus(pod: NodePod, at: string): object {
  const condition = (type: string): object => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: at });
  const types = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  return {
    phase: 'Running',
    message: 'Volumes are mounted. No container runs: this node only stands in for a kubelet.',
    conditions: types.map(condition),
    hostIP: '127.0.0.1',
    podIP: '127.0.0.1',
    podIPs: [{ ip: '127.0.0.1' }],
    startTime: pod.status?.startTime ?? at,
    containerStatuses: pod.spec.containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: '',
      lastState: {},
      ready: true,
      restartCount: 0,
      started: true,
      state: { running: { startedAt: at } },
    })),
  };
}

/** A pod that has its node but not its directories. */
export function waitingStatus(pod: NodePod, at: string): object {
  return {
    phase: 'Pending',
    startTime: pod.status?.startTime ?? at,
    containerStatuses: pod.spec.containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: '',
      lastState: {},
      ready: false,
      restartCount: 0,
      started: false,
      state: { waiting: { reason: 'ContainerCreating' } },
    })),
  };
}

export interface NodeIdentity {
  readonly name: string;
  /** Of the kubelet's HTTP port; 0 = it has none, and is reached in process only. */
  readonly port: number;
  /** As in `kubectl version`; the node claims to run this kubelet. */
  readonly version: string;
}

export function labelsOf({ name }: NodeIdentity): Readonly<Record<string, string>> {
  return {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': process.arch === 'arm64' ? 'arm64' : 'amd64',
  };
}

/** `since`: when the node became ready; `at`: now. Both RFC 3339. */
export function nodeStatus({ name, port, version }: NodeIdentity, since: string, at: string): object {
  const times = { lastHeartbeatTime: at, lastTransitionTime: since };
  const fine = (type: string, reason: string, message: string): object => ({
    type,
    status: type === 'Ready' ? 'True' : 'False',
    reason,
    message,
    ...times,
  });
  return {
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: name },
    ],
    conditions: [
      fine('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      fine('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      fine('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      fine('Ready', 'KubeletReady', 'stands in for a kubelet: mounts volumes, runs no containers'),
    ],
    nodeInfo: {
      kubeletVersion: version,
      operatingSystem: 'linux',
      architecture: labelsOf({ name, port, version })['kubernetes.io/arch'],
    },
    ...(port === 0 ? {} : { daemonEndpoints: { kubeletEndpoint: { Port: port } } }),
  };
}
