/** What this room counts. Names follow client-go and controller-runtime where these have one, so that common dashboards fit. */
import type { MetricTable } from '../telemetry/registry.ts';
import type { Access } from './access.ts';

export { errors } from './error.ts';

export const metrics = {
  rest_client_requests_total: {
    type: 'counter',
    help: 'Requests to the Kubernetes API by method and status code; <error> when no answer came.',
    labels: ['method', 'code'],
  },
  informer_objects: { type: 'gauge', help: 'Objects in a cache.', labels: ['resource'] },
  informer_events_total: {
    type: 'counter',
    help: 'Watch events by what they did to the cache.',
    labels: ['resource', 'effect'],
  },
  informer_interruptions_total: {
    type: 'counter',
    help: 'Times that a list or watch ended, by why.',
    labels: ['resource', 'reason'],
  },
  workqueue_depth: { type: 'gauge', help: 'Keys that wait in a work queue.', labels: ['name'] },
  workqueue_adds_total: { type: 'counter', help: 'Keys added to a work queue.', labels: ['name'] },
  controller_runtime_reconcile_total: {
    type: 'counter',
    help: 'Reconciles by result: done, again, retry or error (a throw).',
    labels: ['controller', 'result'],
  },
  controller_runtime_reconcile_time_seconds: {
    type: 'histogram',
    help: 'How long one reconcile took.',
    labels: ['controller'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  leader_election_master_status: {
    type: 'gauge',
    help: '1 while this process holds the lease, 0 otherwise.',
    labels: ['name'],
  },
  event_recorder_events_total: {
    type: 'counter',
    help: 'Events by what became of them: written, limited (too many for one object), dropped (queue full) or failed.',
    labels: ['outcome'],
  },
  controller_runtime_webhook_requests_total: {
    type: 'counter',
    help: 'Admission requests by path and by the status of the answer; unknown: a path that is not served.',
    labels: ['webhook', 'code'],
  },
  controller_runtime_webhook_latency_seconds: {
    type: 'histogram',
    help: 'How long one admission request took.',
    labels: ['webhook'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
  },
} as const satisfies MetricTable;

export const recorderAccess: readonly Access[] = [
  { group: '', resource: 'events', verbs: ['get', 'create', 'patch'], why: 'to say what happened to an object' },
];

/** In the namespace of the lease. `create` cannot be limited to a name. */
export const electionAccess = (name: string): readonly Access[] => {
  const lease = { group: 'coordination.k8s.io', resource: 'leases' };
  return [
    { ...lease, verbs: ['create'], why: 'to stand for election the first time' },
    { ...lease, names: [name], verbs: ['get', 'update'], why: 'to lead, and to see who leads' },
  ];
};
