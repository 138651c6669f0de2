/** C18, schemas: every manifest is what its kind takes. */
import { parsePointer } from '../../kube/patch.ts';
import { isObject } from '../../kube/reader.ts';
import { dig, maps, word } from './dig.ts';
import type { Finding } from './finding.ts';
import { kindSchemas } from './kind-schemas.ts';
import type { WrittenManifest, WrittenTree } from './tree.ts';

/** The published schemas know types, required fields and enumerations; unknown fields they let pass. */
export async function schemaFindings({ modules, broken }: WrittenTree): Promise<readonly Finding[]> {
  const findings: Finding[] = broken.map(({ file, line, message }) => ({
    check: 'C18',
    severity: 'error',
    file,
    line,
    object: file,
    message: `is no YAML: ${message}`,
    todo: 'Correct the line.',
  }));
  for (const manifest of modules.flatMap(({ manifests }) => manifests)) findings.push(...(await validated(manifest)));
  return findings;
}

async function validated(manifest: WrittenManifest): Promise<readonly Finding[]> {
  const { apiVersion, kind, file, name } = manifest;
  const where = { check: 'C18', file, object: `${kind || 'a manifest'}/${name}` } as const;
  const id = `${apiVersion}/${kind}`;
  const load = Object.hasOwn(kindSchemas, id) ? kindSchemas[id] : undefined;
  if (!load) {
    const message = `${id} is a kind that Larder has no schema of`;
    return [{ ...where, severity: 'skipped', line: manifest.lineOf(), message, todo: 'Check it with --server.' }];
  }
  const schema = Object.assign(await load(), manifest.object);
  try {
    schema.validate();
    return [];
  } catch (error) {
    return violationsIn(error).map(({ path, message }) => refusal(manifest, path, message));
  }
}

function refusal(manifest: WrittenManifest, path: readonly (string | number)[], message: string): Finding {
  const { kind, name, file } = manifest;
  const field = path.filter((key) => typeof key === 'string').join('.');
  return {
    check: 'C18',
    severity: 'error',
    file,
    line: manifest.lineOf(...path),
    object: `${kind}/${name}`,
    message: `${path.join('.') || kind} ${message}`,
    todo: `See \`kubectl explain ${kind.toLowerCase()}${field === '' ? '' : `.${field}`}\`.`,
  };
}

interface Violation {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function violationsIn(error: unknown): readonly Violation[] {
  const listed = maps(isObject(error) || error instanceof Error ? Reflect.get(error, 'errors') : undefined);
  if (listed.length === 0) throw error;
  return listed.map((each) => ({
    path: pathOf(word(each['instancePath'])),
    message: word(each['message']) + extra(each),
  }));
}

/** Which values there are, where the message leaves that out. */
function extra(violation: Readonly<Record<string, unknown>>): string {
  const values = dig(violation, 'params', 'allowedValues');
  return values === undefined ? '' : `: ${JSON.stringify(values)}`;
}

function pathOf(pointer: string): readonly (string | number)[] {
  return parsePointer(pointer).map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
