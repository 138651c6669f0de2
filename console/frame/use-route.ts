import { useSyncExternalStore } from 'react';

/** A new state of the address: links and filters change it, back and forward bring it again. */
const MOVED = 'larder:moved';

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener);
  addEventListener(MOVED, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(MOVED, listener);
  };
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** One parameter of the address; writing it makes no step for `back`, because it is typed letter by letter. */
export function useParameter(name: string): readonly [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get(name) ?? '');
  return [
    value,
    (next) => {
      const parameters = new URLSearchParams(location.search);
      if (next === '') parameters.delete(name);
      else parameters.set(name, next);
      const query = parameters.toString();
      history.replaceState(history.state, '', `${location.pathname}${query === '' ? '' : `?${query}`}`);
      dispatchEvent(new Event(MOVED));
    },
  ];
}

export function go(address: string): void {
  if (address === `${location.pathname}${location.search}`) return;
  history.pushState({ inside: true }, '', address);
  dispatchEvent(new Event(MOVED));
  scrollTo(0, 0);
}

/** Where one came from within the page, else `above`. */
export function goBack(above: string): void {
  const state: unknown = history.state;
  if (typeof state === 'object' && state !== null && 'inside' in state) history.back();
  else go(above);
}
