import type { Provider } from '../expand/provider.ts';
import { directoryProvider } from './directory.ts';

/** Directories on a shared export that Larder provisions. */
export function nfs(provisioners: readonly string[]): Provider {
  return directoryProvider('nfs', provisioners);
}
