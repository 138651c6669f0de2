/** All operations of the API, in the order of its document: the six of the original contract and their kin first. */
import { alertOperations } from './alert-operations.ts';
import { changeOperations } from './change-operations.ts';
import { clusterOperations } from './cluster-operations.ts';
import { evidenceOperations } from './evidence-operations.ts';
import { governanceOperations } from './governance-operations.ts';
import type { Operation } from './operation.ts';
import { recordOperations } from './record-operations.ts';
import { runOperations } from './run-operations.ts';

export const operations: readonly Operation[] = [
  ...runOperations,
  ...changeOperations,
  ...alertOperations,
  ...clusterOperations,
  ...governanceOperations,
  ...recordOperations,
  ...evidenceOperations,
];

/** The six paths of the original contract. */
export const original: readonly string[] = [
  'recordBootstrap',
  'recordRebuild',
  'createConfigurationChange',
  'attachEvidence',
  'getClusterHealth',
  'recordAlertTest',
];
