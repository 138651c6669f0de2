import { dig, fields, maps, word } from './dig.ts';
import type { Part } from './part.ts';
import { piecesOf, type SecretKey } from './piece.ts';
import type { WrittenManifest, WrittenModule } from './tree.ts';

/** What a key of a ConfigMap or a Secret holds; undefined where the module does not say. */
export function writtenKey(
  module: WrittenModule,
  { kind, name, key }: { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string; readonly key: string },
): readonly Part[] | undefined {
  const found = module.manifests.find((each) => each.kind === kind && each.name === name);
  if (found) {
    const text = ['data', 'stringData'].map((part) => dig(found.object, part, key)).find((each) => each !== undefined);
    // data of a Secret is encoded, and somebody's own
    return typeof text === 'string' && kind === 'ConfigMap' ? [{ kind: 'text', text }] : undefined;
  }
  const made = kind === 'Secret' ? module.manifests.find((each) => isMaker(each, name)) : undefined;
  return made && madeKey(made.object, key);
}

/** Whether External Secrets makes the Secret of it. */
export function isMaker({ kind, name: own, object }: WrittenManifest, name: string): boolean {
  return kind === 'ExternalSecret' && (word(dig(object, 'spec', 'target', 'name')) || own) === name;
}

/** A template that is rendered wins over what is fetched under the same key. */
function madeKey(object: unknown, key: string): readonly Part[] | undefined {
  const fetched = new Map(
    maps(dig(object, 'spec', 'data')).map(({ secretKey, remoteRef }) => [
      word(secretKey),
      { path: word(dig(remoteRef, 'key')), key: word(dig(remoteRef, 'property')) },
    ]),
  );
  const text = fields(dig(object, 'spec', 'target', 'template', 'data'))[key];
  if (typeof text === 'string') return renderedParts(text, fetched);
  const of = fetched.get(key);
  return of && [{ kind: 'secret', of }];
}

/** A template of External Secrets, whose values are called by their keys. */
function renderedParts(template: string, fetched: ReadonlyMap<string, SecretKey>): readonly Part[] {
  return piecesOf(template).flatMap(({ text, action, within }): readonly Part[] => {
    if (within.length > 0) return [{ kind: 'unknown' }];
    const own: Part = { kind: 'text', text };
    if (action === undefined) return [own];
    const of = fetched.get(/^\.(\w+)$/.exec(action)?.[1] ?? '');
    return [own, of ? { kind: 'secret', of } : { kind: 'unknown' }];
  });
}
