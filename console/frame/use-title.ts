import { useEffect } from 'react';

/** What the tab and the browser's history call this view. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Larder`;
  }, [title]);
}
