import { CodedError, type ErrorTable, type MetricTable } from '../telemetry/registry.ts';

/** Each also has the shape of an answer in `explain`: the tables go on to hold. */
export const errors = {
  LARDER_LOOKUP_DENIED: {
    meaning: 'The account that asks the cloud may not do what the message names.',
    remedy:
      'Give it that action (deploy/iam has the whole role), or turn the look-ups of that cloud off. Growth goes on by the tables.',
  },
  LARDER_LOOKUP_CREDENTIALS: {
    meaning: 'No credentials for the cloud were found, or they were refused.',
    remedy:
      'The message says what was looked for. Give the service account of Larder an identity ([AWS](../guides/aws.md), [Google Cloud](../guides/gcp.md), [Azure](../guides/azure.md)), or turn the look-ups off.',
  },
  LARDER_LOOKUP_THROTTLED: {
    meaning: 'The cloud answers no more questions of this account for now.',
    remedy:
      'Nothing: Larder asks more slowly by itself. If it lasts, lower `lookups.perSecond` or raise `lookups.maxAge`.',
  },
  LARDER_LOOKUP_UNREACHABLE: {
    meaning: 'The cloud gave no answer in time.',
    remedy: 'Look at the way from the pod to the address in the message (egress policies, proxies, private endpoints).',
  },
  LARDER_LOOKUP_MALFORMED: {
    meaning: 'Something answered in the place of the cloud, or the cloud says what its documentation does not.',
    remedy: 'Check the endpoints in providerConfig.',
  },
} as const satisfies ErrorTable;
export type LookupErrorCode = keyof typeof errors;

export class LookupError extends CodedError<LookupErrorCode> {
  override readonly name = 'LookupError';
  /** How long the cloud asks to be left alone, milliseconds; undefined: it does not say. */
  readonly afterMs: number | undefined;

  constructor(code: LookupErrorCode, message: string, options: { cause?: unknown; afterMs?: number | undefined } = {}) {
    super(code, message, options);
    this.afterMs = options.afterMs;
  }
}

export const metrics = {
  larder_cloud_lookups_total: {
    type: 'counter',
    help: 'Questions to clouds, by cloud (aws, gcp, azure) and outcome (ok, denied, credentials, throttled, unreachable, malformed).',
    labels: ['cloud', 'outcome'],
  },
  larder_cloud_lookup_volumes: {
    type: 'gauge',
    help: 'Volumes of which an answer of the cloud is known.',
    labels: ['cloud'],
  },
} as const satisfies MetricTable;
