/** What a guide shows, against what was printed. */

/** These differ from run to run, so any other of the kind is as good. */
const changing = [
  /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ/.source,
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/.source,
  /\b\d+(?:ms|s|m|h|d)(?:\d+s)? ago/.source,
];
const anyOf = new RegExp(changing.join('|'), 'g');

/**
 * Whether it is a part of the output, from the beginning of a line on. In a line `…` stands for anything, and alone on a
 * line for any lines. How many spaces there are does not count: columns are as wide as what is in them.
 */
export function isShown(shown: string, printed: string): boolean {
  const lines = shown.trimEnd().split('\n').map(patternOf);
  return new RegExp(`^${lines.join('')}`, 'm').test(`${printed.trimEnd()}\n`);
}

function patternOf(line: string): string {
  if (line.trim() === '…') return '(?:.*\\n)*?';
  const parts = line.trimEnd().split(anyOf).map(literally);
  const kinds = [...line.matchAll(anyOf)].map(([text]) =>
    changing.find((kind) => new RegExp(`^(?:${kind})$`).test(text)),
  );
  const pattern = parts.map((part, index) => `${part}${index < kinds.length ? `(?:${kinds[index]})` : ''}`).join('');
  return `${pattern}[ \\t]*\\n`;
}

function literally(text: string): string {
  return text
    .split('…')
    .map((part) => RegExp.escape(part).replaceAll(/(?:\\x20|\s)+/g, '[ \\t]+'))
    .join('.*');
}
