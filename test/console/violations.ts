/** Rules of accessibility that a page breaks. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

/** What breaks a rule, with the first place where it does. */
export async function violations(page: Page): Promise<readonly string[]> {
  // Given by the driver, as a user's extension would: no policy of the page counts for it.
  await page.evaluate(axe.source);
  const found: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[] =
    await page.evaluate(`axe.run(document, { runOnly: ${RULES} }).then(({ violations }) => violations)`);
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}
