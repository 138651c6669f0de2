import type { Pair } from '../../jobspec/field.ts';
import type { Note } from '../account.ts';
import { joined } from '../carry.ts';
import { rewriteHosts } from '../consul-name.ts';
import type { GroupScope } from '../scope.ts';
import { credentialsIn, isCredential, sensitiveIn } from '../secret/credential.ts';

/** What an annotation may say of a line of the job. */
export type Annotation =
  | { readonly kind: 'text'; readonly text: string; readonly note: Note }
  /** Annotations are read by everybody who may read pods. */
  | { readonly kind: 'credential'; readonly note: Note };

/** The text of an annotation: without credentials, and with names that the cluster knows. */
export function annotationOf(pair: Pair, scope: GroupScope, text = pair.value): Annotation {
  const secret = isCredential(pair.key, text) || credentialsIn(text).length > 0 || sensitiveIn(pair.node).length > 0;
  if (secret) {
    const todo = `Store ${pair.key} in Vault, if ${scope.workload.name} needs it: the value in the job is written nowhere.`;
    return { kind: 'credential', note: { class: 'manual', text: 'a credential, which no annotation may hold', todo } };
  }
  const hosts = rewriteHosts(text, scope);
  return { kind: 'text', text: hosts.text, note: joined(hosts.notes) };
}
