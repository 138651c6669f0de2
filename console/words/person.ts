/** Names of who is signed in, as short as they can be told apart. Pure. */

/** `system:serviceaccount:media:viewer` is `media/viewer`; others are as they are. */
export function shortName(name: string): string {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? [];
  return namespace === undefined || account === undefined ? name : `${namespace}/${account}`;
}
