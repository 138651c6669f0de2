import { decodeAs } from '../../embedded/decode.ts';
import { isObject, type Json } from '../../embedded/json.ts';
import { groupVersion } from '../../embedded/kind.ts';
import { kinds } from '../../embedded/kinds.ts';
import type { Finding } from '../../nomad/check/finding.ts';
import type { WrittenManifest, WrittenTree } from '../../nomad/check/tree.ts';

const builtIn = new Map(kinds.map((kind) => [`${groupVersion(kind)}/${kind.kind}`, kind]));

/** C18, fields: the published schemas let pass what they do not name; a server refuses it when it is applied server-side. */
export function unknownFields({ modules }: WrittenTree): readonly Finding[] {
  return modules.flatMap(({ manifests }) => manifests.flatMap(unknownIn));
}

function unknownIn(manifest: WrittenManifest): readonly Finding[] {
  const { apiVersion, kind, name, file } = manifest;
  const known = builtIn.get(`${apiVersion}/${kind}`);
  const object: Json = JSON.parse(JSON.stringify(manifest.object));
  if (!known || !isObject(object)) return [];
  return unknownPaths(known, object).map((path): Finding => {
    const keys = [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, at, key = '']) =>
      at === undefined ? key : Number(at),
    );
    const message = `${path} is no field of a ${kind}: no cluster takes the manifest`;
    const todo = `Take it out; \`kubectl explain ${kind.toLowerCase()}\` has the fields that there are.`;
    return {
      check: 'C18',
      severity: 'error',
      file,
      line: manifest.lineOf(...keys),
      object: `${kind}/${name}`,
      message,
      todo,
    };
  });
}

function unknownPaths(kind: Parameters<typeof decodeAs>[0], object: Parameters<typeof decodeAs>[1]): readonly string[] {
  try {
    return decodeAs(kind, object, { subject: kind.kind, fill: false }).unknown;
  } catch {
    // a value of a wrong type, which the published schemas tell
    return [];
  }
}
