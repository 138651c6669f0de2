import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { correctLanguage } from './frame/language.ts';
import { Shell } from './frame/shell.tsx';
import { keptTheme, showTheme } from './frame/theme.ts';
import { createLiveStore } from './live/live.ts';
import { LiveContext } from './live/use-live.ts';

showTheme(keptTheme());
correctLanguage();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root');
/** What is asked beside the stream is asked anew when somebody looks again; a refusal is shown, and not repeated. */
const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000 } } });
const live = createLiveStore();
createRoot(root).render(
  <StrictMode>
    <LiveContext value={live}>
      <QueryClientProvider client={queries}>
        <Shell />
      </QueryClientProvider>
    </LiveContext>
  </StrictMode>,
);
