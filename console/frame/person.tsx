import type { ReactNode } from 'react';
import { SIGN_OUT_PATH } from '../../src/http/sign-in.ts';
import { useMe } from '../live/me.ts';
import { shortName } from '../words/person.ts';
import { Icon } from './icon.tsx';

/** What a tab keeps is of the person who worked in it. */
function forgetTab(): void {
  try {
    sessionStorage.clear();
  } catch {
    // storage is switched off: nothing was kept
  }
}

/** Who is signed in. Signing out is a form of the browser's: it works also when nothing else does. */
export function Person(): ReactNode {
  const me = useMe();
  const owner = me?.kind === 'owner';
  const name = me === undefined ? '' : owner ? 'own token' : shortName(me.name);
  const title = owner ? 'signed in with the token of the console, which may do everything' : me?.name;
  return (
    <form className="person" method="post" action={SIGN_OUT_PATH} encType="text/plain" onSubmit={forgetTab}>
      <span className="person-name" title={title}>
        {name}
      </span>
      <button type="submit" className="plain" aria-label="Sign out" title={`Sign out ${name}`}>
        <Icon name="leave" />
      </button>
    </form>
  );
}
