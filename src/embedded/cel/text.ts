/** What Kubernetes adds to strings: regular expressions, and those of cel-go's string functions that the library lacks. */
import type { Environment } from '@marcbachmann/cel-js';

export function texts(environment: Environment): Environment {
  return environment
    .registerFunction('string.find(string): string', (text: string, pattern: string) => {
      return expression(pattern).exec(text)?.[0] ?? '';
    })
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => {
      return findAll(text, pattern, -1);
    })
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, most: bigint) => {
      return findAll(text, pattern, Number(most));
    })
    .registerFunction('string.charAt(int): string', (text: string, index: bigint) => {
      const characters = [...text];
      if (index < 0n || index > characters.length) throw new Error(`index out of range: ${index}`);
      return characters[Number(index)] ?? '';
    })
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) => {
      return text.replaceAll(from, () => to);
    })
    .registerFunction('string.replace(string, string, int): string', replaceSome)
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
    .registerFunction('string.format(list): string', format);
}

/** @throws when the pattern is none. */
function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (cause) {
    throw new Error(`error parsing regexp: \`${pattern}\``, { cause });
  }
}

function findAll(text: string, pattern: string, most: number): readonly string[] {
  const found = [...text.matchAll(new RegExp(expression(pattern), 'gu'))].map(([whole]) => whole);
  return most < 0 ? found : found.slice(0, most);
}

function replaceSome(text: string, from: string, to: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(from, () => to);
  let left = Number(most);
  return text.replaceAll(from, (match) => {
    left -= 1;
    return left >= 0 ? to : match;
  });
}

/** `%s`, `%d`, `%f`, `%x` and so on, one argument each. */
function format(pattern: string, values: readonly unknown[]): string {
  let next = 0;
  const text = pattern.replace(
    /%(?:%|(?:\.(\d+))?([a-zA-Z]))/g,
    (match, precision: string | undefined, verb: string) => {
      if (match === '%%') return '%';
      if (next >= values.length) throw new Error(`index ${next} out of range`);
      const value = values[next];
      next += 1;
      return formatOne(verb, value, precision === undefined ? undefined : Number(precision));
    },
  );
  return text;
}

function formatOne(verb: string, value: unknown, precision: number | undefined): string {
  switch (verb) {
    case 's':
      return textOf(value);
    case 'd':
      if (typeof value === 'bigint') return value.toString();
      break;
    case 'f':
      if (typeof value === 'number' || typeof value === 'bigint') return Number(value).toFixed(precision ?? 6);
      break;
    case 'e':
      if (typeof value === 'number') {
        return value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2');
      }
      break;
    case 'b':
    case 'o':
    case 'x':
    case 'X': {
      const radix = verb === 'b' ? 2 : verb === 'o' ? 8 : 16;
      const digits = hexOf(value, radix);
      if (digits !== undefined) return verb === 'X' ? digits.toUpperCase() : digits;
      break;
    }
    default:
      throw new Error(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
  throw new Error(`error during formatting: %${verb} does not fit its argument`);
}

function hexOf(value: unknown, radix: number): string | undefined {
  if (typeof value === 'bigint') return value.toString(radix);
  if (typeof value === 'boolean' && radix === 2) return value ? '1' : '0';
  return typeof value === 'string' && radix === 16 ? Buffer.from(value).toString('hex') : undefined;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([name, inner]): [string, string] => [textOf(name), textOf(inner)]);
    entries.sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([name, inner]) => `${name}: ${inner}`).join(', ')}}`;
  }
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z');
  return value === null ? 'null' : String(value);
}
