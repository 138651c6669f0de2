import type { Body, Node } from '../source/node.ts';
import { credentialsIn } from '../translate/secret/credential.ts';

/** What stands in the place of a secret. */
const COVER = '***';

/** Names under which people write credentials. */
const NAME =
  /pass(word|wd|phrase)?|secret|token|credential|api[_-]?key|private[_-]?key|access[_-]?key|ssh[_-]?key|auth[_-]?key|(^|_)key$|dsn/i;

/** A password before the host of an address. */
const USERINFO = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):([^\s@/"']+)@/gi;

/**
 * The text of a jobspec as a report may show it: literal values under the names of credentials, passwords in addresses and
 * whatever else is known to be secret are covered. Lines stay where they are.
 */
export function conceal(text: string, secrets: readonly string[] = []): string {
  const lines = withoutFound(withoutDefaults(text))
    .split('\n')
    .map((line) => concealLine(line).replace(USERINFO, `$1:${COVER}@`));
  return cover(lines.join('\n'), secrets);
}

/** A sentence about a job, without the values that it must not show. */
export function cover(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length > 3 && !secret.includes('\n'))
    .reduce((shown, secret) => shown.replaceAll(secret, COVER), text);
}

/** What a variable that is sensitive, or has the name of a credential, is without being given a value. */
function withoutDefaults(text: string): string {
  return text.replace(VARIABLE, (block, _indent: string, name: string) => {
    if (!(NAME.test(name) || /^\s*sensitive\s*=\s*true/m.test(block))) return block;
    const [head = '', ...values] = block.split(/(?<=\bdefault\s*=)/);
    return head + values.join('').replace(LITERAL, (literal) => (literal.startsWith('"') ? `"${COVER}"` : COVER));
  });
}

/** `variable "name" { … }`, up to a line that ends it. */
const VARIABLE = /^([ \t]*)variable[ \t]+"?([\w-]+)"?[ \t]*\{(?:[^\n]*\}[ \t]*$|[\s\S]*?^\1\})/gm;
const LITERAL = /"(?:[^"\\\n]|\\.)*"|\b\d{4,}(?:\.\d+)?\b/g;

/** Also what arguments and files hold: the same that no manifest holds. */
function withoutFound(text: string): string {
  let shown = '';
  let done = 0;
  for (const { start, end } of credentialsIn(text)) {
    shown += text.slice(done, start) + COVER + '\n'.repeat(text.slice(start, end).split('\n').length - 1);
    done = end;
  }
  return shown + text.slice(done);
}

/** `NAME = "value"` in HCL, `"NAME": "value"` in JSON, `NAME=value` in a template. References are no secrets. */
function concealLine(line: string): string {
  const [, head = '', name = '', value = '', tail = ''] =
    /^(\s*"?([\w.-]+)"?\s*[=:]\s*)("(?:[^"\\]|\\.)*"|[^\s"{[].*?)(,?\s*)$/.exec(line) ?? [];
  if (name === '' || !NAME.test(name) || isReference(value)) return line;
  return `${head}${value.startsWith('"') ? `"${COVER}"` : COVER}${tail}`;
}

/** Nothing but templates, references, numbers of a port or a time, and words that are no secret. */
function isReference(value: string): boolean {
  const inner = value.replace(/^"|"$/g, '');
  return (
    inner === '' || /^(\$\{[^}]*\}|\{\{.*\}\}|true|false|null|\d{1,5}|(var|local|each)\.[\w.]+|<<-?\w+)$/.test(inner)
  );
}

/** Values made from variables that are marked `sensitive`. */
export function sensitiveValues(body: Body): readonly string[] {
  return [
    ...body.attributes.flatMap(({ value }) => sensitiveIn(value)),
    ...body.blocks.flatMap((block) => sensitiveValues(block)),
  ];
}

/** Passwords of registries: whatever the variable is called that holds one, its default shows it. */
export function loginPasswords(body: Body): readonly string[] {
  const isLogin = (name: string): boolean => name.toLowerCase() === 'auth';
  return [
    ...body.attributes.flatMap(({ name, value }) => (isLogin(name) ? passwordsIn(value) : [])),
    ...body.blocks.flatMap((block) => [
      ...(isLogin(block.type)
        ? block.attributes.flatMap(({ name, value }) => (/^password$/i.test(name) ? wordOf(value) : []))
        : []),
      ...loginPasswords(block),
    ]),
  ];
}

function passwordsIn(node: Node): readonly string[] {
  if (node.kind === 'list') return node.items.flatMap(passwordsIn);
  if (node.kind !== 'map') return [];
  return node.entries.flatMap(({ key, value }) => (/^password$/i.test(key) ? wordOf(value) : []));
}

function wordOf(node: Node): readonly string[] {
  return node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '' ? [node.value] : [];
}

/** A text in which these words stand alone in quotes: a password may be a word that other names have in them. */
export function coverQuoted(text: string, words: readonly string[]): string {
  return words.reduce((shown, word) => shown.replaceAll(JSON.stringify(word), `"${COVER}"`), text);
}

function sensitiveIn(node: Node): readonly string[] {
  if (node.kind === 'list') return node.items.flatMap(sensitiveIn);
  if (node.kind === 'map') return node.entries.flatMap(({ value }) => sensitiveIn(value));
  return node.sensitive && node.value !== null ? [String(node.value)] : [];
}
