import { type Delimiters, lex, type Part, type Token } from './lex.ts';
import type { Command, Operand, Parsed, Piece, Pieces, Pipe, Problem } from './piece.ts';

/** Deeper templates are refused, so that no input exhausts the stack. */
const DEEPEST = 100;

/** Reads a template. Nothing is evaluated: a word that no function has is found where it is used. */
export function parse(source: string, delimiters: Delimiters): Parsed {
  const lexed = lex(source, delimiters);
  if (lexed.kind === 'refused') return lexed;
  const reader = new Reader(lexed.parts);
  const pieces = reader.pieces(0);
  if (reader.problem === undefined && reader.word !== undefined)
    reader.refuse(reader.offset, `${reader.word} closes nothing`);
  return reader.problem ? { kind: 'refused', ...reader.problem } : { kind: 'parsed', pieces };
}

/** Words that end a list of pieces; who began the list looks at which it was. */
const closing = new Set(['end', 'else']);

/**
 * Walks the parts. Invariant: after the first problem it stands at the end, so that every loop ends; the first problem
 * is the one that is told.
 */
class Reader {
  readonly #parts: readonly Part[];
  #next = 0;
  problem: Problem | undefined;
  /** Of the action that ended the last list, with what stands behind it. */
  word: string | undefined;
  #rest: readonly Token[] = [];
  offset = 0;

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  refuse(offset: number, message: string): void {
    this.problem ??= { offset, message };
    this.#next = this.#parts.length;
  }

  /** Until `end` or `else`, which are left in `word`, or the end of the template. */
  pieces(depth: number): Pieces {
    const found: Piece[] = [];
    this.word = undefined;
    if (depth > DEEPEST) this.refuse(this.offset, `blocks are nested deeper than ${DEEPEST}`);
    for (let part = this.#parts[this.#next]; part; part = this.#parts[this.#next]) {
      this.#next += 1;
      if (part.kind === 'text') {
        found.push(part);
        continue;
      }
      this.offset = part.offset;
      const [first, ...rest] = part.tokens;
      if (first?.kind === 'word' && closing.has(first.text)) {
        this.word = first.text;
        this.#rest = rest;
        return found;
      }
      found.push(...this.#action(part.tokens, depth));
    }
    return found;
  }

  #action(tokens: readonly Token[], depth: number): Pieces {
    const [first, ...rest] = tokens;
    if (!first) {
      this.refuse(this.offset, 'an action is empty');
      return [];
    }
    if (first.kind === 'word') {
      switch (first.text) {
        case 'if':
        case 'with':
        case 'range':
          return this.#branch(first.text, rest, depth);
        case 'define':
        case 'block':
        case 'template':
          return this.#named(first.text, rest, depth);
        case 'break':
        case 'continue':
          return [{ kind: 'jump', word: first.text, offset: first.offset }];
        default:
      }
    }
    return [{ kind: 'action', pipe: this.#pipe(tokens) }];
  }

  #branch(word: 'if' | 'with' | 'range', tokens: readonly Token[], depth: number): Pieces {
    const pipe = this.#pipe(tokens);
    const start = this.offset;
    const body = this.pieces(depth + 1);
    const other = this.word === 'else' ? this.#otherwise(word, depth) : [];
    if (this.word !== 'end') this.refuse(start, `${word} has no end`);
    this.word = undefined;
    return [{ kind: 'branch', word, pipe, body, other }];
  }

  /** `{{ else if x }}` is a branch within the other side that shares its end. */
  #otherwise(word: string, depth: number): Pieces {
    const [first, ...rest] = this.#rest;
    if (first?.kind === 'word' && (first.text === 'if' || first.text === 'with') && word !== 'range') {
      const inner = this.#branch(first.text, rest, depth + 1);
      this.word = 'end';
      return inner;
    }
    if (first) this.refuse(first.offset, `${first.text} may not stand behind else of ${word}`);
    return this.pieces(depth + 1);
  }

  #named(word: 'define' | 'block' | 'template', tokens: readonly Token[], depth: number): Pieces {
    const [label, ...rest] = tokens;
    const { offset } = this;
    if (label?.kind !== 'text') {
      this.refuse(offset, `${word} takes a name as text`);
      return [];
    }
    const pipe = rest.length > 0 ? this.#pipe(rest) : undefined;
    if (word === 'template') return [{ kind: 'call', name: label.text, pipe, offset }];
    const body = this.pieces(depth + 1);
    if (this.word !== 'end') this.refuse(offset, `${word} has no end`);
    this.word = undefined;
    const define: Piece = { kind: 'define', name: label.text, body };
    return word === 'define' ? [define] : [define, { kind: 'call', name: label.text, pipe, offset }];
  }

  #pipe(tokens: readonly Token[]): Pipe {
    const pipe = new Pipeline(tokens, this.offset).read();
    if (pipe.kind === 'refused') this.refuse(pipe.offset, pipe.message);
    return pipe.kind === 'refused' ? { variables: [], assigns: false, commands: [], offset: this.offset } : pipe.pipe;
  }
}

type Read = { readonly kind: 'read'; readonly pipe: Pipe } | ({ readonly kind: 'refused' } & Problem);

/** Walks the tokens of one action. */
class Pipeline {
  readonly #tokens: readonly Token[];
  readonly #offset: number;
  #next = 0;
  #problem: Problem | undefined;

  constructor(tokens: readonly Token[], offset: number) {
    this.#tokens = tokens;
    this.#offset = offset;
  }

  read(): Read {
    const pipe = this.#pipe(0);
    const left = this.#tokens[this.#next];
    if (left) this.#refuse(left, `${JSON.stringify(left.text)} may not stand here`);
    return this.#problem ? { kind: 'refused', ...this.#problem } : { kind: 'read', pipe };
  }

  #refuse(token: Token | undefined, message: string): void {
    this.#problem ??= { offset: token?.offset ?? this.#offset, message };
    this.#next = this.#tokens.length;
  }

  #pipe(depth: number): Pipe {
    const offset = this.#tokens[this.#next]?.offset ?? this.#offset;
    const { variables, assigns } = this.#declaration();
    const commands: Command[] = [];
    if (depth > DEEPEST) this.#refuse(undefined, `parentheses are nested deeper than ${DEEPEST}`);
    for (;;) {
      const command = this.#command(depth);
      if (command.operands.length === 0) this.#refuse(this.#tokens[this.#next], 'a value is missing');
      commands.push(command);
      if (!this.#takes('|')) break;
    }
    return { variables, assigns, commands, offset };
  }

  #declaration(): { readonly variables: readonly string[]; readonly assigns: boolean } {
    const [first, second, third, fourth] = this.#tokens.slice(this.#next, this.#next + 4);
    const isSign = (token: Token | undefined, text: string): boolean => token?.kind === 'sign' && token.text === text;
    if (first?.kind === 'variable' && (isSign(second, ':=') || isSign(second, '='))) {
      this.#next += 2;
      return { variables: [first.text], assigns: second?.text === '=' };
    }
    const pair = first?.kind === 'variable' && third?.kind === 'variable' && isSign(second, ',');
    if (pair && (isSign(fourth, ':=') || isSign(fourth, '='))) {
      this.#next += 4;
      return { variables: [first.text, third.text], assigns: fourth?.text === '=' };
    }
    return { variables: [], assigns: false };
  }

  #command(depth: number): Command {
    const operands: Operand[] = [];
    const offset = this.#tokens[this.#next]?.offset ?? this.#offset;
    for (let token = this.#tokens[this.#next]; token; token = this.#tokens[this.#next]) {
      if (token.kind === 'sign' && token.text !== '(') break;
      operands.push(this.#operand(token, depth));
    }
    return { operands, offset };
  }

  #operand(token: Token, depth: number): Operand {
    this.#next += 1;
    const { offset } = token;
    switch (token.kind) {
      case 'dot':
        return { kind: 'dot', fields: [], offset };
      case 'field':
        return { kind: 'dot', fields: [token.text, ...this.#fields()], offset };
      case 'variable':
        return { kind: 'variable', name: token.text, fields: this.#fields(), offset };
      case 'text':
        return { kind: 'literal', value: token.text, fields: [], offset };
      case 'integer':
        return { kind: 'literal', value: Number(token.text), fields: [], offset };
      case 'fraction':
        return { kind: 'fraction', text: token.text, fields: [], offset };
      case 'word':
        return this.#word(token);
      case 'sign': {
        const pipe = this.#pipe(depth + 1);
        if (!this.#takes(')')) this.#refuse(token, 'a parenthesis is not closed');
        return { kind: 'group', pipe, fields: this.#fields(), offset };
      }
      default:
        return token.kind satisfies never;
    }
  }

  #word({ text, offset }: Token): Operand {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', fields: [], offset };
    if (text === 'nil') return { kind: 'literal', value: null, fields: [], offset };
    return { kind: 'word', name: text, fields: this.#fields(), offset };
  }

  /** `.a.b` right behind a value, without a blank. */
  #fields(): readonly string[] {
    const fields: string[] = [];
    for (
      let token = this.#tokens[this.#next];
      token?.kind === 'field' && !token.apart;
      token = this.#tokens[this.#next]
    ) {
      fields.push(token.text);
      this.#next += 1;
    }
    return fields;
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#next += 1;
    return true;
  }
}
