/** Rules for names, labels and keys, with their texts (k8s.io/apimachinery/pkg/util/validation, read in 0.36). Each returns what is wrong. */

type NameRule = (value: string) => readonly string[];

const LABEL_FORMAT = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS1035_FORMAT = '[a-z]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_FORMAT = `${LABEL_FORMAT}(\\.${LABEL_FORMAT})*`;
const KEY_FORMAT = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const VALUE_FORMAT = `(${KEY_FORMAT})?`;
const CONFIG_KEY_FORMAT = '[-._a-zA-Z0-9]+';

const LABEL = new RegExp(`^${LABEL_FORMAT}$`);
const DNS1035 = new RegExp(`^${DNS1035_FORMAT}$`);
const SUBDOMAIN = new RegExp(`^${SUBDOMAIN_FORMAT}$`);
const KEY = new RegExp(`^${KEY_FORMAT}$`);
const VALUE = new RegExp(`^${VALUE_FORMAT}$`);
const CONFIG_KEY = new RegExp(`^${CONFIG_KEY_FORMAT}$`);

const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const DNS1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const KEY_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const CONFIG_KEY_TEXT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";

export const isLabel: NameRule = (value) => [
  ...longer(value, 63),
  ...(value.includes('.') && SUBDOMAIN.test(value)
    ? ['must not contain dots']
    : mismatch(LABEL, value, pattern(LABEL_TEXT, LABEL_FORMAT, ['my-name', '123-abc']))),
];

/** Names that begin with a letter: of resources and versions of definitions. */
export const isDns1035Label: NameRule = (value) => [
  ...longer(value, 63),
  ...mismatch(DNS1035, value, pattern(DNS1035_TEXT, DNS1035_FORMAT, ['my-name', 'abc-123'])),
];

export const isSubdomain: NameRule = (value) => [
  ...longer(value, 253),
  ...mismatch(SUBDOMAIN, value, pattern(SUBDOMAIN_TEXT, SUBDOMAIN_FORMAT, ['example.com'])),
];

export const isLabelValue: NameRule = (value) => [
  ...longer(value, 63, 'bytes'),
  ...mismatch(VALUE, value, pattern(VALUE_TEXT, VALUE_FORMAT, ['MyValue', 'my_value', '12345'])),
];

/** Keys of labels, names of finalizers and provisioners: a name with an optional DNS prefix. */
export const isQualifiedName: NameRule = (value) => {
  const examples = ['MyName', 'my.name', '123-abc'];
  const [first = '', second, ...more] = value.split('/');
  if (more.length > 0) {
    const end = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a valid label key ${pattern(KEY_TEXT, KEY_FORMAT, examples)}${end}`];
  }
  const name = second ?? first;
  return [
    ...(second === undefined ? [] : prefixProblems(first)),
    ...(name === '' ? ['name part must be non-empty'] : longer(name, 63, 'bytes').map((text) => `name part ${text}`)),
    ...mismatch(KEY, name, `name part ${pattern(KEY_TEXT, KEY_FORMAT, examples)}`),
  ];
};

export const isConfigKey: NameRule = (value) => [
  ...longer(value, 253),
  ...mismatch(CONFIG_KEY, value, pattern(CONFIG_KEY_TEXT, CONFIG_KEY_FORMAT, ['key.name', 'KEY_NAME', 'key-name'])),
  ...directory(value),
];

function prefixProblems(prefix: string): readonly string[] {
  return prefix === '' ? ['prefix part must be non-empty'] : isSubdomain(prefix).map((text) => `prefix part ${text}`);
}

function directory(value: string): readonly string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

function longer(value: string, limit: number, unit: 'characters' | 'bytes' = 'characters'): readonly string[] {
  return Buffer.byteLength(value) > limit ? [`must be no more than ${limit} ${unit}`] : [];
}

function mismatch(form: RegExp, value: string, text: string): readonly string[] {
  return form.test(value) ? [] : [text];
}

function pattern(text: string, format: string, examples: readonly string[]): string {
  const list = examples.map((example) => `'${example}', `).join(' or '); // with the two spaces of the original
  return `${text} (e.g. ${list}regex used for validation is '${format}')`;
}
