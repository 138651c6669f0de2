/** The language of templates in Nomad: Go's text/template as consul-template runs it. Offsets are into the template's text. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `{{ pipeline }}`: its value is written, unless it declares a variable. */
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'branch';
      readonly word: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: Pieces;
      readonly other: Pieces;
    }
  | { readonly kind: 'define'; readonly name: string; readonly body: Pieces }
  /** `{{ template "name" pipeline }}`; `{{ block }}` is a definition and a call. */
  | { readonly kind: 'call'; readonly name: string; readonly pipe: Pipe | undefined; readonly offset: number }
  | { readonly kind: 'jump'; readonly word: 'break' | 'continue'; readonly offset: number };

export type Pieces = readonly Piece[];

export interface Pipe {
  /** `$x := …`, `$i, $x := range …`, `$x = …`. */
  readonly variables: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly offset: number;
}

/** A word and what it is applied to; the value of the command before it comes last. */
export interface Command {
  readonly operands: readonly Operand[];
  readonly offset: number;
}

export type Operand = {
  /** `.a.b` behind it. */
  readonly fields: readonly string[];
  readonly offset: number;
} & (
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'word'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** A number with a fraction, whose text Go prints in its own way. */
  | { readonly kind: 'fraction'; readonly text: string }
  | { readonly kind: 'group'; readonly pipe: Pipe }
);

export interface Problem {
  readonly offset: number;
  readonly message: string;
}

export type Parsed = { readonly kind: 'parsed'; readonly pieces: Pieces } | ({ readonly kind: 'refused' } & Problem);
