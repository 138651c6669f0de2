import { recognizeExpression, recognizeTemplate, unclosed } from './recognize-expression.ts';
import type { Token } from './token.ts';
import { type Complaint, TokenCursor } from './token-cursor.ts';

/** Where a text stops being HCL, and what would have been right there, by HCL's own rules. Undefined when nothing is found. */
export function recognize(text: string): Complaint | undefined {
  const cursor = new TokenCursor(text);
  body(cursor, undefined);
  return cursor.complaint;
}

/** Of a file, or of the block that `open` opens. */
function body(at: TokenCursor, open: Token | undefined): undefined {
  for (;;) {
    const token = at.peek();
    if (token.kind === 'newline') at.take();
    else if (token.kind === 'end' || (open && at.is(token, '}'))) break;
    else if (token.kind !== 'name') return at.complain(token, noItem(at, token));
    else item(at);
  }
  if (open && at.peek().kind === 'end') at.complain(open, 'the block is not closed: } is missing');
}

function noItem(at: TokenCursor, token: Token): string {
  if (token.kind === 'string-start') return 'the name of an argument stands without quotes';
  if (at.is(token, '}')) return 'there is no block to close here';
  return `the name of an argument or a block is expected here, not ${at.show(token)}`;
}

function item(at: TokenCursor): undefined {
  const name = at.take();
  if (at.is(at.peek(), '=')) return argument(at, false);
  const token = at.peek();
  if (token.kind === 'name' || token.kind === 'string-start' || at.is(token, '{')) return block(at);
  const { start, end } = name;
  at.complain(token, `= or { is expected after ${at.text.slice(start, end)}, not ${at.show(token)}`);
}

function argument(at: TokenCursor, inOneLine: boolean): undefined {
  at.take();
  recognizeExpression(at);
  const token = at.peek();
  if (inOneLine || token.kind === 'newline' || token.kind === 'end') return;
  if (at.is(token, ',')) return at.complain(token, 'an argument ends with its line, not with a comma');
  at.complain(token, `the end of the line is expected after the value, not ${at.show(token)}`);
}

function block(at: TokenCursor): undefined {
  for (let token = at.peek(); !at.is(token, '{'); token = at.peek()) {
    if (token.kind === 'name') at.take();
    else if (token.kind === 'string-start') recognizeTemplate(at);
    else if (at.is(token, '=')) return at.complain(token, 'an argument has one name; a block has no =');
    else return at.complain(token, `{ is expected on the line of the block, not ${at.show(token)}`);
  }
  const open = at.take();
  if (at.peek().kind === 'name') oneLine(at);
  else at.nest(() => body(at, open));
  if (!at.is(at.peek(), '}')) return at.complain(at.peek(), unclosed(at, 'the block', '}', at.peek()));
  at.take();
  const token = at.peek();
  if (token.kind === 'newline' || token.kind === 'end') return;
  at.complain(token, `the end of the line is expected after the block, not ${at.show(token)}`);
}

function oneLine(at: TokenCursor): undefined {
  const name = at.take();
  if (!at.is(at.peek(), '=')) return at.complain(name, 'a block inside another starts on a line of its own');
  argument(at, true);
  const token = at.peek();
  if (at.is(token, '}')) return;
  if (token.kind === 'end') return at.complain(token, unclosed(at, 'the block', '}', token));
  at.complain(token, 'a block on one line holds one argument and its }; put its content on lines of its own');
}
