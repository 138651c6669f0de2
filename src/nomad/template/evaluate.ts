import { fetches, type World } from './fetch.ts';
import { fieldOf, withoutData } from './field.ts';
import { functions } from './functions.ts';
import { laterFunctions } from './later.ts';
import type { Command, Operand, Piece, Pieces, Pipe, Problem } from './piece.ts';
import { type Turn, turnsOf } from './turn.ts';
import { joined, type Later, later, type Output, printed, scalar, truth, unknown, type Value } from './value.ts';

export type Evaluated =
  | { readonly kind: 'evaluated'; readonly outputs: readonly Output[]; readonly remarks: readonly string[] }
  /** Nothing is made of a template that cannot be translated wholly. */
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** More text or more turns than any configuration needs. */
const STEPS_AT_MOST = 50_000;

/** Runs what is known of a template, and keeps the rest as expressions. */
export function evaluate(pieces: Pieces, world: World): Evaluated {
  const evaluation = new Evaluation(world);
  const { outputs } = evaluation.run(pieces, { dot: scalar(null), scope: new Map() });
  const { problems, remarks } = evaluation;
  return problems.length > 0
    ? { kind: 'refused', problems }
    : { kind: 'evaluated', outputs: joined(outputs), remarks: [...new Set(remarks)] };
}

type Branch = Piece & { readonly kind: 'branch' };

interface Frame {
  readonly dot: Value;
  /** Variables by name, the inner ones over the outer ones. */
  readonly scope: Map<string, Cell>;
  /** Variables that were declared before this depth may not change: it is not known yet whether this side runs. */
  readonly unsure?: number;
}

interface Cell {
  value: Value;
  readonly depth: number;
}

interface Ran {
  readonly outputs: readonly Output[];
  readonly jump?: 'break' | 'continue';
}

class Evaluation {
  readonly problems: Problem[] = [];
  readonly remarks: string[] = [];
  readonly #world: World;
  readonly #definitions = new Map<string, Pieces>();
  #steps = 0;
  #depth = 0;

  constructor(world: World) {
    this.#world = world;
  }

  #refuse(offset: number, message: string): Value {
    if (this.problems.length < 20) this.problems.push({ offset, message });
    return unknown;
  }

  run(pieces: Pieces, frame: Frame): Ran {
    for (const piece of pieces) if (piece.kind === 'define') this.#definitions.set(piece.name, piece.body);
    const outputs: Output[] = [];
    this.#depth += 1;
    for (const piece of pieces) {
      this.#steps += 1;
      if (this.#steps > STEPS_AT_MOST || this.#depth > 300) {
        this.#refuse(0, 'the template repeats more than any configuration does');
        break;
      }
      const ran = this.#piece(piece, frame);
      outputs.push(...ran.outputs);
      if (ran.jump) {
        this.#depth -= 1;
        return { outputs, jump: ran.jump };
      }
    }
    this.#depth -= 1;
    return { outputs };
  }

  #piece(piece: Piece, frame: Frame): Ran {
    switch (piece.kind) {
      case 'text':
        return { outputs: [piece] };
      case 'action':
        return { outputs: this.#action(piece.pipe, frame) };
      case 'branch':
        return this.#branch(piece, frame);
      case 'define':
        return { outputs: [] };
      case 'call': {
        const body = this.#definitions.get(piece.name);
        if (!body) this.#refuse(piece.offset, `no template is called ${JSON.stringify(piece.name)}`);
        const dot = piece.pipe ? this.#pipe(piece.pipe, frame) : scalar(null);
        return { outputs: this.run(body ?? [], { dot, scope: new Map() }).outputs };
      }
      case 'jump':
        if (frame.unsure !== undefined)
          this.#refuse(piece.offset, `whether ${piece.word} is reached depends on a secret`);
        return { outputs: [], jump: piece.word };
      default:
        return piece satisfies never;
    }
  }

  #action(pipe: Pipe, frame: Frame): readonly Output[] {
    const value = this.#pipe(pipe, frame);
    if (pipe.variables.length > 0 || value.kind === 'unknown') return [];
    if (value.kind === 'later') return [{ kind: 'later', later: value.later }];
    const text = printed(value);
    if (text === undefined) this.#refuse(pipe.offset, 'what would be written here is no text');
    return text === undefined || text === '' ? [] : [{ kind: 'text', text }];
  }

  #branch(piece: Branch, frame: Frame): Ran {
    const inner: Frame = { ...frame, scope: new Map(frame.scope) };
    if (piece.word === 'range') return this.#range(piece, inner);
    const value = this.#pipe(piece.pipe, inner);
    const within: Frame = piece.word === 'with' ? { ...inner, dot: value } : inner;
    const holds = truth(value);
    if (holds === true && (value.kind === 'secret' || value.kind === 'data') && piece.other.length > 0) {
      this.remarks.push(`the side for a missing ${value.of.path} is left out: External Secrets waits for it`);
    }
    if (holds === true) return this.run(piece.body, within);
    if (holds === false) return this.run(piece.other, inner);
    const unsure = this.#depth;
    const body = this.run(piece.body, { ...within, scope: new Map(within.scope), unsure }).outputs;
    const other = this.run(piece.other, { ...inner, scope: new Map(inner.scope), unsure }).outputs;
    return { outputs: [{ kind: 'if', test: holds, body, other }] };
  }

  #range(piece: Branch, frame: Frame): Ran {
    const [first, second] = piece.pipe.variables;
    const value = this.#value(piece.pipe, frame);
    const turns = this.#turns(value, piece.pipe.offset);
    if (turns === 'each' && (value.kind === 'data' || value.kind === 'secret')) return this.#each(piece, frame, value);
    if (turns === 'each' || turns.length === 0) return this.run(piece.other, frame);
    const outputs: Output[] = [];
    for (const [key, item] of turns) {
      const scope = new Map(frame.scope);
      const declare = (name: string | undefined, of: Value): void => {
        if (name !== undefined) scope.set(name, { value: of, depth: this.#depth });
      };
      declare(second === undefined ? undefined : first, key);
      declare(second ?? first, item);
      const ran = this.run(piece.body, { ...frame, dot: item, scope });
      outputs.push(...ran.outputs);
      if (ran.jump === 'break' || this.problems.length > 0) break;
    }
    return { outputs };
  }

  #turns(value: Value, offset: number): readonly Turn[] | 'each' {
    const turns = turnsOf(value, STEPS_AT_MOST);
    if (turns !== undefined) return turns;
    this.#refuse(offset, 'what is walked here is not known before the pod runs');
    return [];
  }

  /** All keys of a secret: kept as a loop, which becomes variables of the environment. */
  #each(piece: Branch, frame: Frame, value: Value & { readonly kind: 'data' | 'secret' }): Ran {
    const [first, second] = piece.pipe.variables;
    const view = value.kind === 'data' ? value.view : 'items';
    if (view === 'Data') this.#refuse(piece.pipe.offset, 'all keys of a secret of an engine of version 1');
    if (view === 'Tuples' && second !== undefined) this.#refuse(piece.pipe.offset, 'tuples are walked with .K and .V');
    const item: Value = view === 'Tuples' ? { kind: 'tuple' } : later({ kind: 'entry', part: 'value' });
    const scope = new Map(frame.scope);
    const name = second ?? first;
    if (name !== undefined) scope.set(name, { value: item, depth: this.#depth });
    if (second !== undefined && first !== undefined) {
      scope.set(first, { value: later({ kind: 'entry', part: 'key' }), depth: this.#depth });
    }
    const { outputs: body } = this.run(piece.body, { dot: item, scope, unsure: this.#depth });
    const path = value.of.source === 'vault' ? withoutData(value.of.path, this.#world.mounts) : value.of.path;
    return { outputs: [{ kind: 'each', of: { ...value.of, path }, body }] };
  }

  #pipe(pipe: Pipe, frame: Frame): Value {
    const value = this.#value(pipe, frame);
    const [name] = pipe.variables;
    if (name === undefined) return value;
    const known = frame.scope.get(name);
    if (!pipe.assigns) frame.scope.set(name, { value, depth: this.#depth });
    else if (!known) this.#refuse(pipe.offset, `$${name} was not declared`);
    else if (frame.unsure !== undefined && known.depth <= frame.unsure) {
      this.#refuse(pipe.offset, `whether $${name} changes here depends on a secret`);
    } else known.value = value;
    return value;
  }

  #value({ commands }: Pipe, frame: Frame): Value {
    let piped: Value | undefined;
    for (const command of commands) piped = this.#command(command, frame, piped);
    return piped ?? unknown;
  }

  #command({ operands, offset }: Command, frame: Frame, piped: Value | undefined): Value {
    const [first, ...rest] = operands;
    if (!first) return unknown;
    const extra = piped ? [piped] : [];
    if (first.kind !== 'word') {
      if (rest.length > 0 || piped) return this.#refuse(offset, 'only a function takes values');
      return this.#operand(first, frame);
    }
    const args = [...rest.map((each) => this.#operand(each, frame)), ...extra];
    return this.#call(first.name, args, { offset, frame });
  }

  #operand(operand: Operand, frame: Frame): Value {
    const { fields, offset } = operand;
    const value = this.#root(operand, frame);
    return fields.reduce((of, field) => {
      if (of.kind === 'unknown') return of;
      const found = fieldOf(of, field, this.#world.mounts);
      return found.kind === 'refused' ? this.#refuse(offset, found.message) : found.value;
    }, value);
  }

  #root(operand: Operand, frame: Frame): Value {
    switch (operand.kind) {
      case 'dot':
        return frame.dot;
      case 'variable': {
        if (operand.name === '') return scalar(null);
        return (
          frame.scope.get(operand.name)?.value ?? this.#refuse(operand.offset, `$${operand.name} was not declared`)
        );
      }
      case 'word':
        return this.#call(operand.name, [], { offset: operand.offset, frame });
      case 'literal':
        return scalar(operand.value);
      case 'fraction':
        return this.#refuse(operand.offset, `${operand.text}: Go prints fractions in its own way`);
      case 'group':
        return this.#pipe(operand.pipe, frame);
      default:
        return operand satisfies never;
    }
  }

  #call(name: string, args: readonly Value[], { offset, frame }: { offset: number; frame: Frame }): Value {
    if (args.some(({ kind }) => kind === 'unknown')) return unknown;
    if (name === 'and' || name === 'or' || name === 'not') return this.#logic(name, args, offset);
    if (name === 'executeTemplate') return this.#execute(args, { offset, frame });
    const fetched = fetches.get(name)?.(args, this.#world);
    if (fetched) {
      if (fetched.remark !== undefined) this.remarks.push(fetched.remark);
      return fetched.kind === 'refused' ? this.#refuse(offset, fetched.message) : fetched.value;
    }
    const known = functions.get(name)?.(args);
    if (known) return known;
    const kept = this.#later(name, args);
    if (kept) return kept;
    const exists = functions.has(name) || Object.hasOwn(laterFunctions, name);
    return this.#refuse(offset, exists ? `${name} with these values has no translation` : `${name} has no translation`);
  }

  /** A call that External Secrets can make: every argument is text that it has or a constant. */
  #later(name: string, args: readonly Value[]): Value | undefined {
    const own = name.startsWith('sprig_') ? name.slice('sprig_'.length) : undefined;
    const there = own ?? (Object.hasOwn(laterFunctions, name) ? laterFunctions[name] : undefined);
    if (there === undefined || !args.some(({ kind }) => kind === 'later')) return undefined;
    const given = args.map((value): Later | undefined => {
      if (value.kind === 'later') return value.later;
      return value.kind === 'scalar' ? { kind: 'literal', value: value.value } : undefined;
    });
    const whole = given.filter((each) => each !== undefined);
    return whole.length === given.length ? later({ kind: 'call', name: there, args: whole }) : undefined;
  }

  #logic(name: 'and' | 'or' | 'not', args: readonly Value[], offset: number): Value {
    const [first, ...rest] = args;
    if (!first) return this.#refuse(offset, `${name} takes a value`);
    const holds = truth(first);
    if (name === 'not') {
      if (typeof holds === 'boolean') return scalar(!holds);
      return later({ kind: 'call', name, args: [holds] });
    }
    if (rest.length === 0) return first;
    if (typeof holds === 'boolean') return holds === (name === 'and') ? this.#logic(name, rest, offset) : first;
    return this.#later(name, args) ?? this.#refuse(offset, `${name} with these values has no translation`);
  }

  #execute([name, dot]: readonly Value[], { offset }: { offset: number; frame: Frame }): Value {
    const label = name?.kind === 'scalar' ? String(name.value) : '';
    const body = this.#definitions.get(label);
    if (!body) return this.#refuse(offset, `no template is called ${JSON.stringify(label)}`);
    const outputs = joined(this.run(body, { dot: dot ?? scalar(null), scope: new Map() }).outputs);
    const [only, more] = outputs;
    if (!only) return scalar('');
    if (more === undefined && only.kind === 'text') return scalar(only.text);
    if (more === undefined && only.kind === 'later') return later(only.later);
    return this.#refuse(offset, 'executeTemplate of a template with secrets has no translation; template has one');
  }
}
