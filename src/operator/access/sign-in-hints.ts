/** What the form says to somebody who has no token yet. Pure. */
import type { SignInHint } from '../../http/sign-in.ts';

interface Ways {
  readonly tokenFrom?: string | undefined;
  readonly reviewer?: object | undefined;
}

export function signInHints({ tokenFrom, reviewer }: Ways): readonly SignInHint[] {
  return [
    ...(tokenFrom === undefined ? [] : [{ text: `${tokenFrom} Whoever has it may do everything.`, command: '' }]),
    ...(reviewer === undefined
      ? []
      : [
          {
            text: 'With the token of an account of the cluster you see and do what its roles let you:',
            command: 'kubectl create token ACCOUNT -n NAMESPACE --duration 8h',
          },
        ]),
  ];
}
