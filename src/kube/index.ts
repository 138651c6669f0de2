/** The one barrel: what other rooms use of this one. */
export { type BackoffOptions, backoff } from './backoff.ts';
export { type Cache, type CacheChange, type CacheOptions, createCache } from './cache.ts';
export type { CallOptions as ClientOptions } from './call.ts';
export {
  type Client,
  createClient,
  type DeleteOptions,
  type ListOptions,
  type ObjectList,
  type ReadOptions,
  type WriteOptions,
} from './client.ts';
export { type Connection, type ConnectOptions, connect } from './connection.ts';
export {
  type Controller,
  type ControllerOptions,
  createController,
  type Outcome,
  type ReconcileContext,
} from './controller.ts';
export { defineResource } from './define-resource.ts';
export { errorOfResponse, isKubeError, KubeError, type KubeErrorCode, type Status } from './error.ts';
export { createEventRecorder, type EventRecorder, type EventRecorderOptions, type EventSubject } from './events.ts';
export type { Indexer } from './indexes.ts';
export * from './kinds.ts';
export { createLeaseElection, type LeaseElection, type LeaseElectionOptions, type Term } from './lease.ts';
export { createManager, type Manager, type ManagerOptions } from './manager.ts';
export {
  type Draft,
  type KubeObject,
  keyOf,
  nameOf,
  type ObjectMeta,
  type ObjectName,
  type OwnerReference,
} from './object.ts';
export {
  applyJsonPatch,
  applyMergePatch,
  type JsonPatchOperation,
  type Patch,
  parseJsonPatch,
  sameJson,
} from './patch.ts';
export { bytesOf, canonicalQuantity, formatQuantity, type ParsedQuantity, parseQuantity } from './quantity.ts';
export { metrics as kubeMetrics } from './registry.ts';
export { apiVersionOf, pathOf, type Resource } from './resource.ts';
export {
  type FieldRequirement,
  type LabelRequirement,
  matchesFields,
  matchesRequirements,
  matchesSelector,
  parseFieldSelector,
  parseLabelSelector,
} from './selector.ts';
export type { Transport, TransportRequest, TransportResponse } from './transport.ts';
