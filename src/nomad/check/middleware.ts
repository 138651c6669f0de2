import { isObject } from '../../kube/reader.ts';
import { fold } from '../translate/fold.ts';
import { dig, word } from './dig.ts';
import type { Finding } from './finding.ts';
import { type DeclaredMiddleware, listed, type MiddlewareOption, middlewaresOf } from './router.ts';
import type { ServiceSubject, Subject } from './subject.ts';
import type { WrittenManifest } from './tree.ts';

/** C11: what a middleware does is what its tags say. */
export function middlewareFindings(subject: Subject, { service, of }: ServiceSubject): readonly Finding[] {
  const { tags } = service;
  const module = of.of.module;
  if (!tags || !module || of.workloads.length === 0) return [];
  return middlewaresOf(tags.value).flatMap((declared) => {
    const kind = declared.protocol === 'tcp' ? 'MiddlewareTCP' : 'Middleware';
    const names = [declared.name, `${module.name}-${declared.name}`].map((name) => fold(name));
    const manifest = module.manifests.find((each) => each.kind === kind && names.includes(each.name));
    // that a route lacks it is told at the route
    if (!manifest) return [];
    const told = (option: MiddlewareOption): boolean => {
      const node = tags.node.kind === 'list' ? tags.node.items[option.index] : undefined;
      const words = [option.path.join('.'), option.path.at(-1) ?? ''];
      return subject.report.lostEntry({ path: tags.path, at: node?.at ?? tags.at }, words);
    };
    return optionFindings(manifest, { ...declared, options: declared.options.filter((each) => !told(each)) });
  });
}

/** Options whose value another check looks at, or that a Secret holds. */
const ELSEWHERE = /^(?:(?:basic|digest)auth\.users(?:file)?|errors\.service|chain\.middlewares)$/i;
/** What is written in the place of those. */
const IN_PLACE = /^(?:(?:basic|digest)auth\.secret|errors\.service\..*|chain\.middlewares)$/i;

/** Options that may hold a credential, which no finding shows. */
const SECRET = /authori[sz]ation|passw|secret|token|cookie|key/i;

function optionFindings(manifest: WrittenManifest, { name, options }: DeclaredMiddleware): readonly Finding[] {
  const { file, kind, object } = manifest;
  const spec = dig(object, 'spec');
  const where = { check: 'C11', file, object: `${kind}/${manifest.name}` } as const;
  const known = new Set<string>();
  const wrong = options.flatMap((option): readonly Finding[] => {
    const shown = option.path.join('.');
    const found = optionIn(spec, option.path);
    if (found) known.add(found.path.join('.'));
    if (ELSEWHERE.test(shown) || /\.consul\b|\$\{[A-Za-z_]/.test(option.value)) return [];
    if (found && isValue(found.value, option.value)) return [];
    const line = manifest.lineOf('spec', ...(found?.path ?? []));
    const isHidden = SECRET.test(shown);
    const value = isHidden ? 'the value of the tag' : option.value;
    const stands = found && (isHidden ? 'another value' : valueText(found.value));
    const here = stands === undefined ? 'is not here' : `is ${stands} here`;
    const message = `${shown} of the middleware ${name} ${here}, and ${isHidden ? 'what its tag says there' : `${value} in its tag`}`;
    return [{ ...where, severity: 'error', line, message, todo: `Set ${shown} to ${value}.` }];
  });
  const added = leavesOf(spec)
    .filter((path) => !IN_PLACE.test(path.join('.')))
    .filter((path) => ![...known].some((each) => path.join('.') === each || path.join('.').startsWith(`${each}.`)))
    .map((path): Finding => {
      const message = `no tag has the option ${path.join('.')} of the middleware ${name}`;
      const line = manifest.lineOf('spec', ...path);
      return { ...where, severity: 'warning', line, message, todo: 'Keep it if you added it on purpose.' };
    });
  return [...wrong, ...added];
}

interface Found {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The option at a path in any case; a key of a map may hold dots. */
function optionIn(value: unknown, path: readonly string[], before: readonly string[] = []): Found | undefined {
  if (path.length === 0) return { path: before, value };
  if (!isObject(value)) return undefined;
  for (const [key, each] of Object.entries(value)) {
    for (let length = 1; length <= path.length; length += 1) {
      const named = path
        .slice(0, length)
        .join('.')
        .replace(/\[\d+\]$/, '');
      if (named.toLowerCase() !== key.toLowerCase()) continue;
      const found = optionIn(each, path.slice(length), [...before, key]);
      if (found) return found;
    }
  }
  return undefined;
}

function leavesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (!isObject(value)) return path.length === 0 ? [] : [path];
  const entries = Object.entries(value);
  return entries.length === 0 ? [path] : entries.flatMap(([key, each]) => leavesOf(each, [...path, key]));
}

function isValue(found: unknown, wanted: string): boolean {
  if (Array.isArray(found)) {
    const [one, other] = [found.map(word), listed(wanted)].map((each) => each.toSorted().join('\n'));
    return one === other;
  }
  // `compress=true` switches on what has options of its own
  if (isObject(found)) return truth(wanted) === 'true';
  return plain(word(found)) === plain(wanted) || truth(word(found)) === truth(wanted);
}

/** `\${1}` and `$1` are the same group of a pattern. */
function plain(text: string): string {
  return text.replaceAll(/\$\{(\d+)\}/g, '$$$1').trim();
}

function truth(text: string): string {
  if (/^(?:true|1|t)$/i.test(text)) return 'true';
  return /^(?:false|0|f)$/i.test(text) ? 'false' : text;
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? value.map(word).join(',') : word(value) || JSON.stringify(value);
}
