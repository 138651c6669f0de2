import type { Later, Leaf, Output } from './value.ts';

/** Functions of consul-template and Go by their names in the templates of External Secrets (engine v2: Go with sprig). */
export const laterFunctions: Readonly<Record<string, string>> = {
  toUpper: 'upper',
  toLower: 'lower',
  trimSpace: 'trim',
  trim: 'trimAll',
  trimPrefix: 'trimPrefix',
  trimSuffix: 'trimSuffix',
  replaceAll: 'replace',
  base64Encode: 'b64enc',
  toJSON: 'toJson',
  toUnescapedJSON: 'toRawJson',
  sha256Hex: 'sha256sum',
  contains: 'contains',
  printf: 'printf',
  print: 'print',
  urlquery: 'urlquery',
  html: 'html',
  js: 'js',
  len: 'len',
  eq: 'eq',
  ne: 'ne',
  lt: 'lt',
  le: 'le',
  gt: 'gt',
  ge: 'ge',
  and: 'and',
  or: 'or',
};

export type Written =
  | { readonly kind: 'written'; readonly text: string }
  | { readonly kind: 'refused'; readonly message: string };

/** The name under which a value is fetched. */
export type NameOf = (leaf: Leaf) => string;

/** A template of External Secrets that gives the same text; `{{ }}` of the file's own stays in it. */
export function externalTemplate(outputs: readonly Output[], nameOf: NameOf): Written {
  let text = '';
  for (const output of outputs) {
    const written = one(output, nameOf);
    if (written.kind === 'refused') return written;
    text += written.text;
  }
  return { kind: 'written', text };
}

function one(output: Output, nameOf: NameOf): Written {
  switch (output.kind) {
    case 'text':
      return { kind: 'written', text: escaped(output.text) };
    case 'later':
      return around(expression(output.later, nameOf, false), (inner) => `{{ ${inner} }}`);
    case 'if': {
      const test = expression(output.test, nameOf, false);
      const body = externalTemplate(output.body, nameOf);
      const other = externalTemplate(output.other, nameOf);
      const refused = [test, body, other].find(({ kind }) => kind === 'refused');
      if (refused) return refused;
      const otherwise = other.kind === 'written' && other.text !== '' ? `{{ else }}${other.text}` : '';
      return around(
        test,
        (inner) => `{{ if ${inner} }}${body.kind === 'written' ? body.text : ''}${otherwise}{{ end }}`,
      );
    }
    case 'each':
      return { kind: 'refused', message: `a file of all keys of ${output.of.path} would change with every new key` };
    default:
      return output satisfies never;
  }
}

function around(written: Written, of: (text: string) => string): Written {
  return written.kind === 'refused' ? written : { kind: 'written', text: of(written.text) };
}

function expression(later: Later, nameOf: NameOf, within: boolean): Written {
  switch (later.kind) {
    case 'leaf':
      return { kind: 'written', text: `.${nameOf(later.leaf)}` };
    case 'environment':
      return { kind: 'refused', message: `${later.text} is known only when the pod runs, and no file can hold it` };
    case 'entry':
      return { kind: 'refused', message: 'a key of a secret stands outside of its loop' };
    case 'literal':
      return { kind: 'written', text: literal(later.value) };
    case 'call': {
      const args = later.args.map((each) => expression(each, nameOf, true));
      const refused = args.find(({ kind }) => kind === 'refused');
      if (refused) return refused;
      const text = [later.name, ...args.map((each) => (each.kind === 'written' ? each.text : ''))].join(' ');
      return { kind: 'written', text: within ? `(${text})` : text };
    }
    default:
      return later satisfies never;
  }
}

/** Go reads JSON's escapes too, all but those of characters beyond the first plane, which stand as they are. */
function literal(value: string | number | boolean | null): string {
  return value === null ? 'nil' : JSON.stringify(value);
}

/** `{{` of the file's own would be read as ours, and so would a brace right before one of ours. */
function escaped(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}').replace(/\{$/, '{{ "{" }}');
}
