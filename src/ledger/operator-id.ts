import { z } from 'zod';

/** What an operator is called in records, in allowed_signers and in cluster.yaml. */
export const operatorId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/, 'is no operator id: letters, digits and . _ @ -');
