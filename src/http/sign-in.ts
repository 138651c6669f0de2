/** How a browser comes to its cookie: with the token in the first address, or by a form. Pure. */

export const SIGN_IN_PATH = '/sign-in';
export const SIGN_OUT_PATH = '/sign-out';
export const SIGN_IN_STYLE_PATH = '/sign-in.css';
/** Open to everybody. */
export const signInPaths: readonly string[] = [SIGN_IN_PATH, SIGN_OUT_PATH, SIGN_IN_STYLE_PATH];

/** What the form of `signInPage` sends, as text/plain: a line for each field. Undefined: it is something else. */
export function signInOf(body: unknown): { readonly token: string; readonly next: string } | undefined {
  if (typeof body !== 'string') return undefined;
  const token = /^token=(\S+)\s*$/m.exec(body)?.[1];
  if (token === undefined) return undefined;
  return { token, next: ownPath(/^next=(\S+)\s*$/m.exec(body)?.[1] ?? '/') };
}

/** The token in an address, as a request has it; null: there is none. */
export function tokenIn(url: string): string | null {
  return addressOf(url).searchParams.get('token');
}

/** The same address without the token. */
export function withoutToken(url: string): string {
  const parsed = addressOf(url);
  parsed.searchParams.delete('token');
  return ownPath(`${parsed.pathname}${parsed.search}`);
}

/** Whatever a stranger sends is a path of ours: what begins with `//` would be another host, or no address at all. */
function addressOf(url: string): URL {
  return new URL(ownPath(url), 'http://localhost');
}

/** Never an address of another site: `//evil` and `/\evil` are such. */
function ownPath(path: string): string {
  return `/${path.replace(/^[/\\]+/, '')}`;
}

/** Where a token comes from. */
export interface SignInHint {
  readonly text: string;
  /** Empty: there is none. */
  readonly command: string;
}

export interface SignInForm {
  readonly next: string;
  /** Why the form is there. */
  readonly said: string;
  /** Something went wrong. */
  readonly failed: boolean;
  readonly hints: readonly SignInHint[];
}

export const signInReasons = {
  new: 'This browser has not shown a token yet.',
  wrong: 'This token is not valid here. It may have ended, be of an earlier start, or of another Larder.',
  over: 'The session is over. Sign in again to go on where you were.',
  out: 'You are signed out.',
} as const;

export function signInPage({ next, said, failed, hints }: SignInForm): string {
  const ways = hints.map(({ text, command }) => {
    const shown = command === '' ? '' : `<code>${escaped(command)}</code>`;
    return `<li>${escaped(text)}${shown}</li>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Larder</title><link rel="stylesheet" href="${SIGN_IN_STYLE_PATH}"></head>
<body><main><h1>Larder</h1><p role="${failed ? 'alert' : 'status'}">${escaped(said)}</p>
<form method="post" action="${SIGN_IN_PATH}" enctype="text/plain">
<input type="hidden" name="next" value="${escaped(next)}">
<label>Token <input name="token" type="password" required autofocus autocomplete="current-password"></label>
<button type="submit">Sign in</button></form>
<h2>Where a token comes from</h2><ul>${ways.join('')}</ul></main></body></html>
`;
}

/** In the colours of the console, which is not loaded yet. */
export const signInStyle = `:root { color-scheme: light dark; --ground: light-dark(#f7f7f5, #121413); --surface: light-dark(#fff, #191c1b);
  --line: light-dark(#8a918d, #6d7672); --text: light-dark(#1a1d1b, #e9ecea); --muted: light-dark(#555c58, #a7b0ac);
  --accent: light-dark(#1d5fa8, #8fbdf2); --on-accent: light-dark(#fff, #0c1a2a); --danger: light-dark(#b3261e, #ff8d85); }
* { box-sizing: border-box; }
body { margin: 0; padding: 10vh 16px 16px; background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
main { max-width: 440px; margin: 0 auto; }
h1 { margin: 0 0 4px; font-size: 20px; font-weight: 650; letter-spacing: -0.02em; }
h2 { margin: 32px 0 8px; font-size: 14px; font-weight: 600; }
p { margin: 0 0 20px; } p[role=alert] { color: var(--danger); }
label { display: block; font-weight: 600; }
input, button { width: 100%; min-height: 40px; padding: 8px 12px; border: 1px solid var(--line); border-radius: 6px; font: inherit; }
input { margin: 4px 0 12px; background: var(--surface); color: inherit; }
button { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
ul { margin: 0; padding-left: 18px; color: var(--muted); } li + li { margin-top: 8px; }
code { display: block; margin-top: 2px; color: var(--text); font: 12px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
`;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
