import { CodedError, type ErrorTable, type MetricTable } from '../telemetry/registry.ts';

export const errors = {
  LARDER_DATA_LOCKED: {
    meaning: 'Another Larder process uses this data folder.',
    remedy: 'Stop that process (its id is in the message), or choose another folder with `--data`.',
  },
  LARDER_DATA_UNWRITABLE: {
    meaning: 'The data folder could not be created or written.',
    remedy: 'Choose a folder that you own with `--data` or `LARDER_DATA`.',
  },
  LARDER_DATA_FOREIGN: {
    meaning: 'The folder holds files that Larder did not write.',
    remedy: 'Choose an empty folder, or one that an earlier Larder made.',
  },
  LARDER_CONFIGURATION: {
    meaning: 'A flag, environment variable or configuration file holds a value that is not accepted.',
    remedy: 'The message names the key, the value and what is accepted.',
  },
  LARDER_PERMISSIONS: {
    meaning: 'The account of the operator may not do what it cannot work without.',
    remedy: 'Apply the documented roles (`docs/reference/rbac.yaml`), or do what the message says.',
  },
  LARDER_WEBHOOK_CERTIFICATE: {
    meaning: 'The certificate of the admission webhook could not be made, renewed or read; claims are made without it.',
    remedy:
      'The message names the object or the file; `larder doctor` says until when the present one holds. See docs/guides/webhook.md.',
  },
  LARDER_OPERATOR_UNREACHABLE: {
    meaning: 'The command needs the running operator and could not reach it.',
    remedy: 'Start it (`npm start`), or name its address with `--operator URL`.',
  },
  LARDER_NOT_LINUX: {
    meaning: 'Larder runs on Linux only: descriptor-relative file operations need /proc.',
    remedy: 'Run it on a Linux machine, in a container or in a virtual machine.',
  },
} as const satisfies ErrorTable;

export class OperatorError extends CodedError<keyof typeof errors> {
  override readonly name = 'OperatorError';
}

export const metrics = {
  larder_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels say which Larder this is.',
    labels: ['version', 'node'],
  },
  larder_start_time_seconds: { type: 'gauge', help: 'Unix time at which this process was ready.', labels: [] },
  larder_export_capacity_bytes: {
    type: 'gauge',
    help: 'Size of the filesystem behind the export; absent while it is down.',
    labels: ['export'],
  },
  larder_export_free_bytes: {
    type: 'gauge',
    help: 'Free space of the filesystem behind the export; absent while it is down.',
    labels: ['export'],
  },
  larder_export_requested_bytes: {
    type: 'gauge',
    help: 'Capacity of all live volumes of Larder on the export.',
    labels: ['export'],
  },
  larder_export_overcommit_ratio: {
    type: 'gauge',
    help: 'Requested bytes divided by the size of the export; above 1 not all volumes can be full at once.',
    labels: ['export'],
  },
  larder_leader: { type: 'gauge', help: '1 while this replica leads, 0 while it stands by.', labels: [] },
} as const satisfies MetricTable;
