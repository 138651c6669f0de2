/** The differences in the form of kubectl diff: one unified diff per object, of its YAML with sorted names. */
import { createTwoFilesPatch } from 'diff';
import { yamlText } from '../../kube/yaml-text.ts';
import { groupOf, type JsonObject, type ObjectId } from './manifest.ts';
import { masked, type Sides } from './masking.ts';
import type { SecretShield } from './secret-shield.ts';

const CONTEXT = 3;

/** Empty where nothing differs. No line gives a secret away: fields are masked first, then what stands inside long texts. */
export function diffText(id: ObjectId, sides: Sides, shield: SecretShield): string {
  const { before, after } = masked(sides, shield.givesAway);
  const [old, now] = [textOf(before), textOf(after)];
  if (old === now) return '';
  const name = fileName(id);
  const patch = createTwoFilesPatch(`LIVE/${name}`, `MERGED/${name}`, old, now, '', '', {
    context: CONTEXT,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  });
  return `diff -u -N LIVE/${name} MERGED/${name}\n${shield.mask(patch).replaceAll(/[ \t]+$/gm, '')}`;
}

/** `apps.v1.Deployment.shop.web`, as kubectl diff names its files. */
function fileName({ apiVersion, kind, namespace = '', name }: ObjectId): string {
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(group === '' ? 0 : group.length + 1);
  return `${group === '' ? '' : `${group}.`}${version}.${kind}.${namespace}.${name}`;
}

function textOf(object: JsonObject | undefined): string {
  return object === undefined ? '' : yamlText(object, { sortMapEntries: true, indentSeq: false });
}
