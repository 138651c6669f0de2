/** Addresses of the web in expressions (k8s.io/apiserver/pkg/cel/library/urls.go, read in 0.36). */
import type { Environment } from '@marcbachmann/cel-js';

class Address {
  readonly url: URL;
  /** A path alone, without scheme and host. */
  readonly relative: boolean;
  constructor(url: URL, relative: boolean) {
    this.url = url;
    this.relative = relative;
  }
}

const TYPE = 'kubernetes.URL';
const NOWHERE = 'relative://relative';

export function urls(environment: Environment): Environment {
  return environment
    .registerType(TYPE, { ctor: Address, fields: {} })
    .registerFunction(`url(string): ${TYPE}`, (text: string) => {
      const address = readUrl(text);
      if (!address) throw new Error(`URL parse error during conversion from string: ${text}`);
      return address;
    })
    .registerFunction('isURL(string): bool', (text: string) => readUrl(text) !== undefined)
    .registerFunction(`${TYPE}.getScheme(): string`, ({ url, relative }: Address) => {
      return relative ? '' : url.protocol.slice(0, -1);
    })
    .registerFunction(`${TYPE}.getHost(): string`, ({ url, relative }: Address) => (relative ? '' : url.host))
    .registerFunction(`${TYPE}.getHostname(): string`, ({ url, relative }: Address) => {
      return relative ? '' : url.hostname.replace(/^\[|\]$/g, '');
    })
    .registerFunction(`${TYPE}.getPort(): string`, ({ url }: Address) => url.port)
    .registerFunction(`${TYPE}.getEscapedPath(): string`, ({ url }: Address) => url.pathname)
    .registerFunction(`${TYPE}.getQuery(): map<string, list<string>>`, ({ url }: Address) => {
      return new Map([...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name)]));
    })
    .registerOperator(`${TYPE} == ${TYPE}`, (a: Address, b: Address) => a.url.href === b.url.href);
}

/** An absolute address, or a path that begins with a slash. */
function readUrl(text: string): Address | undefined {
  const relative = text.startsWith('/');
  const full = relative ? `${NOWHERE}${text}` : text;
  if (/[\s\u007f]/.test(text) || !URL.canParse(full)) return undefined;
  return new Address(new URL(full), relative);
}
