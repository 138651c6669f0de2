/** How a browser comes to its cookie: with the token in the first address, or by a form. Pure. */

export const SIGN_IN_PATH = '/sign-in';

/** What the form of `signInPage` sends, as text/plain: a line for each field. Undefined: it is something else. */
export function signInOf(body: unknown): { readonly token: string; readonly next: string } | undefined {
  if (typeof body !== 'string') return undefined;
  const token = /^token=(\S+)\s*$/m.exec(body)?.[1];
  if (token === undefined) return undefined;
  return { token, next: ownPath(/^next=(\S+)\s*$/m.exec(body)?.[1] ?? '/') };
}

/** The same address without the token. */
export function withoutToken(url: string): string {
  const parsed = new URL(url, 'http://localhost');
  parsed.searchParams.delete('token');
  return ownPath(`${parsed.pathname}${parsed.search}`);
}

/** Never an address of another site: `//evil` and `/\evil` are such. */
function ownPath(path: string): string {
  return `/${path.replace(/^[/\\]+/, '')}`;
}

/** `wrong`: a token was given, and it is not the one. */
export function signInPage(options: {
  readonly style: string;
  readonly next: string;
  readonly wrong: boolean;
}): string {
  const said = options.wrong
    ? 'This token is not valid here. It may be of an earlier start, or of another Larder.'
    : 'This browser has not shown the token yet.';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Larder</title><link rel="stylesheet" href="${options.style}"></head>
<body><main><h1>Larder</h1><p>${said}</p>
<p>Open the address that <code>larder up</code>, <code>npm start</code> or the log of the operator printed, or put the token in here.</p>
<form method="post" action="${SIGN_IN_PATH}" enctype="text/plain">
<input type="hidden" name="next" value="${escaped(options.next)}">
<p><label>Token <input name="token" type="password" required autocomplete="current-password" size="40"></label>
<button type="submit">Sign in</button></p></form></main></body></html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
