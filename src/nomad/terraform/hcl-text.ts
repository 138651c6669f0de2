/** Terraform's language, as `terraform fmt` lays it out. */

/** A string: `${` and `%{` would begin a template. */
export function hclText(value: string): string {
  return JSON.stringify(value)
    .replace(/([$%])\{/g, '$1$1{')
    .replace(
      /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
      (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

/** Arguments that follow each other without a blank line have their equals signs below each other. */
export function hclArguments(pairs: readonly (readonly [name: string, value: string])[], indent: string): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${indent}${name.padEnd(width)} = ${value}\n`).join('');
}

/** What a resource or module may be called: begins with a letter or `_`, then letters, digits, `_` and `-`. */
export function hclName(text: string): string {
  const name = text.replaceAll(/[^\w-]/g, '_');
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
}
