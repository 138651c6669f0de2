/** The room's vocabulary. The events of the stand-ins for Kubernetes' controllers are in events.ts. */
import { CodedError, type ErrorTable } from '../telemetry/registry.ts';

export { events } from './events.ts';

export const errors = {
  EMBEDDED_STATE_UNREADABLE: {
    meaning: 'The state of the embedded API could not be opened: no access, a damaged file, or one of a later version.',
    remedy: 'Check the file that the message names; use the version of Larder that wrote it, or another data folder.',
  },
  EMBEDDED_FILE_UNWRITABLE: {
    meaning: 'A certificate, the token or the kubeconfig could not be written.',
    remedy: 'Check the rights and the free space of the folder that the message names.',
  },
} as const satisfies ErrorTable;

export class EmbeddedError extends CodedError<keyof typeof errors> {
  override readonly name = 'EmbeddedError';
}
