import { createHash } from 'node:crypto';
import type { Conversion } from '../output/conversion.ts';
import { pageData } from './page-data.ts';
import { script } from './page-script.ts';
import { style } from './page-style.ts';
import type { Report } from './report.ts';

export interface PageInput {
  readonly report: Report;
  readonly conversion: Pick<Conversion, 'modules'>;
  /** Texts of the jobspecs, by path; what is secret in them is covered already. */
  readonly sources: ReadonlyMap<string, string>;
}

/** `migration-report.html`: one page that needs nothing else. Nothing in it is loaded, and no text of a job can become code. */
export function* page({ report, conversion, sources }: PageInput): Generator<string> {
  const manifests = new Map(
    conversion.modules.flatMap(({ rendered }) => rendered.manifests.map(({ path, text }) => [path, text] as const)),
  );
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Migration report</title>
<style>${style}</style>
</head>
<body>
<noscript><p>This page shows jobs and manifests side by side and needs JavaScript for it; migration-report.md has the same in words.</p></noscript>
<main id="report"></main>
<script type="application/json" id="data">`;
  yield* pageData({ report, sources, manifests });
  yield `</script>
<script>${script}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
