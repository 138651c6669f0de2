import type { Span } from './source.ts';
import { scan, type Token } from './token.ts';

export interface Complaint {
  readonly at: Span;
  readonly message: string;
}

export const TOO_DEEP = 'brackets are nested too deep to be read';
const DEEPEST = 300;
const END: Token = { kind: 'end', start: 0, end: 0 };

/**
 * A place in a row of tokens. After the first complaint it stands at the end, so that everything that waits for more
 * comes to its end too.
 */
export class TokenCursor {
  complaint: Complaint | undefined;
  readonly text: string;
  /** Whether a line's end counts, from the outermost brackets to the innermost. */
  readonly byLine = [true];
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
    this.#tokens = scan(text);
  }

  peek(): Token {
    let token = this.#tokens[this.#index];
    while (token?.kind === 'newline' && !this.byLine.at(-1)) {
      this.#index++;
      token = this.#tokens[this.#index];
    }
    if (token?.kind !== 'bad') return token ?? END;
    this.complain(token, token.message ?? '');
    return END;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#index++;
    return token;
  }

  sign(): string {
    const { kind, start, end } = this.peek();
    return kind === 'sign' ? this.text.slice(start, end) : '';
  }

  is({ kind, start, end }: Token, sign: string): boolean {
    return kind === 'sign' && this.text.slice(start, end) === sign;
  }

  isWord(word: string): boolean {
    const { kind, start, end } = this.peek();
    return kind === 'name' && this.text.slice(start, end) === word;
  }

  show({ kind, start, end }: Token): string {
    if (kind === 'end') return 'the end of the file';
    if (kind === 'newline') return 'the end of the line';
    const text = this.text.slice(start, Math.min(end, start + 40));
    return kind === 'string-start' ? 'a string' : text;
  }

  expect(sign: string, message: string): undefined {
    if (this.sign() === sign) this.take();
    else this.complain(this.peek(), `${message}; here is ${this.show(this.peek())}`);
  }

  word(message: string): undefined {
    if (this.peek().kind === 'name') this.take();
    else this.complain(this.peek(), `${message}, not ${this.show(this.peek())}`);
  }

  complain({ start, end }: Span, message: string): undefined {
    this.complaint ??= { at: { start, end }, message };
    this.#stop();
  }

  #stop(): undefined {
    this.#index = this.#tokens.length;
  }

  /** What `inside` reads is one level deeper. */
  nest(inside: () => void): undefined {
    this.#depth++;
    if (this.#depth > DEEPEST) this.complain(this.peek(), TOO_DEEP);
    else inside();
    this.#depth--;
  }

  /** Behind a token that `peek` gave, whatever stands between. */
  skipTo(token: Token): void {
    this.#index = this.#tokens.indexOf(token, this.#index) + 1;
  }
}
