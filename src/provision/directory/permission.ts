/** What is said about mode and owner of a directory that was there before. */
import type { EventReason } from '../registry.ts';

/** Undefined: nothing. `is`: what the directory has now. */
export function permissionsNote(
  permissions: 'as-asked' | 'corrected' | 'kept',
  directory: string,
  is: string,
): { readonly reason: EventReason; readonly message: string } | undefined {
  switch (permissions) {
    case 'as-asked':
      return undefined;
    case 'corrected': {
      const message = `existing directory ${directory} now has ${is}, what it holds is untouched: nothing to do`;
      return { reason: 'PermissionsCorrected', message };
    }
    case 'kept': {
      const message = `existing directory ${directory} keeps ${is}: set existingMode in the class if the class should win`;
      return { reason: 'PermissionsKept', message };
    }
    default:
      return permissions satisfies never;
  }
}
