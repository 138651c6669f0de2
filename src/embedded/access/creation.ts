/** Whoever makes an object by an update or an apply needs the right to create it, too. */
import type { Target } from '../call.ts';
import type { Reading } from '../store.ts';
import { forbiddenTo } from './attributes.ts';
import { authorize } from './authorize.ts';
import type { User } from './user.ts';

/** `target` names the object, as the address of a POST does not. @throws Refusal 403 */
export function checkCreation(reading: Reading, user: User, { kind, namespace, name }: Target): void {
  if (name === '') return;
  const { group, plural: resource } = kind;
  const attributes = { kind: 'resource', verb: 'create', group, resource, subresource: '', namespace, name } as const;
  const { allowed, reason } = authorize(reading, user, attributes);
  if (!allowed) throw forbiddenTo(user, attributes, reason);
}
