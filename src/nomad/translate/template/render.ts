import type { Item } from '../../jobspec/field.ts';
import type { Template } from '../../jobspec/job.ts';
import { evaluate } from '../../template/evaluate.ts';
import type { Environment, World } from '../../template/fetch.ts';
import { externalTemplate } from '../../template/later.ts';
import { parse } from '../../template/parse.ts';
import type { Problem } from '../../template/piece.ts';
import { type Setting, settingsOf } from '../../template/settings.ts';
import { leavesOf, type Output, type SecretPath } from '../../template/value.ts';
import type { Note } from '../account.ts';
import { hostOf, rewriteHosts } from '../consul-name.ts';
import { addEdge } from '../edge.ts';
import { declare, interpolate, variable } from '../interpolate.ts';
import type { TaskScope } from '../scope.ts';
import { ownPath, withoutCredentials } from '../secret/cleaned.ts';
import { isCredential, sensitiveIn } from '../secret/credential.ts';

/** A template of a task, as far as it is known before the pod runs. */
export interface Render {
  readonly template: Template;
  /** Where its text stands, for the report. */
  readonly item: Item;
  readonly result: Rendered;
  /** What functions it asks the world with, and what became of that. */
  readonly notes: readonly Note[];
  readonly uses: readonly Use[];
}

export type Use = 'secret' | 'nomadVar' | 'key' | 'service' | 'env';

export type Rendered =
  /** The whole text is known. */
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'secret'; readonly outputs: readonly Output[]; readonly stored: readonly string[] }
  | { readonly kind: 'variables'; readonly settings: readonly Setting[]; readonly whole: readonly SecretPath[] }
  /** Nothing is written: a part that cannot be translated would be missing without anybody seeing it. */
  | { readonly kind: 'manual'; readonly why: string };

/** All templates of a task; evaluated when a rule first asks. */
export function rendersOf(scope: TaskScope): readonly Render[] {
  scope.container.renders ??= scope.task.template.map((template) => render(template, scope));
  return scope.container.renders;
}

function render(template: Template, scope: TaskScope): Render {
  const { data, source } = template;
  const item = data ?? source ?? template;
  const text = data?.value ?? (source && besideJob(source.value, scope));
  if (text === undefined) {
    const why = source
      ? `${source.value} is not among the files that were read: it is on the node or comes with an artifact`
      : 'the template has neither data nor source';
    return { template, item, result: { kind: 'manual', why }, notes: [], uses: [] };
  }
  const uses = usesOf(text, template.left_delimiter.value);
  const notes: Note[] = [];
  const outputs = outputsOf(text, template, { scope, notes });
  if (typeof outputs === 'string') return { template, item, result: { kind: 'manual', why: outputs }, notes, uses };
  return { template, item, result: rendered(outputs, template, scope), notes, uses };
}

/** A file beside the job, or below the directory that is read; what lies on a node is neither. */
function besideJob(path: string, { module, project }: TaskScope): string | undefined {
  if (path.startsWith('/') || path.includes('${') || path.split('/').includes('..')) return undefined;
  const folder = module.file.slice(0, module.file.lastIndexOf('/') + 1);
  return project.surroundings.file?.(`${folder}${path}`) ?? project.surroundings.file?.(path);
}

interface Asking {
  readonly scope: TaskScope;
  readonly notes: Note[];
}

/** The outputs, or why there are none. */
function outputsOf(text: string, template: Template, { scope, notes }: Asking): readonly Output[] | string {
  const parsed = parse(text, { left: template.left_delimiter.value, right: template.right_delimiter.value });
  if (parsed.kind === 'refused') return describe([parsed], text);
  const evaluated = evaluate(parsed.pieces, worldOf(scope));
  if (evaluated.kind === 'refused') return describe(evaluated.problems, text);
  notes.push(...evaluated.remarks.map((remark): Note => ({ class: 'approximate', text: remark })));
  return evaluated.outputs.map(
    (output): Output => (output.kind === 'text' ? settled(output, { scope, notes }) : output),
  );
}

/** Names of Consul become names of Services; variables that a reader of the file replaces are declared. */
function settled(output: Output & { readonly kind: 'text' }, { scope, notes }: Asking): Output {
  const hosts = rewriteHosts(output.text, scope);
  const found = interpolate(hosts.text, scope, 'shell');
  notes.push(...hosts.notes, ...found.notes);
  declare(scope, found.env);
  return { kind: 'text', text: hosts.text };
}

function rendered(outputs: readonly Output[], template: Template, scope: TaskScope): Rendered {
  if (sensitiveIn(template.data?.node).length > 0) return sensitive(outputs, template, scope);
  if (template.env.value) return variablesOf(outputs);
  const { outputs: cleaned, stored } = withoutCredentials(outputs, scope);
  if (cleaned.every(({ kind }) => kind === 'text')) {
    return { kind: 'static', text: cleaned.map((each) => (each.kind === 'text' ? each.text : '')).join('') };
  }
  const written = externalTemplate(cleaned, () => 'x');
  return written.kind === 'refused'
    ? { kind: 'manual', why: written.message }
    : { kind: 'secret', outputs: cleaned, stored };
}

/** Text that a sensitive variable is part of: where it begins and ends in it is not known any more. */
function sensitive(outputs: readonly Output[], { env, destination }: Template, scope: TaskScope): Rendered {
  if (env.value || outputs.some(({ kind }) => kind !== 'text')) {
    return { kind: 'manual', why: 'a sensitive variable is part of the text: read the value from the store instead' };
  }
  const property = `${scope.container.name}_${destination?.value ?? 'file'}`.replaceAll(/[^A-Za-z0-9_]/g, '_');
  const leaf = { source: 'vault', path: ownPath(scope), property, engine: 2 } as const;
  return { kind: 'secret', outputs: [{ kind: 'later', later: { kind: 'leaf', leaf } }], stored: [property] };
}

function variablesOf(outputs: readonly Output[]): Rendered {
  const read = settingsOf(outputs);
  if (read.kind === 'refused') return { kind: 'manual', why: read.message };
  for (const { name, value } of read.settings) {
    const mixed = leavesOf(value).length > 0 || value.some(({ kind }) => kind === 'if');
    const written = mixed ? externalTemplate(value, () => 'x') : undefined;
    if (written?.kind === 'refused') return { kind: 'manual', why: `${name}: ${written.message}` };
    if (name.includes('/')) return { kind: 'manual', why: `${name}: a variable of a pod may have no / in its name` };
    const calls = value.some((each) => each.kind === 'later' && each.later.kind === 'call');
    if (calls && !mixed) return { kind: 'manual', why: `${name} changes what is known only when the pod runs` };
  }
  return { kind: 'variables', settings: read.settings, whole: read.whole };
}

function worldOf(scope: TaskScope): World {
  const { project, workload } = scope;
  return {
    mounts: project.policy.secrets.mounts,
    environment: (name) => environmentOf(name, scope),
    service: (name) => {
      const target = project.services.get(name);
      if (!target) return undefined;
      addEdge(project.edges, { from: workload, to: target, why: `a template asks for ${name}`, items: [] });
      return { address: hostOf(target), ...(target.port === undefined ? {} : { port: target.port }) };
    },
  };
}

function environmentOf(name: string, scope: TaskScope): Environment {
  const own = scope.task.env.find(({ key }) => key === name);
  if (own && (isCredential(name, own.value) || sensitiveIn(own.node).length > 0))
    return { kind: 'refused', message: `${name} is a credential in the job` };
  if (own && !own.value.includes('${')) return { kind: 'known', text: own.value };
  const found = variable(name, scope);
  if (!found) return { kind: 'absent' };
  switch (found.kind) {
    case 'literal':
      return { kind: 'known', text: found.text, ...remarkOf(found.note) };
    case 'runtime':
      declare(scope, found.env);
      return { kind: 'later', text: found.text, ...remarkOf(found.note) };
    case 'manual':
      return { kind: 'refused', message: found.note.text ?? `${name} has no twin` };
    default:
      return found satisfies never;
  }
}

function remarkOf(note: Note | undefined): { readonly remark?: string } {
  return note?.text === undefined ? {} : { remark: note.text };
}

/** Which functions ask the world; by words in actions, so that also a template that is refused is told about. */
function usesOf(text: string, left: string): readonly Use[] {
  if (!text.includes(left)) return [];
  const has = (words: RegExp): boolean => words.test(text);
  const found: (Use | false)[] = [
    has(/\b(?:secret|secrets|pkiCert)\s+["`$(]/) && 'secret',
    has(/\bnomadVar\w*\s+["`$(]/) && 'nomadVar',
    has(/\b(?:key|keyOrDefault|keyExists|ls|tree|safeLs|safeTree)\s+["`$(]/) && 'key',
    has(/\b(?:service|services|nomadService|nomadServices|connect)\s+["`$(]/) && 'service',
    has(/\b(?:env|mustEnv|envOrDefault)\s+["`$(]/) && 'env',
  ];
  return found.filter((each) => each !== false);
}

/** `line 3 of the template: …`, all problems in one sentence. */
function describe(problems: readonly Problem[], text: string): string {
  const told = problems.map(({ offset, message }) => `line ${text.slice(0, offset).split('\n').length}: ${message}`);
  return [...new Set(told)].join('; ');
}
