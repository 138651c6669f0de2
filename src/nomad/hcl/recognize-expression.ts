import type { Token } from './token.ts';
import type { TokenCursor } from './token-cursor.ts';

const OPERATORS = new Set(['||', '&&', '==', '!=', '>', '>=', '<', '<=', '+', '-', '*', '/', '%']);

export function recognizeExpression(at: TokenCursor): undefined {
  at.nest(() => conditional(at));
}

function conditional(at: TokenCursor): undefined {
  operand(at);
  while (OPERATORS.has(at.sign())) {
    at.take();
    operand(at);
  }
  if (at.sign() === '?') {
    at.take();
    recognizeExpression(at);
    at.expect(':', 'the two results of a condition stand after ? and :');
    recognizeExpression(at);
  }
}

function operand(at: TokenCursor): undefined {
  while (at.sign() === '-' || at.sign() === '!') at.take();
  term(at);
  for (;;) {
    if (at.sign() === '.') attribute(at);
    else if (at.sign() === '[') index(at);
    else return;
  }
}

function attribute(at: TokenCursor): undefined {
  at.take();
  const token = at.peek();
  if (token.kind === 'name' || token.kind === 'number' || at.is(token, '*')) at.take();
  else at.complain(token, `the name of an attribute is expected after the dot, not ${at.show(token)}`);
}

function index(at: TokenCursor): undefined {
  within(at, '[', ']', () => {
    if (at.sign() === '*') at.take();
    else recognizeExpression(at);
  });
}

function term(at: TokenCursor): undefined {
  const token = at.peek();
  if (token.kind === 'string-start') return recognizeTemplate(at);
  if (token.kind === 'number') return void at.take();
  if (token.kind === 'name') return nameOrCall(at);
  if (at.is(token, '(')) return within(at, '(', ')', () => recognizeExpression(at));
  if (at.is(token, '[')) return within(at, '[', ']', () => elements(at, ']', () => recognizeExpression(at)));
  if (at.is(token, '{')) return objectOrLoop(at);
  at.complain(token, `a value is expected here, not ${at.show(token)}`);
}

function nameOrCall(at: TokenCursor): undefined {
  at.take();
  while (at.sign() === '::') {
    at.take();
    at.take();
  }
  if (at.sign() !== '(') return;
  within(at, '(', ')', () => elements(at, ')', () => recognizeExpression(at)));
}

/** Elements with commas between them, or a `for`. */
function elements(at: TokenCursor, close: string, element: () => void): undefined {
  if (close !== ')' && at.isWord('for')) return loop(at, close);
  while (at.sign() !== close && at.peek().kind !== 'end') {
    element();
    if (at.sign() === '...' && close === ')') {
      at.take();
      return;
    }
    if (at.sign() === close || at.peek().kind === 'end') return;
    at.expect(',', 'a comma is expected between two elements');
  }
}

function loop(at: TokenCursor, close: string): undefined {
  variables(at);
  recognizeExpression(at);
  at.expect(':', 'a : is expected between what a "for" goes through and what it makes');
  recognizeExpression(at);
  if (close === '}') {
    at.expect('=>', 'a "for" in braces makes key => value');
    recognizeExpression(at);
    if (at.sign() === '...') at.take();
  }
  if (!at.isWord('if')) return;
  at.take();
  recognizeExpression(at);
}

/** `for name in` and `for name, name in` */
function variables(at: TokenCursor): undefined {
  at.take();
  at.word('the name of a variable is expected after "for"');
  if (at.sign() === ',') {
    at.take();
    at.word('the name of a second variable is expected after the comma');
  }
  if (at.isWord('in')) at.take();
  else at.complain(at.peek(), `"in" is expected here, not ${at.show(at.peek())}`);
}

function objectOrLoop(at: TokenCursor): undefined {
  const open = at.take();
  at.byLine.push(false);
  const isLoop = at.isWord('for');
  at.byLine.pop();
  at.byLine.push(!isLoop);
  if (isLoop) loop(at, '}');
  else entries(at);
  at.byLine.pop();
  closeBracket(at, open, '}');
}

function entries(at: TokenCursor): undefined {
  for (;;) {
    const token = at.peek();
    if (token.kind === 'newline') at.take();
    else if (at.is(token, '}') || token.kind === 'end') return;
    else {
      recognizeExpression(at);
      if (at.sign() === ':' || at.sign() === '=') at.take();
      else at.complain(at.peek(), `= is expected after the key, not ${at.show(at.peek())}`);
      recognizeExpression(at);
      const after = at.peek();
      if (at.is(after, ',')) at.take();
      else if (after.kind !== 'newline' && after.kind !== 'end' && !at.is(after, '}')) {
        return at.complain(after, `a comma or the end of the line is expected here, not ${at.show(after)}`);
      }
    }
  }
}

export function recognizeTemplate(at: TokenCursor): undefined {
  at.take();
  const directives: string[] = [];
  for (;;) {
    const token = at.peek();
    if (token.kind === 'end') return;
    at.take();
    if (token.kind === 'string-end') return balanced(at, token, directives);
    if (token.kind === 'interpolation' || token.kind === 'directive') sequence(at, token, directives);
  }
}

function balanced(at: TokenCursor, token: Token, directives: readonly string[]): undefined {
  const open = directives.at(-1);
  if (open) at.complain(token, `%{ ${open} } is not closed: %{ end${open === 'else' ? 'if' : open} } is missing`);
}

function sequence(at: TokenCursor, open: Token, directives: string[]): undefined {
  at.byLine.push(false);
  if (open.kind === 'interpolation') recognizeExpression(at);
  else directive(at, directives);
  at.byLine.pop();
  const token = at.peek();
  if (token.kind === 'close') return void at.take();
  const sign = at.text.slice(open.start, open.start + 2);
  const hint = `${sign[0]}${sign} writes ${sign} as text`;
  at.complain(token, `the } that closes ${sign} is expected here, not ${at.show(token)}; ${hint}`);
}

function directive(at: TokenCursor, directives: string[]): undefined {
  const token = at.peek();
  const { start, end } = token;
  const word = token.kind === 'name' ? at.text.slice(start, end) : '';
  const open = directives.at(-1);
  if (word === 'if' || word === 'for') {
    directives.push(word);
    if (word === 'for') variables(at);
    else at.take();
    return recognizeExpression(at);
  }
  const closes =
    word === 'else' ? open === 'if' : word === 'endfor' ? open === 'for' : open === 'if' || open === 'else';
  if (!['else', 'endif', 'endfor'].includes(word)) {
    return at.complain(token, `if, else, endif, for or endfor is expected after %{, not ${at.show(token)}`);
  }
  if (!closes) return at.complain(token, `%{ ${word} } has no beginning here`);
  directives.pop();
  if (word === 'else') directives.push('else');
  at.take();
}

/** Inside brackets a line's end means nothing. */
function within(at: TokenCursor, _open: string, close: string, inside: () => void): undefined {
  const open = at.take();
  at.byLine.push(false);
  inside();
  const token = at.peek();
  at.byLine.pop();
  if (at.is(token, close)) at.skipTo(token);
  else closeBracket(at, open, close);
}

function closeBracket(at: TokenCursor, open: Token, close: string): undefined {
  const token = at.peek();
  if (at.is(token, close)) return void at.take();
  if (token.kind === 'end') return at.complain(open, `what is opened here is not closed: ${close} is missing`);
  at.complain(token, `${close} or a comma is expected here, not ${at.show(token)}`);
}

export function unclosed(at: TokenCursor, what: string, close: string, token: Token): string {
  return `${what} is closed by ${close}, which is expected here, not ${at.show(token)}`;
}
