import type { Provider } from '../expand/provider.ts';
import { directoryProvider } from './directory.ts';

/** Directories on a disk of the node that Larder provisions. */
export function local(provisioners: readonly string[]): Provider {
  return directoryProvider('local', provisioners);
}
