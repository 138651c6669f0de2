import { sourceOf } from '../hcl/source.ts';
import { nodeFrom } from '../json/node.ts';
import { parseJson } from '../json/parse.ts';
import type { Attribute, Body } from '../source/node.ts';
import type { Position } from '../source/position.ts';
import { precedence } from '../translate/policy/decision.ts';
import { type ConfigEntry, readConfigEntry } from './config-entry.ts';

/** A resource of Terraform's provider for Consul. */
export interface ConsulResource {
  /** `consul_config_entry` */
  readonly type: string;
  readonly body: Body;
  /** Of the resource; what stands in text inside it has no lines of its own. */
  readonly at: Position;
}

/** A config entry that Terraform writes. Absent for resources that are none. */
export function readTerraformEntry({ type, body, at }: ConsulResource): ConfigEntry | undefined {
  if (type === 'consul_intention') return legacyIntention(body, at);
  if (type === 'consul_config_entry') return generalEntry(body, at);
  const [, kind] = /^consul_config_entry_(service_\w+)$/.exec(type) ?? [];
  return kind === undefined ? undefined : readConfigEntry(withKind(body, kind.replaceAll('_', '-'), at));
}

function withKind({ attributes, blocks }: Body, kind: string, at: Position): Body {
  const added: Attribute = { name: 'kind', value: { kind: 'scalar', value: kind, at }, at };
  return { attributes: [added, ...attributes], blocks };
}

function generalEntry(body: Body, at: Position): ConfigEntry | undefined {
  const kind = textOf(body, 'kind');
  const text = textOf(body, 'config_json');
  if (kind === undefined) return undefined;
  const parsed = text === undefined || text.includes('${') ? undefined : parseJson(text);
  if (parsed?.kind !== 'json') {
    const message = `${kind} ${textOf(body, 'name') ?? ''}: its config_json is known only to Terraform; nothing is made of it`;
    return {
      intentions: [],
      timeouts: [],
      diagnostics: [{ severity: 'warning', code: 'LARDER_NOMAD_CONSUL', message, at }],
    };
  }
  const node = nodeFrom(parsed.root, sourceOf(at.file, text ?? ''));
  const members = node.kind === 'map' ? node.entries.map(({ key, value }) => ({ name: key, value, at })) : [];
  const named = body.attributes.filter(({ name }) => name === 'name');
  const entry = readConfigEntry(withKind({ attributes: [...named, ...members], blocks: [] }, kind, at));
  return (
    entry && {
      intentions: entry.intentions.map((intention) => ({ ...intention, file: at.file, line: at.line })),
      timeouts: entry.timeouts.map((each) => ({ ...each, file: at.file, line: at.line })),
      diagnostics: entry.diagnostics.map((diagnostic) => ({ ...diagnostic, at })),
    }
  );
}

function legacyIntention(body: Body, at: Position): ConfigEntry {
  const [source, destination] = ['source_name', 'destination_name'].map((name) => textOf(body, name));
  const action = (['allow', 'deny'] as const).find((each) => each === textOf(body, 'action'));
  if (source === undefined || destination === undefined || action === undefined) {
    const message = 'an intention whose source, destination or action only Terraform knows; nothing is made of it';
    return {
      intentions: [],
      timeouts: [],
      diagnostics: [{ severity: 'warning', code: 'LARDER_NOMAD_CONSUL', message, at }],
    };
  }
  const between = { source, destination };
  const { file, line } = at;
  const intention = { ...between, action, permissions: [], precedence: precedence(between), file, line };
  return { intentions: [intention], timeouts: [], diagnostics: [] };
}

function textOf({ attributes }: Body, name: string): string | undefined {
  const value = attributes.find((attribute) => attribute.name === name)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}
