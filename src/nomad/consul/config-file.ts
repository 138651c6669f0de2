import type { HclInput } from '../hcl/read-hcl.ts';
import { readHcl } from '../hcl/read-hcl.ts';
import { sourceOf } from '../hcl/source.ts';
import { startsAsJson } from '../json/form.ts';
import { nodeFrom } from '../json/node.ts';
import { parseJson } from '../json/parse.ts';
import type { Body, Node } from '../source/node.ts';
import { type ConfigEntry, readConfigEntry } from './config-entry.ts';

const says =
  /^[ \t]*"?kind"?\s*[=:]\s*"(?:service-|proxy-|ingress-|terminating-|api-|http-|tcp-|exported-|jwt-|mesh")/im;
const saysInline = /"kind"\s*:\s*"(?:service-|proxy-|ingress-|terminating-|api-|http-|tcp-|exported-|jwt-|mesh")/i;

/** Config entries of Consul that a file beside the jobs holds: HCL, JSON, or a list in JSON. Absent where it holds none. */
export function readConfigFile(input: HclInput): ConfigEntry | undefined {
  if (!says.test(input.text) && !saysInline.test(input.text)) return undefined;
  const bodies = startsAsJson(input.text) || /^\s*\[/.test(input.text) ? jsonBodies(input) : hclBodies(input);
  if (bodies.length === 0) return unread(input);
  const entries = bodies.flatMap((body) => readConfigEntry(body) ?? []);
  if (entries.length === 0) return undefined;
  return {
    intentions: entries.flatMap(({ intentions }) => intentions),
    timeouts: entries.flatMap(({ timeouts }) => timeouts),
    diagnostics: entries.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** Consul still reads the first version of HCL, where a map in a list may stand without `=`. */
function hclBodies(input: HclInput): readonly Body[] {
  const texts = [input.text, input.text.replaceAll(/^([ \t]*[A-Za-z_]\w*)[ \t]*\{/gm, '$1 = {')];
  for (const text of texts) {
    const { body, diagnostics } = readHcl({ ...input, text });
    if (!diagnostics.some(({ severity }) => severity === 'error')) return [body];
  }
  return [];
}

function unread({ file }: HclInput): ConfigEntry {
  const message = `${file} looks like a config entry of Consul and cannot be read; nothing is made of it`;
  const start = { line: 1, column: 1, offset: 0 };
  const at = { file, ...start, end: start };
  return {
    intentions: [],
    timeouts: [],
    diagnostics: [{ severity: 'warning', code: 'LARDER_NOMAD_CONSUL', message, at }],
  };
}

function jsonBodies({ file, text }: HclInput): readonly Body[] {
  const parsed = parseJson(text);
  if (parsed.kind === 'broken') return [];
  const node = nodeFrom(parsed.root, sourceOf(file, text));
  return (node.kind === 'list' ? node.items : [node]).flatMap(bodyOf);
}

function bodyOf(node: Node): readonly Body[] {
  if (node.kind !== 'map') return [];
  return [{ attributes: node.entries.map(({ key, value, at }) => ({ name: key, value, at })), blocks: [] }];
}
