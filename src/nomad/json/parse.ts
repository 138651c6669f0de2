/** JSON as it is written: every value and name with its place, numbers with all their digits, names that come twice. */
export type JsonNode =
  | (Span & { readonly kind: 'scalar'; readonly value: string | boolean | null })
  /** As written: a double could not hold every number. */
  | (Span & { readonly kind: 'number'; readonly text: string })
  | (Span & { readonly kind: 'array'; readonly items: readonly JsonNode[] })
  | (Span & { readonly kind: 'object'; readonly members: readonly Member[] });

export interface Span {
  readonly start: number;
  readonly end: number;
}
export interface Member extends Span {
  readonly key: string;
  /** The end of the name with its quotes; `start` is its start. */
  readonly keyEnd: number;
  readonly value: JsonNode;
}

export type ParsedJson =
  | { readonly kind: 'json'; readonly root: JsonNode }
  | { readonly kind: 'broken'; readonly message: string; readonly offset: number };

/** Deeper than any job; keeps a hostile text from using up the stack. */
const DEEPEST = 300;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPACE = /[ \t\r\n]*/y;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

export function parseJson(text: string): ParsedJson {
  const reader = new Reader(text);
  try {
    return { kind: 'json', root: reader.document() };
  } catch (error) {
    if (error instanceof Broken) return { kind: 'broken', message: error.message, offset: error.offset };
    throw error;
  }
}

class Broken extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
    this.#space();
    const root = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#broken('nothing may follow the end of the JSON');
    return root;
  }

  #value(depth: number): JsonNode {
    if (depth > DEEPEST) throw this.#broken(`the JSON is nested more than ${DEEPEST} deep`);
    const start = this.#at;
    switch (this.#text[start]) {
      case '{':
        return { kind: 'object', members: this.#between('}', () => this.#member(depth)), start, end: this.#at };
      case '[':
        return { kind: 'array', items: this.#between(']', () => this.#value(depth + 1)), start, end: this.#at };
      case '"':
        return { kind: 'scalar', value: this.#string(), start, end: this.#at };
      default:
        return this.#word(start);
    }
  }

  /** What stands between brackets, parted by commas. */
  #between<T>(close: string, one: () => T): readonly T[] {
    const found: T[] = [];
    this.#at += 1;
    this.#space();
    while (this.#text[this.#at] !== close) {
      if (found.length > 0) this.#expect(',', `a comma or ${close} is expected`);
      this.#space();
      if (found.length > 0 && this.#text[this.#at] === close)
        throw this.#broken('a comma may not stand before the end');
      found.push(one());
      this.#space();
    }
    this.#at += 1;
    return found;
  }

  #member(depth: number): Member {
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.#broken('a name in double quotes is expected');
    const key = this.#string();
    const keyEnd = this.#at;
    this.#space();
    this.#expect(':', 'a colon is expected after a name');
    this.#space();
    const value = this.#value(depth + 1);
    return { key, keyEnd, value, start, end: this.#at };
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) throw this.#broken('a string is not closed');
    this.#at = end + 1;
    try {
      return String(JSON.parse(this.#text.slice(start, end + 1)));
    } catch {
      throw new Broken('a string has a line break, a control character or an escape that JSON does not know', start);
    }
  }

  #word(start: number): JsonNode {
    const number = this.#match(NUMBER);
    if (number !== undefined) return { kind: 'number', text: number, start, end: this.#at };
    const word = this.#match(WORD) ?? '';
    const value = WORDS.get(word);
    if (value !== undefined) return { kind: 'scalar', value, start, end: this.#at };
    this.#at = start;
    throw this.#broken(
      word ? `${JSON.stringify(word)} is no value of JSON; texts stand in double quotes` : 'a value is expected',
    );
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    if (found) this.#at += found.length;
    return found;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #expect(character: string, message: string): void {
    if (this.#text[this.#at] !== character) throw this.#broken(message);
    this.#at += 1;
  }

  #broken(message: string): Broken {
    return new Broken(this.#at < this.#text.length ? message : `${message}, but the text ends`, this.#at);
  }
}
