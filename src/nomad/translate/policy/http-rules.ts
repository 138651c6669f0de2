import { escapeRegex } from '../escape-regex.ts';
import type { Intention, IntentionPermission } from '../scope.ts';
import type { Branch } from '../sourced.ts';

export type HttpRules =
  | { readonly kind: 'rules'; readonly rules: readonly Branch[] }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Permissions of an intention as Cilium's rules of HTTP. Consul takes the first that matches; Cilium takes any. What
 * stands behind a denial, or needs a header that Cilium does not compare, would let in more than before and is refused.
 */
export function httpRules({ permissions }: Pick<Intention, 'permissions'>): HttpRules {
  const denial = permissions.findIndex(({ action }) => action === 'deny');
  if (denial >= 0 && permissions.slice(denial).some(({ action }) => action === 'allow')) {
    return { kind: 'refused', why: 'a denial stands before a permission, and Cilium has no order' };
  }
  const allowed = permissions.filter(({ action }) => action === 'allow');
  const strange = allowed.flatMap(({ headers }) => headers.filter((header) => headerOf(header) === undefined));
  if (strange.length > 0) return { kind: 'refused', why: `Cilium does not compare the header ${strange[0]?.name} so` };
  return { kind: 'rules', rules: allowed.flatMap(ruleOf) };
}

function ruleOf({ path, methods, headers }: IntentionPermission): readonly Branch[] {
  const named = headers.flatMap((header) => headerOf(header) ?? []);
  const rule: Branch = {
    ...(path ? { path: pathOf(path) } : {}),
    ...(named.length > 0 ? { headers: named } : {}),
  };
  return methods.length === 0 ? [rule] : methods.map((method) => ({ method: `^${escapeRegex(method)}$`, ...rule }));
}

/** An expression that must match the whole path. Envoy sees it with its query, which Consul does not compare. */
function pathOf({ kind, value }: NonNullable<IntentionPermission['path']>): string {
  switch (kind) {
    case 'exact':
      return `^${escapeRegex(value)}(\\?.*)?$`;
    case 'prefix':
      return `^${escapeRegex(value)}.*$`;
    case 'regex':
      return `^(${value})(\\?.*)?$`;
    default:
      return kind satisfies never;
  }
}

function headerOf({ name, kind, value, invert }: IntentionPermission['headers'][number]): string | undefined {
  if (invert) return undefined;
  if (kind === 'present') return name;
  return kind === 'exact' && value !== undefined ? `${name}: ${value}` : undefined;
}
