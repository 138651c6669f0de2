import type { Span } from './source.ts';
import type { Value } from './value.ts';

/** HCL's syntax, everything checked that can be seen without a value. Names and shapes are those of the HCL specification. */
export interface BodySyntax {
  readonly attributes: readonly AttributeSyntax[];
  readonly blocks: readonly BlockSyntax[];
}

export interface AttributeSyntax extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Expression;
}

export interface BlockSyntax extends Span {
  readonly type: string;
  readonly labels: readonly LabelSyntax[];
  readonly body: BodySyntax;
  /** Type and labels, without the body. */
  readonly header: Span;
}

export interface LabelSyntax extends Span {
  readonly text: string;
}

export type Expression = Span &
  (
    | { readonly kind: 'literal'; readonly value: Value }
    | { readonly kind: 'template'; readonly parts: readonly Part[] }
    /** `"${…}"` and nothing else: the value as it is, not its text. */
    | { readonly kind: 'wrapped'; readonly inner: Expression }
    | { readonly kind: 'parentheses'; readonly inner: Expression }
    | { readonly kind: 'tuple'; readonly items: readonly Expression[] }
    | { readonly kind: 'object'; readonly items: readonly ObjectItem[] }
    /** `a.b[0]`: from a name, by steps that need no evaluation. */
    | { readonly kind: 'reference'; readonly name: string; readonly steps: readonly Step[] }
    /** The same from another expression. */
    | { readonly kind: 'relative'; readonly source: Expression; readonly steps: readonly Step[] }
    | { readonly kind: 'index'; readonly collection: Expression; readonly key: Expression }
    | { readonly kind: 'splat'; readonly source: Expression; readonly each: Expression }
    /** The element that a splat is at, inside its `each`. */
    | { readonly kind: 'element' }
    | CallSyntax
    | ForSyntax
    | {
        readonly kind: 'conditional';
        readonly condition: Expression;
        readonly consequent: Expression;
        readonly alternative: Expression;
      }
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly operand: Expression }
  );

export interface CallSyntax {
  readonly kind: 'call';
  readonly name: string;
  readonly nameSpan: Span;
  readonly arguments: readonly Expression[];
  /** `f(x...)`: the last argument is a collection of arguments. */
  readonly expands: boolean;
}

export interface ForSyntax {
  readonly kind: 'for';
  readonly keyName?: string;
  readonly valueName: string;
  readonly collection: Expression;
  /** Present when it makes an object. */
  readonly key?: Expression;
  readonly value: Expression;
  readonly condition?: Expression;
  /** `k => v...` */
  readonly groups: boolean;
}

export const BINARY_OPERATORS = ['||', '&&', '==', '!=', '>', '>=', '<', '<=', '+', '-', '*', '/', '%'] as const;
export type BinaryOperator = (typeof BINARY_OPERATORS)[number];

/** A bare name is its own text: `{ a = 1 }`; what stands in parentheses or quotes is an expression. */
export interface ObjectItem {
  readonly key: Expression;
  readonly value: Expression;
}

export type Step = Span &
  ({ readonly kind: 'attribute'; readonly name: string } | { readonly kind: 'key'; readonly key: Value });

/** Of a template, in order. */
export type Part = Span &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'interpolation'; readonly expression: Expression }
    | {
        readonly kind: 'if';
        readonly condition: Expression;
        readonly consequent: readonly Part[];
        readonly alternative: readonly Part[];
      }
    | {
        readonly kind: 'for';
        readonly keyName?: string;
        readonly valueName: string;
        readonly collection: Expression;
        readonly body: readonly Part[];
      }
  );
